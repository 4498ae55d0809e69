"""Parameter counts against AMLA's own (peer params.json)."""

import numpy as np
import pytest

from nac.models import build_model
from nac.models.description import describe
from tests.models.peer_networks import parameter_architecture
from tests.peer import PEER_DIR, load_peer_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=load_peer_json("params.json"))
def case(request):
    expected = load_peer_json("params.json")[request.param]
    side = expected["image_size"] if expected["image_size"] > 32 else 32
    architecture = parameter_architecture(PEER_DIR, request.param)
    model = build_model(architecture, (side, side, 3), expected["logits_shape"][1])
    return expected, describe(architecture, model).to_json(), model


def test_parameters_by_kind_are_amlas(case):
    expected, description, _ = case
    assert description["params_by_kind"] == expected["by_kind"]
    assert description["trainable_params"] == expected["trainable_params"]
    assert description["gates"] == expected["gates"]


def test_shapes_after_each_layer_are_amlas(case):
    expected, description, _ = case
    assert description["per_layer_shapes"] == expected["per_layer_shapes"]
    assert description["per_layer_channels"] == expected["per_layer_channels"]


def test_number_of_trainable_variables_is_amlas(case):
    expected, _, model = case
    assert len(model.trainable_variables) == expected["trainable_variables"]
    assert (
        sum(int(np.prod(v.shape)) for v in model.trainable_variables)
        == (expected["trainable_params"])
    )
