"""The ``pruning`` section of a job."""

import pytest

from nac.config import experiment_to_dict
from nac.config.pruning import Group, Pruning
from tests.builders import input_error
from tests.config.examples import parsed

PRUNING = {
    "rounds": 4,
    "begin": 0.4,
    "end": 0.75,
    "candidates": 6,
    "ranking": "taylor",
    "images": 1000,
    "groups": [
        {"members": ["1/Branch1", "1/Branch2"], "remove": 1},
        {"members": ["1-3", "0-3"], "remove": 0},
    ],
}


def error(**changes):
    """Return the message about the section with other values; None leaves a key out."""
    section = {key: value for key, value in {**PRUNING, **changes}.items() if value is not None}
    return input_error(lambda: parsed(pruning=section))


def groups_error(group):
    return error(groups=[PRUNING["groups"][0], group])


def test_a_job_removes_nothing_unless_it_says_so():
    assert parsed().pruning is None
    assert "pruning" not in experiment_to_dict(parsed())


def test_it_is_read():
    assert parsed(pruning=PRUNING).pruning == Pruning(
        rounds=4,
        begin=0.4,
        end=0.75,
        candidates=6,
        ranking="taylor",
        images=1000,
        strongest=False,
        groups=(Group(("1/Branch1", "1/Branch2"), 1), Group(("1-3", "0-3"), 0)),
    )


def test_it_is_written_as_it_was_read():
    given = {**PRUNING, "strongest": True, "per_cost": True}
    assert experiment_to_dict(parsed(pruning=given))["pruning"] == given


@pytest.mark.parametrize("key", PRUNING)
def test_it_needs_its_keys(key):
    assert error(**{key: None}) == f"try.yaml: pruning.{key}: missing"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("rounds", 0, "an integer >= 1"),
        ("begin", 1.5, "a number >= 0 and <= 1"),
        ("end", -0.5, "a number >= 0 and <= 1"),
        ("candidates", 0, "an integer >= 1"),
        ("images", 0, "an integer >= 1"),
        ("strongest", 1, "true or false"),
        ("groups", {"members": []}, "a list of mappings"),
        ("groups", [3], "a list of mappings"),
    ],
)
def test_a_wrong_value_is_one_line(key, value, expected):
    text = error(**{key: value})
    assert text == f"try.yaml: pruning.{key}: expected {expected}, received {value!r}"


def test_the_last_round_is_not_before_the_first_one():
    text = error(begin=0.5, end=0.25)
    assert text == "try.yaml: pruning.end: expected at least begin (0.5), received 0.25"


def test_an_unknown_ranking_is_one_line_with_the_nearest():
    text = error(ranking="tailor")
    assert text.startswith("try.yaml: pruning.ranking: expected one of mean_square")
    assert "received 'tailor' (did you mean 'taylor'?)" in text


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"members": []}, "remove: missing"),
        ({"remove": 1}, "members: missing"),
        ({"members": [], "remove": -1}, "remove: expected an integer >= 0, received -1"),
        (
            {"members": ["1-3"], "remove": 2},
            "remove: expected at most 1, the number of members, received 2",
        ),
        (
            {"members": "1-3", "remove": 1},
            "members: expected a list of keys of branches or of skip connections, received '1-3'",
        ),
        (
            {"members": [13], "remove": 1},
            "members: expected a list of keys of branches or of skip connections, received [13]",
        ),
        (
            {"members": [], "remove": 1, "removed": 1},
            "removed: unknown key (did you mean 'remove'?)",
        ),
    ],
)
def test_a_wrong_group_is_one_line_with_its_number(group, message):
    assert groups_error(group) == f"try.yaml: pruning.groups[1].{message}"
