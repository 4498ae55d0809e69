"""Reading measurements, which must cover exactly the branches and skip connections of a network."""

import math

import pytest

from nac.config.rankings import EQUAL, RANKINGS
from nac.construction.statistics import Round, parse_statistics
from tests.builders import WIDENER, architecture, assert_says, input_error, layer

NETWORK = architecture(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[1, 0]))


def value(**changes):
    """Return complete statistics of the network, with the given entries changed."""
    featuremaps = {"1/Branch1": 0.5, "1/Branch2": 1, "3/Branch1": 2.5}
    gates = {"1-3": 0.25, "0-3": -0.5}
    for key, number in changes.items():
        (gates if "-" in key else featuremaps)[key] = number
    return {
        "featuremaps": {key: {"mean_square": number} for key, number in featuremaps.items()},
        "gates": gates,
    }


def error(content):
    return input_error(parse_statistics, content, NETWORK, "statistics.json")


def test_the_mean_square_of_every_branch_is_read():
    statistics = parse_statistics(value(), NETWORK)
    assert statistics.metrics == {(1, "Branch1"): 0.5, (1, "Branch2"): 1.0, (3, "Branch1"): 2.5}


def test_the_gate_of_every_skip_connection_is_read():
    assert parse_statistics(value(), NETWORK).gates == {(1, 3): 0.25, (0, 3): -0.5}


def test_entries_stand_in_the_order_of_the_architecture():
    content = value()
    content = {key: dict(reversed(entries.items())) for key, entries in content.items()}
    statistics = parse_statistics(content, NETWORK)
    assert list(statistics.metrics) == [(1, "Branch1"), (1, "Branch2"), (3, "Branch1")]
    assert list(statistics.gates) == [(1, 3), (0, 3)]


def test_sources_of_all_need_their_gates():
    every = architecture(layer("3x3"), layer("3x3"), layer("3x3", inputs="all"))
    content = {
        "featuremaps": {f"{index}/Branch1": {"mean_square": 1} for index in (1, 2, 3)},
        "gates": {"0-3": 0.5, "1-3": 0.75},
    }
    assert parse_statistics(content, every).gates == {(0, 3): 0.5, (1, 3): 0.75}


def test_a_network_without_gates_needs_no_section_for_them():
    plain = architecture(layer("3x3", inputs=[]))
    content = {"featuremaps": {"1/Branch1": {"mean_square": 1}}}
    assert parse_statistics(content, plain).gates == {}


def test_other_keys_are_not_looked_at():
    content = {**value(), "accuracy": "high"}
    content["featuremaps"]["1/Branch1"]["variance"] = None
    assert parse_statistics(content, NETWORK).metrics[1, "Branch1"] == 0.5


def test_a_metric_may_be_zero():
    assert parse_statistics(value(**{"1/Branch1": 0}), NETWORK).metrics[1, "Branch1"] == 0.0


@pytest.mark.parametrize("content", [None, [], "text"])
def test_statistics_that_are_no_mapping_are_an_error(content):
    assert_says(error(content), "statistics.json", "a mapping", f"received {content!r}")


def test_missing_featuremaps_are_an_error():
    content = value()
    del content["featuremaps"]
    assert error(content) == "statistics.json: featuremaps: missing"


def test_a_missing_branch_is_named():
    content = value()
    del content["featuremaps"]["3/Branch1"]
    assert error(content) == "statistics.json: featuremaps.3/Branch1: missing"


def test_a_missing_gate_is_named():
    content = value()
    del content["gates"]["0-3"]
    assert error(content) == "statistics.json: gates.0-3: missing"


def test_gates_that_are_missing_altogether_are_an_error():
    content = value()
    del content["gates"]
    assert error(content) == "statistics.json: gates.1-3: missing"


def test_a_branch_of_another_network_is_an_error():
    text = error(value(**{"1/Branch3": 1}))
    assert_says(text, "statistics.json: featuremaps.1/Branch3", "unknown", "1/Branch")


def test_a_gate_of_another_network_is_an_error():
    assert_says(error(value(**{"2-3": 1})), "statistics.json: gates.2-3", "unknown", "-3")


@pytest.mark.parametrize("number", [-0.1, math.nan, math.inf, "1", None, True])
def test_a_metric_is_a_finite_number_from_zero_on(number):
    text = error(value(**{"3/Branch1": number}))
    place = "statistics.json: featuremaps.3/Branch1.mean_square"
    assert_says(text, place, "a finite number >= 0", f"received {number!r}")


