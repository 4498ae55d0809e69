"""Kill runs at random moments, continue them, and compare their results.

    tools/survive --trials=30

kills a small construction in each trial: SIGKILL, SIGTERM or SIGINT to the driver, its job or both,
up to three times, at a random moment or aimed at the final training, the saving of its model, the
move of the model into the run directory, or the writing of the report. The same command continues
the run until it is done. Then architecture, statistics, predictions, weights and TensorBoard's
points must be those of a run that nobody disturbed, and the report must be complete. It exits with
1 unless all are. Trials that are done are not repeated.

    tools/survive --signals

measures how long it takes from a signal to the end of all processes, in each phase of a run.
"""

import sys
from pathlib import Path

from absl import flags

from nac.cli.command import command
from nac.utils.tables import table
from tools.surviving.latency import latencies
from tools.surviving.moments import kills_of
from tools.surviving.trials import tried, undisturbed

FLAGS = flags.FlagValues()
flags.DEFINE_integer("trials", 30, "Number of trials.", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer("first", 0, "Number of the first trial.", lower_bound=0, flag_values=FLAGS)
flags.DEFINE_integer("seed", 0, "Seed of the moments.", flag_values=FLAGS)
flags.DEFINE_string("workdir", "runs/survive", "Where the runs are.", flag_values=FLAGS)
flags.DEFINE_bool("signals", False, "Measure the time until the end instead.", flag_values=FLAGS)
flags.DEFINE_integer("rounds", 3, "With --signals: tries of each.", flag_values=FLAGS)


def main() -> None:
    """Make the trials, or measure."""
    place = Path(FLAGS.workdir)
    if FLAGS.signals:
        print(latencies(place / "signals", FLAGS.rounds))
        return
    expected = undisturbed(place / "undisturbed")
    print(f"undisturbed: {expected}", flush=True)
    rows, good = [], 0
    for trial in range(FLAGS.first, FLAGS.first + FLAGS.trials):
        kills = kills_of(FLAGS.seed, trial)
        outcome = tried(place / f"seed{FLAGS.seed}" / f"{trial:03d}", expected, kills)
        good += not outcome.differences
        result = "; ".join(outcome.differences) or "same"
        rows.append([str(trial), ", ".join(outcome.kills) or "-", result])
        print(f"trial {trial}: {rows[-1][1]}: {result}", flush=True)
    print(f"\n{table(['trial', 'killed by -> exit code', 'result'], rows)}\n")
    print(f"{good} of {FLAGS.trials}")
    sys.exit(good < FLAGS.trials)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
