"""Train one architecture, in this process.

    nac train --job=runs/digits/000/job.json

repeats or resumes a job of a run. Results are written beside the job file.

    nac train --config=experiment.yaml --output_dir=runs/mine

trains the ``arch`` of an experiment file, or ``--architecture``. Results are ``statistics.json``,
``model.keras``, ``classifier.keras``, ``predictions.npz``, event files for TensorBoard and
``log.txt``, which has what libraries print, too.
"""

import os
import sys
import threading
import traceback
from collections import deque
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from nac.architecture.json_form import load_architecture
from nac.cli.command import command, interruptible
from nac.cli.display_flags import define_display_flags, display_of
from nac.cli.machine_flags import define_machine_flags, forwarded_flags, machine_settings
from nac.cli.waiting import awaited_job
from nac.cluster.joining import joined
from nac.cluster.members import MULTI_WORKER, check_alone
from nac.config import Experiment, experiment_to_file, load_experiment, training_job
from nac.data.datasets import looked_at
from nac.display.display import Display
from nac.display.job_events import Begun, Failed
from nac.display.run_events import Line
from nac.runs.inheritance import moved
from nac.runs.jobs import STANDARD_INPUT, JobRunner, done
from nac.runs.layout import CHECKPOINTS, DECODED, JOB, LOG, is_done
from nac.runs.result import read_result
from nac.utils.errors import LONGEST, NacError, system_refusals
from nac.utils.files import write_json
from nac.utils.leases import SILENCE
from nac.utils.processes import locked, native_messages_to
from nac.utils.signals import StopRequest, end_now, exit_code, signal_of
from nac.utils.text import plain_reason, printable

if TYPE_CHECKING:
    from nac.training.machine import Machine

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "job",
    None,
    "The job.json of a job to repeat or resume; -: prepare everything, then read its path from"
    " standard input, as commands that start jobs need it.",
    flag_values=FLAGS,
)
flags.DEFINE_string("config", None, "Experiment file whose arch is trained.", flag_values=FLAGS)
flags.DEFINE_string(
    "architecture",
    None,
    "With --config: architecture to train, a JSON file or JSON.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "output_dir", None, "Directory for the results; default: that of --job.", flag_values=FLAGS
)
flags.DEFINE_bool(
    "save_model",
    True,
    "Write the trained network as model.keras, and as classifier.keras, which takes photos; what it"
    " answers for the images on which it is scored as predictions.npz, and pictures of its worst"
    " mistakes.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "save_weights",
    False,
    "Write the trained weights as weights.npz, for a job that starts from them.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "decoded_dir",
    None,
    "Where the jobs of a run hand decoded images on to each other; default: nowhere.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "exit_with_parent",
    False,
    "End when standard input ends, and take a line there, the number of a signal, as that signal;"
    " commands that start jobs need it.",
    flag_values=FLAGS,
)
define_display_flags(FLAGS)
define_machine_flags(FLAGS)


CONTINUE = "\ninterrupted; the same command continues this training"


def main() -> None:
    """Train, unless the directory already has a result."""
    if not FLAGS.exit_with_parent:
        check_alone(FLAGS.strategy)
    stop = StopRequest(CONTINUE)
    # With several workers this command trains nothing itself, so a signal ends it as a driver.
    with nullcontext() if _leads_or_follows() else stop.watching():
        _main(stop)
    if FLAGS.exit_with_parent:
        end_now(0)


def _main(stop: StopRequest) -> None:
    display, messages = display_of(FLAGS), ""
    if FLAGS.job == STANDARD_INPUT:
        # As early as that: an import takes seconds, on a busy machine a minute.
        follow = stop.follow_parent if FLAGS.exit_with_parent else lambda: None
        FLAGS.job, messages = awaited_job(follow, FLAGS.strategy == MULTI_WORKER)
    elif FLAGS.exit_with_parent:
        threading.Thread(target=stop.follow_parent, daemon=True).start()
    with display:
        try:
            with system_refusals():
                if _leads_or_follows():
                    _train_together(display)
                else:
                    _train_or_skip(display, messages, stop)
        except NacError as error:
            display.show(Failed(str(error)))
            raise


def _leads_or_follows() -> bool:
    """Return whether this is the command of one of several workers, not the process of a job."""
    return FLAGS.strategy == MULTI_WORKER and not FLAGS.exit_with_parent


