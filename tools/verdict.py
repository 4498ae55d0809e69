"""Which policy constructs the best networks: constructions with several seeds, against chance.

    python -m tools.verdict --config=experiments/fashion_mnist/verdict.yaml --seeds=5

constructs a network by each policy of --policies with each seed, and trains all of them fully, with
the same seed. For the first policy it also trains random networks of equal parameters and FLOPs
(within 3%), networks with the same number of branches per layer but others (--shuffled), and the
best of as many random networks as the seconds of the construction were enough for. It prints a
table: accuracy, and how far the first policy is ahead of each other row, paired by seed, with a 95%
interval by Student's t; --figure draws it. Everything is kept in --workdir, so the same command
continues after an interruption, and more seeds add to it.

The file is an experiment file with a ``final_training``. Policies are those of --policies: a name
-> the sections that it changes, key by key.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from nac.display.display import PlainDisplay
from nac.runs.budget import equal_costs, limits_of
from nac.runs.devices import visible_gpus, worker_environments
from nac.runs.duration import job_seconds, search_results
from nac.runs.queue import run_all
from nac.runs.result import JobResult
from nac.utils.errors import NacError
from nac.utils.files import write_atomically
from nac.utils.processes import available_cores
from tools.ablation import Variant, chosen, variants_of
from tools.parsers import tool_parser
from tools.verdict_rows import Found, Row, average, table

POLICIES = Path(__file__).with_suffix(".yaml")

ROWS = {RANDOM: "random networks", SHUFFLED: "shuffled branches", RANDOM_SEARCH: "random search"}
"""Kind of a network beside the first policy's -> title of its row."""


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
    display, workers = PlainDisplay(), len(comparison.environments)
    reporter = Reporter(comparison.job_directories, workers, TEST, display)
    reporter.begin()
    with job_runners(comparison, display) as runners:
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
            average([job.accuracy for job in jobs]),
            average([job.parameters for job in jobs]),
            average([job.flops for job in jobs]),
            searched if kind in (CONSTRUCTED, RANDOM_SEARCH) else None,
        )
        for kind, jobs in by_kind.items()
    }


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


def figure_path(text: str) -> Path:
    """Return the path of a figure as which something can be drawn.

    Raises:
        argparse.ArgumentTypeError: Its name has another ending.
    """
    path = Path(text)
    if path.suffix not in (".png", ".svg"):
        raise argparse.ArgumentTypeError(f"expected a .png or .svg file, received {text}")
    return path


def draw(rows: Mapping[str, Row], experiment: str, path: Path) -> None:
    """Draw the table to a file.

    Args:
        rows: The rows of the table.
        experiment: Name of the experiment file, for the title.
        path: The file to write, .png or .svg.
    """
    from nac.plots.files import png, svg  # import matplotlib
    from tools.verdict_figure import verdict_figure

    figure = verdict_figure(rows, f"{experiment}: full trainings of what each policy constructs")
    write_atomically(path, png(figure) if path.suffix == ".png" else svg(figure))
    print(f"figure in {path}")


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
    parser.add_argument(
        "--random_search",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also the best random network of the seconds of each construction",
    )
    parser.add_argument("--workdir", type=Path, default=Path("runs/verdict"))
    parser.add_argument("--figure", type=figure_path, help="also draw the table, as .svg or .png")
    parser.add_argument("--only", nargs="*", help="policies beside the first one; default: all")
    arguments = parser.parse_args()
    choice = Choice(
        arguments.random,
        prior=False,
        worst_case=False,
        shuffled=arguments.shuffled,
        random_search=arguments.random_search,
    )
    try:
        policies = chosen(variants_of(arguments.config, arguments.policies), arguments.only)
        seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
        rows = compared(policies, seeds, arguments.workdir, choice, arguments.parallel)
        if arguments.figure:
            draw(rows, arguments.config, arguments.figure)
    except NacError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
