"""A run in a few numbers: headline, jobs, what is missing. Pure Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.architecture.keys import gate_key
from nac.config.splits import VALIDATION
from nac.runs.layout import FINAL, LOG, iteration_directory
from nac.runs.saved_run import Iteration, Job, Run

UNKNOWN = "–"
"""Stands for a value that nobody has measured yet."""


@dataclass(frozen=True)
class Fact:
    """One entry of the headline: what it is, its value, and what to know about it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class JobRow:
    """A job that is done, in numbers.

    Attributes:
        name: number of the iteration, or "final".
        statistics: the content of ``statistics.json``.
        images: that it trained on, each as often as it was seen.
        branches: how many were pruned after it, None after the final training.
        skips: likewise of skip connections.
    """

    name: str
    statistics: Mapping[str, Any]
    images: int
    branches: int | None = None
    skips: int | None = None

    @property
    def energy(self) -> float | None:
        """Joules that the machine used meanwhile, None if it does not tell."""
        return self.statistics.get("energy_joules")


def iterations_asked(run: Run) -> int:
    """Return how many truncated trainings were asked for."""
    return run.experiment.need("parameters.iterations")


def job_rows(run: Run) -> list[JobRow]:
    """Return the jobs that are done, in order."""
    search = run.experiment.recipe.parameters
    rows = [_iteration_row(iteration, search.global_batch_size) for iteration in run.iterations]
    if run.final:
        batch = (run.experiment.final or run.experiment.recipe).parameters.global_batch_size
        rows.append(JobRow(FINAL, run.final.statistics, _images(run.final, batch)))
    return rows


def _iteration_row(iteration: Iteration, batch: int) -> JobRow:
    decisions = iteration.decisions
    return JobRow(
        name=str(int(iteration.directory.name)),
        statistics=iteration.statistics,
        images=_images(iteration, batch),
        branches=len(decisions.pruned),
        skips=decisions.pruned_skips(iteration.architecture),
    )


def _images(job: Job, batch: int) -> int:
    return job.statistics["steps"] * batch


def total_energy(rows: list[JobRow]) -> float | None:
    """Return the joules of all jobs together, None if it is not known of each."""
    energies = [row.energy for row in rows]
    return None if None in energies or not energies else sum(energies)


def headline(run: Run) -> list[Fact]:
    """Return what a reader wants to know first."""
    return [
        Fact("data set", str(run.experiment.parameters.dataset)),
        _network(run),
        *_size(run),
        _accuracy(run),
        _search_time(run),
        _final_time(run),
        *_rank(run),
    ]


def _network(run: Run) -> Fact:
    if run.constructed:
        count = f"constructed in {_counted(len(run.iterations), 'iteration')}"
        return Fact("network", str(run.constructed.notation), count)
    if run.iterations:
        newest = run.iterations[-1].architecture.notation
        return Fact("newest network", str(newest), "the construction is not finished")
    return Fact("network", UNKNOWN, "no iteration is done yet")


def _size(run: Run) -> list[Fact]:
    job = run.final or (None if run.constructed or not run.iterations else run.iterations[-1])
    if job is None:
        note = "known once it is trained"
        return [Fact("parameters", UNKNOWN, note), Fact("FLOPs", UNKNOWN, note)]
    return [
        Fact("parameters", f"{job.statistics['parameters']:,}"),
        Fact("FLOPs", compact(job.statistics["flops"]), "per image; a multiply-add is two"),
    ]


def _accuracy(run: Run) -> Fact:
    if run.final:
        split = run.final.statistics["split"]
        return Fact(
            f"{split} accuracy",
            _percent(run.final),
            f"after its full training; {_scored(run.final)}",
        )
    if not run.iterations:
        return Fact("test accuracy", UNKNOWN, "nothing is trained yet")
    newest = run.iterations[-1]
    split, percent = newest.statistics["split"], _percent(newest)
    note = f"no full training yet; the newest short one: {percent} of the {split} images"
    return Fact("test accuracy", UNKNOWN, note)


def _percent(job: Job) -> str:
    return f"{100 * job.statistics['accuracy']:.2f} %"


def _scored(job: Job) -> str:
    """Return on which images an accuracy was measured, and how many if that is known."""
    split, count = job.statistics["split"], job.statistics.get("scored_images")
    what = "held-out validation" if split == VALIDATION else split
    return f"of {count:,} {what} images" if count else f"of the {what} images"


def _search_time(run: Run) -> Fact:
    seconds = sum(iteration.statistics["seconds"] for iteration in run.iterations)
    note = f"{_counted(len(run.iterations), 'short training')} of {iterations_asked(run)}"
    return Fact("search", f"{seconds:,.0f} s", note)


def _final_time(run: Run) -> Fact:
    if run.final is None:
        return Fact("final training", UNKNOWN, "not done")
    steps = f"{run.final.statistics['steps']:,} steps"
    return Fact("final training", f"{run.final.statistics['seconds']:,.0f} s", steps)


def _rank(run: Run) -> list[Fact]:
    place = (run.comparison or {}).get("rank")
    if not place:
        return []
    note = f"among {place['random']} random networks of its depth and size"
    return [Fact("rank", f"{place['rank']} of {place['of']}", note)]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def compact(number: float) -> str:
    """Return a large number in three digits, such as ``11.5 M``."""
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {letter}"
    return f"{number:.3g}"


def missing_parts(run: Run) -> list[str]:
    """Return a sentence for each part of the run that is not there (yet)."""
    done, asked = len(run.iterations), iterations_asked(run)
    found = []
    if done < asked:
        following = iteration_directory(run.directory, done)
        found.append(f"{done} of {asked} iterations are done.{_under_way(following)}")
    elif run.constructed is None:
        found.append("The constructed network has not been written yet.")
    if run.final is None:
        found.append(f"There is no final training.{_under_way(run.directory / FINAL)}")
    return found


def _under_way(job: Path) -> str:
    return " The next job has been begun." if (job / LOG).is_file() else ""


def gates_of(job: Job) -> dict[tuple[int, int], float]:
    """Return (source, destination) -> gate of a job that measured them."""
    gates = job.statistics.get("gates", {})
    pairs = job.architecture.skip_connections()
    return {pair: gates[gate_key(*pair)] for pair in pairs if gate_key(*pair) in gates}
