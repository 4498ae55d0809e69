"""One side of a ratio: a process that sets something up, and repeats it whenever it is told to.

    python side.py NETWORK KIND [NAME=VALUE ...]

Whenever a number n arrives on standard input, it does the work n times and prints the seconds that
one time took. It has the threads of a job. It runs with whatever version of nac Python finds, so
that versions can be compared.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

NETWORKS = {
    "digits": ("experiments/digits/construct.yaml", (5, 5), 32, (8, 8, 1)),
    "cifar10": ("experiments/cifar10/construct.yaml", (2, 2, 2), 32, (32, 32, 3)),
    "fashion": ("experiments/fashion_mnist/compare.yaml", (5, 5), 64, (28, 28, 1)),
    "constructed": ("experiments/fashion_mnist/compare.yaml", (5, 5), 64, (28, 28, 1)),
}
"""Name -> experiment, layers per stage, images per step, shape of an image."""

ARCHITECTURES = {"constructed": Path(__file__).with_name("constructed.json")}
"""Networks that are not the prior of their experiment, but what it constructed from it."""

CLASSES = 10
PEAK_SIDE = 3072
"""Side of the square matrices whose product shows the machine's peak."""


def make_job(network: str, options: dict[str, str]):
    """Return the job that trains a network.

    ``width`` and ``layers`` change its size, ``blocks`` the branches of a layer: ``3x3+5x5sep``.
    """
    from nac.architecture import fixed_cells
    from nac.architecture.json_form import load_architecture
    from nac.config import load_experiment, training_job
    from nac.construction.prior import prior
    from nac.utils.schema import Section

    path, layers, batch, _ = NETWORKS[network]
    experiment = load_experiment(path)
    if "layers" in options:
        layers = (int(options["layers"]),) * len(layers)
    policy = replace(
        experiment.need("envelopenet"), layers_per_stage=layers, max_layers_per_stage=layers
    )
    if "blocks" in options:
        cell = tuple((block, block) for block in options["blocks"].split("+"))
        policy = replace(policy, envelopecell=cell)
    stem = fixed_cells.to_dict(experiment.stem)
    if "width" in options:
        stem["Layer0"]["Branch0"]["outputs"] = int(options["width"])
    stem = fixed_cells.parse_stem(Section(stem, "init_cell"))
    architecture = prior(policy, stem, experiment.classifier)
    if network in ARCHITECTURES:
        architecture = load_architecture(str(ARCHITECTURES[network]))
    job = training_job(experiment, architecture, experiment.recipe)
    parameters = replace(job.parameters, batch_size=batch, eval_interval=None)
    return replace(job, recipe=replace(job.recipe, parameters=parameters))


def use_devices(job, options: dict[str, str]):
    """Set threads and the optimizer of graphs as a job does; return the strategy."""
    from nac.training.strategies import make_strategy, set_determinism

    try:
        from nac.training.threads import use_fitting_threads

        use_fitting_threads(job)
    except ImportError:
        pass  # a version that leaves threads to TensorFlow
    strategy = make_strategy("auto", int(options.get("devices", 0)))
    try:
        from nac.training.graphs import use_fitting_optimizer

        use_fitting_optimizer(strategy)
    except ImportError:
        pass  # a version that always lets TensorFlow rewrite graphs
    # XLA has no deterministic form of all operations.
    set_determinism("off" if "jit" in options else "auto", job.parameters.seed, strategy)
    return strategy


def random_batch(network: str, strategy):
    """Return random images and labels, shared by the replicas."""
    import numpy as np
    import tensorflow as tf

    _, _, batch, shape = NETWORKS[network]
    generator = np.random.default_rng(0)
    images = generator.normal(size=(batch, *shape)).astype(np.float32)
    labels = generator.integers(0, CLASSES, batch, np.int32)
    share = batch // strategy.num_replicas_in_sync
    if share == batch:
        return tf.constant(images), tf.constant(labels)

    def part(context):
        own = slice(
            context.replica_id_in_sync_group * share, (context.replica_id_in_sync_group + 1) * share
        )
        return tf.constant(images[own]), tf.constant(labels[own])

    return strategy.experimental_distribute_values_from_function(part)


def nac_steps(network: str, job, strategy, options: dict[str, str], metrics: bool = True):
    """Return nac's compiled steps of a network."""
    from nac.models import build_model
    from nac.training.steps import Steps

    with strategy.scope():
        model = build_model(
            job.architecture, NETWORKS[network][3], CLASSES, collect_statistics=metrics
        )
        size = job.parameters.global_batch_size
        recipe = job.recipe.training
        return Steps(model, recipe, strategy, size, "jit" in options, **saving(options))


def saving(options: dict[str, str]) -> dict:
    """Return the argument that says how steps save memory, nothing for versions without it."""
    if not {"recompute", "micro_batch"} & set(options):
        return {}
    from nac.runs.memory_saving import MemorySaving

    images = options.get("micro_batch")
    return {"saving": MemorySaving("recompute" in options, int(images) if images else None)}


