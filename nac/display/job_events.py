"""The events of jobs. Each attribute is a key in JSON."""

from dataclasses import dataclass, replace
from typing import ClassVar

from nac.display.event import Event
from nac.display.fitting import cut

SHORTEST = 8
"""Columns that are left at least of a part that is cut."""


@dataclass(frozen=True)
class Begun(Event):
    """A job has been given to a process.

    Attributes:
        beside: Whether it may run beside other jobs.
    """

    KIND: ClassVar[str] = "begun"

    beside: bool = False


@dataclass(frozen=True)
class Working(Event):
    """A job does something that takes a while and has no steps.

    Attributes:
        what: Such as "compiling".
    """

    KIND: ClassVar[str] = "working"

    what: str


@dataclass(frozen=True)
class Opened(Event):
    """A job is ready to train.

    Attributes:
        network: Notation of its network.
        dataset: Name of the data set.
        steps: Number of steps.
        batch_size: Images per step, on all devices together.
        device: What it runs on.
        seconds: How long it took to get ready.
        resumed_after: Number of steps that an earlier process did.
    """

    KIND: ClassVar[str] = "opened"

    network: str
    dataset: str
    steps: int
    batch_size: int
    device: str
    seconds: float
    resumed_after: int = 0

    def text(self) -> str:
        """Return network, data, steps and device in a line."""
        resumed = f", resumed after step {self.resumed_after}" if self.resumed_after else ""
        return (
            f"{self.network} on {self.dataset}: {self.steps} steps of {self.batch_size} images on"
            f" {self.device} (ready in {self.seconds:.1f} s{resumed})"
        )

    def short(self, room: int) -> str:
        """Return the same; if that is too long, device and network are cut first."""
        excess = len(self.text()) - room
        shorter = replace(self, device=_shortened(self.device, excess))
        excess = len(shorter.text()) - room
        shorter = replace(shorter, network=_shortened(shorter.network, excess))
        return cut(shorter.text(), room)


@dataclass(frozen=True)
class Compiled(Event):
    """The first step of a process is done, which compiled the training.

    Attributes:
        step: Number of steps done.
        steps: Number of steps of the job.
        seconds: How long the step took.
    """

    KIND: ClassVar[str] = "compiled"

    step: int
    steps: int
    seconds: float

    def text(self) -> str:
        """Return the step and its seconds."""
        return f"step {self.step}/{self.steps}  compiled in {self.seconds:.1f} s"


@dataclass(frozen=True)
class Step(Event):
    """How far training is; the newest of these is enough to know.

    Attributes:
        step: Number of steps done.
        steps: Number of steps of the job; it changes if the seconds of the job are limited.
        loss: Mean cross-entropy since the event before.
        accuracy: Share of right answers since the event before.
        images_per_second: Speed since the event before.
        seconds_left: Seconds of training that are left, without evaluations.
    """

    KIND: ClassVar[str] = "step"

    step: int
    steps: int
    loss: float
    accuracy: float
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Evaluated(Event):
    """Images were scored.

    Attributes:
        step: Number of steps done.
        steps: Number of steps of the job.
        split: Which images, "test" or "validation".
        accuracy: Share of right answers.
        loss: Mean cross-entropy.
        mirrored: Whether the outputs for each image and its mirror image were averaged.
    """

    KIND: ClassVar[str] = "evaluated"

    step: int
    steps: int
    split: str
    accuracy: float
    loss: float
    mirrored: bool = False

    def text(self) -> str:
        """Return step, accuracy and loss."""
        mirrored = ", with mirror images" if self.mirrored else ""
        return (
            f"step {self.step}/{self.steps}  {self.split} accuracy {self.accuracy:.4f}"
            f"  {self.split} loss {self.loss:.4f}{mirrored}"
        )

    def short(self, room: int) -> str:
        """Return the same, or no more than step and accuracy if that is too long."""
        text = self.text()
        if len(text) > room:
            text = f"step {self.step}/{self.steps}  accuracy {self.accuracy:.4f}"
        return cut(text, room)


@dataclass(frozen=True)
class Pruned(Event):
    """A job removed branches while it trained.

    Attributes:
        step: Number of steps done.
        steps: Number of steps of the job.
        round: Number of the round, from 1.
        removed: The branches.
    """

    KIND: ClassVar[str] = "pruned"

    step: int
    steps: int
    round: int
    removed: tuple[str, ...]

    def text(self) -> str:
        """Return what was removed."""
        gone = ", ".join(self.removed) or "nothing"
        return f"step {self.step}/{self.steps}  round {self.round}: removed {gone}"


@dataclass(frozen=True)
class Note(Event):
    """Something that users should know.

    Attributes:
        message: A sentence.
    """

    KIND: ClassVar[str] = "note"

    message: str

    def text(self) -> str:
        """Return the message."""
        return self.message

    def short(self, room: int) -> str:
        """Return the whole message, which is there to be read."""
        return self.message


@dataclass(frozen=True)
class Lost(Event):
    """The machine on which a job ran is gone; the job is given to another one.

    Attributes:
        host: Name of the machine.
        attempt: Number of the attempt that was lost, from 1.
        attempts: Number of attempts that a job has.
    """

    KIND: ClassVar[str] = "lost"
    ALWAYS: ClassVar[bool] = True

    host: str
    attempt: int
    attempts: int

    def text(self) -> str:
        """Return what happened, and what follows."""
        return (
            f"its process on {self.host} is lost; another one continues at its newest checkpoint,"
            f" attempt {self.attempt + 1} of {self.attempts}"
        )

    def short(self, room: int) -> str:
        """Return the whole text, which is there to be read."""
        return self.text()


@dataclass(frozen=True)
class Done(Event):
    """A job is done.

    Attributes:
        network: Notation of its network.
        accuracy: Share of right answers after the last step.
        loss: Mean cross-entropy on the same images.
        split: Which images, "test" or "validation".
        parameters: Number of trainable parameters.
        flops: Per image.
        steps: Number of training steps.
        seconds: Duration of the training without evaluations.
        images_per_second: Speed of the training.
        before: Whether it was done before the command started.
    """

    KIND: ClassVar[str] = "done"

    network: str
    accuracy: float
    loss: float
    split: str
    parameters: int
    flops: int
    steps: int
    seconds: float
    images_per_second: float | None = None
    before: bool = False


@dataclass(frozen=True)
class Failed(Event):
    """A job cannot be done.

    Attributes:
        reason: A sentence.
    """

    KIND: ClassVar[str] = "failed"

    reason: str


def _shortened(part: str, excess: int) -> str:
    """Return a part of a line that is too long by ``excess`` columns."""
    return cut(part, max(SHORTEST, len(part) - max(0, excess)))


OF_JOBS: tuple[type[Event], ...] = (
    Begun,
    Working,
    Opened,
    Compiled,
    Step,
    Evaluated,
    Pruned,
    Note,
    Lost,
    Done,
    Failed,
)
"""Events that are about a job."""
