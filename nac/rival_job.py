"""Let a rival search and train, as ``nac compare --rivals`` starts it.

    python -m nac.rival_job --job=runs/digits/comparison/keras_tuner/seed0/job.json

repeats the job. Its result is written beside the job file, as ``statistics.json``.
"""

import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from absl import flags

from nac.cli.command import command, require_flags
from nac.cli.plugins import plugin_arguments
from nac.rivals.result import RivalJob, read_rival_job, write_rival_result
from nac.runs.layout import RIVAL_SEARCH, is_done
from nac.utils.errors import JobError
from nac.utils.processes import exit_with_parent, locked

STARTED = time.monotonic()
"""When the seconds of this process began."""

PREPARE_SHARE = 0.5
"""Share of its seconds after which it prepares what follows the search, beside it."""

SEARCH_SHARE = 0.65
"""Share of its seconds after which a rival ends its search."""

LATEST_SHARE = 0.85
"""Share of its seconds after which its search is killed. A batch of a large candidate may take so
long that a search does not end by itself."""

FLAGS = flags.FlagValues()
flags.DEFINE_string("job", None, "The job.json of the rival.", flag_values=FLAGS)
flags.DEFINE_float(
    "search_seconds",
    None,
    "Only search, for so many seconds; this is how the command starts its own search.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "exit_with_parent",
    False,
    "End when standard input ends, as commands that start jobs need it.",
    flag_values=FLAGS,
)


def main() -> None:
    """Do the job, unless the directory already has a result."""
    require_flags(FLAGS, "job")
    path = Path(FLAGS.job)
    job, directory = read_rival_job(path), path.parent
    if FLAGS.exit_with_parent:
        exit_with_parent()
    if FLAGS.search_seconds is not None:
        _search(job, directory / RIVAL_SEARCH)
        return
    with locked(directory, "job"):
        if is_done(directory):
            print(f"{directory}: done already")
            return
        _do(job, directory, directory / RIVAL_SEARCH)


def _search(job: RivalJob, files: Path) -> None:
    from nac.rivals.job import search

    search(job, files, STARTED + FLAGS.search_seconds)


def _do(job: RivalJob, directory: Path, files: Path) -> None:
    shutil.rmtree(files, ignore_errors=True)
    try:
        with _searching(job) as process:
            _wait(process, PREPARE_SHARE * job.seconds)
            from nac.rivals.job import finish  # takes seconds, while the search runs

            _wait(process, LATEST_SHARE * job.seconds)
            process.kill()
        # A search that was killed or has failed may have found something before.
        try:
            write_rival_result(directory, finish(job, files, STARTED))
        except JobError as error:
            how = f" (the search ended with exit code {process.returncode})"
            raise JobError(f"{error}{how if process.returncode > 0 else ''}") from None
    finally:
        shutil.rmtree(files, ignore_errors=True)


def _wait(process: subprocess.Popen, seconds: float) -> None:
    """Wait for the end of a process, but only until so many seconds of this one have passed."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, STARTED + seconds - time.monotonic()))


def _searching(job: RivalJob) -> subprocess.Popen:
    """Start the search in a process of its own, which can be killed and leaves no memory taken."""
    arguments = [
        f"--job={FLAGS.job}",
        f"--search_seconds={STARTED + SEARCH_SHARE * job.seconds - time.monotonic()}",
        "--exit_with_parent",
        *plugin_arguments(FLAGS.plugin),
    ]
    command_line = [sys.executable, "-m", "nac.rival_job", *arguments]
    return subprocess.Popen(command_line, stdin=subprocess.PIPE)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()
