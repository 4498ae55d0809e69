"""One trial: a run that is killed, continued until it is done, and compared."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json
from tools.surviving.comparing import differences
from tools.surviving.moments import Kill
from tools.surviving.processes import deliver, start, wait_for_moment, wait_until_ended

EXPERIMENT = Path(__file__).with_name("experiment.yaml")
OUTCOME = "outcome.json"


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes:
        kills: The kills that hit, and the exit code of the command after each of them.
        missed: The kills before whose moment the run was done.
        differences: How its results differ from those of an undisturbed run.
    """

    kills: tuple[str, ...]
    missed: tuple[str, ...]
    differences: tuple[str, ...]


def flags_of(place: Path) -> list[str]:
    """Return the flags of a run in a directory, with checkpoints every half a second."""
    return [
        f"--config={EXPERIMENT}",
        f"--workdir={place}",
        "--name=run",
        "--train_final",
        "--checkpoint_seconds=0.5",
    ]


def undisturbed(place: Path) -> Path:
    """Return the directory of a run that nobody disturbs, which is made unless it is done."""
    if not (place / OUTCOME).exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        finish(place)
        write_json(place / OUTCOME, {})
    return place / "run"


def finish(place: Path) -> None:
    """Let a run end by itself.

    Raises:
        RuntimeError: It failed.
    """
    log = place / "log.txt"
    code = start(flags_of(place), log).wait()
    if code:
        raise RuntimeError(f"the run failed with exit code {code}; see {log}")


def tried(place: Path, expected: Path, kills: Sequence[Kill]) -> Outcome:
    """Return what became of a trial, which is made unless it was.

    Args:
        place: Directory of the trial.
        expected: Directory of an undisturbed run.
        kills: When to kill what.
    """
    if (place / OUTCOME).exists():
        return from_json(Outcome, read_json(place / OUTCOME), str(place / OUTCOME))
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    hits, missed = [], []
    for kill in kills:
        code = _killed(place, kill)
        if code is None:
            missed.append(str(kill))
            break
        hits.append(f"{kill} -> {code}")
    try:
        finish(place)
        found = differences(expected, place / "run")
    except RuntimeError as error:
        found = [str(error)]
    outcome = Outcome(tuple(hits), tuple(missed), tuple(found))
    write_json(place / OUTCOME, to_json(outcome))
    return outcome


def _killed(place: Path, kill: Kill) -> int | None:
    """Start or continue a run and kill it; return its exit code, None if it was done before."""
    driver = start(flags_of(place), place / "log.txt")
    if not wait_for_moment(driver, place / "run", kill):
        return None
    wait_until_ended(driver, deliver(driver, kill))
    return driver.returncode
