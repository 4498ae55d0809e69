"""``python -m nac.figures``: the figures of a run as PNG and SVG, with their data as CSV.

    python -m nac.figures --run=runs/digits
    python -m nac.figures --run=runs/digits --figure=widths --with=runs/digits_1,runs/digits_2

writes into ``runs/digits/figures``:

  architecture_000, ..., architecture_final   each network: stages, layers, branches shaded by
                     metric, skip connections as thick as their gate, what is pruned next
  ranking_000, ...   metric of each branch over the steps of an iteration, and the step from which
                     the ranking of branches is that of its end
  comparison         accuracy of the constructed network beside prior, worst case and random
                     networks; needs nac.compare
  widths             branches and blocks left in each layer of the constructed networks
  cost               search time and test error, beside the published numbers of other methods

What there is no data for is left out. Needs ``pip install -c constraints.txt -e ".[report]"``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from nac.cli.command_line import quietly, require_flags
from nac.cli.command_line import run as run_command
from nac.reporting.extra import need_packages
from nac.runs.saved_run import Run, load_run
from nac.utils.errors import NacError

if TYPE_CHECKING:
    from nac.plots.files import Drawing

ALL = "all"
FIGURE_NAMES = ("architecture", "ranking", "comparison", "widths", "cost")

flags.DEFINE_string("run", None, "Run directory of a nac.construct.")
flags.DEFINE_enum("figure", ALL, (ALL, *FIGURE_NAMES), "Which figures.")
flags.DEFINE_string("output", None, "Directory to write to; default: figures in the run.")
flags.DEFINE_list("with", [], "Further runs, such as other seeds, for widths and cost.")
FLAGS = flags.FLAGS


def main() -> None:
    """Write the figures."""
    require_flags("run")
    need_packages("nac.figures")
    run = load_run(Path(FLAGS.run))
    others = [load_run(Path(place)) for place in FLAGS["with"].value]
    output = Path(FLAGS.output) if FLAGS.output else run.directory / "figures"
    for name in FIGURE_NAMES if FLAGS.figure == ALL else (FLAGS.figure,):
        _write(name, run, others, output)


def _write(name: str, run: Run, others: list[Run], output: Path) -> None:
    from nac.plots.files import NothingToShowError
    from nac.plots.table import DRAWINGS  # needs matplotlib

    try:
        with quietly():  # event files are read by TensorBoard, which brings TensorFlow
            drawings = list(DRAWINGS[name](run, others))
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
        except OSError as error:
            raise NacError(f"--output: {output}: cannot be written: {error.strerror}") from None


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()
