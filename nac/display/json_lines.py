"""Events as lines of JSON, which one process prints and another one reads."""

import json
from typing import Any

from nac.display.event import Event
from nac.display.job_events import OF_JOBS, Note
from nac.display.run_events import Result
from nac.utils.errors import InputError
from nac.utils.records import from_json, to_json


def to_line(event: Event, job: str | None = None, **more: Any) -> str:
    """Return an event as one line of JSON.

    Args:
        event: The event.
        job: The job that it is about, None if it is about the whole command.
        **more: Further values.
    """
    head = {"event": event.KIND} | ({} if job is None else {"job": job})
    values = event.values if isinstance(event, Result) else to_json(event)
    return json.dumps({**head, **values, **more})


def from_line(line: str) -> Event:
    """Return the event of a job that a line of its output is about.

    What a library or a plugin prints in between is a :class:`Note`.
    """
    kinds = {kind.KIND: kind for kind in OF_JOBS}
    try:
        value = json.loads(line)
        kind = kinds[value.pop("event")]
        return from_json(kind, value, "event")
    except (ValueError, LookupError, TypeError, AttributeError, InputError):
        return Note(line)
