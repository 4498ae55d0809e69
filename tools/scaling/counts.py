"""What a training step of a network has, counted: operations, all-reduces, bytes."""

from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

import tensorflow as tf

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.construction.costs import count
from nac.runs.layout import TRAIN
from nac.tensorboard.curves import Curves
from nac.training.steps import Steps
from nac.training.untrained import untrained_steps
from nac.utils.errors import NacError

REPLICAS = 2
ALL_REDUCE = "CollectiveReduceV2"
"""Type of TensorFlow's operation, whoever carries it out: NCCL on GPUs, gRPC on CPUs."""


@dataclass(frozen=True)
class Counts:
    """A network and its training step in numbers.

    Attributes:
        name: Name of the network.
        notation: Its notation.
        parameters: Number of trainable parameters.
        multiply_adds: Multiply-adds of the forward pass for one image.
        branches: Number of branches.
        gates: Number of skip connections.
        all_reduces: Bytes of each vector that replicas sum in a step.
        checkpoint: Bytes of the variables in a checkpoint.
        point: Bytes of a point in the event file of a training.
    """

    name: str
    notation: str
    parameters: int
    multiply_adds: int
    branches: int
    gates: int
    all_reduces: tuple[int, ...]
    checkpoint: int
    point: int


def counts(
    name: str, architecture: Architecture, experiment: Experiment, shape: tuple[int, int, int]
) -> Counts:
    """Return a network in numbers. Its training step is traced for two replicas, but never run.

    Args:
        name: Name of the network.
        architecture: The network, with stem and classifier.
        experiment: How it is trained.
        shape: (height, width, channels) of an image.
    """
    costs = count(architecture, shape)
    steps = _steps(architecture, experiment, shape)
    return Counts(
        name,
        str(architecture.notation),
        costs.parameters,
        costs.multiply_adds,
        len(architecture.branches()),
        len(architecture.skip_connections()),
        all_reduces(steps, shape),
        checkpoint_bytes(steps),
        point_bytes(architecture),
    )


def _steps(
    architecture: Architecture, experiment: Experiment, shape: tuple[int, int, int]
) -> Steps:
    parameters = replace(experiment.parameters, batch_size=2 * REPLICAS, gpus=())
    job = replace(
        experiment,
        recipe=replace(experiment.recipe, parameters=parameters),
        architecture=architecture,
    )
    devices = [f"CPU:{number}" for number in range(len(_split_cpu()))]
    # With one process, the public class takes a single CPU.
    strategy = tf.distribute.MultiWorkerMirroredStrategy._from_local_devices(devices)
    return untrained_steps(job, shape, None, strategy)


def _split_cpu() -> list[tf.config.LogicalDevice]:
    """Return the parts of the CPU, which is divided unless it is already."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    parts = [tf.config.LogicalDeviceConfiguration()] * REPLICAS
    with suppress(RuntimeError):  # TensorFlow runs already
        tf.config.set_logical_device_configuration(cpu, parts)
    devices = tf.config.list_logical_devices("CPU")
    if len(devices) < REPLICAS:
        raise NacError("the CPU cannot be divided any more; count in a process of its own")
    return devices[:REPLICAS]


def all_reduces(steps: Steps, shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Return the bytes of each vector that a replica sums with the others in a training step.

    Args:
        steps: Steps for several replicas.
        shape: (height, width, channels) of an image.
    """
    strategy = steps.strategy

    def per_replica(tensor: tf.Tensor):
        return strategy.experimental_distribute_values_from_function(lambda _: tensor)

    step = steps.train.get_concrete_function(
        per_replica(tf.zeros((2, *shape))),
        per_replica(tf.zeros((2,), tf.int32)),
        tf.TensorSpec((), tf.float32),
    )
    first = tf.DeviceSpec.from_string(strategy.extended.worker_devices[0]).device_index
    return tuple(
        prod(operation.inputs[0].shape) * operation.inputs[0].dtype.size
        for operation in step.graph.get_operations()
        if operation.type == ALL_REDUCE
        and tf.DeviceSpec.from_string(operation.device).device_index == first
    )


def checkpoint_bytes(steps: Steps) -> int:
    """Return the bytes of the variables that a checkpoint has (nac.training.checkpoints)."""
    saved = [*steps.model.variables, *steps.optimizer.variables, steps.average.vector]
    return sum(prod(x.shape) * tf.as_dtype(x.dtype).size for x in saved)


def point_bytes(architecture: Architecture) -> int:
    """Return the bytes that a point of a network's curves adds to its event file.

    Points are written with made-up values. How many bytes a value takes does not depend on it.
    """
    scalars = dict.fromkeys(("loss", "accuracy", "learning_rate", "images_per_second"), 0.5)
    strengths = {branch_key(*branch): 0.5 for branch in architecture.branches()}
    gates = {gate_key(*skip): 0.5 for skip in architecture.skip_connections()}
    sizes = []
    for points in (1, 2):
        with TemporaryDirectory() as directory:
            curves = Curves(Path(directory), architecture)
            for step in range(points):
                curves.training(step + 1, scalars, strengths, gates)
            curves.flush()
            files = (Path(directory) / TRAIN).iterdir()
            sizes.append(sum(file.stat().st_size for file in files))
    return sizes[1] - sizes[0]
