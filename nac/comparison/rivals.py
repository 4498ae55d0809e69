"""The searches of rivals that belong to a comparison: what is due, and what came of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nac.comparison.jobs import Comparison
from nac.comparison.networks import CONSTRUCTED
from nac.comparison.progress import Ended
from nac.comparison.result import ComparisonResult, RivalEntry, of_kind
from nac.comparison.rival_process import run_rival_process
from nac.comparison.rival_statement import rival_statement
from nac.comparison.significance import Difference, difference
from nac.config.splits import TEST
from nac.rivals.result import (
    VALIDATION_SHARE,
    RivalJob,
    RivalResult,
    read_rival_job,
    read_rival_result,
    write_rival_job,
)
from nac.rivals.table import RIVALS
from nac.runs.duration import run_seconds
from nac.runs.layout import FINAL, FLAGS_FILE, JOB, is_done, seed_directory
from nac.runs.queue import Task
from nac.utils.errors import InputError, NacError
from nac.utils.records import to_json


@dataclass(frozen=True)
class Rivals:
    """The searches of a comparison.

    Attributes:
        directory: Directory of the comparison.
        jobs: All searches, in their order.
        seconds: Seconds that each of them has; 0 if there is none.
        run_seconds: Seconds that the run took, None if that is not known.
        plugins: Modules that the processes import first.
    """

    directory: Path
    jobs: tuple[RivalJob, ...]
    seconds: float
    run_seconds: float | None
    plugins: tuple[str, ...] = ()

    def job_directory(self, job: RivalJob) -> Path:
        """Return the directory of a search."""
        return seed_directory(self.directory / job.rival, job.seed)

    @property
    def job_directories(self) -> list[Path]:
        """Directories of all searches."""
        return [self.job_directory(job) for job in self.jobs]


def rivals_of(
    comparison: Comparison,
    names: Sequence[str],
    seconds: float | None = None,
    data_dir: str | None = None,
    plugins: Sequence[str] = (),
) -> Rivals:
    """Return the searches that belong to a comparison.

    Args:
        comparison: The comparison.
        names: The rivals that take part.
        seconds: Seconds of each search; None stands for those of the run.
        data_dir: Directory of the data set, in place of the experiment's.
        plugins: Modules that their processes import.

    Raises:
        InputError: Test images do not decide, or it is not known how long the run took.
        NacError: A directory holds the result of another search.
    """
    taken = run_seconds(comparison.run, comparison.experiment)
    if not names:
        return Rivals(comparison.directory, (), 0.0, taken)
    if comparison.split != TEST:
        raise InputError(
            f"--rivals: expected --split={TEST}, as rivals choose on the validation images"
        )
    seconds = seconds or taken
    if seconds is None:
        raise InputError(
            f"{comparison.run / FINAL}: not finished; expected a whole run for --rivals, who have"
            f" as many seconds (nac.construct --train_final with the flags in"
            f" {comparison.run / FLAGS_FILE}), or --rival_seconds"
        )
    parameters = comparison.experiment.parameters
    jobs = tuple(
        RivalJob(
            rival=name,
            seconds=seconds,
            seed=seed,
            dataset=parameters.dataset or "",
            validation_share=parameters.validation_share or VALIDATION_SHARE,
            data_dir=data_dir or parameters.data_dir,
            image_size=parameters.image_size,
        )
        for name in names
        for seed in comparison.seeds
    )
    rivals = Rivals(comparison.directory, jobs, seconds, taken, tuple(plugins))
    for job in jobs:
        _check_same(job, rivals.job_directory(job))
    return rivals


def _check_same(job: RivalJob, directory: Path) -> None:
    """Raise NacError if a directory has the result of a search with other settings."""
    if not is_done(directory):
        return
    # Where the data are may differ: it does not say which they are.
    before = to_json(replace(read_rival_job(directory / JOB), data_dir=None))
    now = to_json(replace(job, data_dir=None))
    changes = [
        f"{key}: {before.get(key)} -> {now[key]}" for key in now if before.get(key) != now[key]
    ]
    if changes:
        raise NacError(
            f"{directory}: holds the result of another search: {', '.join(changes)}. Use the same"
            " --rival_seconds as before, or move it away"
        )


def rival_tasks(rivals: Rivals) -> list[Task]:
    """Return a task for each search."""
    return [Task(f"{job.rival} seed {job.seed}", _searching(rivals, job)) for job in rivals.jobs]


def _searching(rivals: Rivals, job: RivalJob) -> Callable[[int], Ended[RivalResult]]:
    directory = rivals.job_directory(job)

    def run(worker: int) -> Ended[RivalResult]:
        done_before = is_done(directory)
        if not done_before:
            write_rival_job(directory, job)
            run_rival_process(directory, job.seconds, rivals.plugins)
        result = read_rival_result(directory)
        return Ended(result, None if done_before else result.seconds)

    return run


def with_rivals(
    result: ComparisonResult, rivals: Rivals, failed: Mapping[str, NacError]
) -> ComparisonResult:
    """Return the result of a comparison with what came of its rivals.

    Args:
        result: The result without them.
        rivals: The searches.
        failed: Name of each search that failed, see :func:`rival_tasks` -> the reason.
    """
    entries = tuple(
        _entry(rivals, name, failed) for name in dict.fromkeys(job.rival for job in rivals.jobs)
    )
    differences = rival_differences(result, entries)
    sentences = rival_statement(differences, entries, rivals.run_seconds)
    return replace(
        result,
        rivals=entries,
        run_seconds=rivals.run_seconds,
        differences=(*result.differences, *differences),
        statement=" ".join([*sentences, result.statement]),
    )


def _entry(rivals: Rivals, name: str, failed: Mapping[str, NacError]) -> RivalEntry:
    jobs = [job for job in rivals.jobs if job.rival == name]
    reasons = {job.seed: failed.get(f"{name} seed {job.seed}") for job in jobs}
    return RivalEntry(
        name=name,
        label=RIVALS[name].label,
        budget=rivals.seconds,
        results={
            job.seed: read_rival_result(rivals.job_directory(job))
            for job in jobs
            if is_done(rivals.job_directory(job))
        },
        failed={seed: _first_line(error) for seed, error in reasons.items() if error},
    )


def _first_line(error: NacError) -> str:
    return str(error).partition("\n")[0]


def rival_differences(
    result: ComparisonResult, entries: Sequence[RivalEntry]
) -> tuple[Difference, ...]:
    """Return the accuracy of the constructed network minus that of each rival with a result."""
    constructed = of_kind(result.networks, CONSTRUCTED)
    if not constructed:
        return ()
    ours = constructed[0].accuracies
    differences = (difference(entry.name, ours, [entry.accuracies]) for entry in entries)
    return tuple(each for each in differences if each)
