"""The parts of a step of networks made by hand, by hand."""

import pytest

from nac.architecture.handmade import NETWORKS, Handmade
from nac.construction.handmade_costs import handmade_costs
from nac.construction.handmade_parts import handmade_parts
from nac.construction.step_parts import KINDS, Part


def of(layer, network, shape=(8, 8, 8)):
    """Return the parts of a layer for two images, without updates."""
    parts = handmade_parts(network, shape, 2)
    return [part for part in parts if part.layer == layer and part.kind != "update"]


def kinds(parts):
    return [part.kind for part in parts]


RESNET = Handmade("resnet", 0.5, 10)
"""8 channels on 8x8 pixels, then 16 and 32; only the last stage halves them."""


def test_the_first_convolution_has_images_as_inputs():
    assert of("stem", RESNET) == [
        Part("image convolution", values=128 * 16, multiply_adds=128 * 9 * 64, layer="stem"),
        Part("batch norm", values=128 * 8, layer="stem"),
    ]


def test_a_shortcut_is_added():
    found = of("layer01", RESNET)
    assert kinds(found) == ["dense", "batch norm", "dense", "batch norm", "join"]
    assert found[-1].values == 2 * 128 * 8


def test_a_shortcut_to_more_channels_is_a_1x1_convolution():
    found = of("layer04", RESNET)
    assert kinds(found)[4:] == ["1x1", "batch norm", "join"]
    assert found[4].multiply_adds == 128 * 8 * 16


def test_convolutions_with_a_stride_are_of_another_kind():
    found = of("layer07", RESNET)
    assert kinds(found) == [
        "convolution",
        "batch norm",
        "dense",
        "batch norm",
        "convolution",
        "batch norm",
        "join",
    ]
    # 2 images of 4x4 pixels
    assert found[0].multiply_adds == 32 * 9 * 16 * 32


def test_the_classifier_is_a_mean_and_a_fully_connected_layer():
    assert of("classifier", RESNET) == [
        Part("mean", values=2 * 16 * 32, layer="classifier"),
        Part("fully connected", values=2 * (32 + 10), multiply_adds=640, layer="classifier"),
    ]


def test_a_depthwise_convolution():
    found = of("layer02", Handmade("mobilenet_v2", 0.5, 10))
    assert "depthwise" in kinds(found)


def test_max_pools():
    assert kinds(of("layer02", Handmade("plain_cnn", 0.25, 10)))[0] == "pooling"


def test_cutout_is_before_the_stem():
    network = Handmade("plain_cnn", 0.25, 10, cutout=4)
    assert of("stem", network)[0] == Part("dropout", values=2 * 512, layer="stem")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_updated_parameters_are_those_of_the_network(name):
    network = Handmade(name, 0.7, 10)
    parts = list(handmade_parts(network, (28, 28, 1), 2))
    updated = sum(part.values for part in parts if part.kind == "update")
    assert updated == handmade_costs(network, (28, 28, 1)).parameters
    assert {part.kind for part in parts} <= set(KINDS)
