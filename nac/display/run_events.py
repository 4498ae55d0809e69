"""The events of commands that start jobs. Each attribute is a key in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nac.display.event import Event


@dataclass(frozen=True)
class StagePlan:
    """Jobs of a run that belong together, such as a rung of a tournament.

    Attributes:
        name: Its name, unique within the run.
        jobs: Number of jobs.
        images: Images that each of them trains on, None if that is not known.
        seconds: Seconds that each of them takes, None unless they are limited.
        workers: Number of these jobs that run at the same time.
    """

    name: str
    jobs: int = 1
    images: int | None = None
    seconds: float | None = None
    workers: int = 1


@dataclass(frozen=True)
class Planned(Event):
    """Which jobs are to come, some of which may be done already.

    Attributes:
        stages: The jobs in their order.
        minutes: Minutes that the whole run takes, None if they are not limited.
        seconds_before: Seconds of them that earlier commands took.
    """

    KIND: ClassVar[str] = "planned"

    stages: tuple[StagePlan, ...]
    minutes: float | None = None
    seconds_before: float = 0.0


@dataclass(frozen=True)
class Stage(Event):
    """The jobs of a stage begin.

    Attributes:
        name: Name of the stage.
        title: Its name for people.
        network: The network that it is about, None if there are several.
    """

    KIND: ClassVar[str] = "stage"

    name: str
    title: str
    network: str | None = None

    def text(self) -> str:
        """Return title and network; nothing about a stage of several networks."""
        return f"{self.title}: {self.network}" if self.network else ""


@dataclass(frozen=True)
class Rung(Event):
    """A rung of a tournament is done.

    Attributes:
        number: Number of the rung, from 1.
        losses: Name of a network -> its training loss.
    """

    KIND: ClassVar[str] = "rung"

    number: int
    losses: Mapping[str, float]

    def text(self) -> str:
        """Return the losses, the lowest first."""
        ordered = sorted(self.losses, key=lambda name: self.losses[name])
        shown = ", ".join(f"{name} {self.losses[name]:.4f}" for name in ordered)
        return f"  rung {self.number}: {shown}"


@dataclass(frozen=True)
class Chosen(Event):
    """A tournament has chosen a network.

    Attributes:
        winner: Its name.
    """

    KIND: ClassVar[str] = "chosen"

    winner: str

    def text(self) -> str:
        """Return the winner."""
        return f"  chosen: {self.winner}"


@dataclass(frozen=True)
class Line(Event):
    """Text for people: what it says is in other events, too.

    Attributes:
        words: One or several lines.
    """

    KIND: ClassVar[str] = "line"
    FOR_PEOPLE: ClassVar[bool] = True

    words: str

    def text(self) -> str:
        """Return the words."""
        return self.words

    def short(self, room: int) -> str:
        """Return all words."""
        return self.words


@dataclass(frozen=True)
class Result(Event):
    """What a command has achieved; the last event.

    Attributes:
        values: Its content, which depends on the command.
    """

    KIND: ClassVar[str] = "result"

    values: Mapping[str, Any] = field(default_factory=dict)


OF_COMMANDS: tuple[type[Event], ...] = (Planned, Stage, Rung, Chosen, Result)
"""Events that are about a whole command."""
