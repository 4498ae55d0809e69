"""The cells of a network: branches, envelope cell, widener, stem, classifier."""

import numpy as np
import pytest

from nac.models.branches import Branch
from nac.models.cells import BranchCell, WidenerCell
from nac.models.stem_and_classifier import Classifier, Stem
from tests.models.small_networks import random_images

# What batch norm makes of 1 before any training: moving mean 0, moving variance 1.
UNIT = 1.0 / np.sqrt(1.001)

FIRST, SECOND = ("Branch1", "1x1"), ("Branch2", "1x1")


def ones(*shape):
    return np.ones(shape, "float32")


def measured(cell):
    """Return what was measured of the first branch of a cell."""
    return cell.featuremap_metrics.results()[0]


def batch_norm(values, beta=0.0):
    """Return values normalized by their own statistics over all axes but the last."""
    axes = tuple(range(values.ndim - 1))
    mean, variance = values.mean(axis=axes), values.var(axis=axes)
    return (values - mean) / np.sqrt(variance + 0.001) + beta


@pytest.mark.parametrize(
    ("layer", "arguments"),
    [
        (Branch, {"block": "5x5sep", "filters": 3, "gated": True, "scaled": True}),
        (
            BranchCell,
            {
                "branches": [["Branch1", "1x1"], ["Branch3", "3x3sep"]],
                "outputs": 7,
                "sources": [2, 0],
                "collect_statistics": False,
                "dropout": 0.3,
                "seed": 4,
                "branch_gates": True,
                "batch_norm_scale": True,
            },
        ),
        (WidenerCell, {"filters": 5}),
        (
            Stem,
            {
                "cell": {
                    "L": {"B": {"block": "conv2d", "kernel_size": [1, 1], "outputs": 2}},
                    "M": {"B": {"block": "dropout", "keep_prob": 0.5}},
                },
                "seed": 3,
            },
        ),
        (
            Classifier,
            {
                "cell": {"L": {"B": {"block": "fc-final", "inputs": 4, "outputs": 2}}},
                "seed": 3,
            },
        ),
    ],
)
class TestEachCell:
    def test_the_config_has_the_arguments(self, layer, arguments):
        config = layer(**arguments).get_config()
        assert {key: config[key] for key in arguments} == arguments

    def test_a_cell_from_the_config_has_the_same_config(self, layer, arguments):
        config = layer(name="it", **arguments).get_config()
        assert layer.from_config(config).get_config() == config


