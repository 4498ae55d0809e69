"""What stops a training from outside, the disk and the memory, as one line each."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from nac.cluster.members import PEER_GONE
from nac.config import Experiment
from nac.runs.layout import CHECKPOINTS
from nac.runs.memory import memory_line
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.checkpoints import checkpoint_steps
from nac.utils.errors import JobError, SystemRefusal, reason
from nac.utils.failures import refusal_in
from nac.utils.text import plain_reason

OUT_OF_MEMORY = re.compile(r"\bOOM\b|out of memory|cannot allocate memory|bad_alloc", re.IGNORECASE)

ABORTED = "Collective ops is aborted"
"""What TensorFlow says if a worker cannot be reached any more that takes part in a computation."""


@contextmanager
def explained_failures(
    experiment: Experiment, directory: Path, saving: MemorySaving = NOTHING_SAVED
) -> Iterator[None]:
    """Turn a failure of the disk or of the memory within the block into one line.

    Args:
        experiment: The job.
        directory: Its directory.
        saving: How its training steps save memory.

    Raises:
        JobError: There was such a failure. It says what is kept, and how to go on.
    """
    try:
        yield
    except BrokenPipeError:  # nobody reads what is printed any more
        raise
    except (OSError, SystemRefusal) as error:
        raise JobError(f"{_refusal(error)}; {kept(directory)}") from error
    except MemoryError as error:
        raise JobError(memory_line(experiment, saving=saving)) from error
    except tf.errors.OpError as error:
        raise _explained(error, experiment, directory, saving) from error


def _refusal(error: OSError | SystemRefusal) -> str:
    if isinstance(error, SystemRefusal):
        return str(error)
    place = error.filename or "a file of the job"
    return f"{place}: cannot be read or written: {reason(error)}"


def _explained(
    error: tf.errors.OpError, experiment: Experiment, directory: Path, saving: MemorySaving
) -> Exception:
    """Return the error itself if it is not about the disk, memory, or another worker."""
    refusal = refusal_in(error)
    if refusal:
        place = plain_reason(error).partition(f"; {refusal}")[0]
        return JobError(
            f"{_short(place, directory)}: cannot be written: {refusal}; {kept(directory)}"
        )
    if isinstance(error, tf.errors.ResourceExhaustedError) or OUT_OF_MEMORY.search(str(error)):
        return JobError(memory_line(experiment, saving=saving))
    if ABORTED in str(error):
        return JobError(PEER_GONE)
    return error


def _short(place: str, directory: Path) -> str:
    """Return the path that a message of TensorFlow begins with, without its temporary names."""
    found = re.search(rf"{re.escape(str(directory))}\S*", place)
    return re.sub(r"_temp/.*$", "", found[0]) if found else place or str(directory)


def kept(directory: Path) -> str:
    """Return what is kept of a job that could not write something, and how to go on.

    Args:
        directory: The job's directory.
    """
    steps = checkpoint_steps(directory / CHECKPOINTS, "index")
    if not steps:
        return "when that is mended, the same command begins this job anew"
    return (
        f"when that is mended, the same command goes on at the checkpoint after step {max(steps)}"
    )
