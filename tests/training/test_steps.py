"""Train, calibrate and evaluate steps of one model."""

import numpy as np
import pytest
import tensorflow as tf

from nac.config import KerasOptimizer, Momentum
from nac.training.optimizers import is_elementwise
from nac.training.steps import batch_statistics
from tests.builders import layer
from tests.models.small_networks import random_images, small
from tests.training.examples import IMAGES, LABELS, make_steps, recipe, values

DECAY = tf.constant(0.5)


def cross_entropies(logits):
    """Return the cross-entropy of each image with its label."""
    exponents = np.exp(np.asarray(logits, "float64"))
    chosen = exponents[np.arange(len(LABELS)), LABELS]
    return -np.log(chosen / exponents.sum(axis=1))


def logits_in_training(steps):
    """Return what the network says in training, where dropout is 0."""
    with batch_statistics(steps.model):
        return steps.model(IMAGES, training=False).numpy()


def trained(training=None, steps=1):
    made = make_steps(training)
    for _ in range(steps):
        made.train(IMAGES, LABELS, DECAY)
    return made


def first_loss(training=None, **options):
    steps = make_steps(training, **options)
    return float(steps.train(IMAGES, LABELS, DECAY)[0])


class TestBatchStatistics:
    def test_within_it_batch_norms_look_at_the_batch(self):
        steps = make_steps()
        with batch_statistics(steps.model):
            shifted = steps.model(IMAGES, training=False)
        expected = steps.model(IMAGES, training=True)
        np.testing.assert_allclose(shifted, expected, rtol=1e-4, atol=1e-5)

    def test_after_it_batch_norms_look_at_their_moving_statistics(self):
        steps = make_steps()
        plain = steps.model(IMAGES, training=False).numpy()
        batch = logits_in_training(steps)
        for branch in branches(steps):
            branch.normalization.moving_mean.assign(np.zeros(4))
            branch.normalization.moving_variance.assign(np.ones(4))
        np.testing.assert_array_equal(steps.model(IMAGES, training=False), plain)
        assert not np.allclose(batch, plain)

    def test_an_error_within_it_ends_it_too(self):
        steps = make_steps()
        with pytest.raises(KeyError, match="interrupted"):
            self.interrupted(steps)
        normalizations = [b.normalization for b in steps.model.get_layer("layer01").branches]
        assert [layer.calibrating for layer in normalizations] == [False, False]

    def interrupted(self, steps):
        with batch_statistics(steps.model):
            raise KeyError("interrupted")

    def test_within_it_metrics_and_dropout_rest(self):
        steps = make_steps(recipe(branch_dropout=0.5))
        cell = steps.model.get_layer("layer01")
        logits_in_training(steps)
        assert cell.featuremap_metrics.results()[0]["images"] == 0
        assert cell.dropout.calls.numpy() == 0


