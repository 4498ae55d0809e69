"""A job that trains nothing; no part of nac is imported, so that it takes no time.

The file plan.json in the working directory says what it does: network/seed -> "fail", "wait"
(until its driver is gone or asks it to end) or a number, the training loss of its last third. It
adds its name, process and threads to the file started.txt.
"""

import json
import os
import sys
from pathlib import Path

ACCURACIES = {"constructed": 0.9, "prior": 0.5, "worst_case": 0.25}
OF_OTHERS = 0.75
RANKINGS = ("mean_square", "taylor", "weight_norm", "random")


def main() -> None:
    """Do as planned in the directory of the job that standard input names."""
    path = sys.stdin.readline().rstrip("\n")
    if not path:
        return
    directory = Path(path).parent
    name = f"{directory.parent.name}/{directory.name}"
    with open("started.txt", "a", encoding="utf-8") as file:
        file.write(f"{name} {os.getpid()} {os.environ.get('TF_NUM_INTRAOP_THREADS')}\n")
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8")).get(name)
    if plan == "fail":
        (directory / "log.txt").write_text("boom\n", encoding="utf-8")
        sys.exit(3)
    if plan == "wait":
        sys.stdin.readline()
        sys.exit(1)
    job = json.loads((directory / "job.json").read_text(encoding="utf-8"))
    result = _statistics(job, directory.parent.name)
    if isinstance(plan, float):
        result["late_training_loss"] = plan
    (directory / "statistics.json").write_text(json.dumps(result), encoding="utf-8")


def _statistics(job, network):
    network_made_by_hand = job["arch"]["type"] == "handmade"
    layers = list(enumerate([] if network_made_by_hand else job["arch"]["network"], start=1))
    return {
        "featuremaps": {
            f"{index}/{branch}": dict.fromkeys(RANKINGS, 1.0)
            for index, layer in layers
            for branch in layer.get("filters", ())
        },
        "gates": {
            f"{source}-{index}": 0.5
            for index, layer in layers
            for source in layer.get("inputs", ())
        },
        "accuracy": ACCURACIES.get(network, OF_OTHERS),
        "loss": 0.5,
        "split": "test" if job["parameters"]["score_test"] else "validation",
        "notation": "6/1-1/3",
        "parameters": 1000,
        "flops": 20000,
        "seconds": 1.0,
        "device": "CPU",
    }


if __name__ == "__main__":
    main()
