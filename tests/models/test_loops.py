"""Loops over parts: sums, pieces, one at a time."""

import numpy as np
import pytest
import tensorflow as tf

from nac.models.loops import one_by_one

NUMBER = tf.TensorSpec((), tf.float32)
PAIR = tf.TensorSpec((2,), tf.float32)


def doubled(number):
    """Return the number of a part to be summed, and a pair of it."""
    value = tf.cast(number, tf.float32)
    return [value], [tf.stack([value, 10.0 * value])]


@pytest.mark.parametrize("compiled", [True, False])
def test_some_results_are_summed_and_others_put_together(compiled):
    def loop():
        return one_by_one(3, doubled, [NUMBER], [PAIR])

    (total,), (pairs,) = (tf.function(loop, autograph=False) if compiled else loop)()
    assert float(total) == 0.0 + 1.0 + 2.0
    np.testing.assert_array_equal(pairs, [[0.0, 0.0], [1.0, 10.0], [2.0, 20.0]])


def test_a_single_part_needs_no_loop():
    traced = tf.function(lambda: one_by_one(1, doubled, [NUMBER], [PAIR]), autograph=False)
    (total,), (pairs,) = traced()
    assert float(total) == 0.0
    np.testing.assert_array_equal(pairs, [[0.0, 0.0]])
    operations = traced.get_concrete_function().graph.get_operations()
    assert not [op for op in operations if "While" in op.type]


def test_shapes_are_known_in_graphs():
    graph = tf.function(lambda: one_by_one(3, doubled, [NUMBER], [PAIR]), autograph=False)
    _, (pairs,) = graph.get_concrete_function().structured_outputs
    assert pairs.shape == (3, 2)
