"""Damaged files: 2,000 of them are answered well, and what is not is told."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nac.utils.errors import InputError
from tools.fuzzing import documents, mutations
from tools.fuzzing.__main__ import ACCEPTED, REFUSED, answer, is_one_line
from tools.fuzzing.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=2000 // len(TARGETS), deadline=None)
@given(random=st.randoms(use_true_random=True))
def test_damaged_files_are_answered_well(target, random):
    got = answer(TARGETS[target], random)
    assert got.well, got


@pytest.mark.parametrize("target", TARGETS)
def test_an_undamaged_file_is_accepted(target, monkeypatch):
    monkeypatch.setattr(mutations, "damaged_value", lambda value, random: value)
    monkeypatch.setattr("tools.fuzzing.targets.damaged_value", lambda value, random: value)
    monkeypatch.setattr("tools.fuzzing.targets.damaged_text", lambda text, random: text.encode())
    digits = (documents.experiments()[-1],)
    monkeypatch.setattr("tools.fuzzing.targets.documents.experiments", lambda: digits)
    got = answer(TARGETS[target], Random(0))
    assert got.kind == ACCEPTED, got.text


def failing(error):
    def target(directory, random):
        raise error

    return target


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InputError("a.yaml: steps: missing"), REFUSED),
        (InputError(""), "bad message"),
        (InputError("one", "two"), "bad message"),
        (KeyError("steps"), "traceback"),
        (RecursionError(), "traceback"),
    ],
)
def test_what_is_raised_decides_how_well_it_was(error, kind):
    assert answer(failing(error), Random(0)).kind == kind


@pytest.mark.parametrize("text", ["", "a\nb", "\x1b[31m", "x" * 501])
def test_what_is_not_one_visible_line(text):
    assert not is_one_line(text)


def test_the_same_number_makes_the_same_damage():
    value = documents.experiments()[0]
    damaged = [json.dumps(mutations.damaged_value(value, Random(7))) for _ in range(2)]
    assert damaged[0] == damaged[1] != json.dumps(value)


def test_damage_leaves_the_document_as_it_was():
    value = {"a": [1, {"b": 2}]}
    for seed in range(50):
        mutations.damaged_value(value, Random(seed))
    assert value == {"a": [1, {"b": 2}]}
