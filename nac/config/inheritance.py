"""The ``inherit`` section of a job: the trained network whose weights its training starts from.

Construction writes it into the jobs of iterations that inherit; an experiment file has none.
"""

# ruff: noqa: RUF009 (key() returns a dataclasses.field)

from dataclasses import dataclass
from typing import Any

from nac.architecture.json_form import architecture_from_dict, architecture_to_dict
from nac.architecture.network import Architecture
from nac.config.forms import STRING
from nac.config.keys import REQUIRED, Form, Keys, key
from nac.utils.schema import Section, is_integer


def _read_architecture(section: Section, name: str) -> Architecture:
    return architecture_from_dict(section.any(name), section.at(name))


def _read_layers(section: Section, name: str) -> tuple[int | None, ...]:
    def accepts(value: Any) -> bool:
        return value is None or (is_integer(value) and value >= 1)

    return tuple(section.sequence(name, "integers >= 1 or null", accepts))


ARCHITECTURE = Form("mapping", "a network", _read_architecture, architecture_to_dict)
LAYERS = Form("list", "integers >= 1 or null", _read_layers)


@dataclass(frozen=True, kw_only=True)
class Inheritance(Keys):
    """The ``inherit`` section: a trained network, and what became of its layers."""

    weights: str = key(
        REQUIRED, STRING, "File of the trained weights, relative to the directory of the job."
    )
    arch: Architecture = key(REQUIRED, ARCHITECTURE, "The network that was trained.")
    layers: tuple[int | None, ...] = key(
        REQUIRED,
        LAYERS,
        "For each layer of the job's network, its index in `arch`; null for a new one.",
    )
