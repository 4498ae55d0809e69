"""Computing a cell in parts of the batch, and again for its gradients.

What is inside a cell is not kept for the backward pass. It is computed once more as soon as the
gradients of the outputs are known. If the batch is computed in parts, one after the other, no more
than one part of the inside is in memory at any time.

Batch norms need statistics of the whole batch, so no part can go through the cell in one go. For
each batch norm there is a pass over all parts that collects its statistics, and one in the backward
pass that collects the gradients of these statistics. Other passes take both as given. So the result
is that of the whole batch within rounding, on all replicas together.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from nac.models.loops import Tensors, one_by_one
from nac.models.part import BatchStatistics, Part, Statistics, only

if TYPE_CHECKING:
    from nac.models.cell import Cell


def computed_in_parts(cell: Cell, inputs: Any, count: int) -> Any:
    """Return the outputs of a cell in a training step; their gradients compute the cell again.

    Args:
        cell: The cell.
        inputs: A tensor or a list of tensors, whose first axis has the images of a replica.
        count: Number of equal parts of these images.
    """
    computation = _Computation(cell, inputs, count)
    values = tf.nest.flatten(inputs)
    weights = [tf.convert_to_tensor(variable) for variable in computation.variables]

    @tf.custom_gradient
    def compute(*tensors):
        return computation.forward(tensors[: len(values)], tensors[len(values) :])

    results = compute(*values, *weights)
    if computation.metrics is not None:
        *results, rows = results
        computation.metrics.add(rows)
    return results[0] if len(results) == 1 else tuple(results)


class _Computation:
    """The computation of a cell as a function of its inputs and weights.

    Args:
        cell: The cell.
        inputs: Its inputs.
        count: Number of parts.

    Attributes:
        metrics: What measures featuremaps in the cell, None for nothing.
        variables: The weights: variables of which outputs have gradients.
    """

    def __init__(self, cell: Cell, inputs: Any, count: int):
        self._cell, self._inputs, self._count = cell, inputs, count
        self.metrics = cell.featuremap_metrics
        self.variables = list(cell.trainable_variables)
        if self.metrics is not None:
            self.variables.append(self.metrics.unit_gates)
        # Once and outside of loops, as drawing a seed counts a call.
        self._seeds = {id(layer): layer.next_seed() for layer in cell.random_layers if layer.draws}

    def forward(self, inputs: Tensors, weights: Tensors):
        """Return outputs and what was measured, and the function of their gradients."""
        norms: list[BatchStatistics] = []
        for together in self._cell.normalized_together if self._count > 1 else ():
            channels = sum(layer.beta.shape[0] for layer in together)
            norms.append(self._statistics(inputs, weights, _values(norms), channels))
        known = _values(norms)

        def part(number):
            outputs, done = self._part(number, self._slices(inputs, number), weights, known)
            return done.measured, outputs

        sums = [] if self.metrics is None else [self.metrics.sums]
        measured, parts = one_by_one(self._count, part, sums, self._output_specs(inputs))
        outputs = [_side_by_side(part) for part in parts]

        def gradients(*upstream):
            given = upstream[: len(outputs)]
            # As soon as an operation can run, it does. Without this, that is in the forward pass.
            with tf.control_dependencies(given):
                return self._gradients(inputs, weights, norms, given)

        return [*outputs, *measured], gradients

    def _statistics(
        self, inputs: Tensors, weights: Tensors, known: list[Statistics], channels: int
    ) -> BatchStatistics:
        """Return the statistics for the batch norm after those whose statistics are known."""

        def part(number):
            _, done = self._part(number, self._slices(inputs, number), weights, known)
            return [], [done.own[len(known)]]

        _, (parts,) = one_by_one(self._count, part, [], [tf.TensorSpec((2, channels))])
        return BatchStatistics(parts)

    def _gradients(
        self, inputs: Tensors, weights: Tensors, norms: list[BatchStatistics], upstream: Tensors
    ) -> list[tf.Tensor]:
        """Return the gradients of inputs and weights.

        Args:
            inputs: The inputs.
            weights: The weights.
            norms: The statistics of all batch norms, in order.
            upstream: The gradients of the outputs.
        """
        known = _values(norms)
        later: list[tf.Tensor] = []

        def pulled(number, sources, parts, weights, known):
            """Return the gradients of sources by way of outputs and of later batch norms."""
            with tf.GradientTape() as tape:
                tape.watch(sources)
                outputs, done = self._part(number, parts, weights, known)
            targets = [*outputs, *done.own[len(done.own) - len(later) :]]
            given = [*self._slices(upstream, number), *(part[number] for part in later)]
            return tape.gradient(targets, sources, given, unconnected_gradients="zero")

        def of_statistics(number, place):
            values = tuple(map(tf.identity, known[place]))
            given = [*known[:place], values, *known[place + 1 :]]
            return pulled(number, values, self._slices(inputs, number), weights, given), []

        for place in reversed(range(len(norms))):
            compute = partial(of_statistics, place=place)
            gradients, _ = one_by_one(self._count, compute, known[place], [])
            later.insert(0, norms[place].gradients(gradients))

        def of_all(number):
            # As tensors of their own, since a cell may have the same input twice.
            parts = [tf.identity(part) for part in self._slices(inputs, number)]
            held = [tf.identity(weight) for weight in weights]
            gradients = pulled(number, [*parts, *held], parts, held, known)
            return gradients[len(parts) :], gradients[: len(parts)]

        specs = [self._spec(tensor.shape, tensor.dtype) for tensor in inputs]
        of_weights, of_inputs = one_by_one(self._count, of_all, weights, specs)
        with tf.control_dependencies(of_weights):  # before the next cell is computed again
            return [*(tf.identity(_side_by_side(part)) for part in of_inputs), *of_weights]

    def _part(
        self, number, inputs: Tensors, weights: Tensors, known: list[Statistics]
    ) -> tuple[list[tf.Tensor], Part]:
        """Return the outputs of one part, and what layers left in the part."""
        part = Part(number, self._count, self._seeds, known)
        values = zip(self.variables, weights, strict=True)
        with only(part), keras.StatelessScope(state_mapping=values):
            outputs = self._cell(tf.nest.pack_sequence_as(self._inputs, inputs), training=True)
        return tf.nest.flatten(outputs), part

    def _slices(self, tensors: Tensors, number) -> list[tf.Tensor]:
        """Return one part of tensors that have all images."""
        if self._count == 1:
            return list(tensors)
        shaped = [tf.reshape(x, (self._count, -1, *x.shape[1:])) for x in tensors]
        return [tf.gather(tensor, number) for tensor in shaped]

    def _output_specs(self, inputs: Tensors) -> list[tf.TensorSpec]:
        shapes = tf.nest.pack_sequence_as(self._inputs, [tuple(x.shape) for x in inputs])
        outputs = self._cell.compute_output_shape(shapes)
        several = outputs if isinstance(outputs[0], tuple) else [outputs]
        return [self._spec(shape, self._cell.compute_dtype) for shape in several]

    def _spec(self, shape, dtype) -> tf.TensorSpec:
        """Return what a part is like of a tensor that has all images."""
        images, *others = shape
        return tf.TensorSpec((images and images // self._count, *others), dtype)


def _side_by_side(parts: tf.Tensor) -> tf.Tensor:
    """Return (parts, images of a part, ...) as (images, ...)."""
    return tf.reshape(parts, (-1, *parts.shape[2:]))


def _values(norms: list[BatchStatistics]) -> list[Statistics]:
    return [norm.values for norm in norms]
