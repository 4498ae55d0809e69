"""What values in experiment files look like: how each kind is checked, converted and written."""

import json
import math
from typing import Any

from nac.architecture.json_form import parse_branches
from nac.config.keys import Form, Keys, read, write
from nac.config.policies import ROUNDS
from nac.config.rankings import RANKINGS
from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.registry import Registry
from nac.utils.schema import (
    Section,
    bounds,
    check_count,
    is_integer,
    is_number,
    shown,
    whole_bounds,
)

BOOLEAN = Form("boolean", "", Section.boolean)
STRING = Form("string", "", Section.text)
NAME = Form("string", "usable as the name of a directory", Section.name)


def choice(*names: str) -> Form:
    """Return the form of one of a few strings."""
    return Form("string", ", ".join(names), lambda s, k: s.text(k, choices=names))


def boolean_or(*names: str) -> Form:
    """Return the form of a boolean, or of one of a few strings."""

    def read_either(section: Section, key: str) -> Any:
        if isinstance(section.any(key), str):
            return section.text(key, choices=names)
        return section.boolean(key)

    return Form("boolean or string", ", ".join(names), read_either)


def named(registry: Registry) -> Form:
    """Return the form of a name in a registry, to which plugins add until a file is read."""

    def read_name(section: Section, key: str) -> Any:
        name = section.text(key)
        registry.check(name, section.at(key))
        return name

    return Form("string", f"name of a {registry.kind}", read_name)


def integer(minimum: int = 0, maximum: int | None = None) -> Form:
    """Return the form of an integer in [minimum, maximum]; without a maximum, of any usual size."""
    largest = limits.INTEGER if maximum is None else maximum
    return Form(
        "integer",
        whole_bounds(minimum, maximum),
        lambda s, k: s.integer(k, minimum=minimum, maximum=largest),
    )


def number(minimum: float = 0.0, maximum: float = math.inf, above: bool = False) -> Form:
    """Return the form of a number in [minimum, maximum]; ``above`` excludes the minimum."""

    def read_number(section: Section, key: str) -> float:
        return float(section.number(key, minimum=minimum, maximum=maximum, above=above))

    return Form("number", bounds(minimum, maximum, above), read_number)


COUNT = integer(1)
NUMBER, POSITIVE, SHARE = number(), number(above=True), number(maximum=1)


def value_of(form: Form, kind: str = "", off: bool = False) -> Form:
    """Return AMLA's form of an optional number: ``{type: kind, value: number}``.

    Args:
        form: Form of the number. Zero and None mean "off".
        kind: The only ``type`` that there is; "" if the mapping has no ``type``.
        off: Whether "off" is written, as zero; otherwise the key is omitted then.
    """
    head = {"type": kind} if kind else {}

    def read_value(section: Section, key: str) -> Any:
        inner = section.section(key)
        if kind:
            inner.text("type", choices=(kind,))
        value = form.read(inner, "value")
        inner.finish()
        return value

    content = ", ".join([*(f"{k}: {v}" for k, v in head.items()), f"value: number {form.range}"])
    return Form(
        "mapping",
        f"{{{content}}}",
        read_value,
        lambda v: {**head, "value": v} if v or off else None,
    )


def one_of(**variants: type[Keys]) -> Form:
    """Return the form of a mapping whose ``type`` decides which other keys it has."""

    def read_variant(section: Section, key: str) -> Keys:
        inner = section.section(key)
        return read(variants[inner.text("type", choices=tuple(variants))], inner)

    def write_variant(value: Keys) -> dict[str, Any]:
        kinds = {variant: kind for kind, variant in variants.items()}
        return {"type": kinds[type(value)], **write(value)}

    names = f"type: {', '.join(variants)}"
    return Form("mapping", names, read_variant, write_variant, variants=tuple(variants.items()))