class TestBranch:
    def test_the_order_is_convolution_batch_norm_relu(self):
        branch = Branch("1x1", 3)
        images = random_images(4, 2, 2, 2)
        branch.build(images.shape)
        branch.normalization.beta.assign([0.5, 0.0, -0.5])
        convolved = images @ branch.convolution.kernel.numpy()[0, 0]
        expected = np.maximum(batch_norm(convolved, [0.5, 0.0, -0.5]), 0.0)
        np.testing.assert_allclose(branch(images, training=True), expected, rtol=1e-3, atol=1e-4)

    def test_a_gate_multiplies_the_output(self):
        plain, gated = Branch("1x1", 3), Branch("1x1", 3, gated=True)
        images = random_images(4, 2, 2, 2)
        for branch in (plain, gated):
            branch.build(images.shape)
        gated.convolution.kernel.assign(plain.convolution.kernel)
        gated.gate.assign(-0.5)
        outputs = plain(images, training=True).numpy()
        np.testing.assert_allclose(gated(images, training=True), -0.5 * outputs, rtol=1e-5)

    def test_a_gate_is_a_trainable_scalar_of_one(self):
        branch = Branch("1x1", 3, gated=True)
        branch.build((None, 4, 4, 3))
        assert [v.path.split("/")[-1] for v in branch.trainable_variables] == [
            "branch_gate",
            "kernel",
            "beta",
        ]
        assert branch.gate.numpy() == 1.0

    def test_a_scale_multiplies_each_channel_before_the_shift(self):
        branch = Branch("1x1", 3, scaled=True)
        images = random_images(4, 2, 2, 2)
        branch.build(images.shape)
        branch.normalization.gamma.assign([2.0, 1.0, -1.0])
        branch.normalization.beta.assign([0.5, 0.0, -0.5])
        convolved = images @ branch.convolution.kernel.numpy()[0, 0]
        shifted = batch_norm(convolved) * [2.0, 1.0, -1.0] + [0.5, 0.0, -0.5]
        expected = np.maximum(shifted, 0.0)
        np.testing.assert_allclose(branch(images, training=True), expected, rtol=1e-3, atol=1e-4)

    def test_a_scale_has_its_effect_outside_training_too(self):
        branch = Branch("1x1", 1, scaled=True)
        branch.build((None, 1, 1, 1))
        branch.convolution.kernel.assign([[[[1.0]]]])
        branch.normalization.gamma.assign([3.0])
        np.testing.assert_allclose(np.ravel(branch(ones(1, 1, 1, 1))), [3.0 * UNIT], rtol=1e-5)

    def test_a_scale_is_a_trainable_number_per_channel_and_first_one(self):
        branch = Branch("1x1", 3, scaled=True)
        branch.build((None, 4, 4, 2))
        assert [v.name for v in branch.trainable_variables] == ["kernel", "gamma", "beta"]
        assert branch.normalization.gamma.numpy().tolist() == [1.0, 1.0, 1.0]

    def test_a_gate_multiplies_what_is_scaled(self):
        scaled, both = Branch("1x1", 3, scaled=True), Branch("1x1", 3, gated=True, scaled=True)
        images = random_images(4, 2, 2, 2)
        for branch in (scaled, both):
            branch.build(images.shape)
            branch.normalization.gamma.assign([2.0, 1.0, -1.0])
            branch.normalization.beta.assign([0.5, 0.0, -0.5])
        both.convolution.kernel.assign(scaled.convolution.kernel)
        both.gate.assign(0.5)
        expected = 0.5 * scaled(images, training=True).numpy()
        np.testing.assert_allclose(both(images, training=True), expected, rtol=1e-5, atol=1e-7)

    def test_without_gates_there_is_none(self):
        branch = Branch("1x1", 3)
        branch.build((None, 4, 4, 3))
        assert [v.name for v in branch.trainable_variables] == ["kernel", "beta"]


