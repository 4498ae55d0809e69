"""Replay the rules of pruning policies on a table of trained networks.

    nac replay --table=nas-bench-macro_cifar10.json --flops=55e6

shows how good a network pruning arrives at within a budget, and how much of that remains when each
reading of a network's accuracy has noise. It trains nothing: the table, NAS-Bench-Macro, has the
accuracy of all networks of 8 layers that are a large block, a small one, or the identity. It is
nas-bench-macro_cifar10.json of https://github.com/xiusu/NAS-Bench-Macro.

  once               reads once what the first network is with each layer degraded, and degrades the
                     layers in that order, the least missed first
  weakest            does so with a third of the layers, then reads anew, as the policy of that name
                     ranks once per iteration
  rounds             reads anew after each layer that it degrades
  tournament         reads as rounds, then reads again the three best and a random one; the best of
                     these four is kept
  random search      keeps the best reading of random networks that cost 92% to 100% of the budget:
                     of 10, and of as many as rounds takes readings
  random pruning     degrades random layers
  mean random network, exact worth, best network
                     for reference: the mean of all networks that cost 92% to 100% of the budget,
                     rounds without noise, and the best network of the table within the budget

The columns: noise is the deviation of a reading in points; tau is Kendall's, of the readings with
the true accuracies of the networks that were read, on average over decisions: 1 is the same order,
0 no relation. For once and weakest it compares readings, old or not, with what each removal does
by then.

``--figure=FILE.svg`` or ``FILE.png`` draws accuracy against tau. It needs
``pip install "nac[report]"``.
"""

import json
import math
from pathlib import Path

from absl import flags

from nac.cli.command import command, require_flags
from nac.replaying.replay import Replay, replay
from nac.replaying.report import replay_text
from nac.replaying.table import read_table
from nac.reporting.extra import need_packages
from nac.utils.errors import InputError, NacError, SystemRefusal
from nac.utils.files import write_atomically
from nac.utils.processes import quietly
from nac.utils.records import to_json

ENDINGS = (".svg", ".png")

FLAGS = flags.FlagValues()
flags.DEFINE_string("table", None, "JSON file of NAS-Bench-Macro.", flag_values=FLAGS)
flags.DEFINE_float("flops", None, "The budget in FLOPs, such as 55e6.", flag_values=FLAGS)
flags.DEFINE_string(
    "noise",
    "0,0.1,0.25,0.5,1,2,4",
    "Deviations of the noise of a reading, in points.",
    flag_values=FLAGS,
)
flags.DEFINE_integer("seeds", 200, "How often each rule is run.", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_string(
    "figure", None, "Also draw accuracy against tau, as .svg or .png.", flag_values=FLAGS
)
flags.DEFINE_bool("json", False, "Print JSON instead of a table.", flag_values=FLAGS)


def main() -> None:
    """Replay the rules and print what they arrive at."""
    require_flags(FLAGS, "table")
    if FLAGS.flops is None:
        require_flags(FLAGS, "flops")
    noises = _noises(FLAGS.noise)
    figure = _figure_path()
    result = replay(read_table(Path(FLAGS.table)), FLAGS.flops, noises, FLAGS.seeds)
    print(json.dumps(to_json(result), indent=2) if FLAGS.json else replay_text(result))
    if figure:
        _draw(result, figure)
        if not FLAGS.json:
            print(f"\nfigure in {figure}")


def _noises(text: str) -> list[float]:
    """Return the levels of noise, each once."""
    try:
        noises = [float(part) for part in text.split(",")]
    except ValueError:
        noises = [math.nan]
    if not all(0 <= noise < math.inf for noise in noises):
        raise InputError(f"--noise: expected numbers >= 0 such as 0,0.5,1, received {text}")
    return list(dict.fromkeys(noises))


def _figure_path() -> Path | None:
    if not FLAGS.figure:
        return None
    path = Path(FLAGS.figure)
    if path.suffix not in ENDINGS:
        raise InputError(
            f"--figure: expected a file that ends in {' or '.join(ENDINGS)}, received {path}"
        )
    need_packages("nac.replay")
    return path


def _draw(result: Replay, path: Path) -> None:
    from nac.plots.files import png, svg  # import matplotlib
    from nac.plots.replay import replay_figure

    with quietly():  # matplotlib says so when it looks for fonts the first time
        figure = replay_figure(result)
        content = png(figure) if path.suffix == ".png" else svg(figure)
    try:
        write_atomically(path, content)
    except SystemRefusal as error:
        raise NacError(f"--figure: {error}") from None


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