@pytest.mark.usefixtures("eagerly")
class TestTrain:
    def test_it_returns_the_mean_cross_entropy_before_the_step(self):
        steps = make_steps()
        expected = cross_entropies(logits_in_training(steps)).mean()
        loss, _ = steps.train(IMAGES, LABELS, DECAY)
        assert float(loss) == pytest.approx(expected, rel=1e-4)

    def test_it_returns_the_number_of_right_answers(self):
        steps = make_steps()
        bias = steps.model.get_layer("classifier").variables[1]
        bias.assign([100.0, 0.0, 0.0])
        _, correct = steps.train(IMAGES, LABELS, DECAY)
        assert float(correct) == np.sum(LABELS == 0)

    def test_the_loss_is_a_sum_over_the_global_batch(self):
        assert first_loss(batch_size=8) == pytest.approx(first_loss(batch_size=4) / 2.0)

    def test_plain_descent_goes_down_the_gradient(self):
        steps = make_steps()
        before = values(steps.weights)
        with tf.GradientTape() as tape:
            logits = steps.model(IMAGES, training=True)
            loss = tf.reduce_mean(
                tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(LABELS, 3), logits)
            )
        gradients = tape.gradient(loss, steps.weights)
        steps.train(IMAGES, LABELS, DECAY)
        for start, gradient, after in zip(before, gradients, values(steps.weights), strict=True):
            np.testing.assert_allclose(after, start - 0.1 * gradient, rtol=1e-4, atol=1e-6)

    def test_every_trainable_variable_is_trained(self):
        steps = make_steps()
        before = values(steps.model.trainable_variables)
        steps.train(IMAGES, LABELS, DECAY)
        after = values(steps.model.trainable_variables)
        moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
        assert all(moved)

    def test_l2_pulls_every_variable_by_twice_its_value(self):
        start = values(make_steps().weights)
        without = values(trained(recipe(l2=0.0)).weights)
        with_l2 = values(trained(recipe(l2=0.25)).weights)
        for first, plain, pulled in zip(start, without, with_l2, strict=True):
            expected = plain - 0.1 * 2.0 * 0.25 * first
            np.testing.assert_allclose(pulled, expected, rtol=1e-4, atol=1e-6)

    def test_l2_is_not_in_the_loss_that_it_returns(self):
        assert first_loss(recipe(l2=10.0)) == first_loss(recipe(l2=0.0))

    def test_momentum_is_that_of_the_recipe(self):
        # With a = g, the first Nesterov step is (1 + m) times the plain one.
        start = values(make_steps().weights)
        plain = values(trained(recipe(momentum=0.0)).weights)
        faster = values(trained(recipe(momentum=0.5)).weights)
        for first, one, other in zip(start, plain, faster, strict=True):
            np.testing.assert_allclose(other - first, 1.5 * (one - first), rtol=1e-3, atol=1e-6)

    def test_clipping_is_that_of_the_recipe(self):
        start = values(make_steps().weights)
        clipped = values(trained(recipe(clip_norm=1e-3)).weights)
        moves = [np.linalg.norm(b - a) for a, b in zip(start, clipped, strict=True)]
        assert max(moves) == pytest.approx(0.1 * 1e-3, rel=0.05)

    def test_the_average_follows_the_new_weights(self):
        steps = make_steps()
        start = values(steps.weights)
        steps.train(IMAGES, LABELS, tf.constant(0.75))
        averages = steps.average.values()
        for first, after, average in zip(start, values(steps.weights), averages, strict=True):
            expected = 0.75 * first + 0.25 * after
            np.testing.assert_allclose(average, expected, rtol=1e-5, atol=1e-7)

    def test_metrics_count_the_images(self):
        cell = trained(steps=2).model.get_layer("layer01")
        assert [values["images"] for values in cell.featuremap_metrics.results()] == [8, 8]


# It has every kind of variable: kernels, biases, shifts and scales of batch norm, and both gates.
EVERY_KIND = small(layer("1x1", "3x3sep", inputs=[0]))

JOINED = [Momentum(0.0), Momentum(0.9), KerasOptimizer("SGD", ())]
SEPARATE = [KerasOptimizer("SGD", (("clipnorm", 1e6),)), KerasOptimizer("Lamb", ())]


def decayed(weight_decay, steps=1, rate=0.1, optimizer=JOINED[0]):
    """Return the steps of a network of every kind of variable after some steps."""
    training = recipe(weight_decay=weight_decay, optimizer=optimizer)
    made = make_steps(training, EVERY_KIND, branch_gates=True, batch_norm_scale=True)
    made.optimizer.learning_rate.assign(rate)
    for _ in range(steps):
        made.train(IMAGES, LABELS, DECAY)
    return made


def named_values(steps):
    return {v.path: v.numpy() for v in steps.model.trainable_variables}


