"""Random search: how many networks are tried, which ones, and which one is taken."""

import pytest

from nac.comparison.networks import Choice, load_finished_run
from nac.comparison.random_search import best, candidate_count, candidates
from nac.runs.layout import child_directory
from nac.runs.result import write_result
from nac.utils.errors import InputError
from nac.utils.files import write_json
from tests.finished_runs import write_run
from tests.results import job_result


@pytest.fixture
def run(tmp_path):
    write_run(tmp_path / "run", parameters={"validation_share": 0.2, "steps": 50})
    write_result(tmp_path / "run" / "000", job_result(elapsed_seconds=20.0))
    return tmp_path / "run"


def test_as_many_candidates_as_the_seconds_of_the_search_are_enough_for(run):
    write_json(child_directory(run / "000", 1, "one") / "job.json", {})
    write_result(child_directory(run / "000", 1, "one"), job_result(elapsed_seconds=41.0))
    assert candidate_count(run, load_finished_run(run)[0]) == 3  # 61 seconds, 20 for each


def test_what_was_measured_to_prune_takes_no_time_of_a_candidate(run):
    write_result(run / "000", job_result(elapsed_seconds=30.0, rounds_seconds=15.0))
    assert candidate_count(run, load_finished_run(run)[0]) == 2


def test_candidates_have_the_truncated_training_and_the_shape_of_the_constructed_network(run):
    experiment, constructed = load_finished_run(run)
    (job,) = candidates(run, experiment, constructed, Choice(0), (), ())
    assert (job.parameters.steps, job.parameters.score_test) == (50, False)
    assert job.architecture.notation == constructed.notation
    assert job.architecture != constructed


def test_the_seed_of_the_choice_changes_candidates(run):
    experiment, constructed = load_finished_run(run)
    draws = [
        candidates(run, experiment, constructed, Choice(0, baseline_seed=s), (), ()) for s in (0, 1)
    ]
    assert draws[0][0].architecture != draws[1][0].architecture


def test_the_best_on_validation_images_is_taken_the_first_of_equals():
    results = {2: job_result(0.7), 0: job_result(0.6), 1: job_result(0.7)}
    assert best(results) == 1


def test_without_validation_images_nothing_can_be_chosen(tmp_path):
    write_run(tmp_path / "run", parameters={"validation_share": 0.0})
    with pytest.raises(InputError, match=r"validation_share: expected more than 0 for --random_s"):
        candidates(tmp_path / "run", *load_finished_run(tmp_path / "run"), Choice(0), (), ())
