"""The files of a rival's job."""

import json

import pytest

from nac.rivals.result import (
    read_rival_job,
    read_rival_result,
    write_rival_job,
    write_rival_result,
)
from nac.runs.layout import is_done
from nac.utils.errors import InputError
from tests.results import rival_job, rival_result


def test_a_job_is_read_as_it_was_written(tmp_path):
    job = rival_job(image_size=32)
    write_rival_job(tmp_path, job)
    assert read_rival_job(tmp_path / "job.json") == job


def test_a_result_is_read_as_it_was_written_and_says_done(tmp_path):
    assert not is_done(tmp_path)
    write_rival_result(tmp_path, rival_result(0.75))
    assert is_done(tmp_path)
    assert read_rival_result(tmp_path) == rival_result(0.75)


def test_a_damaged_result_is_one_line_with_file_and_key(tmp_path):
    write_rival_result(tmp_path, rival_result(0.75))
    path = tmp_path / "statistics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "candidates": "many"}))
    with pytest.raises(InputError, match=rf"^{path}: candidates: expected an integer, received"):
        read_rival_result(tmp_path)
