"""Layers without random numbers: gated skip, batch norm, LRN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.models.layers import Cutout, Dropout, GatedSkip, LocalResponseNormalization
from nac.models.normalization import BatchNormalization
from tests.models.small_networks import number, random_images

# Two images of 1x2 pixels and one channel.
PAIR = np.array([[[[1.0], [3.0]]], [[[0.0], [2.0]]]], "float32")


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (GatedSkip, {"sources": [4, 1]}),
        (BatchNormalization, {"momentum": 0.5, "epsilon": 0.1}),
        (Dropout, {"rate": 0.3, "seed": 7}),
        (Cutout, {"size": 5, "seed": 7}),
        (LocalResponseNormalization, {}),
    ],
)
class TestEachLayer:
    def test_the_config_has_the_arguments(self, layer, arguments):
        config = layer(**arguments).get_config()
        assert {key: config[key] for key in arguments} == arguments

    def test_a_layer_from_the_config_has_the_same_config(self, layer, arguments):
        config = layer(name="it", **arguments).get_config()
        assert layer.from_config(config).get_config() == config

    def test_it_is_registered_for_loading(self, layer, arguments):
        assert keras.saving.get_registered_object(f"nac>{layer.__name__}") is layer


class Skip:
    """A gated skip with two sources and the plain form of the same computation."""

    def __init__(self):
        self.inputs = [
            tf.constant(random_images(2, 3, 3, channels, seed=channels)) for channels in (2, 3, 1)
        ]
        self.layer = GatedSkip(sources=[5, 2])
        self.layer.build([x.shape for x in self.inputs])
        self.layer.gates[0].assign(0.25)
        self.layer.gates[1].assign(-3.0)
        self.layer.bias.assign([0.1, -0.2])
        self.variables = [variable.value for variable in self.layer.trainable_variables]

    def plain(self):
        first, second = self.layer.gates
        direct, near, far = self.inputs
        joined = tf.concat([direct, first.value * near, second.value * far], axis=-1)
        products = tf.einsum("bhwi,io->bhwo", joined, self.layer.kernel.value[0, 0])
        return tf.nn.relu(products + self.layer.bias.value)

    def gradients(self, forward):
        with tf.GradientTape() as tape:
            tape.watch(self.inputs)
            total = tf.reduce_sum(forward() * tf.constant(random_images(2, 3, 3, 2, seed=9)))
        return tape.gradient(total, self.variables + self.inputs)


class TestGatedSkip:
    def test_it_is_concatenation_gates_1x1_convolution_bias_and_relu(self):
        skip = Skip()
        plain = skip.plain().numpy()
        assert 0 < np.count_nonzero(plain) < plain.size
        np.testing.assert_allclose(skip.layer(skip.inputs), plain, rtol=1e-5, atol=1e-6)

    def test_by_hand(self):
        layer = GatedSkip(sources=[1])
        direct, other = (np.full((1, 1, 1, 1), value, "float32") for value in (2.0, 10.0))
        layer.build([direct.shape, other.shape])
        layer.kernel.assign([[[[3.0], [5.0]]]])
        layer.bias.assign([7.0])
        layer.gates[0].assign(0.5)
        assert number(layer([direct, other])) == 3.0 * 2.0 + 0.5 * 5.0 * 10.0 + 7.0

    def test_gradients_are_those_of_the_plain_form(self):
        skip = Skip()
        folded = skip.gradients(lambda: skip.layer(skip.inputs))
        for ours, plain in zip(folded, skip.gradients(skip.plain), strict=True):
            np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-5)

    def test_gates_are_trainable_scalars_named_by_their_source(self):
        layer = Skip().layer
        gates = [v for v in layer.trainable_variables if v.name.startswith("gate")]
        assert [(gate.name, gate.shape) for gate in gates] == [("gate_5", ()), ("gate_2", ())]

    def test_gates_begin_around_one_half(self):
        keras.utils.set_random_seed(0)
        layer = GatedSkip(sources=range(100))
        layer.build([(None, 1, 1, 1)] * 101)
        gates = np.array([gate.numpy() for gate in layer.gates])
        assert abs(gates.mean() - 0.5) < 0.005
        assert 0.007 < gates.std() < 0.013

    def test_the_output_has_the_channels_of_the_direct_input(self):
        skip = Skip()
        assert skip.layer(skip.inputs).shape == (2, 3, 3, 2)

    def test_without_sources_it_is_a_1x1_convolution_of_the_direct_input(self):
        layer = GatedSkip()
        image = random_images(1, 2, 2, 3)
        layer.build([image.shape])
        layer.bias.assign([0.0, 1.0, -1.0])
        expected = np.maximum(image @ layer.kernel.numpy()[0, 0] + [0.0, 1.0, -1.0], 0.0)
        np.testing.assert_allclose(layer([image]), expected, rtol=1e-5, atol=1e-6)
        assert [v.name for v in layer.trainable_variables] == ["kernel", "bias"]


def both_normalizations(channels, scale=False):
    """Return our batch norm and Keras' own, with the same betas and gammas."""
    ours = BatchNormalization(scale=scale)
    kerass = keras.layers.BatchNormalization(scale=scale, epsilon=1e-3, momentum=0.999)
    for layer in (ours, kerass):
        layer.build((None, 3, 3, channels))
        layer.beta.assign(np.linspace(-1.0, 1.0, channels))
        if scale:
            layer.gamma.assign(np.linspace(0.5, 2.0, channels))
    return ours, kerass


