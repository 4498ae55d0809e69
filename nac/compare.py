"""``python -m nac.compare``: was the construction worth it?

    python -m nac.compare --run=runs/digits --random=10 --seeds=3

trains the constructed network of a run, its prior, the worst case of construction and random
networks of equal depth and number of blocks, all by the run's ``final_training`` and with the
same seeds, and says by how much the constructed one is better, and how sure that is. Several jobs
run at a time where there are GPUs for it, or with ``--parallel``. Everything lies in
``<run>/comparison``; the same command again goes on where it stopped, and more ``--random`` or
``--seeds`` add jobs.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from absl import flags

from nac.cli.command_line import require_flags
from nac.cli.command_line import run as run_command
from nac.cli.machine_flags import forwarded_flags
from nac.comparison.jobs import Comparison, comparison_tasks, results
from nac.comparison.networks import Choice, choose_networks, load_run
from nac.comparison.result import as_csv, conclusions, network_entry
from nac.comparison.table import comparison_text
from nac.config.splits import TEST, VALIDATION, scored_on
from nac.construction.baselines import SKIPS
from nac.runs.devices import visible_gpus, worker_environments
from nac.runs.layout import COMPARISON, is_done
from nac.runs.queue import Finished, run_all
from nac.utils.errors import NacError
from nac.utils.files import write_atomically, write_json
from nac.utils.processes import locked
from nac.utils.text import clock

flags.DEFINE_string("run", None, "Run directory of nac.construct.")
flags.DEFINE_integer("random", 10, "Number of random networks.", lower_bound=0)
flags.DEFINE_integer("seeds", 3, "Trainings of each network, with seeds 0, 1, ...", lower_bound=1)
flags.DEFINE_bool("reference", False, "Compare with a network after ResNet-20, too.")
flags.DEFINE_enum(
    "random_skips",
    "random",
    SKIPS,
    "Skip connections of random networks: as many as in the constructed network drawn at random,"
    " the same, all, or none.",
)
flags.DEFINE_integer("baseline_seed", 0, "Seed of the choice of random networks.", lower_bound=0)
flags.DEFINE_integer(
    "parallel", None, "Jobs at a time; default: one per GPU, one without.", lower_bound=1
)
flags.DEFINE_enum(
    "split",
    TEST,
    [TEST, VALIDATION],
    "Images that decide; validation: those that the iterations held out, for choices that must not"
    " see the test images. Results are then in <run>/comparison_validation.",
)
FLAGS = flags.FLAGS

DIRECTORIES = {TEST: COMPARISON, VALIDATION: f"{COMPARISON}_{VALIDATION}"}


def main() -> None:
    """Start or continue a comparison."""
    require_flags("run")
    comparison = _comparison(Path(FLAGS.run))
    with locked(comparison.directory, "comparison"):
        failures = _train_all(comparison)
        report = _write_report(comparison)
    print(
        f"\n{comparison_text(report)}\n\nin {comparison.directory / 'comparison.json'}", flush=True
    )
    if failures:
        raise NacError(
            f"{len(failures)} jobs failed: {', '.join(failures)}; the same command tries them again"
        )


def _comparison(run: Path) -> Comparison:
    experiment, constructed = load_run(run)
    experiment = scored_on(experiment, FLAGS.split)
    choice = Choice(FLAGS.random, FLAGS.random_skips, FLAGS.baseline_seed, FLAGS.reference)
    cores = len(os.sched_getaffinity(0))
    return Comparison(
        experiment=experiment,
        directory=run / DIRECTORIES[FLAGS.split],
        networks=choose_networks(experiment, constructed, choice),
        seeds=tuple(range(FLAGS.seeds)),
        arguments=tuple(forwarded_flags()),
        environments=worker_environments(FLAGS.parallel, visible_gpus(), cores),
    )


def _train_all(comparison: Comparison) -> list[str]:
    """Train what is not done yet; return the names of the jobs that failed."""
    reporter = Reporter(comparison)
    reporter.begin()
    try:
        run_all(comparison_tasks(comparison), len(comparison.environments), reporter.report)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command continues this comparison", file=sys.stderr)
        sys.exit(130)
    return reporter.failures


class Reporter:
    """Says which jobs are done, a line each, and how long the rest will take.

    Args:
        comparison: whose jobs they are.

    Attributes:
        failures: names of the jobs that failed.
    """

    def __init__(self, comparison: Comparison):
        self.failures: list[str] = []
        self._comparison = comparison
        self._total = len(comparison.places)
        self._ended = sum(map(is_done, comparison.places))
        self._trained = 0
        self._started = time.monotonic()

    def begin(self) -> None:
        """Say what is about to be done."""
        before = f", {self._ended} of them done before" if self._ended else ""
        workers = len(self._comparison.environments)
        print(f"{self._total} jobs{before}, {workers} at a time; each has a log.txt", flush=True)

    def report(self, finished: Finished) -> None:
        """Say that a job has ended; of one that was done before there is nothing to say."""
        name = finished.task.name
        if finished.error:
            self._ended += 1
            self.failures.append(name)
            print(f"[{self._ended}/{self._total}] {name}: failed", flush=True)
            print(f"{finished.error}", file=sys.stderr, flush=True)
        elif finished.result.seconds is not None:
            self._ended += 1
            self._trained += 1
            found = finished.result.statistics
            print(
                f"[{self._ended}/{self._total}] {name}: {found['split']} accuracy"
                f" {found['accuracy']:.4f}"
                f" ({finished.result.seconds:.0f} s){self._left()}",
                flush=True,
            )

    def _left(self) -> str:
        remaining = self._total - self._ended
        seconds = (time.monotonic() - self._started) / self._trained * remaining
        return f", about {clock(seconds)} left" if remaining else ""


def _write_report(comparison: Comparison) -> dict[str, Any]:
    """Write comparison.json and comparison.csv of all that is done; return the former."""
    found = results(comparison)
    networks = [
        network_entry(
            network.name,
            network.kind,
            str(network.architecture.notation) if network.architecture else None,
            found[network.name],
            comparison.seeds,
        )
        for network in comparison.networks
    ]
    parameters = comparison.experiment.final.parameters
    devices = {s["device"] for by_seed in found.values() for s in by_seed.values()}
    report = {
        "run": Path(FLAGS.run).resolve().name,
        "dataset": parameters.dataset,
        "split": FLAGS.split,
        "seeds": list(comparison.seeds),
        "random": FLAGS.random,
        "random_skips": FLAGS.random_skips,
        "baseline_seed": FLAGS.baseline_seed,
        "steps": parameters.steps,
        "batch_size": parameters.batch_size,
        "device": ", ".join(sorted(devices)) or None,
        "networks": networks,
        **conclusions(networks),
    }
    write_json(comparison.directory / "comparison.json", report)
    write_atomically(comparison.directory / "comparison.csv", as_csv(networks, found))
    return report


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
