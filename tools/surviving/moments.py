"""When a run is killed, and what of it: seeded, so that a trial can be repeated."""

import random
import signal
from dataclasses import dataclass

DRIVER, JOB, BOTH = "driver", "job", "both"

SIGNALS = (signal.SIGKILL,) * 4 + (signal.SIGTERM, signal.SIGINT)
"""Mostly the one that no process can handle."""


@dataclass(frozen=True)
class Aim:
    """What a kill is aimed at.

    Attributes:
        name: Its name.
        waits_for: Pattern of a file in the run directory that appears before, empty for none.
        delays: Range of the seconds after that, or after the start of the command.
        targets: What may be killed there.
    """

    name: str
    waits_for: str
    delays: tuple[float, float]
    targets: tuple[str, ...] = (DRIVER, JOB, BOTH)


ANYWHERE = Aim("anywhere", "", (0.0, 25.0))

AIMS = (
    ANYWHERE,
    Aim("final job", "final/job.json", (0.0, 12.0)),
    # The model is written first, the result last, and then pictures and the job's row.
    Aim("its saving", "final/.model.keras.partial.keras", (0.0, 1.0)),
    Aim("its result", "final/statistics.json", (0.0, 0.5)),
    Aim("the move", "model.keras", (0.0, 0.0), (DRIVER, BOTH)),
    Aim("the report", "classifier.keras", (0.0, 4.0), (DRIVER, BOTH)),
    Aim("its file", "*report.html*", (0.0, 0.0), (DRIVER, BOTH)),
)


@dataclass(frozen=True)
class Kill:
    """A kill.

    Attributes:
        aim: What it is aimed at.
        delay: Seconds after that.
        target: What is killed.
        number: The signal.
    """

    aim: Aim
    delay: float
    target: str
    number: int

    def __str__(self) -> str:
        name = signal.Signals(self.number).name.removeprefix("SIG")
        return f"{name} {self.target} ({self.aim.name})"


def kills_of(seed: int, trial: int) -> list[Kill]:
    """Return the kills of a trial, one to three. Each aim has its turn as that of the last one.

    Args:
        seed: Seed of all trials.
        trial: Number of the trial.

    Example:
    >>> [str(kill) for kill in kills_of(0, 1)] == [str(kill) for kill in kills_of(0, 1)]
    True
    """
    generator = random.Random(f"{seed} {trial}")
    last = AIMS[trial % len(AIMS)]
    aims = [ANYWHERE] * generator.randrange(3) + [last]
    return [_kill(aim, generator) for aim in aims]


def _kill(aim: Aim, generator: random.Random) -> Kill:
    delay = generator.uniform(*aim.delays)
    return Kill(aim, delay, generator.choice(aim.targets), generator.choice(SIGNALS))
