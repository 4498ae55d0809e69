"""What all events have in common.

A job emits events, a command adds its own, and displays show them: as text for people, as JSON for
machines (``--json``). docs/events.md lists all of them.
"""

from typing import ClassVar

from nac.display.fitting import cut


class Event:
    """Something that happened.

    Attributes:
        KIND: Its name in JSON.
        FOR_PEOPLE: Whether it is text for people alone, which has no JSON form.
        ALWAYS: Whether its text is shown of jobs beside other jobs, too.
    """

    KIND: ClassVar[str]
    FOR_PEOPLE: ClassVar[bool] = False
    ALWAYS: ClassVar[bool] = False

    def text(self) -> str:
        """Return what people read, an empty string if that is nothing."""
        return ""

    def short(self, room: int) -> str:
        """Return what people read on a terminal, in at most ``room`` columns."""
        return cut(self.text(), room)
