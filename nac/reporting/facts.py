"""A run in a few numbers: headline, jobs, what is missing. Pure Python."""

from dataclasses import dataclass
from pathlib import Path

from nac.architecture.keys import gate_key
from nac.comparison.result import ComparisonResult
from nac.config.splits import VALIDATION
from nac.runs.layout import FINAL, LOG, iteration_directory
from nac.runs.result import JobResult
from nac.runs.saved_run import Job, Run

UNKNOWN = "–"
"""Stands for a value that has not been measured yet."""


@dataclass(frozen=True)
class Fact:
    """One entry of the headline: a label, its value, and a note about it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class JobRow:
    """A job that is done, in numbers.

    Attributes:
        name: Number of the iteration, or "final".
        result: The result of the job.
        images: Number of images that it trained on, each counted as often as it was seen.
        branches: How many branches were pruned after it, None after the final training.
        skips: How many skip connections were pruned after it, None likewise.
    """

    name: str
    result: JobResult
    images: int
    branches: int | None = None
    skips: int | None = None


def job_rows(run: Run) -> list[JobRow]:
    """Return the jobs that are done, in order."""
    search, final = run.experiment.recipe, run.experiment.final or run.experiment.recipe
    batch = search.parameters.global_batch_size
    rows = [
        JobRow(
            iteration.name,
            iteration.result,
            images=iteration.result.steps * batch,
            branches=len(iteration.decisions.pruned),
            skips=iteration.decisions.pruned_skips,
        )
        for iteration in run.iterations
    ]
    if run.final:
        result, batch = run.final.result, final.parameters.global_batch_size
        rows.append(JobRow(FINAL, result, images=result.steps * batch))
    return rows


def total_energy(rows: list[JobRow]) -> float | None:
    """Return the joules of all jobs together, None unless they are known for each job."""
    energies = [row.result.energy_joules for row in rows]
    return None if None in energies or not energies else sum(energies)


def headline(run: Run, comparisons: list[ComparisonResult]) -> list[Fact]:
    """Return what a reader wants to know first.

    Args:
        run: The run.
        comparisons: Its comparisons, the one on test images first.
    """
    return [
        _dataset(run),
        _network(run),
        *_size(run),
        _accuracy(run),
        _search_time(run),
        _final_time(run),
        *_rank(comparisons),
    ]


def _dataset(run: Run) -> Fact:
    """Return the name of the data set; of a folder, its own name, with the path as a note."""
    name = str(run.experiment.parameters.dataset)
    kind, _, path = name.partition(":")
    if kind in ("folder", "arrays") and path:
        return Fact("data set", Path(path).name, f"{kind} {path}")
    return Fact("data set", name)


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
        Fact("parameters", f"{job.result.parameters:,}"),
        Fact("FLOPs", compact(job.result.flops), "per image; a multiply-add is two"),
    ]


def _accuracy(run: Run) -> Fact:
    if run.final:
        return Fact(
            f"{run.final.result.split} accuracy",
            _percent(run.final),
            f"after its full training; {_scored(run.final.result)}",
        )
    if not run.iterations:
        return Fact("test accuracy", UNKNOWN, "nothing is trained yet")
    newest = run.iterations[-1]
    note = (
        f"no full training yet; the newest short one: {_percent(newest)} of the"
        f" {newest.result.split} images"
    )
    return Fact("test accuracy", UNKNOWN, note)


def _percent(job: Job) -> str:
    return f"{100 * job.result.accuracy:.2f} %"


def _scored(result: JobResult) -> str:
    """Return which images were scored, and how many if that is known."""
    kind = "held-out validation" if result.split == VALIDATION else result.split
    count = result.scored_images
    return f"of {count:,} {kind} images" if count else f"of the {kind} images"


def _search_time(run: Run) -> Fact:
    results = [result for iteration in run.iterations for result in iteration.results]
    seconds = sum(result.seconds for result in results)
    count = _counted(len(run.iterations), "short training")
    note = f"{count} of {run.experiment.parameters.iterations}"
    if len(results) > len(run.iterations):
        note += f", {len(results) - len(run.iterations)} more to choose"
    return Fact("search", f"{seconds:,.0f} s", note)


def _final_time(run: Run) -> Fact:
    if run.final is None:
        return Fact("final training", UNKNOWN, "not done")
    result = run.final.result
    return Fact("final training", f"{result.seconds:,.0f} s", f"{result.steps:,} steps")


def _rank(comparisons: list[ComparisonResult]) -> list[Fact]:
    """Return the rank in the first comparison that has one."""
    for comparison in comparisons:
        if comparison.rank:
            note = f"among {comparison.rank.random} random networks of its depth and size"
            if comparison.split == VALIDATION:
                note += ", on validation images"
            return [Fact("rank", f"{comparison.rank.rank} of {comparison.rank.of}", note)]
    return []


def _counted(number: int, singular: str) -> str:
    return f"{number} {singular}" if number == 1 else f"{number} {singular}s"


def compact(number: float) -> str:
    """Return a large number in three digits, such as ``11.5 M``."""
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {letter}"
    return f"{number:.3g}"


def missing_parts(run: Run) -> list[str]:
    """Return a sentence for each part of the run that is missing."""
    done, total = len(run.iterations), run.experiment.parameters.iterations
    sentences = []
    if done < total:
        following = iteration_directory(run.directory, done)
        sentences.append(f"{done} of {total} iterations are done.{_under_way(following)}")
    elif run.constructed is None:
        sentences.append("The constructed network has not been written yet.")
    if run.final is None:
        sentences.append(f"There is no final training.{_under_way(run.directory / FINAL)}")
    return sentences


def _under_way(job: Path) -> str:
    return " The next job has been begun." if (job / LOG).is_file() else ""


def gates_of(job: Job) -> dict[tuple[int, int], float]:
    """Return (source, destination) -> gate of each skip connection that the job measured."""
    gates = job.result.gates
    pairs = job.architecture.skip_connections()
    return {pair: gates[gate_key(*pair)] for pair in pairs if gate_key(*pair) in gates}
