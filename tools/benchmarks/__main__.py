"""Measure the speed of nac on this machine.

    tools/benchmark

Every figure is a ratio of sides that take turns in one run, so that other load affects them alike.
Each side is a process of its own with the threads of a job. docs/performance.md explains the
figures, and has those of each release.
"""

import sys
from pathlib import Path

from absl import flags

from nac.cli.command import command
from nac.utils.errors import InputError, NacError
from nac.utils.files import write_json
from nac.utils.schema import nearest
from tools.benchmarks import table
from tools.benchmarks.arithmetic import arithmetic_table
from tools.benchmarks.figures import FIGURES, Figure, Settings
from tools.benchmarks.jobs import copies, startup
from tools.benchmarks.side import NETWORKS

ALL = {**FIGURES, "startup": startup, "copies": copies}

FLAGS = flags.FlagValues()
flags.DEFINE_list("only", [], f"Figures: {', '.join(ALL)}; default: all.", flag_values=FLAGS)
flags.DEFINE_list(
    "networks",
    [],
    f"Networks: {', '.join(NETWORKS)}; default: all. Some figures have a network of their own.",
    flag_values=FLAGS,
)
flags.DEFINE_integer("rounds", 9, "Turns of each side.", lower_bound=2, flag_values=FLAGS)
flags.DEFINE_integer(
    "steps", 20, "Steps per turn; a tenth of it on cifar10.", lower_bound=2, flag_values=FLAGS
)
flags.DEFINE_string(
    "against", None, "A checkout of another version, to measure its steps too.", flag_values=FLAGS
)
flags.DEFINE_string("json", None, "File for the figures as JSON.", flag_values=FLAGS)
flags.DEFINE_bool("markdown", False, "Print the table as Markdown.", flag_values=FLAGS)
flags.DEFINE_bool(
    "arithmetic", False, "Only compute what a V100 should give at best.", flag_values=FLAGS
)


def main() -> None:
    """Measure and print."""
    if FLAGS.arithmetic:
        print(arithmetic_table())
        return
    settings = _settings()
    figures, failures = _measure(_chosen("only", FLAGS.only, tuple(ALL)), settings)
    print((table.markdown if FLAGS.markdown else table.text)(figures))
    if FLAGS.json:
        write_json(Path(FLAGS.json), table.as_json(figures, failures))
    if failures:
        raise NacError(f"not measured: {', '.join(failures)}")


def _settings() -> Settings:
    against = Path(FLAGS.against).resolve() if FLAGS.against else None
    if against and not (against / "nac").is_dir():
        raise InputError(f"--against: expected a checkout of nac, received {FLAGS.against!r}")
    networks = _chosen("networks", FLAGS.networks, tuple(NETWORKS))
    return Settings(networks, FLAGS.rounds, FLAGS.steps, against)


def _chosen(flag: str, names: list[str], known: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            raise InputError(
                f"--{flag}: expected some of {', '.join(known)},"
                f" received {name!r}{nearest(name, known)}"
            )
    return tuple(names) or known


def _measure(names: tuple[str, ...], settings: Settings) -> tuple[list[Figure], dict[str, str]]:
    """Return the figures, and name -> reason of those that failed."""
    figures: list[Figure] = []
    failures = {}
    for name in names:
        try:
            for figure in ALL[name](settings):
                figures.append(figure)
                print(f"{figure.name}, {figure.network}: {figure.value:.3f}", file=sys.stderr)
        except Exception as error:  # the other figures are worth having
            failures[name] = f"{type(error).__name__}: {error}"
            print(f"{name}: {failures[name]}", file=sys.stderr)
    return figures, failures


if __name__ == "__main__":
    command(main, FLAGS, __doc__)()
