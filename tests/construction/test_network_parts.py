"""The parts of a step of whole networks, by hand."""

from hypothesis import given, settings

from nac.architecture.fixed_cells import parse_classifier
from nac.architecture.json_form import architecture_from_dict
from nac.construction.costs import count
from nac.construction.network_parts import step_parts
from nac.construction.step_parts import Part
from nac.utils.schema import Section
from tests import strategies
from tests.builders import (
    CLASSIFIER,
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    network,
    stem,
)

IMAGE = (4, 4, 3)
ONE = layer("1x1", outputs=8)


def parts(*layers, **more):
    """Return the parts of a network for two images, by layer and without updates."""
    cells = {"init_cell": stem(8), "classification_cell": CLASSIFIER}
    value = architecture_from_dict(network(*layers, **{**cells, **more}))
    return [part for part in step_parts(value, IMAGE, 2) if part.kind != "update"]


def of(name, found):
    return [part for part in found if part.layer == name]


def kinds(found):
    return [part.kind for part in found]


def cell(*blocks):
    return {f"Layer{n}": {"Branch0": block} for n, block in enumerate(blocks)}


CONV = {"block": "conv2d", "kernel_size": [3, 3], "outputs": 8}


def test_from_stem_to_classifier():
    found = parts(ONE)
    # 2 images of 16 pixels; 3 channels count as 8
    assert of("stem", found) == [
        Part("image convolution", values=32 * 16, multiply_adds=32 * 9 * 64, layer="stem")
    ]
    assert kinds(of("layer01", found)) == ["1x1", "normalization"]
    assert of("classifier", found) == [
        Part("mean", values=2 * 16 * 8, layer="classifier"),
        Part("fully connected", values=2 * 18, multiply_adds=160, layer="classifier"),
    ]
    assert of("", found) == [Part("step")]


def test_only_the_first_convolution_has_images_as_inputs():
    found = parts(ONE, init_cell=cell(CONV, {"block": "lrn"}, {**CONV, "stride": 2}))
    assert kinds(of("stem", found)) == ["image convolution", "lrn", "convolution"]
    # The last one puts out 2x2 pixels.
    assert of("stem", found)[-1].values == 2 * 4 * 16
    assert of("layer01", found)[0].values == 2 * 4 * 16


def test_response_normalization_multiplies_by_a_matrix_of_channels():
    (_, lrn) = of("stem", parts(ONE, init_cell=cell(CONV, {"block": "lrn"})))
    assert (lrn.values, lrn.multiply_adds) == (256, 256 * 8)


def test_further_blocks_of_a_stem():
    pool = {"block": "max_pool", "kernel_size": [3, 3]}
    dropout = {"block": "dropout", "keep_prob": 0.5}
    cutout = {"block": "cutout", "size": 2}
    found = of("stem", parts(ONE, init_cell=cell(cutout, CONV, pool, dropout)))
    assert kinds(found) == ["dropout", "image convolution", "pooling", "dropout"]
    assert [part.values for part in found if part.kind == "dropout"] == [2 * 48, 2 * 4 * 8]


def test_branches_of_a_stem_are_side_by_side():
    found = parts(ONE, init_cell=stem(8, 16))
    assert kinds(of("stem", found)) == ["image convolution"] * 2
    assert of("layer01", found)[0].values == 32 * (24 + 8)


def test_inputs_are_joined_by_a_convolution_each():
    found = of("layer02", parts(ONE, layer("1x1", inputs=[0], outputs=8)))
    assert kinds(found) == ["1x1", "1x1", "join", "1x1", "normalization"]
    assert found[2].values == 32 * 8 * 2


def test_without_sources_there_is_still_a_convolution_of_the_direct_input():
    found = of("layer01", parts(layer("1x1", inputs=[], outputs=8)))
    assert kinds(found) == ["1x1", "join", "1x1", "normalization"]


def test_a_widener_is_a_max_pool_and_a_convolution():
    found = of("layer02", parts(ONE, WIDENER, ONE))
    assert kinds(found) == ["pooling", "convolution"]
    assert found[1].multiply_adds == 2 * 4 * 9 * 8 * 8


def test_the_second_widener_adds_twice_the_channels():
    found = parts(ONE, WIDENER, ONE, WIDENER, ONE)
    assert of("layer04", found)[1].values == 2 * (8 + 16)


def test_a_larger_source_is_pooled_once_and_belongs_to_its_layer():
    late = layer("1x1", inputs=[1], outputs=8)
    found = parts(ONE, WIDENER, late, late)
    assert kinds(of("layer01", found)) == ["1x1", "normalization", "pooling"]


def test_a_source_two_stages_ahead_is_pooled_twice():
    found = parts(ONE, WIDENER, ONE, WIDENER, layer("1x1", inputs=[1], outputs=8))
    assert [p.values for p in of("layer01", found) if p.kind == "pooling"] == [
        2 * 8 * (16 + 4),
        2 * 8 * (4 + 1),
    ]


def test_a_widener2_pools_its_inputs_side_by_side():
    found = parts(ONE, {"widener2": {}, "inputs": [0]}, ONE)
    assert of("layer02", found) == [Part("pooling", values=2 * 16 * (16 + 4), layer="layer02")]
    assert of("layer03", found)[0].values == 2 * 4 * (16 + 8)


def test_amlas_widener2_pools_what_was_joined_before():
    joined = layer("1x1", inputs=[0], outputs=8)
    found = parts(ONE, joined, {"widener2": {}, "inputs": [1]}, ONE, amla_compatible=True)
    assert of("layer03", found)[0].values == 2 * (8 + 8 + 8) * (16 + 4)


def test_an_auxiliary_classifier_is_a_mean_and_a_fully_connected_layer():
    auxiliary = {"auxiliary": {}, "outputs": 10}
    assert kinds(of("layer02", parts(ONE, auxiliary, ONE))) == ["mean", "fully connected"]
    assert of("layer02", parts(ONE, auxiliary, ONE, amla_compatible=True)) == []


def test_a_flattened_featuremap_needs_no_mean():
    flat = cell(
        {"block": "flatten"}, {"block": "fc", "outputs": 5}, CLASSIFIER["Layer1"]["Branch0"]
    )
    found = of("classifier", parts(ONE, classification_cell=flat))
    assert [part.multiply_adds for part in found] == [2 * 128 * 5, 2 * 5 * 10]


def test_a_network_made_by_hand_has_parts_too():
    made = architecture_from_dict(
        {"type": "handmade", "network": "plain_cnn", "width": 0.25, "classes": 10}
    )
    assert step_parts(made, (8, 8, 1), 2)[-1] == Part("step")


def test_a_micro_network_has_none():
    micro = architecture(ONE).with_cells(None, parse_classifier(Section(CLASSIFIER, "n")))
    object.__setattr__(micro, "type", "micro")
    assert_says(input_error(step_parts, micro, IMAGE, 2), "architecture: type", "received micro")


def test_a_classifier_is_needed():
    assert_says(input_error(step_parts, architecture(ONE), IMAGE, 2), "classification_cell")


@settings(max_examples=20)
@given(strategies.architecture_values())
def test_the_updated_parameters_are_those_of_the_network(value):
    value = {**value, "classification_cell": CLASSIFIER}
    of_it = architecture_from_dict(value)
    found = step_parts(of_it, (32, 32, 3), 2)
    updated = sum(part.values for part in found if part.kind == "update")
    assert updated == count(of_it, (32, 32, 3)).parameters