@pytest.mark.usefixtures("eagerly")
class TestWeightDecay:
    def test_the_network_has_every_kind_of_variable(self):
        kinds = {path.split("/")[-1] for path in named_values(decayed(0.0, steps=0))}
        assert kinds == {
            "kernel",
            "depthwise_kernel",
            "pointwise_kernel",
            "bias",
            "beta",
            "gamma",
            "gate_0",
            "branch_gate",
        }

    @pytest.mark.parametrize("optimizer", JOINED + SEPARATE)
    def test_kernels_lose_their_share_and_nothing_else_does(self, optimizer):
        plain = named_values(decayed(0.0, optimizer=optimizer))
        for path, value in named_values(decayed(0.5, optimizer=optimizer)).items():
            # 0.5 times the rate of 0.1 is a share of 0.05.
            factor = 0.95 if path.endswith("kernel") else 1.0
            np.testing.assert_allclose(value, factor * plain[path], rtol=1e-5, err_msg=path)

    def test_it_takes_no_part_in_the_momentum(self):
        # At rate 0 weights stay but gradients pile up; the same gradients pile up with a decay.
        plain, with_decay = (decayed(d, 2, 0.0, Momentum(0.9)) for d in (0.0, 0.5))
        for first, second in zip(
            plain.optimizer.variables, with_decay.optimizer.variables, strict=True
        ):
            np.testing.assert_array_equal(first.numpy(), second.numpy())

    @pytest.mark.parametrize("optimizer", [JOINED[1], SEPARATE[0]])
    def test_without_a_learning_rate_nothing_is_lost(self, optimizer):
        start = named_values(decayed(0.5, steps=0, optimizer=optimizer))
        for path, value in named_values(decayed(0.5, rate=0.0, optimizer=optimizer)).items():
            np.testing.assert_array_equal(value, start[path], err_msg=path)

    def test_one_vector_and_separate_variables_come_to_the_same(self):
        joined, separate = JOINED[2], SEPARATE[0]
        assert (is_elementwise(joined), is_elementwise(separate)) == (True, False)
        expected = named_values(decayed(0.5, steps=3, optimizer=joined))
        for path, value in named_values(decayed(0.5, steps=3, optimizer=separate)).items():
            np.testing.assert_allclose(value, expected[path], rtol=1e-4, atol=1e-6, err_msg=path)

    @pytest.mark.parametrize("optimizer", [JOINED[1], SEPARATE[0]])
    def test_the_average_is_that_of_the_weights_after_it(self, optimizer):
        start = values(decayed(0.5, steps=0, optimizer=optimizer).weights)
        steps = decayed(0.5, optimizer=optimizer)
        averages = steps.average.values()
        for first, after, average in zip(start, values(steps.weights), averages, strict=True):
            np.testing.assert_allclose(average, 0.5 * (first + after), rtol=1e-5, atol=1e-7)


def sensitivities(steps):
    """Return what the metrics of the only layer know of their gates' gradients."""
    return [values["taylor"] for values in metrics(steps).results()]


def metrics(steps):
    return steps.model.get_layer("layer01").featuremap_metrics


def branches(steps):
    return steps.model.get_layer("layer01").branches


def loss_in_training(steps):
    return float(cross_entropies(logits_in_training(steps)).mean())


def slope(steps, gate):
    """Return the loss's change with a gate, from losses a little to both sides."""
    losses = []
    for value in (1.0 + 1e-2, 1.0 - 1e-2):
        gate.assign(value)
        losses.append(loss_in_training(steps))
    gate.assign(1.0)
    return (losses[0] - losses[1]) / 2e-2