def _train_together(display: Display) -> None:
    """Do the job as one of several workers, each of which starts a process for its share."""
    with interruptible("training"), joined(FLAGS.strategy, display) as executor:
        if executor is None:
            return
        experiment, directory = _job()
        if not is_done(directory):
            looked_at(experiment, FLAGS.data_dir)
        with JobRunner(deque(), directory / DECODED, display=display, executor=executor) as runner:
            runner.run(moved(experiment, directory), directory, _arguments())


def _arguments() -> list[str]:
    """Return the flags of this command for the process of its job."""
    saved = ("save_model", "save_weights")
    switches = [f"--{'' if FLAGS[name].value else 'no'}{name}" for name in saved]
    return [*forwarded_flags(FLAGS), *switches]


def _train_or_skip(display: Display, messages: str, stop: StopRequest) -> None:
    """Do the job, unless it is done.

    Args:
        display: Shows its progress.
        messages: What libraries printed while they were imported.
        stop: Whether the process is asked to end.
    """
    experiment, directory = _job()
    # An earlier process of the job may be ending, or may have been on a machine that is gone.
    patience = SILENCE + 30.0 if FLAGS.exit_with_parent else 0.0
    with locked(directory, "job", patience):
        before = is_done(directory)
        if before:
            again = "done already; --output_dir=DIR repeats the training elsewhere"
            display.show(Line(f"{directory}: {again}"))
        else:
            # Else the command that started this job has looked, or an earlier job has decoded all.
            if not FLAGS.exit_with_parent and not FLAGS.decoded_dir:
                looked_at(experiment, FLAGS.data_dir)
            if not FLAGS.job or FLAGS.output_dir:
                write_json(directory / JOB, experiment_to_file(moved(experiment, directory)))
            display.show(Begun(), _name(directory))
            with native_messages_to(directory / LOG) as real_stderr:
                sys.stderr.write(messages)
                _train(experiment, directory, display, stop, real_stderr)
        if is_done(directory):  # Of several workers, only the chief has the result.
            display.show(done(read_result(directory), before), _name(directory))


def _job() -> tuple[Experiment, Path]:
    """Return what to train and where, as the flags say."""
    if bool(FLAGS.job) == bool(FLAGS.config):
        raise NacError("give either --job or --config (see --help)")
    if FLAGS.job:
        directory = Path(FLAGS.output_dir) if FLAGS.output_dir else Path(FLAGS.job).parent
        return load_experiment(FLAGS.job), directory
    if not FLAGS.output_dir:
        raise NacError("--config needs --output_dir, the directory for the results")
    experiment = load_experiment(FLAGS.config)
    if FLAGS.architecture:
        architecture = load_architecture(FLAGS.architecture)
        architecture = architecture.with_cells(experiment.stem, experiment.classifier)
    else:
        architecture = experiment.need("arch")
    return training_job(experiment, architecture, experiment.recipe), Path(FLAGS.output_dir)


def _train(
    experiment: Experiment, directory: Path, display: Display, stop: StopRequest, real_stderr: int
) -> None:
    """Run the job; anything unexpected leaves its traceback in the log and one line here."""
    try:
        # TensorFlow takes seconds and writes to stderr.
        from nac.training.failures import explained_failures
        from nac.training.job import run_job

        machine = _machine()
        with (
            explained_failures(experiment, directory, machine.saving),
            open(directory / LOG, "a", encoding="utf-8") as log,
        ):
            run_job(
                experiment,
                directory,
                machine,
                _name(directory),
                log,
                display,
                stop,
            )
    except NacError as error:
        if not FLAGS.exit_with_parent:  # then it goes there anyway
            print(f"error: {error}", file=sys.stderr)
        raise
    except KeyboardInterrupt as error:
        display.close()
        os.write(real_stderr, f"{CONTINUE}\n".encode())
        end_now(exit_code(signal_of(error)))
    except BrokenPipeError:  # nobody reads the output any more
        end_now(1)
    except Exception as error:
        traceback.print_exc()
        display.close()
        reason = printable(f"{type(error).__name__}: {plain_reason(error)}", LONGEST)
        os.write(real_stderr, f"error: {reason} (more in {directory / LOG})\n".encode())
        end_now(1)


def _machine() -> "Machine":
    """Return how the job is run, with the checkpoints of the job's own directory."""
    machine = machine_settings(FLAGS, FLAGS.save_model, FLAGS.save_weights, FLAGS.decoded_dir)
    if FLAGS.strategy == MULTI_WORKER:
        return replace(machine, checkpoint_dir=Path(FLAGS.job).parent / CHECKPOINTS)
    return machine


def _name(directory: Path) -> str:
    return directory.resolve().name


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
