"""A display that notes what it is shown, and examples of events."""

from typing import Any

from nac.display.display import Display
from nac.display.event import Event
from nac.display.job_events import Done, Opened, Step

OPENED = Opened("24/2-2/6", "digits", 150, 32, "Tesla V100-SXM2-16GB", 3.21)


class Events(Display):
    """Notes events and the jobs that they are about."""

    def __init__(self) -> None:
        self.shown: list[tuple[Event, str | None]] = []

    @property
    def events(self) -> list[Event]:
        """The events without the jobs."""
        return [event for event, _ in self.shown]

    def show(self, event: Event, job: str | None = None) -> None:
        """Note an event."""
        self.shown.append((event, job))


def step(number: int = 25, steps: int = 100, **changes: Any) -> Step:
    """Return an event on steps."""
    values = {"loss": 1.25, "accuracy": 0.5, "images_per_second": 1234.4, "seconds_left": 61.0}
    return Step(number, steps, **{**values, **changes})


def done(**changes: Any) -> Done:
    """Return the event of a job that took 10 seconds of training at 100 images per second."""
    values = {
        "network": "6/1-1/3",
        "accuracy": 0.5,
        "loss": 1.25,
        "split": "test",
        "parameters": 1000,
        "flops": 20000,
        "steps": 100,
        "seconds": 10.0,
        "images_per_second": 100.0,
    }
    return Done(**{**values, **changes})
