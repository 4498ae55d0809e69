"""A Section reads one mapping: types, defaults, and messages that say where and what."""

import math

import pytest

from nac.utils.schema import (
    Section,
    bounds,
    check_name,
    is_integer,
    is_number,
    is_plain,
    nearest,
    shown,
)
from tests.builders import assert_says, input_error


def section(**values):
    return Section(values, "file.yaml", "parameters")


def test_the_name_of_a_directory_is_a_string():
    assert input_error(check_name, 3, "--name") == "--name: expected a string, received 3"


def test_a_short_value_is_shown_whole():
    assert shown([1, "a"]) == "[1, 'a']"


def test_a_long_value_is_cut_to_60_characters():
    text = shown("x" * 100)
    assert len(text) == 60
    assert text.endswith("...")


@pytest.mark.parametrize("value", [{"a": [1, {"b": None}], "c": {}}, [], ["it's"], -3, None, 0.5])
def test_a_value_is_shown_as_python_writes_it(value):
    assert shown(value) == repr(value)


def test_no_more_of_a_value_is_written_out_than_is_shown():
    value = ["x"]
    for _ in range(40):  # 2 ** 40 times "x"
        value = [value, value]
    assert len(shown(value)) == 60


def test_a_huge_integer_is_shown_by_its_size():
    assert shown(10**5000) == "an integer of 16610 bits"


def test_a_long_word_is_like_no_other():
    assert nearest("s" * 200_000, ["steps"]) == ""


def test_the_nearest_word_is_suggested():
    assert nearest("batchsize", ["steps", "batch_size"]) == " (did you mean 'batch_size'?)"


def test_nothing_is_suggested_for_a_word_unlike_all():
    assert nearest("zzz", ["steps", "batch_size"]) == ""


@pytest.mark.parametrize("value", [0, -3, 0.5, 1e300])
def test_a_finite_int_or_float_is_a_number(value):
    assert is_number(value)


@pytest.mark.parametrize("value", [True, "1", None, math.nan, math.inf, -math.inf, [1]])
def test_anything_else_is_no_number(value):
    assert not is_number(value)


def test_an_int_beyond_every_float_is_no_number():
    assert not is_number(10**400)


@pytest.mark.parametrize(("value", "yes"), [(3, True), (True, False), (3.0, False), ("3", False)])
def test_only_an_int_is_an_integer(value, yes):
    assert is_integer(value) is yes


@pytest.mark.parametrize("value", [None, True, "x", 1, 0.5, [1, [2]], {"a": [None]}])
def test_what_json_can_hold_is_plain(value):
    assert is_plain(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, [math.nan], {"a": math.nan}, b"x"])
def test_what_differs_from_itself_or_from_json_is_not_plain(value):
    assert not is_plain(value)


def test_deeply_nested_lists_are_not_plain():
    value = []
    for _ in range(2000):
        value = [value]
    assert not is_plain(value)


@pytest.mark.parametrize("name", ["digits", "my photos", ".hidden", "größe", "a.b-c_d", "x" * 100])
def test_names_of_directories(name):
    check_name(name, "--name")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, "neither empty nor") for name in ("", ".", "..")),
        *((name, "without slashes") for name in ("../x", "/x", "a/b", "a\\b")),
        *(
            (name, "visible characters")
            for name in ("a\nb", "\x1b[31m", "a\0", "\u202ex", "\udc80")
        ),
        ("x" * 101, "at most 100 bytes"),
        ("ö" * 51, "at most 100 bytes"),
    ],
)
def test_what_cannot_be_the_name_of_a_directory(name, expected):
    assert_says(input_error(check_name, name, "--name"), "--name: expected", expected)


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_a_section_must_be_a_mapping(value):
    text = input_error(Section, value, "file.yaml", "parameters")
    assert_says(text, "file.yaml", "parameters", "expected a mapping", f"received {value!r}")


def test_the_root_of_a_file_must_be_a_mapping():
    assert input_error(Section, 3, "file.yaml") == "file.yaml: expected a mapping, received 3"


def test_keys_must_be_strings():
    text = input_error(Section, {1: 2}, "file.yaml", "a")
    assert text == "file.yaml: a: expected a string as key, received 1"


def test_a_present_value_is_returned():
    assert section(steps=3).integer("steps") == 3


def test_an_absent_value_is_the_default_unchecked():
    assert section().integer("steps", None) is None


def test_a_required_key_that_is_absent_is_named():
    text = input_error(section().integer, "steps")
    assert text == "file.yaml: parameters.steps: missing"


