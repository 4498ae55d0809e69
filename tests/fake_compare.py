"""``nac.compare`` with jobs that train nothing.

What they do is told by the file plan.json in the working directory, network/seed -> "fail" or
"wait" (until their driver is gone). Each adds its name to the file started.txt.
"""

import json
import os
import sys
from pathlib import Path

from nac import compare
from nac.config import load_experiment
from nac.driver import jobs

ACCURACIES = {"constructed": 0.9, "prior": 0.5, "worst_case": 0.25}
OF_A_RANDOM_NETWORK = 0.75


def main() -> None:
    """Be a job if the arguments say so, else the command."""
    if sys.argv[1] == "--fake_job":
        _job(Path(sys.argv[2]))
        return
    jobs.job_command = lambda path, arguments: [
        sys.executable,
        "-m",
        "tests.fake_compare",
        "--fake_job",
        str(path.parent),
    ]
    compare.run()


def _job(directory: Path) -> None:
    name = f"{directory.parent.name}/{directory.name}"
    with open("started.txt", "a", encoding="utf-8") as file:
        file.write(f"{name} {os.getpid()} {os.environ.get('TF_NUM_INTRAOP_THREADS')}\n")
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8")).get(name)
    if plan == "fail":
        (directory / "log.txt").write_text("boom\n", encoding="utf-8")
        sys.exit(3)
    if plan == "wait":
        sys.stdin.read()
        sys.exit(1)
    experiment = load_experiment(str(directory / "job.json"))
    statistics = _statistics(experiment, directory.parent.name)
    (directory / "statistics.json").write_text(json.dumps(statistics), encoding="utf-8")


def _statistics(experiment, network):
    architecture = experiment.architecture
    return {
        "featuremaps": {f"{i}/{name}": {"mean_square": 1.0} for i, name in architecture.branches()},
        "gates": {f"{start}-{end}": 0.5 for start, end in architecture.skip_connections()},
        "accuracy": ACCURACIES.get(network, OF_A_RANDOM_NETWORK),
        "loss": 0.5,
        "split": "test" if experiment.parameters.score_test else "validation",
        "notation": str(architecture.notation),
        "parameters": 1000,
        "flops": 20000,
        "seconds": 1.0,
        "device": "CPU",
    }


if __name__ == "__main__":
    main()
