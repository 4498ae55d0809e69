from dataclasses import replace

import pytest

from nac.comparison.networks import Choice, choose_networks, load_finished_run
from nac.config import parse_experiment
from nac.config.splits import scored_on
from nac.utils.errors import InputError
from nac.utils.files import read_structured, write_yaml
from tests.experiments import small
from tests.finished_runs import write_run


@pytest.fixture
def run(tmp_path):
    write_run(tmp_path / "run")
    return tmp_path / "run"


def names(run, choice):
    return [network.name for network in choose_networks(*load_finished_run(run), choice)]


def architectures(run, choice):
    return [network.architecture for network in choose_networks(*load_finished_run(run), choice)]


def test_a_run_gives_its_experiment_and_its_network(tmp_path):
    network = write_run(tmp_path / "run")
    experiment, constructed = load_finished_run(tmp_path / "run")
    assert constructed == network.with_cells(experiment.stem, experiment.classifier)
    assert experiment.final.parameters.steps == 8


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="--run: expected a run directory"):
        load_finished_run(tmp_path)


def test_a_run_that_is_still_being_constructed_is_refused(run):
    (run / "architecture.json").unlink()
    with pytest.raises(InputError, match=r"architecture\.json: missing; expected a run whose"):
        load_finished_run(run)


def test_a_run_without_a_recipe_of_the_full_training_is_refused(run):
    value = read_structured(run / "experiment.yaml")
    del value["final_training"]
    write_yaml(run / "experiment.yaml", value)
    with pytest.raises(InputError, match=r"experiment\.yaml: final_training: missing"):
        load_finished_run(run)


def test_the_constructed_network_comes_first_and_random_ones_last(run):
    assert names(run, Choice(2)) == ["constructed", "prior", "worst_case", "random00", "random01"]
    assert "reference" in names(run, Choice(0, reference=True))


def test_more_random_networks_leave_the_first_ones_as_they_are(run):
    assert architectures(run, Choice(5))[:5] == architectures(run, Choice(2))


def test_the_seed_of_the_choice_changes_random_networks_alone(run):
    one, other = (architectures(run, Choice(5, baseline_seed=seed)) for seed in (0, 1))
    assert one[:3] == other[:3]
    assert one[3:] != other[3:]


def test_skips_of_random_networks_may_be_left_out(run):
    drawn = architectures(run, Choice(3, skips="none"))[3:]
    assert [network.skip_connections() for network in drawn] == [[], [], []]


def experiment(share=0.0, **final):
    return parse_experiment(
        small(parameters={"validation_share": share}, final_training=final), "e.yaml"
    )


def test_on_the_test_split_the_full_training_is_as_it_was_asked_for():
    asked = experiment(0.25, validation_share=0)
    assert scored_on(asked, "test") == asked


def test_on_the_validation_split_it_holds_out_what_the_iterations_do():
    asked = experiment(0.25, validation_share=0)
    parameters = scored_on(asked, "validation").final.parameters
    expected = replace(asked.final.parameters, validation_share=0.25, score_test=False)
    assert parameters == expected


def test_nothing_held_out_cannot_decide():
    with pytest.raises(InputError, match=r"e\.yaml: parameters\.validation_share: expected more"):
        scored_on(experiment(), "validation")


def test_a_full_training_that_leaves_test_images_alone_cannot_be_scored_on_them():
    with pytest.raises(InputError, match=r"e\.yaml: final_training\.score_test: expected true"):
        scored_on(experiment(0.25, score_test=False), "test")
