"""Give damaged files to what reads them, and report those that are not answered well.

    tools/fuzz --inputs=100000
    tools/fuzz --inputs=1 --first=4711

Each input follows from its number. A file is answered well if it is accepted, or refused within two
seconds with one line of at most 500 visible characters; and less than 1 GiB of memory may be used.
The command ends with exit code 1 if an input is not answered well, or not within a minute.
"""

import faulthandler
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from nac.utils.errors import LONGEST, NacError
from tools.fuzzing.targets import TARGETS, Target
from tools.parsers import tool_parser

SECONDS = 2.0
"""Seconds in which an input is to be refused."""

GIBIBYTE = 2**30
HANGS = 60
"""Seconds after which the process ends with a traceback of where it hangs."""

ACCEPTED, REFUSED = "accepted", "refused"


@dataclass(frozen=True)
class Answer:
    """How an input was answered.

    Attributes:
        kind: :data:`ACCEPTED`, :data:`REFUSED`, or what is wrong.
        seconds: How long the processor was busy with it, whatever else runs on the machine.
        text: The message, or a traceback.
    """

    kind: str
    seconds: float
    text: str = ""

    @property
    def well(self) -> bool:
        """Whether it is as it should be."""
        if self.kind == REFUSED:
            return self.seconds <= SECONDS
        return self.kind == ACCEPTED


def answer(target: Target, random: Random) -> Answer:
    """Return how a target answers the input that a random generator makes."""
    with tempfile.TemporaryDirectory(prefix="nac-fuzz-") as directory:
        started = time.process_time()
        kind, text = _outcome(target, Path(directory), random)
        return Answer(kind, time.process_time() - started, text)


def _outcome(target: Target, directory: Path, random: Random) -> tuple[str, str]:
    try:
        target(directory, random)
    except NacError as error:
        text = str(error)
        return (REFUSED if is_one_line(text) else "bad message"), text
    except Exception:
        return "traceback", traceback.format_exc()
    return ACCEPTED, ""


def is_one_line(text: str) -> bool:
    """Whether a message is one line of visible characters that is not too long."""
    return text.isprintable() and 0 < len(text) <= LONGEST


def answers(first: int, count: int) -> Iterator[tuple[int, str, Answer]]:
    """Yield number, target and answer of each input."""
    names = list(TARGETS)
    for number in range(first, first + count):
        name = names[number % len(names)]
        faulthandler.dump_traceback_later(HANGS, exit=True)
        yield number, name, answer(TARGETS[name], Random(number))
    faulthandler.cancel_dump_traceback_later()


def peak_memory() -> int:
    """Return the most bytes of memory that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Fuzz, and print a summary."""
    parser = tool_parser("fuzzing", __doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="number of inputs")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    arguments = parser.parse_args()
    counts, longest, wrong = Counter[tuple[str, str]](), 0.0, 0
    for number, name, got in answers(arguments.first, arguments.inputs):
        counts[name, got.kind] += 1
        longest = max(longest, got.seconds)
        if not got.well:
            wrong += 1
            print(f"input {number}, {name}: {got.kind}, {got.seconds:.1f} s\n{got.text}\n")
    for (name, kind), count in sorted(counts.items()):
        print(f"{name:12}  {kind:10}  {count:8,}")
    memory = peak_memory()
    print(f"{arguments.inputs:,} inputs, {wrong} not answered well; longest {longest:.2f} s,")
    print(f"most memory {memory / 2**20:,.0f} MiB")
    sys.exit(bool(wrong) or memory > GIBIBYTE)


if __name__ == "__main__":
    main()