@pytest.mark.usefixtures("eagerly")
class TestSensitivities:
    def test_they_are_the_absolute_slopes_of_the_loss_with_a_gate_on_the_branch(self):
        steps = make_steps(branch_gates=True)
        slopes = [slope(steps, branch.gate) for branch in branches(steps)]
        steps.train(IMAGES, LABELS, DECAY)
        assert min(map(abs, slopes)) > 1e-3
        assert sensitivities(steps) == pytest.approx(np.abs(slopes), rel=1e-2)

    def test_they_are_slopes_beside_a_scale_of_batch_norm_too(self):
        steps = make_steps(branch_gates=True, batch_norm_scale=True)
        for branch, scale in zip(branches(steps), (2.0, 0.5), strict=True):
            branch.normalization.gamma.assign(np.full(4, scale))
        slopes = [slope(steps, branch.gate) for branch in branches(steps)]
        steps.train(IMAGES, LABELS, DECAY)
        assert min(map(abs, slopes)) > 1e-3
        assert sensitivities(steps) == pytest.approx(np.abs(slopes), rel=1e-2)

    def test_a_real_gate_does_not_count_itself_twice(self):
        # Of gate 2 the gradient is that of the featuremap times 2, as of a plain one twice as big.
        steps = make_steps(branch_gates=True)
        gate = branches(steps)[0].gate
        gate.assign(2.0)
        with tf.GradientTape() as tape:
            logits = steps.model(IMAGES, training=True)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=logits)
            )
        expected = abs(2.0 * float(tape.gradient(loss, gate.value)))
        steps.train(IMAGES, LABELS, DECAY)
        assert sensitivities(steps)[0] == pytest.approx(expected, rel=1e-4)

    def test_they_are_a_mean_over_steps(self):
        # At rate 0 the weights stay, so all steps are alike.
        one, three = make_steps(), make_steps()
        for steps, count in ((one, 1), (three, 3)):
            steps.optimizer.learning_rate.assign(0.0)
            for _ in range(count):
                steps.train(IMAGES, LABELS, DECAY)
        assert sensitivities(three) == pytest.approx(sensitivities(one), rel=1e-4)
        assert metrics(three).sensitivity.numpy()[1].tolist() == [3.0, 3.0]

    def test_the_scale_of_the_loss_is_divided_out(self):
        scaled = trained(recipe(mixed_precision=True))
        assert sensitivities(scaled) == pytest.approx(sensitivities(trained()), rel=1e-4)

    def test_a_step_that_overflows_does_not_count(self):
        steps = make_steps(recipe(mixed_precision=True))
        steps.optimizer.dynamic_scale.assign(np.inf)
        steps.train(IMAGES, LABELS, DECAY)
        assert not metrics(steps).sensitivity.numpy().any()

    def test_neither_optimizer_nor_average_knows_the_constant_gates(self):
        steps = trained(recipe(l2=0.5))
        assert set(metrics(steps).unit_gates.numpy()) == {1.0}
        trainable = len(steps.model.trainable_variables)
        assert len(steps.weights) == len(steps.average.values()) == trainable

    def test_scales_of_batch_norm_are_trained(self):
        steps = make_steps(batch_norm_scale=True)
        steps.train(IMAGES, LABELS, DECAY)
        for branch in branches(steps):
            assert (branch.normalization.gamma.numpy() != 1.0).all()

    def test_branch_gates_are_trained(self):
        steps = trained(recipe(), steps=1)
        gated = make_steps(branch_gates=True)
        gated.train(IMAGES, LABELS, DECAY)
        assert len(gated.weights) == len(steps.weights) + 2
        assert all(branch.gate.numpy() != 1.0 for branch in branches(gated))


class TestTwice:
    def test_from_the_same_state_a_training_gives_the_same(self):
        steps = make_steps(recipe(branch_dropout=0.5, momentum=0.9))
        state = [*steps.model.variables, *steps.optimizer.variables]
        tensors = [v.value for v in state] + [steps.average.vector]
        steps.train(IMAGES, LABELS, DECAY)
        start = values(tensors)
        losses, ends = [], []
        for _ in range(2):
            for tensor, value in zip(tensors, start, strict=True):
                tensor.assign(value)
            losses.append([float(steps.train(IMAGES, LABELS, DECAY)[0]) for _ in range(3)])
            ends.append(values(tensors))
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)
        for first, second in zip(*ends, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-7)

    def test_each_step_drops_others(self):
        # At rate 0 the weights stay, so losses differ by their dropout alone.
        steps = make_steps(recipe(branch_dropout=0.5))
        steps.optimizer.learning_rate.assign(0.0)
        losses = {float(steps.train(IMAGES, LABELS, DECAY)[0]) for _ in range(3)}
        assert len(losses) == 3