class TestBranchCell:
    def test_each_branch_has_an_equal_share_of_whole_channels(self):
        cell = BranchCell([FIRST, SECOND], outputs=7)
        assert cell([ones(1, 2, 2, 1)]).shape == (1, 2, 2, 6)
        assert [branch.convolution.filters for branch in cell.branches] == [3, 3]

    def test_branches_are_concatenated_in_order(self):
        cell = BranchCell([FIRST, SECOND], outputs=4)
        cell.build([(None, 1, 1, 1)])
        for branch, weight in zip(cell.branches, (3.0, 5.0), strict=True):
            branch.convolution.kernel.assign(np.full((1, 1, 1, 2), weight))
        outputs = np.ravel(cell([ones(1, 1, 1, 1)]))
        np.testing.assert_allclose(outputs, np.array([3.0, 3.0, 5.0, 5.0]) * UNIT, rtol=1e-5)

    def test_each_branch_has_its_own_scales(self):
        cell = BranchCell([FIRST, SECOND], outputs=4, dropout=0.0, batch_norm_scale=True)
        cell.build([(None, 1, 1, 1)])
        for branch, scales in zip(cell.branches, ([1.0, 2.0], [3.0, 4.0]), strict=True):
            branch.convolution.kernel.assign(np.ones((1, 1, 1, 2)))
            branch.normalization.gamma.assign(scales)
        images = np.array([0.0, 4.0], "float32").reshape(2, 1, 1, 1)
        outputs = cell([images], training=True).numpy()[1, 0, 0]
        np.testing.assert_allclose(
            outputs, np.array([1.0, 2.0, 3.0, 4.0]) * 2.0 / np.sqrt(4.001), rtol=1e-4
        )

    def test_without_sources_there_is_no_skip_machinery(self):
        cell = BranchCell([FIRST], outputs=2, sources=None)
        cell.build([(None, 4, 4, 3)])
        assert cell.skip is None
        assert not [v for v in cell.variables if "skip" in v.path]

    def test_branches_see_what_leaves_the_skip_machinery(self):
        cell = BranchCell([FIRST], outputs=1, sources=[0])
        cell.build([(None, 1, 1, 1)] * 2)
        cell.skip.kernel.assign([[[[2.0], [6.0]]]])
        cell.skip.gates[0].assign(0.5)
        cell.branches[0].convolution.kernel.assign([[[[1.0]]]])
        outputs = cell([ones(1, 1, 1, 1), ones(1, 1, 1, 1)])
        np.testing.assert_allclose(np.ravel(outputs), [(2.0 + 0.5 * 6.0) * UNIT], rtol=1e-5)

    def test_dropout_comes_after_the_metric(self):
        cells = [BranchCell([FIRST], outputs=2, dropout=rate) for rate in (0.0, 0.5)]
        images = random_images(2, 4, 4, 2)
        for cell in cells:
            cell.build([images.shape])
            cell.branches[0].convolution.kernel.assign(np.eye(2).reshape(1, 1, 2, 2))
            cell([images], training=True)
        assert measured(cells[0]) == measured(cells[1])

    def test_dropout_thins_all_branches_in_training(self):
        cell = BranchCell([FIRST, SECOND], outputs=2, dropout=0.5)
        cell.build([(None, 10, 10, 1)])
        for branch in cell.branches:
            branch.convolution.kernel.assign([[[[1.0]]]])
            branch.normalization.beta.assign([5.0])
        outputs = cell([random_images(1, 10, 10, 1)], training=True).numpy()
        shares = np.mean(outputs == 0.0, axis=(0, 1, 2))
        assert ((shares > 0.3) & (shares < 0.7)).all()

    def test_outside_training_nothing_is_dropped_or_measured(self):
        cell = BranchCell([FIRST], outputs=1, dropout=0.9)
        cell.build([(None, 10, 10, 1)])
        cell.branches[0].convolution.kernel.assign([[[[1.0]]]])
        np.testing.assert_allclose(cell([ones(1, 10, 10, 1)]), UNIT, rtol=1e-5)
        assert measured(cell)["images"] == 0

    def test_measured_is_the_featuremap_after_relu(self):
        cell = BranchCell([("Branch1", "3x3")], outputs=2, dropout=0.0)
        outputs = [cell([random_images(n, 4, 4, 3, seed=n)], training=True) for n in (3, 1, 2)]
        recorded = np.concatenate(outputs)
        result = measured(cell)
        np.testing.assert_allclose(result["mean_square"], np.mean(recorded**2), rtol=1e-5)
        np.testing.assert_allclose(result["mean"], np.mean(recorded), rtol=1e-5)
        np.testing.assert_allclose(result["variance"], np.var(recorded), rtol=1e-4)
        assert result["images"] == 6

    def test_before_norm_is_the_output_of_the_convolution(self):
        cell = BranchCell([FIRST], outputs=3)
        images = random_images(4, 2, 2, 2)
        cell([images], training=True)
        convolved = images @ cell.branches[0].convolution.kernel.numpy()[0, 0]
        before = measured(cell)["mean_square_before_norm"]
        assert before == pytest.approx(np.mean(convolved**2), rel=1e-5)

    def test_what_is_measured_does_not_depend_on_gates(self):
        plain, gated = (BranchCell([FIRST], outputs=3, branch_gates=gates) for gates in (0, 1))
        images = random_images(4, 2, 2, 2)
        for cell in (plain, gated):
            cell.build([images.shape])
        gated.branches[0].convolution.kernel.assign(plain.branches[0].convolution.kernel)
        gated.branches[0].gate.assign(-0.5)
        for cell in (plain, gated):
            cell([images], training=True)
        assert measured(gated) == measured(plain)

    def test_without_statistics_there_are_no_metrics(self):
        cell = BranchCell([("Branch1", "3x3")], outputs=2, collect_statistics=False)
        cell.build([(None, 4, 4, 3)])
        assert cell.featuremap_metrics is None
        names = [variable.name for variable in cell.branches[0].variables]
        assert names == ["kernel", "beta", "moving_mean", "moving_variance"]


