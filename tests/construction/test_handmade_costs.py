"""What networks made by hand cost, by hand."""

import pytest

from nac.architecture.handmade import Handmade
from nac.architecture.operations import Block, Operation
from nac.construction.handmade_costs import block_costs, handmade_costs
from nac.construction.operation_costs import Costs


@pytest.mark.parametrize(
    ("operation", "costs"),
    [
        # 3 x 3 kernels from 2 to 8 channels, at each of 4 x 4 pixels.
        (Operation("conv", 8, size=3), Costs(144, 144 * 16)),
        (Operation("conv", 8, size=3, stride=2), Costs(144, 144 * 4)),
        (Operation("depthwise", size=3), Costs(18, 18 * 16)),
        # Scale and center are trained; mean and variance are not.
        (Operation("norm"), Costs(4, 0, constants=4)),
        (Operation("relu"), Costs()),
        (Operation("max_pool", size=2, stride=2), Costs()),
        (Operation("mean"), Costs()),
    ],
)
def test_an_operation_costs_what_its_weights_say(operation, costs):
    assert block_costs(Block((operation,)), (4, 4, 2)) == costs


def test_a_classifier_has_a_bias():
    classifier = Block((Operation("mean"), Operation("dense", 10)))
    assert block_costs(classifier, (4, 4, 2)) == Costs(30, 20)


def test_a_block_costs_what_its_operations_cost_one_after_the_other():
    convolution = Operation("conv", 8, size=1, stride=2)
    # 2 x 8 weights at 2 x 2 pixels, then 8 x 8 at one.
    assert block_costs(Block((convolution, convolution)), (4, 4, 2)) == Costs(80, 64 + 64)


def test_a_shortcut_with_weights_costs_something():
    block = Block((), shortcut=(Operation("conv", 8),))
    assert block_costs(block, (4, 4, 2)) == Costs(16, 256)


@pytest.mark.parametrize(
    ("name", "image_shape", "classes", "parameters"),
    [
        # He et al. (2016), table 6: ResNet-20 has 0.27 million.
        ("resnet", (32, 32, 3), 10, 272_474),
        # Sandler et al. (2018), table 4: MobileNetV2 has 3.4 million; 3,504,872 with 1000 classes
        # in Keras' and PyTorch's versions.
        ("mobilenet_v2", (224, 224, 3), 1000, 3_504_872),
    ],
)
def test_at_width_one_the_count_is_the_published_one(name, image_shape, classes, parameters):
    assert handmade_costs(Handmade(name, 1.0, classes), image_shape).parameters == parameters


def test_mobilenet_v2_has_the_300_million_multiply_adds_of_the_paper():
    costs = handmade_costs(Handmade("mobilenet_v2", 1.0, 1000), (224, 224, 3))
    assert round(costs.multiply_adds, -7) == 300_000_000
