"""Which channels the layers of a network put out."""

from nac.architecture.json_form import architecture_from_dict
from nac.construction.featuremaps import Channel, featuremaps
from tests.builders import WIDENER, architecture, assert_says, input_error, layer, network, stem


def named(featuremap):
    """Return layer, part and number of each channel as one string."""
    return [f"{channel.layer} {channel.part} {channel.number}" for channel in featuremap]


def test_the_channels_of_a_layer_are_those_of_its_branches():
    outputs = featuremaps(architecture(layer("1x1", "3x3", outputs=5)), 3)
    assert named(outputs[1]) == ["1 Branch1 0", "1 Branch1 1", "1 Branch2 0", "1 Branch2 1"]


def test_a_widener_repeats_what_it_gets_and_adds_as_many_as_the_stem_has():
    outputs = featuremaps(architecture(layer("1x1", outputs=1), WIDENER, channels=2), 3)
    assert named(outputs[2]) == ["1 Branch1 0", "2 conv 0", "2 conv 1"]


def test_the_next_widener_adds_twice_as_many():
    outputs = featuremaps(architecture(WIDENER, WIDENER, channels=2), 3)
    assert [len(featuremap) for featuremap in outputs] == [2, 4, 8]


def test_the_stem_has_the_channels_of_its_last_convolutions():
    outputs = featuremaps(architecture_from_dict(network(layer("1x1"), init_cell=stem(1, 2))), 3)
    assert named(outputs[0]) == ["0 Layer0/Branch0 0", "0 Layer0/Branch1 0", "0 Layer0/Branch1 1"]


def test_other_blocks_of_a_stem_keep_their_channels_apart():
    cell = {**stem(1), "Layer1": {"Branch0": {"block": "lrn"}, "Branch1": {"block": "lrn"}}}
    outputs = featuremaps(architecture_from_dict(network(layer("1x1"), init_cell=cell)), 3)
    assert named(outputs[0]) == [
        "0 Layer1/Branch0/Layer0/Branch0 0",
        "0 Layer1/Branch1/Layer0/Branch0 0",
    ]


def test_without_a_stem_the_channels_of_the_image_enter_the_first_layer():
    outputs = featuremaps(architecture_from_dict(network(layer("1x1"))), 2)
    assert outputs[0] == (Channel(0, "image", 0), Channel(0, "image", 1))


def test_another_kind_of_layer_is_named():
    pooled = architecture(layer("1x1"), {"widener2": {}, "inputs": []})
    text = input_error(featuremaps, pooled, 3)
    assert_says(text, "layer 2: expected branch layers and wideners only, received Widener2")
