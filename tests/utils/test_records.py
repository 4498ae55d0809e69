"""Frozen dataclasses as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from nac.utils.records import from_json, to_json
from tests.builders import input_error


@dataclass(frozen=True)
class Part:
    name: str
    mean: float | None


@dataclass(frozen=True)
class Whole:
    VERSION: ClassVar[int] = 3

    parts: tuple[Part, ...]
    by_seed: Mapping[int, float]
    note: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


WHOLE = Whole((Part("a", 0.5), Part("b", None)), {0: 1.0, 7: 2.0})
JSON = {
    "version": 3,
    "parts": [{"name": "a", "mean": 0.5}, {"name": "b", "mean": None}],
    "by_seed": {"0": 1.0, "7": 2.0},
    "labels": {},
}


def test_a_record_becomes_json_with_its_version_first():
    assert to_json(WHOLE) == JSON
    assert next(iter(to_json(WHOLE))) == "version"


def test_json_becomes_the_record_again():
    assert from_json(Whole, JSON, "file") == WHOLE


def test_only_a_field_that_is_none_by_default_is_left_out_while_it_is_none():
    value = to_json(Whole((Part("a", None),), {}))
    assert "note" not in value
    assert value["parts"] == [{"name": "a", "mean": None}]


def test_a_field_with_a_default_may_be_missing_and_other_keys_are_ignored():
    value = {**JSON, "new": 1}
    del value["labels"]
    assert from_json(Whole, value, "file") == WHOLE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 4}, "file: version: expected 3, the only one that this version of nac reads,"),
        ({"parts": {}}, "file: parts: expected a list, received {}"),
        ({"parts": [{"name": "a"}]}, "file: parts[0].mean: missing"),
        ({"parts": [{"name": 1, "mean": None}]}, "file: parts[0].name: expected a string, recei"),
        ({"by_seed": {"one": 1.0}}, "file: by_seed: expected integers as keys, received 'one'"),
        ({"by_seed": {"1": True}}, "file: by_seed.1: expected a number, received True"),
    ],
)
def test_what_does_not_fit_is_named(change, message):
    assert input_error(from_json, Whole, {**JSON, **change}, "file").startswith(message)


def test_something_else_than_a_mapping_is_refused():
    assert input_error(from_json, Whole, [], "file") == "file: expected a mapping, received []"


def test_an_integer_beyond_every_float_is_no_number():
    text = input_error(from_json, Whole, {**JSON, "by_seed": {"0": 10**400}}, "file")
    assert text == "file: by_seed.0: expected a number, received an integer of 1329 bits"


@pytest.mark.parametrize("key", ["--3", "\u0663", "9" * 5000, "1.0", ""])
def test_a_key_that_is_no_integer_is_refused(key):
    text = input_error(from_json, Whole, {**JSON, "by_seed": {key: 1.0}}, "file")
    assert text.startswith("file: by_seed: expected integers as keys")
