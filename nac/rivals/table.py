"""The table of rivals: name -> what they need and how they search. Imports no library of theirs."""

import importlib.util
from collections.abc import Sequence

from nac.rivals.rival import Found, Rival, Search
from nac.utils.errors import NacError
from nac.utils.registry import Registry

INSTALL = 'pip install "nac[rivals]"'


def _search_keras_tuner(search: Search) -> None:
    from nac.rivals.hyperband import search_hyperband

    search_hyperband(search)


def _best_of_keras_tuner(search: Search) -> Found:
    from nac.rivals.hyperband import best_of_hyperband

    return best_of_hyperband(search)


def _search_autokeras(search: Search) -> None:
    from nac.rivals.image_classifier import search_autokeras

    search_autokeras(search)


def _best_of_autokeras(search: Search) -> Found:
    from nac.rivals.image_classifier import best_of_autokeras

    return best_of_autokeras(search)


RIVALS: Registry[Rival] = Registry(
    "rival",
    {
        "keras_tuner": Rival(
            "Keras Tuner", ("keras_tuner",), _search_keras_tuner, _best_of_keras_tuner
        ),
        "autokeras": Rival(
            "AutoKeras", ("autokeras", "keras_tuner"), _search_autokeras, _best_of_autokeras
        ),
    },
)
"""Name of a rival -> the rival. A plugin may register more, see :class:`nac.rivals.rival.Rival`."""


def check_rivals(names: Sequence[str]) -> tuple[str, ...]:
    """Return the rivals that a user asked for, each once.

    Raises:
        InputError: A name is unknown.
        NacError: Packages of a rival are not installed.
    """
    for name in names:
        RIVALS.check(name, "--rivals")
    packages = [package for name in names for package in RIVALS[name].packages]
    missing = [name for name in dict.fromkeys(packages) if importlib.util.find_spec(name) is None]
    if missing:
        raise NacError(f"--rivals={','.join(names)} needs {', '.join(missing)}: {INSTALL}")
    return tuple(dict.fromkeys(names))