class TestWidenerCell:
    def widened(self, images, weight=1.0, bias=0.0):
        cell = WidenerCell(1)
        cell.build(images.shape)
        cell.convolution.kernel.assign(np.full((3, 3, images.shape[-1], 1), weight))
        cell.convolution.bias.assign([bias])
        return cell(images).numpy()

    def test_first_come_the_channels_of_the_pooled_input(self):
        image = np.arange(1.0, 17.0, dtype="float32").reshape(1, 4, 4, 1)
        np.testing.assert_array_equal(self.widened(image)[0, :, :, 0], [[6, 8], [14, 16]])

    def test_then_come_those_of_a_convolution_with_stride_2(self):
        outputs = self.widened(ones(1, 4, 4, 1))
        np.testing.assert_array_equal(outputs[0, :, :, 1], [[9, 6], [6, 4]])

    def test_the_convolution_has_bias_and_relu(self):
        outputs = self.widened(ones(1, 4, 4, 1), bias=-5.0)
        np.testing.assert_array_equal(outputs[0, :, :, 1], [[4, 1], [1, 0]])

    def test_the_channels_are_added_to_those_of_the_input(self):
        assert WidenerCell(6)(ones(1, 4, 4, 4)).shape == (1, 2, 2, 10)

    def test_odd_sides_are_halved_rounding_up(self):
        assert WidenerCell(2)(ones(1, 5, 7, 1)).shape == (1, 3, 4, 3)

    def test_the_padding_of_an_odd_side_does_not_count_as_0_in_the_pooling(self):
        outputs = self.widened(-ones(1, 3, 3, 1))
        np.testing.assert_array_equal(outputs[0, :, :, 0], -ones(2, 2))


def conv(outputs=1, size=1, **options):
    return {"block": "conv2d", "kernel_size": [size, size], "outputs": outputs, **options}


def stem_of(*layers, shape=(None, 4, 4, 1)):
    """Return a built stem; each layer a block or a list of parallel blocks."""
    lists = [layer if isinstance(layer, list) else [layer] for layer in layers]
    cell = {
        f"Layer{i}": {f"Branch{j}": block for j, block in enumerate(blocks)}
        for i, blocks in enumerate(lists)
    }
    stem = Stem(cell)
    stem.build(shape)
    return stem


def set_kernels(stem, *weights):
    kernels = [v for v in stem.variables if v.name == "kernel"]
    for kernel, weight in zip(kernels, weights, strict=True):
        kernel.assign(np.full(kernel.shape, weight))


class TestStem:
    def test_a_convolution_has_bias_and_relu(self):
        stem = stem_of(conv())
        set_kernels(stem, 2.0)
        stem.variables[1].assign([-3.0])
        outputs = stem(np.array([1.0, 2.0], "float32").reshape(1, 1, 2, 1))
        np.testing.assert_array_equal(np.ravel(outputs), [0.0, 1.0])

    def test_bias_false_leaves_the_bias_out(self):
        assert [v.name for v in stem_of(conv(bias=False)).variables] == ["kernel"]

    def test_bias_true_is_the_default(self):
        assert [v.name for v in stem_of(conv()).variables] == ["kernel", "bias"]

    def test_a_stride_divides_height_and_width_rounding_up(self):
        assert stem_of(conv(2, size=3, stride=2))(ones(1, 5, 8, 1)).shape == (1, 3, 4, 2)

    def test_without_a_stride_height_and_width_stay(self):
        assert stem_of(conv(2, size=3))(ones(1, 5, 8, 1)).shape == (1, 5, 8, 2)

    def test_branches_of_a_layer_are_concatenated_in_order(self):
        stem = stem_of([conv(2), conv(1)])
        set_kernels(stem, 3.0, 5.0)
        np.testing.assert_array_equal(np.ravel(stem(ones(1, 1, 1, 1))), [3.0, 3.0, 5.0])

    def test_layers_follow_each_other(self):
        stem = stem_of([conv(2), conv(1)], conv(1))
        set_kernels(stem, 3.0, 5.0, 2.0)
        np.testing.assert_array_equal(np.ravel(stem(ones(1, 1, 1, 1))), [2.0 * (3 + 3 + 5)])

    def test_max_pool_halves_whatever_its_window(self):
        stem = stem_of(conv(), {"block": "max_pool", "kernel_size": [3, 3]})
        set_kernels(stem, 1.0)
        image = np.arange(16.0, dtype="float32").reshape(1, 4, 4, 1)
        np.testing.assert_array_equal(stem(image)[0, :, :, 0], [[10, 11], [14, 15]])

    def test_lrn_normalizes(self):
        stem = stem_of(conv(), {"block": "lrn"})
        set_kernels(stem, 30.0)
        np.testing.assert_allclose(np.ravel(stem(ones(1, 1, 1, 1))), 30.0 / 1.1**0.75, rtol=1e-5)

    def test_dropout_keeps_keep_prob_in_training(self):
        stem = stem_of(conv(), {"block": "dropout", "keep_prob": 0.8}, shape=(None, 50, 50, 1))
        set_kernels(stem, 1.0)
        outputs = stem(ones(1, 50, 50, 1), training=True).numpy()
        assert np.mean(outputs != 0.0) == pytest.approx(0.8, abs=0.05)

    def test_cutout_cuts_in_training(self):
        stem = stem_of({"block": "cutout", "size": 2}, conv())
        set_kernels(stem, 1.0)
        outputs = stem(ones(1, 4, 4, 1), training=True).numpy()
        assert np.count_nonzero(outputs == 0.0) in (1, 2, 4)

    def test_outside_training_dropout_and_cutout_are_off(self):
        stem = stem_of(
            {"block": "cutout", "size": 2}, conv(), {"block": "dropout", "keep_prob": 0.1}
        )
        set_kernels(stem, 1.0)
        np.testing.assert_array_equal(stem(ones(1, 4, 4, 1)), ones(1, 4, 4, 1))

    def test_two_dropouts_draw_apart(self):
        dropout = {"block": "dropout", "keep_prob": 0.5}
        stem = stem_of(conv(), dropout, dropout, shape=(None, 50, 50, 1))
        set_kernels(stem, 1.0)
        outputs = stem(ones(1, 50, 50, 1), training=True).numpy()
        assert np.mean(outputs != 0.0) == pytest.approx(0.25, abs=0.05)


