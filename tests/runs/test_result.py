"""The result of a job, as a value and as a file."""

import json

import pytest

from nac.construction.statistics import Round
from nac.runs.result import read_result, strength_of, write_result
from nac.utils.errors import InputError
from tests.results import job_result

ENTRY = {"mean_square": 0.5, "taylor": 2.0, "images": 9}
RESULT = job_result(featuremaps={"1/Branch1": ENTRY}, gates={"0-2": -0.25}, steps=12)


def test_a_result_is_read_as_it_was_written(tmp_path):
    write_result(tmp_path, RESULT)
    assert read_result(tmp_path) == RESULT


def test_the_file_has_a_version_and_no_keys_without_value(tmp_path):
    write_result(tmp_path, RESULT)
    value = json.loads((tmp_path / "statistics.json").read_text())
    assert value["version"] == 1
    assert "energy_joules" not in value
    assert "peak_memory_bytes" not in value


def test_a_file_of_version_0_1_0_is_read(tmp_path):
    write_result(tmp_path, RESULT)
    path = tmp_path / "statistics.json"
    value = json.loads(path.read_text())
    del value["version"]
    path.write_text(json.dumps({**value, "energy_joules": None}))
    assert read_result(tmp_path) == RESULT


ROUND = {"step": 4, "loss": 0.5, "missed": {"1/Branch1": 0.25}, "removed": ["1/Branch1"]}


def test_the_rounds_of_a_training_are_read_as_they_were_written(tmp_path):
    rounds = (Round(4, 0.5, {"1/Branch1": 0.25, "0-2": -0.5}, ("0-2",)), Round(8, 0.75, {}, ()))
    write_result(tmp_path, job_result(rounds=rounds))
    assert read_result(tmp_path).rounds == rounds


def test_a_training_without_rounds_does_not_mention_them(tmp_path):
    write_result(tmp_path, RESULT)
    assert "rounds" not in json.loads((tmp_path / "statistics.json").read_text())
    assert read_result(tmp_path).rounds is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"accuracy": "high"}, "accuracy: expected a number, received 'high'"),
        ({"gates": {"0-2": None}}, r"gates\.0-2: expected a number, received None"),
        ({"version": 2}, "version: expected 1, .* received 2"),
        ({"rounds": 4}, "rounds: expected a list, received 4"),
        ({"rounds": [4]}, r"rounds\[0\]: expected a mapping, received 4"),
        ({"rounds": [ROUND, {"step": 8}]}, r"rounds\[1\]\.loss: missing"),
        (
            {"rounds": [{**ROUND, "missed": {"1-3": None}}]},
            r"rounds\[0\]\.missed\.1-3: expected a number, received None",
        ),
        (
            {"rounds": [{**ROUND, "removed": "1-3"}]},
            r"rounds\[0\]\.removed: expected a list, received '1-3'",
        ),
    ],
)
def test_a_damaged_file_is_one_line_with_file_and_key(tmp_path, change, message):
    write_result(tmp_path, RESULT)
    path = tmp_path / "statistics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=rf"^{path}: {message}$"):
        read_result(tmp_path)


def test_a_loss_that_is_not_finite_can_be_read(tmp_path):
    write_result(tmp_path, job_result(loss=float("inf")))
    assert read_result(tmp_path).loss == float("inf")


def test_the_number_of_images_is_no_measured_value():
    assert RESULT.measured_values("1/Branch1") == {"mean_square": 0.5, "taylor": 2.0}


def test_strengths_are_those_of_the_ranking():
    assert RESULT.strengths("taylor") == {"1/Branch1": 2.0}
    assert RESULT.strengths("branch_gate") == {}


def test_a_strength_that_was_not_measured_is_unknown():
    assert strength_of({"branch_gate": -0.5}, "branch_gate") == 0.5
    assert strength_of({}, "branch_gate") is None
