"""A run directory read back."""

import pytest

from nac.runs.saved_run import load_run
from nac.utils.errors import InputError
from tests.builders import input_error
from tests.plots.run_directories import write_run
from tests.runs.tournaments import write_tournament_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return load_run(write_run(tmp_path_factory.mktemp("runs") / "small"))


def test_its_name_is_that_of_the_directory(run):
    assert run.name == "small"


def test_iterations_come_in_order_with_their_networks(run):
    notations = [str(iteration.architecture.notation) for iteration in run.iterations]
    assert notations == ["6/1-1/3", "6/2-2/3"]


def test_an_iteration_knows_what_was_decided_after_it(run):
    # One layer per stage of three branches: the weakest, the first, goes from each.
    assert run.iterations[0].decisions.pruned == ((1, "Branch1"), (3, "Branch1"))
    assert run.iterations[0].decisions.grown == (0, 1)


def test_the_constructed_network_has_its_cells(run):
    assert str(run.constructed.notation) == "6/3-3/3"
    assert run.constructed.classifier is not None


def test_the_final_training_is_a_job_like_the_others(run):
    assert run.final.architecture == run.constructed
    assert run.final.result.accuracy == 0.5
    assert [job.name for job in run.jobs] == ["0", "1", "final"]


def test_a_run_is_read_as_far_as_it_got(tmp_path):
    run = load_run(write_run(tmp_path / "small", iterations=1))
    assert len(run.iterations) == 1
    assert (run.constructed, run.final) == (None, None)


def test_a_run_with_a_budget_is_read_without_its_data(tmp_path):
    directory = write_run(
        tmp_path / "small", parameters={"dataset": "tfds:gone"}, budget={"parameters": 9_000}
    )
    assert [iteration.name for iteration in load_run(directory).iterations] == ["0", "1"]


def test_an_iteration_counts_once_its_tournament_has_chosen(tmp_path):
    unfinished = load_run(write_tournament_run(tmp_path / "begun"))
    assert (unfinished.iterations, unfinished.constructed) == ((), None)
    run = load_run(write_tournament_run(tmp_path / "small", "weight_norm"))
    assert [iteration.name for iteration in run.iterations] == ["0"]
    (iteration,) = run.iterations
    assert iteration.decisions.pruned == ((1, "Branch3"), (3, "Branch3"))
    assert (iteration.ranking, iteration.choice.winner) == ("weight_norm", "weight_norm")


def test_a_damaged_choice_is_named(tmp_path):
    directory = write_tournament_run(tmp_path / "small", "taylor")
    path = directory / "000" / "choice.json"
    path.write_text("{}")
    assert input_error(load_run, directory) == f"{path}: winner: missing"


def test_its_ranking_is_the_one_that_decides(tmp_path):
    directory = write_run(tmp_path / "small", iterations=0, envelopenet={"ranking": "taylor"})
    assert load_run(directory).ranking == "taylor"


def test_a_directory_that_is_no_run_is_refused(tmp_path):
    assert input_error(load_run, tmp_path) == (
        f"{tmp_path}/experiment.yaml: no such file; expected the run directory of a nac.construct"
    )


def test_a_damaged_result_is_named(tmp_path):
    write_run(tmp_path / "small")
    path = tmp_path / "small" / "000" / "statistics.json"
    path.write_text('{"featuremaps": {')
    with pytest.raises(InputError, match=f"{path}: not valid JSON"):
        load_run(tmp_path / "small")
