"""What the optional extra ``report`` installs, and how to say that it is missing."""

import importlib.util

from nac.utils.errors import NacError

PACKAGES = ("jinja2", "matplotlib")
INSTALL = 'pip install "nac[report]"'


def missing_packages() -> list[str]:
    """Return which packages of the extra are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def need_packages(command: str) -> None:
    """Raise NacError unless the extra is installed.

    Args:
        command: The command that needs it, the beginning of the message.
    """
    missing = missing_packages()
    if missing:
        raise NacError(f"{command} needs {', '.join(missing)}: {INSTALL}")
