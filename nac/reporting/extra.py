"""What the optional extra ``report`` installs, and how to say that it is missing."""

import importlib.util

from nac.utils.errors import NacError

PACKAGES = ("jinja2", "matplotlib")
INSTALL = 'pip install -c constraints.txt -e ".[report]"'


def missing_packages() -> list[str]:
    """Return which packages of the extra are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def need_packages(what: str) -> None:
    """Raise NacError unless the extra is installed.

    Args:
        what: what needs it, the beginning of the message.
    """
    missing = missing_packages()
    if missing:
        raise NacError(f"{what} needs {', '.join(missing)}: {INSTALL}")
