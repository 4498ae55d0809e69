"""YAML becomes plain values, and whatever is not plain, or too much, is refused."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nac.utils import limits
from nac.utils.plain_yaml import dump_yaml, parse_yaml


def refused(text):
    with pytest.raises(ValueError, match=r".") as caught:
        parse_yaml(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: [1, -2, 0x10, 1_000]", {"a": [1, -2, 16, 1000]}),
        ("a: {b: 1.5, c: 3e-4, d: .5}", {"a": {"b": 1.5, "c": 0.0003, "d": 0.5}}),
        ("[true, no, on, null, ~]", [True, False, True, None, None]),
        ("[word, '1', \"true\", 3x3]", ["word", "1", "true", "3x3"]),
        ("", None),
        ("---\na: 1\n...\n", {"a": 1}),
    ],
)
def test_plain_values_are_read(text, value):
    assert parse_yaml(text) == value


def test_a_date_is_a_string():
    assert parse_yaml("2026-01-31") == "2026-01-31"


@pytest.mark.parametrize(
    "text",
    ["!!map [1]", "!!set {a, b}", "!!bool x", '!!int ""', "!!timestamp x", "!!binary aGk=", "!x 1"],
)
def test_tags_are_refused(text):
    assert refused(f"a: {text}").startswith("expected no tag")


def test_an_alias_has_the_value_of_its_anchor():
    assert parse_yaml("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}


def test_a_value_inside_itself_is_refused():
    assert refused("a: &x [*x]") == "alias *x stands for nothing before it at line 1"


def test_earlier_mappings_win_when_several_are_merged():
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: 3}"
    assert parse_yaml(text)["c"] == {"x": 1, "y": 2, "z": 3}


def test_only_mappings_are_merged():
    assert refused("a: {<<: 3}") == "expected mappings after << at line 1"


def test_a_quoted_merge_key_is_a_key_like_any_other():
    assert parse_yaml("{'<<': 3}") == {"<<": 3}


def test_aliases_count_as_what_they_stand_for():
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    assert refused(bomb).startswith(f"expected at most {limits.VALUES} values")


def test_merged_mappings_count_as_what_they_stand_for():
    bomb = "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 10)
    )
    assert refused(bomb).startswith(f"expected at most {limits.VALUES} values")


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "? " * 100_000, "- " * 100_000])
def test_deep_nesting_is_refused(text):
    assert refused(text).startswith("expected at most 50 lists and mappings inside each other")


def test_nesting_by_aliases_is_refused():
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))
    assert refused(chain).startswith("expected at most 50 lists and mappings inside each other")


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "1." + "0" * 5000])
def test_long_numbers_are_refused(number):
    assert refused(f"a: {number}").startswith("expected at most 100 characters of a number")


def test_what_only_looks_like_a_number_is_refused():
    assert refused("a: 0x_") == "'0x_' is not a number at line 1"


def test_a_list_is_no_key():
    assert refused("? [1]\n: 2").startswith("expected a string as key")


def test_a_second_document_is_refused():
    assert refused("a: 1\n---\nb: 2").startswith("expected a single document")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_what_yaml_writes_is_read_back(value):
    assert parse_yaml(yaml.safe_dump(value)) == value


@pytest.mark.parametrize(
    "text", ["1e3", "-1E3", "1.5", "true", "null", "12:30", "0x10", "a: b", ""]
)
def test_a_string_that_looks_like_something_else_survives_being_written(text):
    assert parse_yaml(dump_yaml({"name": text})) == {"name": text}


def test_numbers_are_written_without_quotes():
    assert dump_yaml([1000.0, 3e-4, 5, True, None]) == "- 1000.0\n- 0.0003\n- 5\n- true\n- null\n"
