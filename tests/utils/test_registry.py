"""Tables that users extend: lazy entries, registered ones, and entry points of packages."""

import json
import sys
from importlib.metadata import EntryPoint

import pytest

from nac.utils import registry as module
from nac.utils.registry import Registry
from tests.builders import assert_says, input_error


@pytest.fixture
def numbers(monkeypatch):
    """Return a registry beside which a package declares the entry ``five``."""
    point = EntryPoint("five", "tests.utils.test_registry:FIVE", "nac.numbers")
    found = {"nac.numbers": [point]}
    monkeypatch.setattr(module, "entry_points", lambda group: found.get(group, []))
    return Registry("number", {"one": 1, "dumps": "json:dumps"})


FIVE = 5


def test_an_entry_is_returned_as_it_is(numbers):
    assert numbers["one"] == 1


def test_an_entry_that_names_a_module_is_imported_when_it_is_used(monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    lazy = Registry("color", {"rgb": "colorsys:rgb_to_hsv"})
    assert list(lazy) == ["rgb"]
    assert "colorsys" not in sys.modules
    assert lazy["rgb"] is sys.modules["colorsys"].rgb_to_hsv


def test_an_entry_point_of_a_package_is_an_entry(numbers):
    assert numbers["five"] == 5


def test_all_names_are_listed_in_order(numbers):
    assert list(numbers) == ["one", "dumps", "five"]
    assert len(numbers) == 3


def test_a_registered_entry_is_found(numbers):
    numbers.register("two", 2)
    assert numbers["two"] == 2


def test_the_same_entry_may_be_registered_again(numbers):
    numbers.register("pair", json)
    numbers.register("pair", json)
    assert numbers["pair"] is json


def test_another_entry_of_the_same_name_is_an_error(numbers):
    text = input_error(numbers.register, "one", 11)
    assert text == "number 'one' is registered already; choose another name"


@pytest.mark.parametrize(
    "name", [3, None, ["one"], "", "two words", "a\tb", "a\x1b[31m", "a" * 101]
)
def test_a_name_is_a_word(numbers, name):
    text = input_error(numbers.register, name, 2)
    assert text.startswith(
        "name of a number: expected 1 to 100 visible characters without spaces, "
    )
    assert list(numbers) == ["one", "dumps", "five"]


def test_none_is_no_entry(numbers):
    text = input_error(numbers.register, "two", None)
    assert text == "number 'two': expected an entry, received None"


def test_what_is_no_string_is_no_name(numbers):
    assert [] not in numbers
    assert_says(
        input_error(numbers.check, [], "--number"), "--number: expected one of", "received []"
    )


def test_a_registered_entry_can_be_removed(numbers):
    numbers.register("two", 2)
    numbers.unregister("two")
    assert "two" not in numbers


def test_an_unknown_name_is_a_key_error(numbers):
    with pytest.raises(KeyError):
        numbers["six"]


def test_a_check_of_an_unknown_name_lists_the_known_ones_and_the_nearest(numbers):
    text = input_error(numbers.check, "onee", "a.yaml: number")
    assert_says(text, "a.yaml: number: expected one of one, dumps, five, received 'onee'")
    assert_says(text, "(did you mean 'one'?)", "--plugin=MODULE")


@pytest.mark.parametrize(
    ("kind", "group"),
    [("ranking", "nac.rankings"), ("policy", "nac.policies"), ("branch type", "nac.branch_types")],
)
def test_the_group_of_entry_points_is_the_plural_of_the_kind(kind, group):
    assert Registry(kind, {}).group == group
