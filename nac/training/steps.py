"""The compiled steps of a job: train, calibrate, evaluate. They are the same on all strategies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from nac.config.training import Training
from nac.models.cell import Cell, cells_in_parts
from nac.models.cells import batch_normalizations, featuremap_metrics
from nac.models.instruments import count_gradients
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.averages import WeightAverage
from nac.training.optimizers import is_elementwise, make_optimizer
from nac.training.weights import Weights, sizes
from nac.training.workers import Workers, gathered
from nac.utils.errors import InputError


@contextmanager
def batch_statistics(model: keras.Model) -> Iterator[None]:
    """Within this block, the model normalizes by batch statistics outside of training too.

    Moving averages are updated, while dropout and featuremap metrics are off. What counts is
    whether a ``tf.function`` is traced within the block, not whether it is called there.
    """
    with _batch_norms(model, calibrating=True):
        yield


@contextmanager
def _batch_norms(model: keras.Model, **changes: bool) -> Iterator[None]:
    """Change attributes of all batch norms within a ``with`` block."""
    layers = batch_normalizations(model)
    before = [{name: getattr(layer, name) for name in changes} for layer in layers]
    for layer in layers:
        vars(layer).update(changes)
    try:
        yield
    finally:
        for layer, values in zip(layers, before, strict=True):
            vars(layer).update(values)


class Steps:
    """The steps that train, calibrate and evaluate one model under one strategy.

    Create it inside the strategy's scope, after the model.

    Args:
        model: A network from images to logits, or to a list of them with auxiliary classifiers.
        recipe: Optimizer, clipping and regularization.
        strategy: The strategy of the job.
        global_batch_size: Images per step on all replicas together.
        jit_compile: Whether XLA compiles the forward and backward pass, for one device only.
        source: Path of the experiment file, with which messages about the optimizer begin.
        saving: How memory is saved.

    Raises:
        InputError: XLA is wanted on several devices or of cells that save memory, the optimizer
            does not exist, or the images of a device cannot be divided into such parts.
    """

    def __init__(
        self,
        model: keras.Model,
        recipe: Training,
        strategy: tf.distribute.Strategy,
        global_batch_size: int,
        jit_compile: bool = False,
        source: str = "",
        saving: MemorySaving = NOTHING_SAVED,
    ):
        if jit_compile and strategy.num_replicas_in_sync > 1:
            raise InputError("--jit_compile works on one device (--strategy=one)")
        self._parts = saving.parts(global_batch_size // strategy.num_replicas_in_sync)
        if self._parts is not None:
            _check_saving(model, jit_compile)
        self.model, self.recipe, self.strategy = model, recipe, strategy
        self.workers = Workers(strategy)
        self.global_batch_size = global_batch_size
        self._metrics = featuremap_metrics(model)
        self._unit_gates = [metric.unit_gates.value for metric in self._metrics]
        joined = is_elementwise(recipe.optimizer)
        self._weights = Weights(model.trainable_variables, joined)
        self.weights = self._weights.parts
        self.optimizer = make_optimizer(recipe, source, sizes(self.weights) if joined else None)
        self.optimizer.build(self._weights.updated)
        self.average = WeightAverage(self.weights, self._weights.vector)
        self._gradients = self._loss_and_gradients
        if jit_compile:
            self._gradients = tf.function(
                self._loss_and_gradients, autograph=False, jit_compile=True
            )

    @property
    def variables(self) -> list[tf.Variable | keras.Variable]:
        """All variables of a training step: of the network, the optimizer, and the average."""
        joined = [] if self._weights.vector is None else [self._weights.vector]
        own = [*joined, *self.optimizer.variables, self.average.vector]
        return [*self.model.variables, *own]

    @tf.function(autograph=False)
    def train(
        self, images: tf.Tensor, labels: tf.Tensor, decay: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Train on one batch, as one call; see :meth:`train_step`."""
        return self.train_step(images, labels, decay)

    def train_step(
        self, images: tf.Tensor, labels: tf.Tensor, decay: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Train on one batch; return its mean cross-entropy and number of correct answers.

        This is not compiled by itself, but as part of :class:`nac.training.calls.Calls`.

        Args:
            images: Distributed images, (batch, height, width, channels).
            labels: Distributed labels, (batch,).
            decay: Decay of the weights' average (see :mod:`nac.training.averages`).
        """
        # Outside of the replicas: weights and average are updated once per step, from values that
        # are the same on all of them.
        self._weights.load(self.strategy)
        with _batch_norms(self.model, tracking=False):
            loss, correct = self.strategy.run(self._train_replica, args=(images, labels))
        self._weights.store(self.strategy, self._weight_decay())
        self.average.update(self.strategy, decay)
        return self._sum(loss), self._sum(correct)

    def _weight_decay(self) -> tf.Tensor | None:
        """Return the share of themselves that kernels lose in this step, None for no loss."""
        if not self.recipe.weight_decay:
            return None
        return self.recipe.weight_decay * tf.convert_to_tensor(self.optimizer.learning_rate)

    def _train_replica(self, images, labels):
        loss, logits, gradients, sensitivities = self._gradients(images, labels)
        self._count(sensitivities)
        # The optimizer sums the gradients over all replicas, and only then clips their norms, so
        # that a step does not depend on the number of devices.
        gradients = self._weights.gradients(gradients, self._decay())
        self.optimizer.apply(gradients, self._weights.updated)
        return loss, _correct(labels, logits)

    def _decay(self) -> tf.Tensor | float | None:
        """Return the factor of the weights in the gradient of the l2 penalty, on one replica.

        The penalty is the sum of squares of all variables (without 1/2, as in AMLA), whose
        gradient needs no tape. The optimizer sums the gradients of all replicas.
        """
        if not self.recipe.l2:
            return None
        decay = 2.0 * self.recipe.l2 / self.strategy.num_replicas_in_sync
        if self.recipe.scales_loss:
            decay *= tf.convert_to_tensor(self.optimizer.dynamic_scale)
        return decay

    def _loss_and_gradients(self, images, labels):
        recipe = self.recipe
        with tf.GradientTape() as tape:
            tape.watch(self._unit_gates)
            with cells_in_parts(self._parts):
                logits, *heads = tf.nest.flatten(self.model(images, training=True))
            loss = self._mean_loss(labels, logits)
            total = loss
            for head in heads:
                total += recipe.auxiliary_weight * self._mean_loss(labels, head)
            if recipe.scales_loss:
                total = self.optimizer.scale_loss(total)
        variables = [self.weights, self._unit_gates]
        gradients, sensitivities = tape.gradient(total, variables, unconnected_gradients="zero")
        return loss, logits, gradients, sensitivities

    def _count(self, sensitivities) -> None:
        """Let the featuremap metrics count the gradients of their gates.

        A step whose gradients are not finite is left out. With a scaled loss there are some, until
        the scale fits.
        """
        if not self._metrics:
            return
        # The metric is the absolute value of the whole batch's gradient, so replicas sum first.
        context = tf.distribute.get_replica_context()
        total = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.concat(sensitivities, axis=0))
        if self.recipe.scales_loss:
            total /= tf.convert_to_tensor(self.optimizer.dynamic_scale)
        counts = tf.cast(tf.reduce_all(tf.math.is_finite(total)), total.dtype)
        count_gradients(self._metrics, total, counts)

    def _mean_loss(self, labels, logits):
        """Return this replica's part of the mean loss over the global batch."""
        losses = cross_entropy(labels, logits, self.recipe.label_smoothing)
        return tf.reduce_sum(losses) / self.global_batch_size

    @tf.function(autograph=False)
    def calibrate(self, images: tf.Tensor) -> None:
        """Update the batch norms' moving statistics by one batch, and nothing else."""
        with batch_statistics(self.model):
            self.strategy.run(lambda images: self.model(images, training=False), args=(images,))

    @tf.function(autograph=False)
    def evaluate(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Return label, predicted class, its probability, and cross-entropy of each image.

        Each of the four has the shape (batch,), with the images of all replicas in order. Images
        with label -1 are the padding of the last batch; what is answered for them means nothing.
        """
        return self._evaluate(self._logits, images, labels)

    @tf.function(autograph=False)
    def evaluate_flipped(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Return the same for the mean logits of each image and its mirror image."""

        def logits(images):
            return 0.5 * (self._logits(images) + self._logits(tf.reverse(images, [2])))

        return self._evaluate(logits, images, labels)

    def _logits(self, images: tf.Tensor) -> tf.Tensor:
        logits, *_ = tf.nest.flatten(self.model(images, training=False))
        return tf.cast(logits, tf.float32)

    def _evaluate(self, logits: Callable, images, labels) -> tuple[tf.Tensor, ...]:
        def replica(images, labels):
            return _answers(labels, logits(images))

        answers = self.strategy.run(replica, args=(images, labels))
        return tuple(gathered(part, self.strategy) for part in answers)

    def _sum(self, value):
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, value, axis=None)


def _check_saving(model: keras.Model, jit_compile: bool) -> None:
    """Check that cells can be computed in parts and again."""
    if jit_compile:
        raise InputError(
            "--jit_compile: not with --recompute or --micro_batch, as XLA itself decides what is"
            " kept in memory"
        )
    for cell in model._flatten_layers():
        if isinstance(cell, Cell) and cell.foreign_state:
            raise InputError(
                "--recompute and --micro_batch: expected branches whose outputs depend on inputs"
                f" and trainable weights alone, received {cell.name} with the variable"
                f" {cell.foreign_state[0].path}"
            )


def cross_entropy(labels: tf.Tensor, logits: tf.Tensor, smoothing: float = 0.0) -> tf.Tensor:
    """Return the cross-entropy of each image, (batch,) float32.

    Args:
        labels: Classes of the images, (batch,) integers.
        logits: Outputs of the network, (batch, classes).
        smoothing: Share of each label that is spread evenly over all classes.
    """
    logits = tf.cast(logits, tf.float32)
    if not smoothing:
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    classes = logits.shape[-1]
    targets = tf.one_hot(labels, classes) * (1.0 - smoothing) + smoothing / classes
    return tf.nn.softmax_cross_entropy_with_logits(targets, logits)


def _correct(labels, logits):
    right = tf.equal(_predicted(labels, logits), labels)
    return tf.reduce_sum(tf.cast(right, tf.float32))


def _predicted(labels, logits):
    return tf.argmax(logits, axis=-1, output_type=labels.dtype)


def _answers(labels, logits):
    labels = tf.convert_to_tensor(labels)
    losses = cross_entropy(tf.maximum(labels, 0), logits)
    confidence = tf.reduce_max(tf.nn.softmax(logits), axis=-1)
    return labels, _predicted(labels, logits), confidence, losses
