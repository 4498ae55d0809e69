"""The ``version`` of a file that nac writes."""

from nac.utils.errors import InputError
from nac.utils.schema import Section, is_integer, shown


def check_version(section: Section, read: int) -> None:
    """Check that a file has a version that is read; one without counts as version 1.

    nac 0.1.0 wrote none, and neither do people.

    Args:
        section: The content of the file.
        read: The version that is read. Where older ones are read, too, they are converted first.

    Raises:
        InputError: The file has another one.
    """
    version = section.any("version", 1)
    if not is_integer(version) or version != read:
        raise InputError(
            f"{section.at('version')}: expected {read}, the only one that this version of nac"
            f" reads, received {shown(version)}"
        )
