"""The networks among which Keras Tuner searches."""

import pytest

pytest.importorskip("keras_tuner")

import keras_tuner

from nac.rivals.convolutional import ConvolutionalSpace, stages_for


@pytest.mark.parametrize(("side", "stages"), [(3, 1), (4, 1), (8, 2), (28, 3), (32, 4), (224, 5)])
def test_featuremaps_keep_four_pixels(side, stages):
    assert stages_for(side, side + 1) == stages


def built(**values):
    parameters = keras_tuner.HyperParameters()
    parameters.values.update(values)
    return ConvolutionalSpace((8, 8, 1), 10).build(parameters)


def test_a_candidate_has_what_its_hyperparameters_say():
    # 3x3x1x16 + 32, then 3x3x16x32 + 64, then 32x10 + 10
    model = built(filters=16, stages=2, blocks_per_stage=1)
    assert sum(weight.size for weight in map(_array, model.trainable_weights)) == 5178
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)


def _array(weight):
    return weight.numpy()


@pytest.mark.parametrize("residual", [False, True])
def test_residual_connections_add_no_parameters(residual):
    model = built(filters=16, stages=2, blocks_per_stage=2, residual=residual)
    # as above, and 3x3x16x16 + 32 and 3x3x32x32 + 64
    assert sum(weight.size for weight in map(_array, model.trainable_weights)) == 16794
    assert len([x for x in model.layers if "add" in x.name]) == (2 if residual else 0)