@pytest.mark.usefixtures("eagerly")
class TestEvaluate:
    def test_it_returns_label_prediction_probability_and_cross_entropy_of_each_image(self):
        steps = make_steps()
        logits = steps.model(IMAGES, training=False).numpy()
        labels, predicted, confidence, losses = steps.evaluate(IMAGES, LABELS)
        np.testing.assert_array_equal(labels, LABELS)
        np.testing.assert_array_equal(predicted, logits.argmax(axis=1))
        exponentials = np.exp(logits)
        probabilities = exponentials.max(axis=1) / exponentials.sum(axis=1)
        np.testing.assert_allclose(confidence, probabilities, rtol=1e-4)
        np.testing.assert_allclose(losses, cross_entropies(logits), rtol=1e-4)

    def test_padding_keeps_its_label_and_changes_no_other_answer(self):
        steps = make_steps()
        padded = np.concatenate([IMAGES, random_images(3, 8, 8, 1, seed=5)])
        labels = np.concatenate([LABELS, [-1, -1, -1]]).astype(np.int32)
        alone = steps.evaluate(IMAGES, LABELS)
        found = steps.evaluate(padded, labels)
        assert found[0].numpy()[4:].tolist() == [-1, -1, -1]
        for values_of_all, values_alone in zip(found, alone, strict=True):
            np.testing.assert_allclose(values_of_all[:4], values_alone, rtol=1e-5)

    def test_it_changes_nothing(self):
        steps = make_steps(recipe(branch_dropout=0.5))
        before = values(steps.model.variables)
        steps.evaluate(IMAGES, LABELS)
        for first, second in zip(before, values(steps.model.variables), strict=True):
            np.testing.assert_array_equal(first, second)


@pytest.mark.usefixtures("eagerly")
class TestEvaluateFlipped:
    def test_it_scores_the_mean_logits_of_an_image_and_its_mirror_image(self):
        steps = make_steps()
        logits, mirrored = (
            steps.model(images, training=False).numpy() for images in (IMAGES, IMAGES[:, :, ::-1])
        )
        mean = 0.5 * (logits + mirrored)
        labels, predicted, _, losses = steps.evaluate_flipped(IMAGES, LABELS)
        np.testing.assert_array_equal(labels, LABELS)
        np.testing.assert_array_equal(predicted, mean.argmax(axis=1))
        np.testing.assert_allclose(losses, cross_entropies(mean), rtol=1e-4)
        # The test could not tell the two apart otherwise.
        assert not np.allclose(logits, mirrored, atol=1e-3)

    def test_an_image_and_its_mirror_image_have_one_score(self):
        steps = make_steps()
        plain = steps.evaluate_flipped(IMAGES, LABELS)
        mirrored = steps.evaluate_flipped(IMAGES[:, :, ::-1], LABELS)
        for first, second in zip(plain, mirrored, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-5)

    def test_of_a_symmetric_image_it_is_the_plain_score(self):
        steps = make_steps()
        symmetric = IMAGES + IMAGES[:, :, ::-1]
        expected = steps.evaluate(symmetric, LABELS)
        for first, second in zip(steps.evaluate_flipped(symmetric, LABELS), expected, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-5)


@pytest.mark.usefixtures("eagerly")
class TestCalibrate:
    def test_it_changes_moving_statistics_alone(self):
        steps = make_steps(recipe(branch_dropout=0.5))
        before = values(steps.model.variables)
        steps.calibrate(IMAGES)
        changed = {
            variable.name
            for variable, value in zip(steps.model.variables, before, strict=True)
            if not np.array_equal(variable.numpy(), value)
        }
        assert changed == {"moving_mean", "moving_variance"}


def test_a_compiled_calibration_leaves_a_compiled_evaluation_alone():
    steps = make_steps()
    cell = steps.model.get_layer("layer01")
    steps.calibrate(IMAGES)
    steps.evaluate(IMAGES, LABELS)
    before = cell.branches[0].normalization.moving_variance.numpy()
    steps.evaluate(IMAGES, LABELS)
    np.testing.assert_array_equal(cell.branches[0].normalization.moving_variance.numpy(), before)
    steps.calibrate(IMAGES)
    assert not np.array_equal(cell.branches[0].normalization.moving_variance.numpy(), before)
