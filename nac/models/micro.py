"""Micro networks: a sequence of cells, each a graph of nodes over the two cells before it."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from nac.architecture import fixed_cells, micro_cells
from nac.architecture.keys import layer_name
from nac.architecture.micro_cells import AUXILIARY, JOINS, REDUCTION, Node, parse_operation
from nac.architecture.network import Architecture
from nac.models.layers import Shape, register
from nac.models.macro import BuildOptions, make_classifier, make_stem
from nac.models.micro_layers import Join, NodeOperation
from nac.models.normalization import BatchNormalization
from nac.models.stem_and_classifier import Head
from nac.utils.errors import InputError
from nac.utils.schema import Section


def node_layer(
    node: Node, reducing: bool, compatible: bool, dropout: float, seed: int, dtype
) -> keras.layers.Layer | None:
    """Return the layer of a node; None for references and identities.

    Args:
        node: The node.
        reducing: Whether it is one of those that halve a reduction cell.
        compatible: Whether to build what AMLA builds where that is a defect.
        dropout: Share of a convolution's or pooling's outputs that is dropped in training.
        seed: Seed of the dropout.
        dtype: Dtype policy of the layer.
    """
    options = {"name": node.name, "dtype": dtype}
    if node.operation in JOINS:
        return Join(node.operation, **options)
    if node.operation == "dense":
        return Head(node.option("outputs"), compatible, dropout, seed, **options)
    operation = parse_operation(node.operation)
    if operation is None:
        return None
    height, width, kind = operation
    stride = node.option("stride", 2 if reducing else 1)
    kind, stride, padding = (_as_amla if compatible else _as_written)(node, kind, stride)
    return NodeOperation(
        kind,
        (height, width),
        filters=node.option("filters"),
        stride=stride,
        padding=padding.lower(),
        rate=node.option("rate", 2),
        dropout=dropout,
        seed=seed,
        **options,
    )


def _as_written(node: Node, kind: str, stride: int) -> tuple[str, int, str]:
    """Return the kind, stride and padding of an operation as the file says them."""
    return "avgpool" if kind == "avg" else kind, stride, node.option("padding", "SAME")


def _as_amla(node: Node, kind: str, stride: int) -> tuple[str, int, str]:
    """Return the same as AMLA builds it, defects included.

    It takes ``avg`` for a convolution, the option "activation" for the padding, and gives
    separable and dilated convolutions no stride.
    """
    if kind in ("sep", "dilated"):
        stride = 1
    return "" if kind == "avg" else kind, stride, node.option("activation", "SAME")


def reducing_nodes(name: str, cell: micro_cells.Cell, compatible: bool) -> set[str]:
    """Return the names of the nodes that get stride 2 although the file does not say so.

    A reduction cell halves its featuremaps: if none of its operations has a stride, those that
    work on the cell's inputs get stride 2. (In AMLA such a cell keeps its size.)

    Args:
        name: Name of the cell, such as ``reduction_cell``.
        cell: The cell.
        compatible: Whether to build what AMLA builds.
    """
    strides = any(node.option("stride", 1) > 1 for node in cell)
    if name != REDUCTION or compatible or strides:
        return set()
    references = {node.name for node in cell if node.reference is not None}
    return {node.name for node in cell if node.inputs and node.inputs[0] in references}


@register
class GraphCell(keras.layers.Layer):
    """One cell of a micro network.

    The output is that of the node with the highest number. If it does not have the channels of
    the last cell (twice as many in a reduction cell), a 1x1 convolution with bias and ReLU brings
    it to them.

    Args:
        cell_name: ``normal_cell``, ``reduction_cell`` or ``auxiliary_classifier``.
        cell: The JSON of the cell.
        amla_compatible: Whether to build what AMLA builds where that is a defect.
        dropout: Share of the outputs of convolutions and poolings that is dropped in training.
        seed: Seed of the first dropout.

    Input shape:
        A list: the output of the last cell, then that of the one before it.
    """

    def __init__(
        self,
        cell_name: str,
        cell: dict[str, Any],
        amla_compatible: bool = False,
        dropout: float = 0.2,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.options = {
            "cell_name": cell_name,
            "cell": cell,
            "amla_compatible": amla_compatible,
            "dropout": dropout,
            "seed": seed,
        }
        self.nodes = micro_cells.parse_cell(Section(cell, cell_name))
        reducing = reducing_nodes(cell_name, self.nodes, amla_compatible)
        self.node_layers = [
            node_layer(
                node,
                node.name in reducing,
                amla_compatible,
                dropout,
                seed + number,
                self.dtype_policy,
            )
            for number, node in enumerate(self.nodes)
        ]
        self.bottleneck = None
        self.convolution_sizes: dict[str, tuple[int, int]] = {}

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """All batch norms of the cell, in order."""
        norms = [getattr(layer, "normalization", None) for layer in self.node_layers]
        return [norm for norm in norms if norm is not None]

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Build the nodes in order, then the bottleneck if one is needed."""

        def build(layer: keras.layers.Layer, shapes: Shape | list[Shape]) -> Shape:
            layer.build(shapes)
            shape = tuple(layer.compute_output_shape(shapes))
            self._note_sizes(layer, shape)
            return shape

        shape = self.walk([tuple(shape) for shape in input_shape], build)
        self._build_bottleneck(input_shape[0][-1], shape)

    def walk(
        self, references: Sequence[Any], visit: Callable[[keras.layers.Layer, Any], Any]
    ) -> Any:
        """Return the value of the last node.

        Args:
            references: The values of the cell's inputs.
            visit: Maps the layer of a node and its inputs (a list for a :class:`Join`) to its
                output.
        """
        values: dict[str, Any] = {}
        value = None
        for node, layer in zip(self.nodes, self.node_layers, strict=True):
            if node.reference is not None:
                value = references[-node.reference]
            else:
                inputs = [values[name] for name in node.inputs]
                value = inputs if isinstance(layer, Join) else inputs[0]
                value = value if layer is None else visit(layer, value)
            values[node.name] = value
        return value

    def _note_sizes(self, layer: keras.layers.Layer, shape: Shape) -> None:
        """Record at how many pixels each kernel is applied, to count multiplications."""
        sizes = getattr(layer, "convolution_sizes", {})
        for variable in layer.trainable_variables:
            if len(variable.shape) == 4:
                self.convolution_sizes[variable.path] = sizes.get(variable.path, shape[1:3])

    def _build_bottleneck(self, channels: int, shape: Shape) -> None:
        if self.options["cell_name"] == AUXILIARY:
            return
        outputs = channels * (2 if self.options["cell_name"] == REDUCTION else 1)
        if shape[-1] != outputs:
            self.bottleneck = keras.layers.Conv2D(
                outputs, 1, activation="relu", name="bottleneck", dtype=self.dtype_policy
            )
            self.bottleneck.build(shape)
            self._note_sizes(self.bottleneck, shape)

    def call(self, inputs: Sequence[tf.Tensor], training: bool = False) -> tf.Tensor:
        """Return the output of the cell, which is logits for an auxiliary classifier."""

        def call(layer: keras.layers.Layer, values: tf.Tensor | list[tf.Tensor]) -> tf.Tensor:
            joins = isinstance(layer, Join)
            return layer(values) if joins else layer(values, training=training)

        output = self.walk(inputs, call)
        return output if self.bottleneck is None else self.bottleneck(output)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), **self.options}


