"""docs/experiment.md describes every key, as the code has it."""

import subprocess
import sys
from dataclasses import fields

import pytest

from nac.config.budget import Budget
from nac.config.envelopenet import EnvelopeNet
from nac.config.keys import REST, key_name
from nac.config.parameters import Parameters
from nac.config.training import (
    Augmentation,
    CosineDecay,
    ExponentialDecay,
    KerasOptimizer,
    Momentum,
    OneCycle,
    RMSProp,
    Training,
)
from tests.peer import ROOT

FILE = ROOT / "docs" / "experiment.md"
SECTIONS = [
    Parameters,
    Training,
    Augmentation,
    EnvelopeNet,
    Budget,
    ExponentialDecay,
    CosineDecay,
    OneCycle,
    Momentum,
    RMSProp,
    KerasOptimizer,
]


def test_the_committed_reference_is_the_generated_one():
    # In a process of its own, as other tests register rankings.
    command = [sys.executable, "-m", "tools.experiment_reference"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert FILE.read_text(encoding="utf-8") == result.stdout, (
        f"run {' '.join(command[1:])} > docs/experiment.md"
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_has_a_row(section):
    text = FILE.read_text(encoding="utf-8")
    missing = [
        key_name(entry)
        for entry in fields(section)
        if key_name(entry) != REST and f"\n| `{key_name(entry)}` |" not in text
    ]
    assert missing == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_says_what_it_means_in_one_line(section):
    meanings = [entry.metadata["meaning"] for entry in fields(section)]
    assert all(meaning.endswith(".") and "\n" not in meaning for meaning in meanings)