FINAL = {"block": "fc-final", "inputs": 4, "outputs": 2}


def classifier_of(*blocks, shape=(None, 2, 2, 2)):
    layer = Classifier({f"Layer{i}": {"Branch0": block} for i, block in enumerate(blocks)})
    layer.build(shape)
    return layer


class TestClassifier:
    def test_reduce_mean_is_over_height_and_width(self):
        layer = classifier_of({"block": "reduce_mean"}, FINAL)
        layer.variables[0].assign(np.eye(2))
        images = np.arange(8.0, dtype="float32").reshape(1, 2, 2, 2)
        np.testing.assert_allclose(layer(images), [[3.0, 4.0]])

    def test_flatten_gives_each_pixel_weights_of_its_own(self):
        layer = classifier_of({"block": "flatten"}, FINAL)
        assert layer.variables[0].shape == (8, 2)

    def test_the_last_block_is_linear_with_bias(self):
        layer = classifier_of({"block": "reduce_mean"}, FINAL)
        layer.variables[0].assign(-np.eye(2))
        layer.variables[1].assign([0.5, 0.25])
        np.testing.assert_allclose(layer(ones(1, 2, 2, 2)), [[-0.5, -0.75]])

    def test_a_hidden_block_has_bias_and_relu(self):
        layer = classifier_of({"block": "reduce_mean"}, {"block": "fc", "outputs": 2}, FINAL)
        hidden, bias, last, _ = layer.variables
        hidden.assign(np.eye(2))
        bias.assign([1.0, -3.0])
        last.assign(np.eye(2))
        np.testing.assert_allclose(layer(ones(1, 2, 2, 2)), [[2.0, 0.0]])

    def test_dropout_thins_in_training_alone(self):
        blocks = ({"block": "flatten"}, {"block": "dropout", "keep_prob": 0.5}, FINAL)
        layer = classifier_of(*blocks, shape=(None, 30, 30, 1))
        kernel = layer.trainable_variables[0]
        kernel.assign(np.full(kernel.shape, 1.0 / 900.0))
        images = ones(1, 30, 30, 1)
        np.testing.assert_allclose(layer(images), [[1.0, 1.0]], rtol=1e-5)
        thinned = layer(images, training=True).numpy()[0, 0]
        assert thinned == pytest.approx(1.0, abs=0.2)
        assert thinned != pytest.approx(1.0, abs=1e-5)

    def test_the_last_kernel_begins_within_two_deviations_of_one_over_inputs(self):
        layer = classifier_of(
            {"block": "reduce_mean"},
            {"block": "fc-final", "inputs": 50, "outputs": 100},
            shape=(None, 1, 1, 100),
        )
        kernel = layer.variables[0].numpy()
        assert np.abs(kernel).max() <= 2.0 / 50
        # A normal distribution cut off at two deviations has 0.88 of its deviation.
        assert kernel.std() == pytest.approx(0.88 / 50, rel=0.05)
