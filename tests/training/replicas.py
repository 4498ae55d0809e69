"""A small training on any strategy, in numbers; its workers print them as JSON."""

import json

import numpy as np
import tensorflow as tf

from nac.config import KerasOptimizer
from nac.models import build_model
from nac.models.layers import Cutout, Dropout
from nac.models.normalization import BatchNormalization
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.batches import distributed, parts
from nac.training.calls import Calls
from nac.training.evaluation import answer, calibrate, score
from nac.training.measurements import featuremaps, gates
from nac.training.steps import Steps
from nac.training.strategies import make_strategy, set_determinism
from nac.training.workers import Workers, own_replicas
from tests.builders import layer
from tests.models.small_networks import random_images, small
from tests.training.examples import SHAPE, recipe

NETWORK = small(layer("3x3", "1x1", inputs=[0]))
IMAGES = random_images(24, *SHAPE)
LABELS = (np.arange(24) % 3).astype("int32")
LABELS[-3:] = -1


def train(strategy, at_once=False, saving=NOTHING_SAVED, **changes):
    """Train two steps of 8 images and evaluate 24; return all numbers that come of it."""
    set_determinism("on", 0, strategy)
    replicas = strategy.num_replicas_in_sync
    with strategy.scope():
        model = build_model(
            NETWORK, SHAPE, branch_dropout=0.2, branch_gates=True, batch_norm_scale=True
        )
        values = {"momentum": 0.9, "clip_norm": 0.5, "l2": 0.01, "weight_decay": 0.5}
        training = recipe(**values | changes)
        steps = Steps(model, training, strategy, 8, saving=saving)
    steps.optimizer.learning_rate.assign(0.1)

    def data(count):
        every = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(8 // replicas)
        own = own_replicas(strategy)
        shares = (every.skip(number).shard(replicas, 0) for number in own)
        return tf.data.Dataset.zip(tuple(shares)).take(count).flat_map(_in_turn)

    def batches(count):
        return distributed(data(count), strategy)

    if at_once:
        reading = iter(parts(data(2), strategy))
        losses, correct, _ = Calls(steps, 3).train(reading, [0.1] * 2, [0.5] * 2)
        losses = np.stack([losses, correct], axis=1).tolist()
    else:
        losses = [[float(x) for x in steps.train(*batch, tf.constant(0.5))] for batch in batches(2)]
    metrics = {"featuremaps": featuremaps(model, 0), "gates": gates(model)}
    with steps.average.in_place():
        calibrate(steps, batches(2))
        scores = [score(batches(3), step) for step in (steps.evaluate, steps.evaluate_flipped)]
        answers = answer(batches(3), steps.evaluate)
    return {
        "replicas": replicas,
        "losses": losses,
        "metrics": metrics,
        "scores": [[result.accuracy, result.loss] for result in scores],
        "answers": [answers.labels.tolist(), answers.confidence.tolist(), answers.losses.tolist()],
        "weights": [np.ravel(v.numpy()).tolist() for v in model.variables],
        "averages": [steps.average.vector.numpy().tolist()],
    }


def _in_turn(*shares):
    """Return a data set of what several replicas take of one batch, one after the other."""
    first, *others = (tf.data.Dataset.from_tensors(share) for share in shares)
    for other in others:
        first = first.concatenate(other)
    return first


def normalized(strategy):
    """Return images of a large mean and a small deviation after batch norm, on all replicas."""
    part = 4 // strategy.num_replicas_in_sync
    values = tf.constant(300.0 + 0.05 * random_images(4, 6, 6, 2) / 255.0, tf.float32)
    with strategy.scope():
        layer = BatchNormalization()
        layer.build((part, 6, 6, 2))

    @tf.function
    def outputs(*parts):
        def replica():
            number = tf.distribute.get_replica_context().replica_id_in_sync_group
            return layer(tf.gather(tf.stack(parts), number), training=True)

        return strategy.experimental_local_results(strategy.run(replica))

    parts = outputs(*tf.split(values, strategy.num_replicas_in_sync))
    return np.concatenate([np.asarray(own) for own in parts]).tolist()


def draws(strategy, layer, shape, dtype="float32", known=True):
    """Return what two calls of a layer make of six images, on all replicas together."""
    part = (6 // strategy.num_replicas_in_sync, *shape)
    with strategy.scope():
        layer.build(part)

    @tf.function(input_signature=[tf.TensorSpec(part if known else (None, *shape), dtype)])
    def draw(images):
        return strategy.run(lambda: layer(images, training=True))

    ones = tf.ones(part, dtype)
    steps = [strategy.experimental_local_results(draw(ones)) for _ in range(2)]
    return [np.concatenate([np.asarray(own) for own in step]).tolist() for step in steps]


def all_draws(strategy):
    """Return the draws of all layers that draw."""
    half = Dropout(0.5, dtype="float16")
    return {
        "dropout": draws(strategy, Dropout(0.5), (4, 4, 2)),
        "dropout of an odd number of values": draws(strategy, Dropout(0.5), (3, 3, 1)),
        "dropout of a batch of any size": draws(strategy, Dropout(0.5), (4, 4, 2), known=False),
        "dropout in float16": draws(strategy, half, (4, 4, 2), "float16"),
        "cutout": draws(strategy, Cutout(3), (9, 9, 1)),
    }


def two_devices_main() -> None:
    """Print what one device comes to, and what two of one process come to."""
    mirrored = make_strategy("mirrored", 2)
    one = tf.distribute.OneDeviceStrategy("CPU:0")
    # Such an optimizer updates each variable by itself, not all of them as one vector.
    separate = {"optimizer": KerasOptimizer("Lamb", ())}
    results = {
        "one": train(one),
        "one, separately": train(one, **separate),
        "two, separately": train(mirrored, **separate),
        "two": train(mirrored),
        "at once": train(mirrored, at_once=True),
        "recomputed": train(mirrored, saving=MemorySaving(recompute=True)),
        "in parts": train(mirrored, at_once=True, saving=MemorySaving(micro_batch=2)),
        "norm of two": normalized(mirrored),
        "norm of one": normalized(one),
        "draws of two": all_draws(mirrored),
        "draws of one": all_draws(one),
    }
    print(json.dumps(results))


def worker_main() -> None:
    """Train as one of several workers, and let them agree on a number of the chief."""
    strategy = make_strategy("multi_worker")
    workers = Workers(strategy)
    numbers = [0.1, 2.0**52 + 1] if workers.is_chief else [5.0, float("nan")]
    agreed, sums = workers.agreed(numbers), workers.sums([1.0])
    print(json.dumps({**train(strategy, at_once=True), "agreed": agreed, "sums": sums}))
