"""The file of NAS-Bench-Macro, and the networks that are one step smaller."""

import pytest

from nac.replaying.table import children, degradable, degraded, read_table
from nac.utils.files import write_json
from tests.builders import input_error
from tests.replaying.tables import ACCURACIES, FLOPS, TINY, file_of


def error(tmp_path, content):
    write_json(tmp_path / "t.json", content)
    return input_error(read_table, tmp_path / "t.json").removeprefix(f"{tmp_path}/")


def test_accuracy_and_flops_of_each_network_are_read(tmp_path):
    content = file_of()
    content["22"]["params"] = 7
    write_json(tmp_path / "t.json", content)
    table = read_table(tmp_path / "t.json")
    assert (table.accuracies, table.flops) == (ACCURACIES, FLOPS)
    assert table.source == str(tmp_path / "t.json")


def test_pruning_goes_from_the_largest_network_to_the_smallest():
    assert (TINY.largest, TINY.smallest) == ("22", "00")


def test_networks_within_limits_include_those_at_the_limits():
    assert TINY.within(30, 40) == ["02", "11", "12", "20", "21"]


def test_degrading_lowers_one_digit():
    assert degraded("2212", 2) == "2202"
    assert degraded("2212", 3) == "2211"


def test_the_identity_cannot_be_degraded():
    assert degradable("201") == [0, 2]
    assert children("201") == ("101", "200")
    assert children("00") == ()


def test_a_missing_file_is_named(tmp_path):
    text = input_error(read_table, tmp_path / "absent.json")
    assert text == f"{tmp_path}/absent.json: cannot be read: No such file or directory"


def test_text_that_is_not_json_is_named(tmp_path):
    (tmp_path / "t.json").write_text("network,accuracy\n")
    assert "t.json: not valid JSON: " in input_error(read_table, tmp_path / "t.json")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([1, 2], "t.json: expected a mapping, received [1, 2]"),
        ({}, "t.json: expected as keys networks with equally many layers, such as 02210011,"),
        ({"arch": {}}, "such as 02210011, received 'arch'"),
        (file_of(**{"221": {}}), "such as 02210011, received '221'"),
        (file_of(**{"02": None}), "t.json: 02: missing"),
        (file_of(**{"02": 3}), "t.json: 02: expected a mapping, received 3"),
        (file_of(**{"02": {"flops": 30}}), "t.json: 02.mean_acc: missing"),
        (file_of(**{"02": {"mean_acc": 80.0}}), "t.json: 02.flops: missing"),
        (
            file_of(**{"02": {"mean_acc": 101, "flops": 30}}),
            "t.json: 02.mean_acc: expected a number >= 0 and <= 100, received 101",
        ),
        (
            file_of(**{"02": {"mean_acc": 80, "flops": "30"}}),
            "t.json: 02.flops: expected a number > 0, received '30'",
        ),
    ],
)
def test_what_is_no_such_table_is_one_line_that_says_where(tmp_path, content, expected):
    assert expected in error(tmp_path, content)