@pytest.mark.parametrize("number", [math.nan, -math.inf, "1", None, [0.5]])
def test_a_gate_is_a_finite_number(number):
    text = error(value(**{"1-3": number}))
    assert_says(text, "statistics.json: gates.1-3", "a finite number", f"received {number!r}")


ROUND = {
    "step": 40,
    "loss": 1.25,
    "missed": {"1/Branch1": 0.5, "0-3": -0.125},
    "removed": ["0-3"],
}


def test_a_training_has_no_rounds_unless_it_says_so():
    assert parse_statistics(value(), NETWORK).rounds == ()


def test_the_rounds_of_a_training_are_read():
    content = {**value(), "rounds": [ROUND, {**ROUND, "step": 60, "removed": []}]}
    missed = {"1/Branch1": 0.5, "0-3": -0.125}
    assert parse_statistics(content, NETWORK).rounds == (
        Round(40, 1.25, missed, ("0-3",)),
        Round(60, 1.25, missed, ()),
    )


@pytest.mark.parametrize(
    ("rounds", "message"),
    [
        (5, "rounds: expected a list of mappings, received 5"),
        ([ROUND, 5], "rounds: expected a list of mappings, received"),
        ([ROUND, {"step": 60}], "rounds[1].loss: missing"),
        ([{**ROUND, "step": 1.5}], "rounds[0].step: expected an integer, received 1.5"),
        ([{**ROUND, "missed": [1]}], "rounds[0].missed: expected a mapping, received [1]"),
        ([{**ROUND, "missed": {"1-3": "x"}}], "rounds[0].missed.1-3: expected a number"),
        ([{**ROUND, "removed": [3]}], "rounds[0].removed[0]: expected a string, received 3"),
        ([{**ROUND, "removed": ["1-3"]}], "rounds[0].removed: expected keys of missed, received"),
    ],
)
def test_damaged_rounds_are_one_line_with_file_and_key(rounds, message):
    assert error({**value(), "rounds": rounds}).startswith(f"statistics.json: {message}")


def by(ranking, entry):
    """Return the strength of the only branch of a network by a ranking."""
    content = {"featuremaps": {"1/Branch1": entry}}
    only = architecture(layer("3x3"))
    return parse_statistics(content, only, "statistics.json", ranking).metrics[1, "Branch1"]


@pytest.mark.parametrize("ranking", [ranking for ranking in RANKINGS if ranking != EQUAL])
def test_each_ranking_reads_its_own_entry(ranking):
    assert by(ranking, {**dict.fromkeys(RANKINGS, 2.0), ranking: 0.5}) == 0.5


def test_by_the_ranking_equal_all_branches_are_alike():
    assert by("equal", {}) == 1.0


def test_numbers_of_parameters_are_read_where_they_are_known():
    content = {"featuremaps": {"1/Branch1": {"mean_square": 1.0, "parameters": 9}, "1/Branch2": {}}}
    content["featuremaps"]["1/Branch2"]["mean_square"] = 1.0
    found = parse_statistics(content, architecture(layer("3x3", "1x1")), "statistics.json")
    assert found.parameters == {(1, "Branch1"): 9}


@pytest.mark.parametrize("ranking", ["taylor", "mean_square_before_norm"])
def test_a_missing_entry_of_a_ranking_is_named(ranking):
    text = input_error(by, ranking, {"mean_square": 1.0})
    assert text == f"statistics.json: featuremaps.1/Branch1.{ranking}: missing"


@pytest.mark.parametrize("wrong", [-0.5, math.inf, None, "1"])
def test_a_strength_that_is_no_finite_number_from_0_is_an_error(wrong):
    text = input_error(by, "nonzero", {"nonzero": wrong})
    assert_says(text, "featuremaps.1/Branch1.nonzero: expected a finite number >= 0", repr(wrong))


def test_a_missing_branch_gate_says_what_to_turn_on():
    text = input_error(by, "branch_gate", {"mean_square": 1.0})
    assert_says(
        text,
        "statistics.json: featuremaps.1/Branch1.branch_gate: missing",
        "parameters.branch_gates",
    )


def test_a_branch_gate_may_be_negative():
    assert by("branch_gate", {"branch_gate": -0.25}) == 0.25


@pytest.mark.parametrize("gate", ["large", None, [1.0]])
def test_a_branch_gate_that_is_no_number_is_an_error(gate):
    text = input_error(by, "branch_gate", {"branch_gate": gate})
    assert_says(text, "featuremaps.1/Branch1.branch_gate: expected a finite number", "received")
