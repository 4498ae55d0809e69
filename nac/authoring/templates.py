"""The experiment files that come with nac, as templates for others."""

from pathlib import Path

from nac.utils.errors import InputError
from nac.utils.files import read_text
from nac.utils.schema import nearest

DIRECTORY = Path(__file__).parents[1] / "experiments"
"""In the repository a link to ``experiments/``; in the wheel a copy."""


def template_names() -> list[str]:
    """Return the names of all templates, such as ``fashion_mnist/construct``."""
    return sorted(
        str(path.relative_to(DIRECTORY).with_suffix("")) for path in DIRECTORY.glob("*/*.yaml")
    )


def template(name: str) -> str:
    """Return the content of a template.

    Raises:
        InputError: There is no such template.
    """
    known = template_names()
    if name not in known:
        raise InputError(
            f"--template: expected one of {', '.join(known)},"
            f" received {name!r}{nearest(name, known)}"
        )
    return read_text(DIRECTORY / f"{name}.yaml")


def about(name: str) -> str:
    """Return the first sentence of a template."""
    lines = template(name).splitlines()
    comments = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    end = comments.index("") if "" in comments else len(comments)
    return " ".join(comments[:end]).partition(". ")[0].removesuffix(".") + "."