@pytest.mark.parametrize("value", [0, 2.0, "2", True, None])
def test_an_integer_below_its_minimum_or_of_another_type_is_an_error(value):
    text = input_error(lambda: section(steps=value).integer("steps", 5, minimum=1))
    expected = f"file.yaml: parameters.steps: expected an integer >= 1, received {value!r}"
    assert text == expected


@pytest.mark.parametrize("value", [0.0, 0.5, 1, 2])
def test_a_number_within_its_bounds_is_returned(value):
    assert section(a=value).number("a", minimum=0.0, maximum=2.0) == value


@pytest.mark.parametrize("value", [-0.1, 2.1, "1", True, math.nan, math.inf])
def test_a_number_out_of_its_bounds_or_of_another_type_is_an_error(value):
    text = input_error(lambda: section(a=value).number("a", minimum=0.0, maximum=2.0))
    assert_says(text, "parameters.a", "a number >= 0 and <= 2", f"received {value!r}")


def test_above_excludes_the_minimum():
    text = input_error(lambda: section(a=0).number("a", above=True))
    assert_says(text, "a number > 0", "received 0")


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_only_true_and_false_are_boolean(value):
    text = input_error(lambda: section(a=value).boolean("a"))
    assert_says(text, "parameters.a", "true or false", f"received {value!r}")


def test_false_is_a_boolean():
    assert section(a=False).boolean("a", True) is False


def test_a_string_of_another_type_is_an_error():
    assert_says(input_error(lambda: section(a=3).text("a")), "expected a string", "received 3")


def test_a_string_outside_its_choices_names_them_and_the_nearest():
    text = input_error(lambda: section(mode="trian").text("mode", choices=("construct", "train")))
    assert_says(text, "parameters.mode", "construct, train", "'trian'", "did you mean 'train'")


def test_a_list_becomes_a_tuple():
    assert section(a=[1, 2]).sequence("a", "integers", is_integer) == (1, 2)


@pytest.mark.parametrize("value", [3, [1, "2"], "12", None])
def test_a_list_with_one_wrong_value_or_no_list_is_an_error(value):
    text = input_error(lambda: section(a=value).sequence("a", "integers", is_integer))
    assert_says(text, "parameters.a", "a list of integers", f"received {value!r}")


def test_an_inner_section_knows_its_place():
    inner = section(lr={"initial": "high"}).section("lr")
    assert_says(input_error(lambda: inner.number("initial")), "file.yaml: parameters.lr.initial:")


def test_an_inner_section_that_is_absent_is_named():
    assert input_error(section().section, "lr") == "file.yaml: parameters.lr: missing"


def test_an_inner_section_that_is_absent_may_be_empty():
    section().section("lr", {}).finish()
    assert section(lr={"a": 1}).section("lr", {}).keys() == ["a"]


def test_the_sections_of_a_list_know_their_places():
    first, second = section(groups=[{"a": 1}, {"b": 2}]).sections("groups")
    assert (first.integer("a"), second.integer("b")) == (1, 2)
    assert second.at("b") == "file.yaml: parameters.groups[1].b"
    assert input_error(second.integer, "c") == "file.yaml: parameters.groups[1].c: missing"


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}, 3], "a", None])
def test_sections_are_a_list_of_mappings(value):
    text = input_error(section(groups=value).sections, "groups")
    assert_says(text, "parameters.groups: expected a list of mappings", "received")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((0.0,), ">= 0"), ((0.0, 1.0, True), "> 0 and <= 1"), ((2.0, 4.0), ">= 2 and <= 4")],
)
def test_a_range_is_written_as_comparisons(arguments, expected):
    assert bounds(*arguments) == expected


def test_an_unread_key_is_unknown_and_the_nearest_known_one_is_suggested():
    values = section(stepz=3)
    values.integer("steps", None)
    text = input_error(values.finish)
    assert text == "file.yaml: parameters.stepz: unknown key (did you mean 'steps'?)"


def test_no_key_is_unknown_when_all_were_read():
    values = section(steps=3, mode="train")
    assert (values.integer("steps"), values.text("mode")) == (3, "train")
    assert values.finish() is None


def test_asking_whether_a_key_is_there_makes_it_known():
    values = section(lr=3)
    assert "lr" in values
    values.finish()


def test_listing_the_keys_makes_all_of_them_known():
    values = section(b=1, a=2)
    assert values.keys() == ["b", "a"]
    values.finish()
