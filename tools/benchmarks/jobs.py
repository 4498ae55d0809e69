"""What jobs do in processes of their own: how they start and end, and what they copy to devices."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from nac.config import experiment_to_dict, load_experiment, training_job
from nac.construction.prior import prior
from nac.utils.files import write_json
from tools.benchmarks.figures import Figure, Settings, spread
from tools.benchmarks.turns import ROOT, SIDE, environment, printed_json

EXPERIMENT = ROOT / "experiments" / "digits" / "construct.yaml"


def startup(settings: Settings) -> Iterator[Figure]:
    """Yield the share of a job's time until its first step is done, and its longest standstill."""
    runs = [_run() for _ in range(max(2, settings.rounds // 3))]
    first, total, pauses = zip(*runs, strict=True)
    shares = [start / end for start, end in zip(first, total, strict=True)]
    facts = f"{min(first):.1f} s of {min(total):.1f} s, the first iteration's job"
    yield spread("start to first step / job", "digits", shares, facts)
    facts = "seconds from its last evaluation until its process has ended"
    yield spread("end of a job", "digits", pauses, facts)


def copies(settings: Settings) -> Iterator[Figure]:
    """Yield the copies between host and device per step, and per call of several steps."""
    for network in settings.networks:
        counts = printed_json(str(SIDE.with_name("copies.py")), network)
        facts = f"counted in a trace; {counts['call']} more in each call of several steps"
        yield spread("copies between host and device per step", network, [counts["step"]], facts)


def _run() -> tuple[float, float, float]:
    """Return the seconds to the first step, to the end, and from the last evaluation to the end."""
    experiment = load_experiment(str(EXPERIMENT))
    network = prior(experiment.need("envelopenet"), experiment.stem, experiment.classifier)
    job = training_job(experiment, network, experiment.recipe)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "job.json")
        write_json(path, experiment_to_dict(job))
        command = [sys.executable, "-m", "nac.train", f"--job={path}", "--nosave_model"]
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "--exit_with_parent"],
            env=environment(ROOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        first = last = started
        for line in process.stdout:
            first = time.monotonic() if "compiled in" in line else first
            last = time.monotonic() if " accuracy " in line and "left" not in line else last
        process.wait()
    end = time.monotonic()
    return first - started, end - started, end - last