def per_stage(default: bool | None = None) -> Form:
    """Return the form of a list with a value for each stage: a number of layers, or a switch.

    AMLA's files have longer lists, the rest of which is not used.

    Args:
        default: Value for each stage if the key is absent. None: The key is required, and its
            values are numbers of layers instead of booleans.
    """
    of = f"integers {whole_bounds(1, limits.LAYERS)}" if default is None else "true or false"

    def accepts(value: Any) -> bool:
        if default is None:
            return is_integer(value) and 1 <= value <= limits.LAYERS
        return isinstance(value, bool)

    def read_list(section: Section, key: str) -> Any:
        stages = section.integer("stages", minimum=1, maximum=limits.STAGES)
        if default is not None and key not in section:
            return (default,) * stages
        values = section.sequence(key, of, accepts)
        if len(values) < stages:
            raise InputError(
                f"{section.at(key)}: expected a value for each of {stages} stages,"
                f" received {list(values)}"
            )
        return values[:stages]

    absent = "" if default is None else f"{str(default).lower()} for each stage"
    return Form("list", f"for each stage, {of}", read_list, absent=absent)


def _read_gpus(section: Section, key: str) -> tuple[int, ...]:
    value = section.any(key)
    if isinstance(value, str):  # AMLA's config.run.json has the string "[]".
        try:
            value = json.loads(value)
        except ValueError:
            value = section.any(key)
    if not isinstance(value, list) or not all(is_integer(gpu) and gpu >= 0 for gpu in value):
        raise InputError(
            f"{section.at(key)}: expected a list of GPU numbers, received {shown(value)}"
        )
    check_count(value, limits.DEVICES, "GPUs", section.at(key))
    return tuple(value)


def _read_span(section: Section, key: str) -> tuple[float, float] | None:
    def accepts(value: Any) -> bool:
        pair = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
        return value is False or (pair and 0 < value[0] <= value[1])

    value = section.checked(key, "[lowest, highest] or false", accepts)
    return (float(value[0]), float(value[1])) if value else None


def _read_shift(section: Section, key: str) -> float:
    def accepts(value: Any) -> bool:
        return value is False or (is_number(value) and value >= 0)

    return float(section.checked(key, "a number >= 0 or false", accepts))


SET_ELSEWHERE = {
    "name": "checkpoints need a fixed name",
    "learning_rate": "child_training.lr sets it",
    "loss_scale_factor": "child_training.mixed_precision scales the loss",
    # Keras clips before the gradients of several devices are summed.
    "clipnorm": "child_training.gradient_clipping clips",
    "clipvalue": "child_training.gradient_clipping clips",
    "global_clipnorm": "child_training.gradient_clipping clips",
    "use_ema": "weights are always averaged",
}
"""Arguments that a file may not give to an optimizer of Keras -> why."""


def _read_arguments(section: Section, _: str) -> tuple[tuple[str, Any], ...]:
    names = [name for name in section.keys() if name not in ("type", "class_name")]  # noqa: SIM118
    for name in filter(SET_ELSEWHERE.get, names):
        raise InputError(
            f"{section.at(name)}: expected no such key, as {SET_ELSEWHERE[name]},"
            f" received {shown(section.any(name))}"
        )
    return tuple((name, section.plain(name)) for name in names)


def _read_proposals(section: Section, key: str) -> tuple[str, ...]:
    names = section.sequence(key, "names", lambda value: isinstance(value, str))
    for name in names:
        if name != ROUNDS:
            RANKINGS.check(name, section.at(key))
    return tuple(dict.fromkeys(names))


ARGUMENTS = Form("any", "", _read_arguments, dict)
CELL = Form("mapping", "branches", lambda s, k: parse_branches(s.section(k)), dict)
PROPOSALS = Form("list", "names of rankings, and `rounds`", _read_proposals)
GPUS = Form("list", "integers >= 0", _read_gpus)
SHIFT = Form("number", ">= 0, or false", _read_shift)
SPAN = Form(
    "list", "[lowest, highest] > 0, or false", _read_span, lambda v: list(v) if v else False
)
