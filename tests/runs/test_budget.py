"""A budget as limits of what networks may cost."""

import pytest

from nac.config import parse_experiment
from nac.construction.prior import prior
from nac.construction.step_parts import KINDS
from nac.construction.step_time import BlockTimes, KindCost
from nac.runs import budget as budget_module
from nac.runs.budget import check_budget, counter, known_times, limits_of, stated
from nac.utils.errors import InputError
from tests.builders import assert_says, input_error
from tests.experiments import small


def experiment(budget=None, **changes):
    value = small(**changes)
    return parse_experiment(value if budget is None else {**value, "budget": budget}, "e.yaml")


def prior_of(file, limits=()):
    return prior(file.envelopenet, file.stem, file.classifier, limits)


def slow(_):
    """Return times of a device on which each operation takes a millisecond."""
    costs = dict.fromkeys(KINDS, KindCost(start=1.0))
    return BlockTimes("slow", "2.21", 2, "float32", merged=False, together=costs)


@pytest.mark.parametrize("budget", [None, {}, {"minutes": 3}])
def test_without_a_limit_of_networks_there_is_none(budget):
    assert limits_of(experiment(budget)) == ()


def test_each_limit_counts_what_it_is_about():
    file = experiment({"parameters": 90_000, "flops": 2e7, "size_kib": 300})
    network = prior_of(file)
    costs = counter(file)(network)
    expected = {
        "parameters": (costs.parameters, 90_000),
        "flops": (costs.flops, 2e7),
        "size_kib": (costs.size_kib, 300),
    }
    found = {limit.name: (limit.cost(network), limit.most) for limit in limits_of(file)}
    assert found == expected


def test_the_time_of_a_step_is_a_limit_as_well():
    file = experiment({"step_ms": 1000})
    (limit,) = limits_of(file, times=slow)
    assert (limit.name, limit.most) == ("step_ms", 1000)
    assert limit.cost(prior_of(file)) > 5  # one operation per branch, and more


def test_times_are_asked_for_with_the_precision_of_the_training():
    asked = []
    file = experiment({"step_ms": 1000}, child_training={"mixed_precision": "bfloat16"})
    limits_of(file, times=lambda policy: asked.append(policy) or slow(policy))
    assert asked == ["mixed_bfloat16"]


def test_times_that_were_never_measured_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(budget_module, "times_path", lambda policy: tmp_path / f"{policy}.json")
    text = input_error(known_times, "float32")
    assert_says(text, "budget.step_ms", "nac measure --dtype_policy=float32")


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"branch_gates": True}},
        {"final_training": {"branch_gates": True}},
        {"child_training": {"batch_norm_scale": True}},
    ],
)
def test_further_weights_count_whichever_training_has_them(changes):
    plain, more = experiment(), experiment(**changes)
    network = prior_of(plain)
    assert counter(more)(network).parameters > counter(plain)(network).parameters


def test_images_of_other_classes_are_refused():
    cell = small()["classification_cell"]
    last = max(cell)
    cell[last]["Branch0"]["outputs"] = 7
    file = experiment({"parameters": 9_000}, classification_cell=cell)
    (limit,) = limits_of(file)
    assert_says(input_error(limit.cost, prior_of(file)), "expected 10 outputs", "received 7")


def test_a_budget_that_every_network_can_meet_passes():
    file = experiment({"parameters": 5_000})
    check_budget(file, limits_of(file))


def test_a_budget_that_the_grown_network_exceeds_is_refused():
    deep = {"max_layers_per_stage": [9, 9]}
    file = experiment({"parameters": 2_000}, parameters={"iterations": 8}, envelopenet=deep)
    with pytest.raises(InputError, match=r"budget\.parameters: expected at least .* 1/9-9/3 has"):
        check_budget(file, limits_of(file))


def test_a_network_is_stated_with_what_it_costs():
    file = experiment({"parameters": 9_000})
    limits = limits_of(file)
    network = prior_of(file, limits)
    count = counter(file)(network).parameters
    assert stated(network, limits) == f"{network.notation}, {count:,} of 9,000 parameters"
    assert stated(network, ()) == str(network.notation)
