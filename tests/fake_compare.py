"""``nac.compare`` with jobs that train nothing: those of fake_job.py and fake_rival_job.py."""

import sys
from pathlib import Path

from nac import compare
from nac.comparison import rival_process
from nac.rivals.rival import Rival
from nac.rivals.table import RIVALS
from nac.runs import jobs

FAKE_JOB = str(Path(__file__).with_name("fake_job.py"))
FAKE_RIVAL_JOB = str(Path(__file__).with_name("fake_rival_job.py"))


def _command(path, arguments):
    return [sys.executable, "-S", FAKE_JOB, f"--job={path}"]


def _rival_command(directory, plugins):
    return [sys.executable, "-S", FAKE_RIVAL_JOB, f"--job={directory / 'job.json'}"]


if __name__ == "__main__":
    jobs.job_command = _command
    rival_process.rival_command = _rival_command
    for name in ("one", "two"):
        RIVALS.register(name, Rival(f"Rival {name}", (), print, print))
    compare.run()
