"""Which policy constructs the best networks: constructions with several seeds, against chance.

    python -m tools.verdict --config=experiments/fashion_mnist/verdict.yaml --seeds=5

constructs a network by each policy of --policies with each seed, and trains all of them fully, with
the same seed. For the first policy it also trains random networks of equal parameters and FLOPs
(within 3%), networks with the same number of branches per layer but others (--shuffled), and the
best of as many random networks as the seconds of the construction were enough for. It prints a
table: accuracy, and how far the first policy is ahead of each other row, paired by seed, with a 95%
interval by Student's t. Everything is kept in --workdir, so the same command continues after an
interruption, and more seeds add to it.

The file is an experiment file with a ``final_training``. Policies are those of --policies: a name
-> the sections that it changes, key by key.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nac
from nac.comparison.jobs import Comparison, comparison_tasks, job_runners, results
from nac.comparison.networks import (
    CONSTRUCTED,
    RANDOM,
    RANDOM_SEARCH,
    SHUFFLED,
    Choice,
    choose_networks,
    load_finished_run,
)
from nac.comparison.progress import Reporter
from nac.config.splits import TEST, scored_on
from nac.runs.budget import equal_costs, limits_of
from nac.runs.devices import visible_gpus, worker_environments
from nac.runs.duration import job_seconds, search_results
from nac.runs.queue import run_all
from nac.runs.result import JobResult
from nac.utils.errors import NacError
from nac.utils.processes import available_cores
from nac.utils.statistics import deviation, mean
from tools.ablation import Variant, variants_of
from tools.parsers import tool_parser

POLICIES = Path(__file__).with_suffix(".yaml")

ROWS = {RANDOM: "random networks", SHUFFLED: "shuffled branches", RANDOM_SEARCH: "random search"}
"""Kind of a network beside the first policy's -> title of its row."""

QUANTILES = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
"""97.5% quantiles of Student's t with 1, 2, ... degrees of freedom."""


@dataclass(frozen=True)
class Found:
    """What one construction, or one draw, came to.

    Attributes:
        accuracy: Test accuracy after a full training.
        parameters: Number of trainable parameters.
        flops: FLOPs per image.
        seconds: Seconds of the search, None for networks that are not searched.
    """

    accuracy: float
    parameters: float
    flops: float
    seconds: float | None = None


Row = Mapping[int, Found]
"""Seed -> what was found with it."""


def constructed(
    policy: Variant, seed: int, workdir: Path, choice: Choice, parallel: int | None
) -> dict[str, Found]:
    """Construct a network and train it, and what it is compared with; return what each came to.

    Args:
        policy: The experiment with a policy.
        seed: Seed of the construction, of the full trainings and of what is drawn at random.
        workdir: Directory of all runs.
        choice: What to compare with.
        parallel: Number of jobs at a time.
    """
    opened = nac.run_construction(
        policy.experiment,
        workdir,
        name=f"{policy.name}_{seed}".replace(" ", "_"),
        seed=seed,
        train_final=False,
        parallel=parallel,
    )
    choice = replace(choice, baseline_seed=seed)
    comparison = _comparison(opened.directory, seed, choice, parallel)
    reporter = Reporter(comparison.job_directories, len(comparison.environments), TEST)
    reporter.begin()
    with job_runners(comparison) as runners:
        run_all(comparison_tasks(comparison, runners), len(runners), reporter.report)
    if reporter.failures:
        raise NacError(f"{', '.join(reporter.failures)} failed; the same command tries them again")
    return _found(comparison, seed)


def _comparison(run: Path, seed: int, choice: Choice, parallel: int | None) -> Comparison:
    experiment, architecture = load_finished_run(run)
    experiment = scored_on(experiment, TEST)
    limits = limits_of(experiment)
    costs = equal_costs(experiment, limits)
    networks = choose_networks(experiment, architecture, choice, None, limits, costs)
    return Comparison(
        run=run,
        experiment=experiment,
        split=TEST,
        choice=choice,
        networks=networks,
        seeds=(seed,),
        limits=limits,
        costs=costs,
        environments=worker_environments(parallel, visible_gpus(), available_cores()),
    )


def _found(comparison: Comparison, seed: int) -> dict[str, Found]:
    """Return kind of a network -> what it came to, several networks of a kind as their mean."""
    by_kind: dict[str, list[JobResult]] = {}
    trained = results(comparison)
    for network in comparison.networks:
        by_kind.setdefault(network.kind, []).append(trained[network.name][seed])
    iterations = comparison.experiment.need("parameters.iterations")
    searched = sum(map(job_seconds, search_results(comparison.run, iterations)))
    return {
        kind: Found(
            _mean([job.accuracy for job in jobs]),
            _mean([job.parameters for job in jobs]),
            _mean([job.flops for job in jobs]),
            searched if kind in (CONSTRUCTED, RANDOM_SEARCH) else None,
        )
        for kind, jobs in by_kind.items()
    }


