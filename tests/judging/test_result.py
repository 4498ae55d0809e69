"""Judgements as files."""

import json

import pytest

from nac.judging.result import Agreement, MeanAgreement, read_judgements, write_judgement
from nac.utils.errors import InputError
from tests.builders import assert_says, input_error
from tests.judging.judgements import judgement

TAYLOR = Agreement((0.5, None), 0.5)
JUDGEMENT = judgement({"taylor": TAYLOR}, mean={"taylor": MeanAgreement((0.5, None), 0.5, None)})

RETRAINED = judgement({"silenced": TAYLOR}, increases=[(0.5, -0.25)], retrained_of=6)


def test_a_judgement_is_read_as_it_was_written(tmp_path):
    write_judgement(tmp_path / "judge" / "001", JUDGEMENT)
    assert read_judgements([tmp_path]) == [JUDGEMENT]


def test_the_judgements_of_a_run_come_by_iteration(tmp_path):
    for number in (1, 0):
        write_judgement(tmp_path / "judge" / f"{number:03d}", judgement({}, iteration=number))
    assert [found.iteration for found in read_judgements([tmp_path])] == [0, 1]


def test_unknown_taus_are_null_in_the_file(tmp_path):
    write_judgement(tmp_path, JUDGEMENT)
    value = json.loads((tmp_path / "judgement.json").read_text())
    expected = {"stages": [0.5, None], "mean": 0.5}
    assert value["seeds"]["0"]["agreement"]["taylor"] == expected
    assert value["agreement"]["taylor"] == {**expected, "deviation": None}


def test_a_judgement_by_retraining_comes_after_that_by_silencing(tmp_path):
    write_judgement(tmp_path / "judge" / "001" / "retrained", RETRAINED)
    write_judgement(tmp_path / "judge" / "001", JUDGEMENT)
    assert read_judgements([tmp_path]) == [JUDGEMENT, RETRAINED]


def test_a_judgement_by_silencing_has_the_keys_that_it_always_had(tmp_path):
    write_judgement(tmp_path, JUDGEMENT)
    value = json.loads((tmp_path / "judgement.json").read_text())
    assert "retrained_of" not in value
    assert "retrained_increase" not in value["seeds"]["0"]["branches"][0]


def test_a_judgement_of_version_0_1_0_is_read(tmp_path):
    directory = tmp_path / "judge" / "001"
    write_judgement(directory, JUDGEMENT)
    path = directory / "judgement.json"
    value = json.loads(path.read_text())
    del value["version"]
    path.write_text(json.dumps(value))
    assert read_judgements([tmp_path]) == [JUDGEMENT]


def test_a_damaged_judgement_is_one_line_with_file_and_key(tmp_path):
    path = tmp_path / "judge" / "000" / "judgement.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(InputError, match=f"^{path}: run: missing$"):
        read_judgements([tmp_path])


def test_a_run_that_was_not_judged_is_named(tmp_path):
    text = input_error(read_judgements, [tmp_path])
    assert_says(text, f"{tmp_path}/judge: expected a judgement.json", "nac judge --run=")
