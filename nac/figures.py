"""Draw the figures of a run as PNG and SVG, with their data as CSV.

    nac figures --run=runs/digits
    nac figures --run=runs/digits --figure=widths --with=runs/digits_1,runs/digits_2

writes into ``runs/digits/figures``:

  architecture_000, ..., architecture_final   each network: stages, layers, branches shaded by
                     strength, skip connections as thick as their gate, what is pruned next
  ranking_000, ...   strength of each branch over the steps of an iteration, and the step from which
                     the branches are ranked as at its end
  comparison         accuracy of the constructed network beside prior, worst case and random
                     networks; needs nac compare. That of --split=validation is
                     comparison_validation
  comparison_sizes   accuracy of the same networks against their parameters and against the
                     seconds of their training
  comparison_seconds accuracy against seconds, search included, with the rivals of nac compare
  widths             branches and blocks left in each layer of the constructed networks
  cost               search time and test error, beside the published numbers of other methods
  confusion          how many images of each class the trained network takes for which class
  calibration        accuracy of the trained network by its confidence

Figures without data are left out. Needs ``pip install "nac[report]"``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from nac.cli.command import command, require_flags
from nac.plots.table import FIGURES
from nac.reporting.extra import need_packages
from nac.runs.layout import FIGURES_FOLDER
from nac.runs.saved_run import Run, load_run
from nac.utils.errors import NacError, SystemRefusal
from nac.utils.processes import quietly

if TYPE_CHECKING:
    from nac.plots.files import Drawing

ALL = "all"

FLAGS = flags.FlagValues()
flags.DEFINE_string("run", None, "Run directory of nac construct.", flag_values=FLAGS)
flags.DEFINE_string(
    "figure", ALL, f"Kind of figures to draw: {', '.join((ALL, *FIGURES))}.", flag_values=FLAGS
)
flags.DEFINE_string(
    "output",
    None,
    "Directory for the files; default: figures in the run directory.",
    flag_values=FLAGS,
)
flags.DEFINE_list(
    "with", [], "Further runs, such as other seeds, for widths and cost.", flag_values=FLAGS
)


def main() -> None:
    """Write the figures."""
    require_flags(FLAGS, "run")
    if FLAGS.figure != ALL:
        FIGURES.check(FLAGS.figure, "--figure")
    need_packages("nac.figures")
    run = load_run(Path(FLAGS.run))
    others = [load_run(Path(directory)) for directory in FLAGS["with"].value]
    output = Path(FLAGS.output) if FLAGS.output else run.directory / FIGURES_FOLDER
    for name in FIGURES if FLAGS.figure == ALL else (FLAGS.figure,):
        _write(name, run, others, output)


def _write(name: str, run: Run, others: list[Run], output: Path) -> None:
    from nac.plots.files import NothingToShowError

    try:
        with quietly():  # matplotlib says so when it looks for fonts the first time
            drawings = list(FIGURES[name](run, others))
    except NothingToShowError as reason:
        if FLAGS.figure != ALL:
            raise
        print(f"{name}: left out: {reason}")
        return
    for path in _paths(drawings, output):
        print(path)


def _paths(drawings: "list[Drawing]", output: Path) -> Iterator[Path]:
    for drawing in drawings:
        try:
            yield from drawing.write(output)
        except SystemRefusal as error:
            raise NacError(f"--output: {error}") from None


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