def _mean(values: Sequence[float]) -> float:
    return float(mean(values) or 0.0)


def difference(one: Row, other: Row) -> tuple[float, float | None]:
    """Return the mean difference of accuracies with the same seed, and half of its 95% interval.

    Example:
    >>> rows = [{s: Found(a, 1, 1) for s, a in enumerate(values)} for values in ([3, 5], [2, 2])]
    >>> difference(*rows)
    (2.0, 12.71)
    """
    values = [one[seed].accuracy - other[seed].accuracy for seed in one if seed in other]
    spread, count = deviation(values), len(values)
    half = None if spread is None else QUANTILES[min(count, 13) - 2] * spread / math.sqrt(count)
    return _mean(values), half


def table(rows: Mapping[str, Row]) -> str:
    """Return a table in Markdown; the first row is that with which others are compared."""
    titles = ("network", "parameters", "FLOPs", "search", "accuracy", "deviation", "first is ahead")
    lines = [f"| {' | '.join(titles)} |", f"| --- {'| ---: ' * 6}|"]
    first = next(iter(rows.values()))
    for name, row in rows.items():
        lines.append(f"| {' | '.join([name, *_cells(row), _ahead(first, row)])} |")
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    entries = list(row.values())
    accuracies = [entry.accuracy for entry in entries]
    seconds = [entry.seconds for entry in entries if entry.seconds is not None]
    spread = deviation(accuracies)
    return [
        f"{_mean([entry.parameters for entry in entries]):,.0f}",
        f"{_mean([entry.flops for entry in entries]):,.0f}",
        f"{_mean(seconds):.0f} s" if seconds else "-",
        f"{_mean(accuracies):.4f}",
        "-" if spread is None else f"{spread:.4f}",
    ]


def _ahead(first: Row, row: Row) -> str:
    if row is first:
        return ""
    points, half = difference(first, row)
    points *= 100
    interval = "" if half is None else f" [{points - 100 * half:+.2f}, {points + 100 * half:+.2f}]"
    return f"{points:+.2f}{interval}"


def compared(
    policies: Sequence[Variant],
    seeds: Sequence[int],
    workdir: Path,
    choice: Choice,
    parallel: int | None = None,
) -> dict[str, dict[int, Found]]:
    """Return title of a row -> seed -> what was found; train what is not done.

    Seeds come one after the other, so that an interrupted command has complete ones.

    Args:
        policies: The experiment with each policy, first the one that is compared with chance.
        seeds: The seeds.
        workdir: Directory of all runs.
        choice: What the first policy is compared with.
        parallel: Number of jobs at a time, by default one per GPU, or one.
    """
    alone = Choice(0, prior=False, worst_case=False)
    rows: dict[str, dict[int, Found]] = {policy.name: {} for policy in policies}
    for seed in seeds:
        for policy in policies:
            given = choice if policy is policies[0] else alone
            for kind, found in constructed(policy, seed, workdir, given, parallel).items():
                title = policy.name if kind == CONSTRUCTED else ROWS[kind]
                rows.setdefault(title, {})[seed] = found
        print(f"\n{table(rows)}\n", flush=True)
    return rows


def main() -> None:
    """Construct, train and print the table."""
    parser = tool_parser("verdict", __doc__)
    parser.add_argument("--config", required=True, help="experiment file with final_training")
    parser.add_argument("--policies", default=str(POLICIES), help="file of policies")
    parser.add_argument("--seeds", type=int, default=5, help="constructions by each policy")
    parser.add_argument("--first_seed", type=int, default=0, help="the first seed")
    parser.add_argument("--parallel", type=int, help="jobs at a time; default: one per GPU, or one")
    parser.add_argument("--random", type=int, default=2, help="random networks of each seed")
    parser.add_argument("--shuffled", type=int, default=1, help="shuffled networks of each seed")
    parser.add_argument("--workdir", type=Path, default=Path("runs/verdict"))
    parser.add_argument("--only", nargs="*", help="policies beside the first one; default: all")
    arguments = parser.parse_args()
    choice = Choice(
        arguments.random,
        prior=False,
        worst_case=False,
        shuffled=arguments.shuffled,
        random_search=True,
    )
    try:
        policies = variants_of(arguments.config, arguments.policies)
        names = [policies[0].name, *(arguments.only or [policy.name for policy in policies])]
        policies = [policy for policy in policies if policy.name in names]
        seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
        compared(policies, seeds, arguments.workdir, choice, arguments.parallel)
    except NacError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
