"""Prints docs/experiment.md, the reference of experiment files.

    python -m tools.experiment_reference > docs/experiment.md

The tables are made from the fields of the dataclasses in nac/config. The text around them
is in experiment.template.md. A test checks that the committed file is what this prints.
"""

import ast
import inspect
import json
from dataclasses import Field, fields
from itertools import pairwise
from pathlib import Path

from nac.architecture.fixed_cells import CLASSIFIER_BLOCKS, STEM_BLOCKS
from nac.config.budget import Budget
from nac.config.envelopenet import EnvelopeNet
from nac.config.final_training import PARAMETERS
from nac.config.forms import SET_ELSEWHERE
from nac.config.keys import REQUIRED, REST, Keys, key_name
from nac.config.parameters import Parameters
from nac.config.policies import POLICIES
from nac.config.rankings import RANKINGS
from nac.config.training import Augmentation, Training
from nac.utils import limits

TEMPLATE = Path(__file__).with_name("experiment.template.md")


def shown_default(entry: Field) -> str:
    """Return the default of a key as a file would have it."""
    form = entry.metadata["form"]
    if entry.default is REQUIRED:
        return form.absent or "required"
    if key_name(entry) == "log_stats":
        return "`true`; `false` in `final_training`"
    written = form.write(entry.default)
    if isinstance(written, dict):
        return "`{" + ", ".join(f"{name}: {value}" for name, value in written.items()) + "}`"
    return "none" if written is None else f"`{json.dumps(written)}`"


def row(entry: Field) -> tuple[str, ...]:
    """Return the cells of a key."""
    form = entry.metadata["form"]
    if key_name(entry) == REST:
        return ("further keys", form.kind, "", "none", entry.metadata["meaning"], "addition")
    name, meaning = f"`{key_name(entry)}`", entry.metadata["meaning"]
    amla = entry.metadata.get("amla", "same")
    return (name, form.kind, form.range, shown_default(entry), meaning, amla)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def keys_table(kind: type[Keys]) -> str:
    """Return the table of all keys of a section."""
    header = ("key", "type", "range", "default", "meaning", "AMLA")
    return table(header, [row(entry) for entry in fields(kind)])


def variants(field_name: str) -> str:
    """Return a description of each type of a mapping and its keys."""
    (entry,) = (entry for entry in fields(Training) if entry.name == field_name)
    parts = []
    for name, kind in entry.metadata["form"].variants:
        about = (kind.__doc__ or "").splitlines()[0].replace("``", "`")
        parts.append(f"**`type: {name}`**: {about}")
        if fields(kind):
            parts.append(keys_table(kind))
    return "\n\n".join(parts)


def blocks() -> str:
    """Return the table of the blocks of both fixed cells."""
    rows = [
        (
            cell,
            f"`{name}`",
            ", ".join(f"`{key}`" + ("" if needed else " (optional)") for key, _, needed in options),
        )
        for cell, known in (
            ("`init_cell`", STEM_BLOCKS),
            ("`classification_cell`", CLASSIFIER_BLOCKS),
        )
        for name, options in known.items()
    ]
    return table(("section", "block", "options"), rows)


def limits_table() -> str:
    """Return the table of the limits, from the constants and their docstrings."""
    body = ast.parse(inspect.getsource(limits)).body
    rows = []
    for assignment, about in pairwise(body):
        if isinstance(assignment, ast.Assign) and isinstance(assignment.targets[0], ast.Name):
            value = getattr(limits, assignment.targets[0].id)
            text = ast.literal_eval(about.value) if isinstance(about, ast.Expr) else ""
            rows.append((f"{value:,.0f}", " ".join(text.split())))
    return table(("at most", "of"), rows)


def reference() -> str:
    """Return the content of docs/experiment.md."""
    without_effect = [
        f"`{section}.{key}`"
        for section, kind in (("parameters", Parameters), ("envelopenet", EnvelopeNet))
        for key in kind.WITHOUT_EFFECT
    ]
    parts = {
        **{kind.__name__: keys_table(kind) for kind in (Parameters, Training, Augmentation)},
        "EnvelopeNet": keys_table(EnvelopeNet),
        "Budget": keys_table(Budget),
        "optimizer": variants("optimizer"),
        "lr": variants("lr"),
        "set_elsewhere": table(
            ("argument", "reason"),
            [(f"`{name}`", reason) for name, reason in SET_ELSEWHERE.items()],
        ),
        "rankings": table(
            ("ranking", "meaning"),
            [(f"`{name}`", entry.about.replace("|", "\\|")) for name, entry in RANKINGS.items()],
        ),
        "policies": ", ".join(f"`{name}`" for name in POLICIES),
        "final": ", ".join(f"`{name}`" for name in PARAMETERS),
        "blocks": blocks(),
        "without_effect": ", ".join(without_effect),
        "limits": limits_table(),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"<<{name}>>", part)
    return text


if __name__ == "__main__":
    print(reference(), end="")
