"""The ``budget`` section: what a network, its training step and a construction may cost."""

from dataclasses import dataclass
from typing import Any

from nac.config.forms import POSITIVE, number
from nac.config.keys import Form, Keys, new
from nac.utils import limits
from nac.utils.schema import Section, is_number


def _whole(section: Section, name: str) -> int:
    """Return an integer >= 1, which may be written as ``1e5``, a float in YAML and JSON."""

    def accepts(value: Any) -> bool:
        return is_number(value) and 1 <= value <= limits.INTEGER and value % 1 == 0

    return int(section.checked(name, "an integer >= 1", accepts))


WHOLE = Form("integer", ">= 1", _whole)


@dataclass(frozen=True)
class Budget(Keys):
    """The ``budget`` section. Each key is a limit, and all of them hold at once.

    Example:
    >>> from nac.config.keys import read
    >>> read(Budget, Section({"parameters": 1e5}, "try.yaml", "budget")).parameters
    100000
    """

    parameters: int | None = new(None, WHOLE, "Trainable parameters of each network.")
    flops: float | None = new(
        None, POSITIVE, "Floating-point operations per image, two for each multiply-add."
    )
    size_kib: float | None = new(
        None, POSITIVE, "Size in KiB of the weights of each network, as float32 numbers."
    )
    step_ms: float | None = new(
        None, POSITIVE, "Milliseconds of a training step on the device at hand."
    )
    minutes: float | None = new(
        None,
        number(maximum=limits.SECONDS / 60, above=True),
        "Minutes that the whole construction may take.",
    )
