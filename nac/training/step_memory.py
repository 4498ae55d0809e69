"""What a training step needs of memory, known before it runs: read off the step's own graph.

The step is traced as in a job, but never run. So the estimate has whatever autodiff keeps for the
backward pass, in the form that the operations have on the device at hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import tensorflow as tf

from nac.architecture.network import Architecture
from nac.config import (
    Augmentation,
    Experiment,
    ExponentialDecay,
    Parameters,
    Recipe,
    Training,
)
from nac.training.dataflow import Operation, peak_bytes
from nac.training.memory import variables_bytes
from nac.training.steps import Steps
from nac.training.strategies import make_strategy
from nac.training.untrained import untrained_steps

VIEWS = (
    "ExpandDims",
    "Identity",
    "IdentityN",
    "PreventGradient",
    "Reshape",
    "Squeeze",
    "StopGradient",
)
"""Types of operations whose outputs are their inputs' memory."""

ELSEWHERE = ("Const", "ReadVariableOp")
"""Types of operations whose outputs are part of the graph, or are variables."""


@dataclass(frozen=True)
class StepMemory:
    """The memory that training needs on one device, without the images of the dataset.

    Attributes:
        batch_size: Images per step.
        variables_bytes: Weights, state of the optimizer, and the average of the weights.
        step_bytes: What a step needs in addition when it needs most: mainly what the forward pass
            keeps for the backward pass, and gradients.
        total_bytes: Both.
    """

    batch_size: int
    variables_bytes: int
    step_bytes: int
    total_bytes: int


def step_memory(
    architecture: Architecture,
    image_shape: tuple[int, int, int],
    batch_size: int,
    experiment: Experiment | None = None,
) -> StepMemory:
    """Return the memory that training a network needs on the device at hand.

    One device computes the entire step.

    Args:
        architecture: The network, with stem and classifier.
        image_shape: (height, width, channels) of an image.
        batch_size: Images per step.
        experiment: How the network is trained. By default the optimizer is gradient descent, which
            has no state, and everything else is as by default, too.

    Raises:
        InputError: The architecture does not fit the images, or the optimizer does not exist.
    """
    job = _job(architecture, batch_size, experiment)
    steps = untrained_steps(job, image_shape, None, make_strategy("one"))
    variables = variables_bytes(steps)
    step = peak_bytes(step_operations(steps, (batch_size, *image_shape)))
    return StepMemory(batch_size, variables, step, variables + step)


def _job(architecture: Architecture, batch_size: int, experiment: Experiment | None) -> Experiment:
    """Return the training of a network with a batch size."""
    recipe = experiment.recipe if experiment else Recipe(Parameters(), None, Augmentation())
    return Experiment(
        source=experiment.source if experiment else "",
        recipe=replace(
            recipe,
            parameters=replace(recipe.parameters, batch_size=batch_size, gpus=()),
            training=recipe.training or Training(lr=ExponentialDecay()),
        ),
        architecture=architecture,
    )


def step_operations(steps: Steps, images: tuple[int, ...]) -> list[Operation]:
    """Return the operations of a training step.

    Args:
        steps: The steps of a job.
        images: Shape of a batch of images.
    """
    step = steps.train.get_concrete_function(
        tf.TensorSpec(images, tf.float32),
        tf.TensorSpec(images[:1], tf.int32),
        tf.TensorSpec((), tf.float32),
    )
    return operations_of(step.graph)


def operations_of(graph: tf.Graph) -> list[Operation]:
    """Return the operations of a function that its results need.

    What is inside a call of another function is not seen.

    Args:
        graph: The graph of a ``tf.function``.
    """
    needed = _needed([*(output.op for output in graph.outputs), *graph.control_outputs])
    operations = [operation for operation in graph.get_operations() if operation in needed]
    positions = {operation: position for position, operation in enumerate(operations)}
    buffers: dict[str, str] = {}
    return [_operation(operation, positions, buffers) for operation in operations]


def _needed(results: Iterable[tf.Operation]) -> set[tf.Operation]:
    needed: set[tf.Operation] = set()
    waiting = list(results)
    while waiting:
        operation = waiting.pop()
        if operation not in needed:
            needed.add(operation)
            waiting += [tensor.op for tensor in operation.inputs]
            waiting += operation.control_inputs
    return needed


def _operation(
    operation: tf.Operation, positions: dict[tf.Operation, int], buffers: dict[str, str]
) -> Operation:
    """Return an operation as the estimate sees it.

    Args:
        operation: The operation.
        positions: The positions of all operations.
        buffers: Name of a tensor -> name of that which allocated its memory. The outputs of the
            operation are added, unless they are variables or constants.
    """
    names = [tensor.name for tensor in operation.inputs]
    makes: dict[str, int] = {}
    if operation.type in VIEWS:
        viewed = zip(operation.outputs, names, strict=False)
        buffers |= {new.name: buffers[old] for new, old in viewed if old in buffers}
    elif operation.type not in ELSEWHERE:
        makes = {tensor.name: tensor_bytes(tensor) for tensor in operation.outputs}
        buffers |= {name: name for name in makes}
    before = {tensor.op for tensor in operation.inputs}.union(operation.control_inputs)
    return Operation(
        after=frozenset(positions[earlier] for earlier in before),
        makes=makes,
        reads=frozenset(buffers[name] for name in names if name in buffers),
    )


def tensor_bytes(tensor: tf.Tensor) -> int:
    """Return the size of a tensor of a graph; 0 if its shape is not known or it has no numbers."""
    elements = tensor.shape.num_elements()
    if elements is None or tensor.dtype in (tf.resource, tf.variant, tf.string):
        return 0
    return elements * tensor.dtype.size