def nac(network: str, options: dict[str, str], metrics: bool = True) -> Callable:
    """Return nac's step on random images."""
    import tensorflow as tf

    job = make_job(network, options)
    strategy = use_devices(job, options)
    steps = nac_steps(network, job, strategy, options, metrics)
    images, labels = random_batch(network, strategy)
    decay = tf.constant(0.5)
    return lambda: steps.train(images, labels, decay)[0]


def bare(network: str, options: dict[str, str]) -> Callable:
    """Return nac's step without metrics."""
    return nac(network, options, metrics=False)


def handwritten(network: str, options: dict[str, str]) -> Callable:
    """Return a lean step of the same network made of plain Keras layers."""
    from handwritten import lean_network, lean_step

    job = make_job(network, options)
    strategy = use_devices(job, options)
    step = lean_step(lean_network(job.architecture, NETWORKS[network][3]), job.recipe.training)
    images, labels = random_batch(network, strategy)
    return lambda: step(images, labels)


def plain(network: str, options: dict[str, str]) -> Callable:
    """Return a lean step of a plain convolutional network."""
    from handwritten import lean_step, plain_network

    job = make_job(network, options)
    strategy = use_devices(job, options)
    step = lean_step(plain_network(NETWORKS[network][3]), job.recipe.training)
    images, labels = random_batch(network, strategy)
    return lambda: step(images, labels)


def matmul(network: str, options: dict[str, str]) -> Callable:
    """Return a product of large matrices, on all threads."""
    import tensorflow as tf

    matrix = tf.random.normal((PEAK_SIDE, PEAK_SIDE))
    product = tf.function(lambda: tf.reduce_sum(matrix @ matrix), autograph=False)
    return lambda: product()


def reading(network: str, options: dict[str, str]) -> Callable:
    """Return the next batch of augmented training images, without a step in between."""
    from nac.data.datasets import dataset_of
    from nac.training.batches import Batches

    job = make_job(network, options)
    strategy = use_devices(job, options)
    batches = iter(Batches(dataset_of(job), job.recipe, strategy).training(0, 10**9))
    return lambda: next(batches)[1][0]


def calls(steps):
    """Return what a loop takes for its steps: calls of several steps, unless a version has none."""
    try:
        from nac.training.calls import STEPS_PER_CALL, Calls
    except ImportError:
        return steps
    return Calls(steps, STEPS_PER_CALL)


class Loop:
    """The entire loop of a job with real images, records and reports; it is compiled once."""

    def __init__(self, network: str, options: dict[str, str]):
        from nac.data.datasets import dataset_of
        from nac.training.batches import Batches

        self._job = make_job(network, options)
        strategy = use_devices(self._job, options)
        self._source = dataset_of(self._job)
        self._batches = Batches(self._source, self._job.recipe, strategy)
        self._steps = nac_steps(network, self._job, strategy, options)
        self._calls = calls(self._steps)
        self._directory = Path(tempfile.mkdtemp())

    def seconds(self, count: int) -> float:
        """Return the seconds per step of a training, without its first step.

        It has five times as many steps as asked for, so that its end does not weigh too much.
        """
        from nac.tensorboard.curves import Curves
        from nac.training.checkpoints import Checkpoints
        from nac.training.loop import Loop as TrainingLoop
        from nac.training.plan import Plan
        from nac.training.progress import Progress

        parameters = replace(self._job.parameters, steps=5 * count + 1)
        recipe = replace(self._job.recipe, parameters=parameters)
        loop = TrainingLoop(
            self._calls,
            self._batches,
            recipe,
            Plan(parameters.steps),
            self._source.train_examples,
            Checkpoints(self._directory / "checkpoints", self._steps, 1e9),
            Curves(self._directory, self._job.architecture),
            Progress("loop", parameters.steps, None),
        )
        outcome = loop.run(0)
        return parameters.global_batch_size / outcome.images_per_second


KINDS = {
    "nac": nac,
    "bare": bare,
    "handwritten": handwritten,
    "plain": plain,
    "matmul": matmul,
    "reading": reading,
}


def repeated(work: Callable) -> Callable[[int], float]:
    """Return a function from a count to the seconds that one time of the work takes."""

    def seconds(count: int) -> float:
        started = time.perf_counter()
        for _ in range(count):
            result = work()
        result.numpy()  # the devices have finished
        return (time.perf_counter() - started) / count

    return seconds


def main(network: str, kind: str, *settings: str) -> None:
    """Set up one side, and repeat it as often as standard input says."""
    options = dict(setting.split("=") for setting in settings)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    made = Loop if kind == "loop" else KINDS[kind]
    work = made(network, options)
    measure = work.seconds if isinstance(work, Loop) else repeated(work)
    measure(2)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(measure(int(line)), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
