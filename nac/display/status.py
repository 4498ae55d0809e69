"""The lines that a display rewrites: one for the run and one for each job that runs."""

import re
from pathlib import Path

from nac.display.fitting import ELLIPSIS, GAP, status_line
from nac.display.job_events import Step
from nac.display.job_progress import JobProgress
from nac.display.run_progress import RunProgress
from nac.utils.text import clock

RUN = "run"

MOST_PADDING = 0.25
"""Share of a line to which names are filled up at most, so that what follows them is aligned."""

SHORTEST_ESTIMATE = 0.5
"""Seconds that are left at least where that is said. What was estimated to be over is not."""


def step_text(step: Step) -> str:
    """Return what is known of the steps of a job, in full."""
    return GAP.join(
        [
            f"step {step.step}/{step.steps}",
            f"loss {step.loss:.4f}",
            f"accuracy {step.accuracy:.3f}",
            f"{step.images_per_second:,.0f} images/s",
            f"{clock(step.seconds_left)} left",
        ]
    )


def status_lines(progress: RunProgress, now: float, room: int) -> list[str]:
    """Return a line for the run, unless it has one job, and one for each job that runs.

    Args:
        progress: The run.
        now: The time, on the clock of the run.
        room: Number of columns.
    """
    names = [job_name(job or "") for job in progress.jobs]
    width = min(int(MOST_PADDING * room), max(map(len, names), default=0))
    run = run_line(progress, RUN.ljust(width), room)
    width = max(width, len(RUN)) if run else 0
    jobs = zip(names, progress.jobs.values(), strict=True)
    lines = [job_line(name.ljust(width), job, now, room) for name, job in jobs]
    return [run, *lines] if run else lines


def run_line(progress: RunProgress, name: str, room: int) -> str:
    """Return how far a run is, an empty string if it has one job or is over.

    Args:
        progress: The run.
        name: The beginning of the line.
        room: Number of columns.
    """
    position, share, left = progress.position, progress.share(), progress.seconds_left()
    if progress.is_over or position is None or position[1] < 2 or share is None:
        return ""
    about = "about " if progress.is_estimate else ""
    known = left is not None and (left >= SHORTEST_ESTIMATE or not progress.is_estimate)
    ending = f"{about}{clock(left or 0.0)} left" if known else ""
    title = [progress.title] if progress.title else []
    parts = [f"{share:.0%}", *title, f"job {position[0]} of {position[1]}"]
    return status_line(name, parts, ending, room, share)


def job_line(name: str, job: JobProgress, now: float, room: int) -> str:
    """Return what a job does.

    Args:
        name: Its name.
        job: The job.
        now: The time, on the clock of its progress.
        room: Number of columns.
    """
    if job.doing is not None:
        return status_line(name, [], f"{job.doing} {ELLIPSIS} {now - job.since:.0f} s", room)
    parts, left = [f"step {job.step}/{job.steps}"], job.left(now)
    if job.newest:
        parts += [
            f"accuracy {job.newest.accuracy:.3f}",
            f"{job.newest.images_per_second:,.0f} images/s",
            f"loss {job.newest.loss:.4f}",
        ]
    ending = "" if left is None else f"{clock(left)} left"
    return status_line(name, parts, ending, room, job.share)


def job_name(job: str) -> str:
    """Return the name of a job for people: the last part of its directory.

    Example:
    >>> job_name("runs/digits/001"), job_name("runs/digits/comparison/prior/seed0")
    ('001', 'prior/seed0')
    """
    path = Path(job)
    several = re.fullmatch(r"seed\d+", path.name) and path.parent.name
    return f"{path.parent.name}/{path.name}" if several else path.name
