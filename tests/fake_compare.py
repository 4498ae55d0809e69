"""``nac.compare`` with jobs that train nothing: those of fake_job.py."""

import sys
from pathlib import Path

from nac import compare
from nac.runs import jobs

FAKE_JOB = str(Path(__file__).with_name("fake_job.py"))


def _command(path, arguments):
    return [sys.executable, "-S", FAKE_JOB, f"--job={path}"]


if __name__ == "__main__":
    jobs.job_command = _command
    compare.run()
