from dataclasses import replace

import pytest

from nac.comparison.networks import (
    HANDMADE,
    Choice,
    check_baselines,
    choose_networks,
    load_finished_run,
)
from nac.config import parse_experiment
from nac.config.splits import scored_on
from nac.construction.costs import count
from nac.construction.handmade_costs import handmade_costs
from nac.construction.width import Limit
from nac.runs.result import write_result
from nac.utils.errors import InputError
from nac.utils.files import read_structured, write_json, write_yaml
from tests.builders import architecture, layer
from tests.experiments import small
from tests.finished_runs import write_run
from tests.results import job_result


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


def limit_seconds(run):
    value = read_structured(run / "experiment.yaml")
    value["final_training"]["seconds"] = 60.0
    write_yaml(run / "experiment.yaml", value)


def test_where_seconds_were_limited_all_take_the_steps_that_the_run_took(run):
    limit_seconds(run)
    write_result(run / "final", job_result(steps=77))
    write_json(run / "final" / "job.json", read_structured(run / "experiment.yaml"))
    experiment, _ = load_finished_run(run)
    assert (experiment.final.parameters.seconds, experiment.final.parameters.steps) == (None, 77)


def test_where_seconds_were_limited_the_full_training_must_be_done(run):
    limit_seconds(run)
    with pytest.raises(InputError, match=r"final: not finished; expected a full training"):
        load_finished_run(run)


def test_the_constructed_network_comes_first_and_random_ones_last(run):
    assert names(run, Choice(2)) == ["constructed", "prior", "worst_case", "random00", "random01"]
    assert "reference" in names(run, Choice(0, reference=True))


def test_prior_and_worst_case_are_left_out_if_asked_for(run):
    assert names(run, Choice(0, prior=False)) == ["constructed", "worst_case"]
    assert names(run, Choice(0, worst_case=False)) == ["constructed", "prior"]


def test_more_random_networks_leave_the_first_ones_as_they_are(run):
    assert architectures(run, Choice(5))[:5] == architectures(run, Choice(2))


def test_the_seed_of_the_choice_changes_random_networks_alone(run):
    one, other = (architectures(run, Choice(5, baseline_seed=seed)) for seed in (0, 1))
    assert one[:3] == other[:3]
    assert one[3:] != other[3:]


def test_with_limits_all_networks_cost_the_same(run):
    experiment, constructed = load_finished_run(run)
    limits = [Limit("parameters", lambda network: count(network, (8, 8, 1)).parameters, 20_000)]
    choice = Choice(2, reference=True)
    networks = choose_networks(experiment, constructed, choice, limits=limits)[1:]
    counts = [
        count(network.architecture, (8, 8, 1)).parameters
        for network in networks
        if network.architecture
    ]
    assert len(counts) == 4
    assert all(19_400 <= number <= 20_000 for number in counts)


def test_networks_of_equal_cost_are_drawn_if_costs_are_given(run):
    experiment, constructed = load_finished_run(run)

    def flops(network):
        return count(network, (8, 8, 1)).flops

    choice = Choice(3, prior=False, worst_case=False, shuffled=3)
    drawn = choose_networks(experiment, constructed, choice, costs=(flops,))[1:]
    gaps = [abs(flops(network.architecture) / flops(constructed) - 1) for network in drawn]
    assert len(gaps) == 6
    assert max(gaps) <= 0.03


def test_skips_of_random_networks_may_be_left_out(run):
    drawn = architectures(run, Choice(3, skips="none"))[3:]
    assert [network.skip_connections() for network in drawn] == [[], [], []]


WIDE = {
    "Layer0": {"Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 48}},
    "Layer1": {"Branch0": {"block": "cutout", "size": 4}},
}


@pytest.fixture
def wide(tmp_path):
    """Return experiment and network of a run whose network has 60,000 parameters."""
    write_run(tmp_path / "wide", init_cell=WIDE)
    return load_finished_run(tmp_path / "wide")


def handmade(run, *baselines, equal="parameters"):
    """Return the networks made by hand that take part."""
    choice = Choice(0, baselines=baselines, equal=equal)
    networks = choose_networks(*run, choice, (8, 8, 1))
    return [network for network in networks if network.kind in HANDMADE]


def test_without_a_choice_no_network_made_by_hand_takes_part(wide):
    assert handmade(wide) == []


@pytest.mark.parametrize("kind", HANDMADE)
def test_a_network_made_by_hand_has_as_many_parameters(wide, kind):
    (network,) = handmade(wide, kind)
    assert (network.name, network.kind, network.architecture.handmade.network) == (kind,) * 3
    found = handmade_costs(network.architecture.handmade, (8, 8, 1)).parameters
    assert found == pytest.approx(count(wide[1], (8, 8, 1)).parameters, rel=0.03)


def test_it_may_have_as_many_flops_and_is_then_another_network(wide):
    (network,) = handmade(wide, "resnet", equal="flops")
    assert (network.name, network.kind) == ("resnet_flops", "resnet")
    found = handmade_costs(network.architecture.handmade, (8, 8, 1)).flops
    assert found == pytest.approx(count(wide[1], (8, 8, 1)).flops, rel=0.03)


def test_the_scale_of_batch_norm_counts_for_the_constructed_network(wide):
    experiment, constructed = wide
    final = experiment.final
    training = replace(final.training, batch_norm_scale=True)
    scaled = replace(experiment, final=replace(final, training=training))
    (network,) = handmade((scaled, constructed), "mobilenet_v2")
    expected = count(constructed, (8, 8, 1), batch_norm_scale=True).parameters
    found = handmade_costs(network.architecture.handmade, (8, 8, 1)).parameters
    assert found == pytest.approx(expected, rel=0.001)


def test_it_has_the_cutout_of_the_stem(wide):
    (network,) = handmade(wide, "resnet")
    assert (network.architecture.handmade.cutout, network.architecture.classes) == (4, 10)


def test_without_cutout_in_the_stem_it_has_none(tmp_path):
    stem = {"Layer0": WIDE["Layer0"]}
    write_run(tmp_path / "run", init_cell=stem)
    (network,) = handmade(load_finished_run(tmp_path / "run"), "resnet")
    assert network.architecture.handmade.cutout is None


def test_a_network_too_small_to_be_met_is_one_line(wide):
    tiny = architecture(layer("1x1", outputs=1), channels=1)
    tiny = tiny.with_cells(None, wide[0].classifier)
    with pytest.raises(InputError, match=r"^--baselines: mobilenet_v2: expected a width at which"):
        handmade((wide[0], tiny), "mobilenet_v2")


def test_baselines_are_each_taken_once_in_their_usual_order():
    assert check_baselines(["resnet", "plain_cnn", "resnet"]) == ("plain_cnn", "resnet")


def test_an_unknown_baseline_is_named():
    with pytest.raises(InputError, match=r"^--baselines: expected some of plain_cnn, resnet, mob"):
        check_baselines(["resnet", "vgg"])


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
