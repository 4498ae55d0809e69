"""A job of a rival that searches nothing; no part of nac is imported, so that it takes no time.

As for fake_job.py, plan.json says what it does: rival/seed -> "fail" or "wait" (until its driver is
gone, or kills it). It adds its name and process to the file started.txt.
"""

import json
import os
import sys
from pathlib import Path

ACCURACIES = {"one": 0.8, "two": 0.95}


def main() -> None:
    """Do as planned in the directory of the job that the first argument names."""
    directory = Path(sys.argv[1].removeprefix("--job=")).parent
    name = f"{directory.parent.name}/{directory.name}"
    with open("started.txt", "a", encoding="utf-8") as file:
        file.write(f"{name} {os.getpid()}\n")
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8")).get(name)
    if plan == "fail":
        sys.exit("error: no module named rival")
    if plan == "wait":
        sys.stdin.read()
        sys.exit(1)
    result = {
        "accuracy": ACCURACIES[directory.parent.name],
        "parameters": 4000,
        "seconds": 3.0,
        "search_seconds": 2.0,
        "candidates": 5,
        "images": 355,
        "device": "CPU",
    }
    (directory / "statistics.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
