"""The time of a step from the costs of its parts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nac.architecture.fixed_cells import parse_classifier, with_stem_channels
from nac.architecture.handmade import Handmade
from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture, BranchLayer
from nac.construction.network_parts import step_parts
from nac.construction.step_parts import KINDS, Part
from nac.construction.step_time import (
    MANY_VALUES,
    BlockTimes,
    KindCost,
    by_layer,
    first_values,
    fitted,
    layer_ms,
    step_ms,
)
from nac.utils.schema import Section
from tests.builders import CLASSIFIER, WIDENER, architecture, assert_says, input_error, layer
from tests.strategies import BLOCKS

ONE_MS = dict.fromkeys(KINDS, KindCost(start=1.0))
TWO_MS = dict.fromkeys(KINDS, KindCost(start=2.0))
IMAGE = (4, 4, 3)


def times(together=ONE_MS, apart=None):
    return BlockTimes("a device", "2.21", 2, "float32", True, together, apart)


def complete(*layers, channels=8):
    cell = parse_classifier(Section(CLASSIFIER, "net.json"))
    return architecture(*layers, channels=channels).with_cells(None, cell)


NETWORK = complete(layer("1x1"))


def test_a_part_costs_its_start_its_values_and_its_multiply_adds():
    part = Part("dense", operations=3, values=2e6, multiply_adds=5e6)
    assert KindCost(start=1.0, value=0.1, multiply_add=0.01).ms(part) == pytest.approx(3.25)


def test_a_step_costs_the_sum_of_its_layers():
    assert layer_ms(NETWORK, IMAGE, 2, times()) == {
        "stem": 3.0,  # a convolution and the update of kernel and bias
        "layer01": 4.0,  # a convolution, batch norm, and the update of kernel and center
        "classifier": 4.0,  # a mean, a fully connected layer, and the update of kernel and bias
        "": 1.0,
    }
    assert step_ms(NETWORK, IMAGE, 2, times()) == 12.0


def test_cores_work_apart_on_small_networks_where_that_is_faster():
    assert step_ms(NETWORK, IMAGE, 2, times(together=TWO_MS, apart=ONE_MS)) == 12.0
    assert step_ms(NETWORK, IMAGE, 2, times(together=ONE_MS, apart=TWO_MS)) == 12.0


def test_cores_work_together_on_large_networks():
    batch = MANY_VALUES // (16 * 8)  # images of 4x4 pixels and 8 channels
    assert step_ms(NETWORK, IMAGE, batch, times(together=TWO_MS, apart=ONE_MS)) == 12.0
    assert step_ms(NETWORK, IMAGE, batch + 1, times(together=TWO_MS, apart=ONE_MS)) == 24.0


def test_the_first_featuremap_is_that_of_the_stem_or_of_the_first_block():
    assert first_values(NETWORK, IMAGE, 2) == 2 * 16 * 8
    made = Architecture.of_handmade(Handmade("resnet", 0.5, 10))
    assert first_values(made, IMAGE, 2) == 2 * 16 * 8


def test_parts_are_added_up_by_layer():
    parts = [Part("step"), Part("dense", layer="layer01"), Part("1x1", layer="layer01")]
    assert by_layer(parts, ONE_MS) == {"": 1.0, "layer01": 2.0}


def test_the_costs_that_explain_measured_times_exactly_are_found():
    costs = KindCost(start=0.5, value=2.0, multiply_add=0.125)
    parts = [
        Part("dense", values=1e6 * values, multiply_adds=1e6 * products)
        for values, products in [(0, 0), (1, 0), (1, 8), (4, 2)]
    ]
    found = fitted([([part], costs.ms(part)) for part in parts])
    assert found["dense"].start == pytest.approx(0.5)
    assert found["dense"].value == pytest.approx(2.0)
    assert found["dense"].multiply_add == pytest.approx(0.125)


def test_what_was_measured_together_is_told_apart_by_other_measurements():
    dense, pool = Part("dense"), Part("pooling")
    found = fitted([([dense, pool], 5.0), ([dense], 3.0)])
    assert (found["dense"].start, found["pooling"].start) == pytest.approx((3.0, 2.0))


def test_what_was_never_measured_costs_nothing():
    assert fitted([([Part("dense")], 3.0)])["lrn"] == KindCost()


def test_all_costs_must_be_there():
    some = {kind: cost for kind, cost in ONE_MS.items() if kind not in ("lrn", "step")}
    assert_says(input_error(times(together=some).check, "t.json"), "t.json: no cost of lrn, step")
    assert_says(input_error(times(apart=some).check, "t.json"), "t.json: no cost of lrn, step")


@pytest.mark.parametrize("name", ["start", "value", "multiply_add"])
def test_no_cost_may_be_negative(name):
    costs = {**ONE_MS, "lrn": KindCost(**{name: -1.0})}
    assert_says(input_error(times(apart=costs).check, "t.json"), "t.json: lrn: expected costs >= 0")


def test_complete_costs_are_accepted():
    times(apart=TWO_MS).check("t.json")


positive = st.floats(0, 10)
costs = st.fixed_dictionaries({kind: st.builds(KindCost, *[positive] * 3) for kind in KINDS})
cells = st.sets(st.sampled_from(BLOCKS), min_size=1, max_size=5).map(sorted)


@st.composite
def widths(draw, network):
    """Return a network in two widths, the second of which is larger in some layers."""
    narrow, wide = list(network.network), list(network.network)
    for number, entry in enumerate(network.network):
        if isinstance(entry, BranchLayer):
            outputs = draw(st.integers(len(entry.branches), 60))
            narrow[number] = replace(entry, outputs=outputs)
            wide[number] = replace(entry, outputs=outputs + draw(st.integers(0, 20)))
    channels = draw(st.integers(1, 30))
    stems = [with_stem_channels(network.stem, c) for c in (channels, channels + 3)]
    return (
        replace(network, network=tuple(narrow), stem=stems[0]),
        replace(network, network=tuple(wide), stem=stems[1]),
    )


@settings(max_examples=40)
@given(st.data(), st.lists(cells, min_size=2, max_size=3), costs, costs)
def test_a_wider_network_never_takes_less_time(data, blocks, together, apart):
    first, *others = (layer(*cell, outputs=5, inputs=[]) for cell in blocks)
    network = complete(first, WIDENER, *({**entry, "inputs": [1]} for entry in others))
    narrow, wide = data.draw(widths(network))
    device = times(together, apart)
    batch = data.draw(st.sampled_from([1, 64, 512]))
    slower = step_ms(wide, (8, 8, 1), batch, device)
    assert step_ms(narrow, (8, 8, 1), batch, device) <= slower * (1 + 1e-9)


def test_a_narrow_branch_costs_more_per_multiply_add_than_a_wide_one():
    costs = dict.fromkeys(KINDS, KindCost(start=0.1, value=1.0, multiply_add=0.1))

    def per_product(filters):
        network = complete(layer("3x3", outputs=filters), channels=32)
        ms = layer_ms(network, (14, 14, 1), 32, times(costs))["layer01"]
        return ms / filters

    assert per_product(2) > 3 * per_product(32)


def test_a_network_in_json_has_the_parts_of_its_architecture():
    value = {"type": "handmade", "network": "resnet", "width": 0.5, "classes": 10}
    network = architecture_from_dict(value)
    expected = by_layer(step_parts(network, IMAGE, 2), ONE_MS)
    assert layer_ms(network, IMAGE, 2, times()) == expected
