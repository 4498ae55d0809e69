"""What a training step needs of memory, known before it runs: read off the step's own graph.

The step is traced as in a job, but never run. So the estimate has whatever autodiff keeps for the
backward pass, in the form that the operations have on the device at hand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod

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
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
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
    "TensorListSetItem",
)
"""Types of operations whose outputs are their inputs' memory."""

ELSEWHERE = ("Const", "ReadVariableOp")
"""Types of operations whose outputs are part of the graph, or are variables."""

ARGUMENT = "Placeholder"
"""Type of the operations that are the arguments of a function."""

LOOPS = ("While", "StatelessWhile")
"""Types of operations that repeat a function, with lists that grow in place."""

FUNCTIONS = {
    **dict.fromkeys(LOOPS, ("body",)),
    **dict.fromkeys(("If", "StatelessIf"), ("then_branch", "else_branch")),
    **dict.fromkeys(("PartitionedCall", "StatefulPartitionedCall"), ("f",)),
}
"""Types of operations that compute functions, and the attributes that name these."""


@dataclass(frozen=True)
class StepMemory:
    """The memory that training needs on one device, without the images of the dataset.

    Attributes:
        batch_size: Images per step.
        variables_bytes: Weights, state of the optimizer, and the average of the weights.
        step_bytes: What a step needs in addition when it needs most: mainly what the forward pass
            keeps for the backward pass, and gradients.
        total_bytes: Both.
        recompute: Whether cells are computed again in the backward pass.
        micro_batch: Images in the parts in which cells are computed, None for the whole batch.
    """

    batch_size: int
    variables_bytes: int
    step_bytes: int
    total_bytes: int
    recompute: bool = False
    micro_batch: int | None = None


def step_memory(
    architecture: Architecture,
    image_shape: tuple[int, int, int],
    batch_size: int,
    experiment: Experiment | None = None,
    saving: MemorySaving = NOTHING_SAVED,
) -> StepMemory:
    """Return the memory that training a network needs on the device at hand.

    One device computes the entire step.

    Args:
        architecture: The network, with stem and classifier.
        image_shape: (height, width, channels) of an image.
        batch_size: Images per step.
        experiment: How the network is trained. By default the optimizer is gradient descent, which
            has no state, and everything else is as by default, too.
        saving: How steps save memory.

    Raises:
        InputError: The architecture does not fit the images, the optimizer does not exist, or the
            batch cannot be divided into such parts.
    """
    job = _job(architecture, batch_size, experiment)
    steps = untrained_steps(job, image_shape, None, make_strategy("one"), saving=saving)
    variables = variables_bytes(steps)
    step = peak_bytes(step_operations(steps, (batch_size, *image_shape)))
    return StepMemory(batch_size, variables, step, variables + step, **vars(saving))


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


def operations_of(graph: tf.Graph, elsewhere: Sequence[str] = ELSEWHERE) -> list[Operation]:
    """Return the operations of a function that its results need.

    A loop or a call of another function is one operation, which needs what is inside.

    Args:
        graph: The graph of a ``tf.function``.
        elsewhere: Types of operations whose outputs take no memory here.
    """
    needed = _needed([*(output.op for output in graph.outputs), *graph.control_outputs])
    operations = [operation for operation in graph.get_operations() if operation in needed]
    positions = {operation: position for position, operation in enumerate(operations)}
    buffers: dict[str, str] = {}
    return [_operation(operation, positions, buffers, elsewhere) for operation in operations]


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
    operation: tf.Operation,
    positions: dict[tf.Operation, int],
    buffers: dict[str, str],
    elsewhere: Sequence[str],
) -> Operation:
    """Return an operation as the estimate sees it.

    Args:
        operation: The operation.
        positions: The positions of all operations.
        buffers: Name of a tensor -> name of that which allocated its memory. The outputs of the
            operation are added, unless they are variables or constants.
        elsewhere: Types of operations whose outputs take no memory here.
    """
    names = [tensor.name for tensor in operation.inputs]
    viewed = _viewed(operation)
    buffers |= {new.name: buffers[old.name] for new, old in viewed if old.name in buffers}
    views = {new.name for new, _ in viewed}
    makes = {}
    if operation.type not in (*VIEWS, *elsewhere):
        made = [tensor for tensor in operation.outputs if tensor.name not in views]
        makes = {tensor.name: _made_bytes(tensor) for tensor in made}
        buffers |= {name: name for name in makes}
    before = {tensor.op for tensor in operation.inputs}.union(operation.control_inputs)
    return Operation(
        after=frozenset(positions[earlier] for earlier in before),
        makes=makes,
        reads=frozenset(buffers[name] for name in names if name in buffers),
        inside=_inside_bytes(operation, sum(makes.values())),
    )


def _viewed(operation: tf.Operation) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """Return the outputs of an operation that are the memory of an input, each with that input."""
    pairs = list(zip(operation.outputs, operation.inputs, strict=False))
    if operation.type in LOOPS:
        (body,) = _functions(operation)
        turn = zip(pairs, body.outputs, body.inputs, strict=True)
        return [pair for pair, after, before in turn if _source(after) is before]
    return pairs if operation.type in VIEWS else []


def _source(tensor: tf.Tensor) -> tf.Tensor:
    """Return the tensor of which this one is nothing but another name."""
    while tensor.op.type == "Identity":
        tensor = tensor.op.inputs[0]
    return tensor


def _functions(operation: tf.Operation) -> list[tf.Graph]:
    """Return the graphs of the functions that an operation computes."""
    names = [operation.get_attr(key).name for key in FUNCTIONS.get(operation.type, ())]
    return [operation.graph._get_function(name).graph for name in names]


def _made_bytes(tensor: tf.Tensor) -> int:
    """Return the bytes of an output of an operation. A loop fills lists, which are empty before."""
    if tensor.op.type not in LOOPS or tensor.dtype != tf.variant:
        return tensor_bytes(tensor)
    empty = tensor.op.inputs[tensor.value_index].op
    if empty.type != "TensorListReserve":
        return 0
    shape, count = map(tf.get_static_value, empty.inputs)
    return int(count) * prod(map(int, shape)) * empty.get_attr("element_dtype").size


def _inside_bytes(operation: tf.Operation, made: int) -> int:
    """Return the bytes that an operation needs while it computes functions.

    Args:
        operation: The operation.
        made: Bytes of its outputs.
    """
    functions = [operations_of(graph, (*ELSEWHERE, ARGUMENT)) for graph in _functions(operation)]
    peaks = [peak_bytes(operations) for operations in functions]
    # A loop has results of one turn while it computes those of the next.
    already = 0 if operation.type in LOOPS else made
    return max([peak - already for peak in peaks if peak > already], default=0)


def tensor_bytes(tensor: tf.Tensor) -> int:
    """Return the size of a tensor of a graph; 0 if its shape is not known or it has no numbers."""
    elements = tensor.shape.num_elements()
    if elements is None or tensor.dtype in (tf.resource, tf.variant, tf.string):
        return 0
    return elements * tensor.dtype.size