def build_micro(
    architecture: Architecture, input_shape: tuple[int, int, int], options: BuildOptions
) -> keras.Model:
    """Return a micro network. Its outputs are those of :func:`nac.models.macro.build_macro`.

    Args:
        architecture: The network, with stem and classifier.
        input_shape: (height, width, channels) of an image.
        options: Dropout and seed. Micro cells do not measure featuremaps.
    """
    images = keras.Input(input_shape, name="images")
    stem = make_stem(architecture, options)(images)
    last, before, heads = stem, stem, []
    cells = dict(architecture.cells)
    for index, entry in enumerate(architecture.network, start=1):
        output = GraphCell(
            entry.name,
            micro_cells.cell_to_dict(cells[entry.name]),
            architecture.amla_compatible,
            options.branch_dropout,
            options.layer_seed(index),
            name=layer_name(index),
        )([last, before])
        if entry.name == AUXILIARY:
            heads.append(_checked_head(output, index, architecture))
        else:
            last, before = output, last
    logits = make_classifier(architecture, options)(last)
    return keras.Model(images, [logits, *heads] if heads else logits, name="network")


def _checked_head(
    output: keras.KerasTensor, index: int, architecture: Architecture
) -> keras.KerasTensor:
    classes = fixed_cells.classes(architecture.classifier)
    if output.shape[1:] != (classes,):
        raise InputError(
            f"architecture: layer {index}: expected an auxiliary classifier with {classes} outputs,"
            f" as the classifier has, received {tuple(output.shape[1:])}"
        )
    return output