class TestBatchNormalization:
    def test_training_by_hand(self):
        layer = BatchNormalization()
        outputs = layer(np.array([0.0, 4.0], "float32").reshape(2, 1, 1, 1), training=True)
        expected = np.array([-2.0, 2.0]) / np.sqrt(4.001)
        np.testing.assert_allclose(np.ravel(outputs), expected, rtol=1e-5)
        np.testing.assert_allclose(layer.moving_mean.numpy(), [0.002], rtol=1e-5)
        np.testing.assert_allclose(layer.moving_variance.numpy(), [0.999 + 0.004], rtol=1e-6)

    @pytest.mark.parametrize("scale", [False, True])
    def test_outputs_in_training_are_those_of_keras(self, scale):
        ours, kerass = both_normalizations(3, scale)
        images = 2.0 * random_images(4, 3, 3, 3) + 1.0
        outputs = (ours(images, training=True), kerass(images, training=True))
        np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-5)

    def test_moving_statistics_after_three_batches_are_those_of_keras(self):
        ours, kerass = both_normalizations(3)
        for seed in range(3):
            images = 2.0 * random_images(2, 3, 3, 3, seed=seed) + 1.0
            ours(images, training=True)
            kerass(images, training=True)
        np.testing.assert_allclose(ours.moving_mean, kerass.moving_mean, rtol=1e-4)
        np.testing.assert_allclose(ours.moving_variance, kerass.moving_variance, rtol=1e-6)

    @pytest.mark.parametrize("scale", [False, True])
    def test_gradients_in_training_are_those_of_keras(self, scale):
        images = tf.constant(random_images(4, 3, 3, 2))
        factors = random_images(4, 3, 3, 2, seed=1)
        gradients = []
        for layer in both_normalizations(2, scale):
            with tf.GradientTape() as tape:
                tape.watch(images)
                total = tf.reduce_sum(factors * layer(images, training=True))
            weights = [variable.value for variable in layer.trainable_variables]
            gradients.append(tape.gradient(total, [images, *weights]))
        for ours, kerass in zip(*gradients, strict=True):
            np.testing.assert_allclose(ours, kerass, rtol=1e-3, atol=1e-5)

    def test_a_batch_of_one_value_per_channel_has_variance_0(self):
        layer = BatchNormalization()
        layer(np.full((1, 1, 1, 1), 5.0, "float32"), training=True)
        np.testing.assert_allclose(layer.moving_variance.numpy(), [0.999], rtol=1e-6)

    def test_outside_training_it_normalizes_by_moving_statistics(self):
        layer = BatchNormalization()
        layer.build((None, 1, 1, 1))
        layer.moving_mean.assign([1.0])
        layer.moving_variance.assign([3.999])
        layer.beta.assign([10.0])
        assert number(layer(np.full((1, 1, 1, 1), 5.0, "float32"))) == pytest.approx(12.0)

    def test_outside_training_moving_statistics_rest(self):
        layer = BatchNormalization()
        layer(PAIR)
        assert (layer.moving_mean.numpy(), layer.moving_variance.numpy()) == ([0.0], [1.0])

    def test_while_calibrating_batch_statistics_count_outside_training(self):
        ours, kerass = both_normalizations(3)
        ours.calibrating = True
        images = random_images(4, 3, 3, 3)
        outputs = (ours(images, training=False), kerass(images, training=True))
        np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-5)

    def test_while_calibrating_moving_statistics_are_updated(self):
        ours, kerass = both_normalizations(3)
        ours.calibrating = True
        images = random_images(4, 3, 3, 3)
        ours(images, training=False)
        kerass(images, training=True)
        np.testing.assert_allclose(ours.moving_variance, kerass.moving_variance, rtol=1e-6)

    def test_it_centers_and_does_not_scale(self):
        layer = BatchNormalization()
        layer.build((None, 1, 1, 2))
        assert [v.name for v in layer.trainable_variables] == ["beta"]

    def test_it_is_synchronized_over_replicas(self):
        assert BatchNormalization().synchronized


class TestLocalResponseNormalization:
    def test_one_channel_by_hand(self):
        image = np.full((1, 1, 1, 1), 30.0, "float32")
        # 1 + (0.001 / 9) * 30² = 1.1
        expected = 30.0 / 1.1**0.75
        assert number(LocalResponseNormalization()(image)) == pytest.approx(expected, rel=1e-5)

    def test_four_neighbors_on_each_side_count(self):
        images = 50.0 * random_images(2, 2, 2, 12)
        expected = np.empty_like(images)
        for channel in range(12):
            near = images[..., max(0, channel - 4) : channel + 5]
            energy = 1.0 + 0.001 / 9.0 * np.sum(near**2, axis=-1)
            expected[..., channel] = images[..., channel] / energy**0.75
        np.testing.assert_allclose(LocalResponseNormalization()(images), expected, rtol=1e-4)

    @pytest.mark.parametrize("kind", ["float16", "bfloat16"])
    @pytest.mark.parametrize("training", [False, True])
    def test_types_without_a_kernel_of_their_own_are_kept(self, kind, training):
        images = keras.ops.cast(random_images(2, 2, 2, 12), kind)
        outputs = LocalResponseNormalization(dtype=kind)(images, training=training)
        assert outputs.dtype == kind
        expected = LocalResponseNormalization()(keras.ops.cast(images, "float32"))
        np.testing.assert_allclose(keras.ops.cast(outputs, "float32"), expected, rtol=0.01)
