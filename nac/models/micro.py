"""Micro networks: a row of cells, each a graph of nodes over the two cells before it."""

import keras
import tensorflow as tf

from nac.architecture import fixed_cells, micro_cells
from nac.architecture.keys import layer_name
from nac.architecture.micro_cells import AUXILIARY, JOINS, REDUCTION, Node, parse_operation
from nac.architecture.network import Architecture
from nac.models.heads import Head
from nac.models.layers import register
from nac.models.macro import BuildOptions, make_classifier, make_stem
from nac.models.micro_layers import Join, NodeOperation
from nac.utils.errors import InputError
from nac.utils.schema import Section


def node_layer(
    node: Node, reducing: bool, compatible: bool, dropout: float, seed: int, dtype
) -> keras.layers.Layer | None:
    """Return the layer of a node; None for references and identities.

    Args:
        node: the node.
        reducing: whether it is one of those that halve a reduction cell.
        compatible: whether to build what AMLA builds where that is a defect: ``avg`` a
            convolution, no stride for separable and dilated ones, "activation" as padding.
        dropout: share of a convolution's or pooling's outputs dropped in training.
        seed: of the dropout.
        dtype: policy of the layer.
    """
    options = {"name": node.name, "dtype": dtype}
    if node.operation in JOINS:
        return Join(node.operation, **options)
    if node.operation == "dense":
        return Head(node.option("outputs"), compatible, dropout, seed, **options)
    size = parse_operation(node.operation)
    if size is None:
        return None
    height, width, kind = size
    stride = node.option("stride", 2 if reducing else 1)
    padding = node.option("activation" if compatible else "padding", "SAME")
    if kind == "avg":
        kind = "" if compatible else "avgpool"
    if compatible and kind in ("sep", "dilated"):
        stride = 1
    return NodeOperation(
        kind,
        (height, width),
        node.option("filters"),
        stride,
        padding.lower(),
        node.option("rate", 2),
        dropout,
        seed,
        **options,
    )


def reducing_nodes(name: str, cell: micro_cells.Cell, compatible: bool) -> set[str]:
    """Return the nodes that get stride 2 without asking for it.

    A reduction cell halves its featuremaps: where none of its operations has a stride, those
    that work on the cell's inputs get stride 2. (In AMLA such a cell stays as large as it is.)
    """
    strides = any(node.option("stride", 1) > 1 for node in cell)
    if name != REDUCTION or compatible or strides:
        return set()
    references = {node.name for node in cell if node.reference is not None}
    return {node.name for node in cell if node.inputs and node.inputs[0] in references}


@register
class GraphCell(keras.layers.Layer):
    """One cell of a micro network.

    The output is that of the node with the highest number. If its channels are not those of the
    last cell (twice as many in a reduction cell), a 1x1 convolution (bias, ReLU) makes them so.

    Args:
        cell_name: ``normal_cell``, ``reduction_cell`` or ``auxiliary_classifier``.
        cell: JSON of the cell.
        amla_compatible: see :func:`node_layer`.
        dropout: see :func:`node_layer`.
        seed: of the dropouts.

    Input shape:
        a list: the output of the last cell, then that of the one before it.
    """

    def __init__(self, cell_name, cell, amla_compatible=False, dropout=0.2, seed=0, **kwargs):
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
                seed + place,
                self.dtype_policy,
            )
            for place, node in enumerate(self.nodes)
        ]
        self.bottleneck = None
        self.convolution_sizes = {}

    @property
    def normalizations(self) -> list:
        """All batch norms of the cell, in order."""
        found = [getattr(layer, "normalization", None) for layer in self.node_layers]
        return [layer for layer in found if layer is not None]

    def build(self, input_shape):
        """Build the nodes in order, then the bottleneck if one is needed."""
        shapes: dict[str, tuple] = {}
        shape = None
        for node, layer in zip(self.nodes, self.node_layers, strict=True):
            if node.reference is not None:
                shape = tuple(input_shape[-node.reference])
            else:
                given = [shapes[name] for name in node.inputs]
                shape = given[0]
                if layer is not None:
                    argument = given if isinstance(layer, Join) else given[0]
                    layer.build(argument)
                    shape = tuple(layer.compute_output_shape(argument))
                    self._note_sizes(layer, shape)
            shapes[node.name] = shape
        self._build_bottleneck(input_shape[0][-1], shape)

    def _note_sizes(self, layer: keras.layers.Layer, shape: tuple) -> None:
        """Note at how many pixels each kernel is applied, for counting."""
        sizes = getattr(layer, "convolution_sizes", {})
        for variable in layer.trainable_variables:
            if len(variable.shape) == 4:
                self.convolution_sizes[variable.path] = sizes.get(variable.path, shape[1:3])

    def _build_bottleneck(self, channels: int, shape: tuple) -> None:
        if self.options["cell_name"] == AUXILIARY:
            return
        wanted = channels * (2 if self.options["cell_name"] == REDUCTION else 1)
        if shape[-1] != wanted:
            self.bottleneck = keras.layers.Conv2D(
                wanted, 1, activation="relu", name="bottleneck", dtype=self.dtype_policy
            )
            self.bottleneck.build(shape)
            self._note_sizes(self.bottleneck, shape)

    def call(self, inputs, training=False):
        """Return the output of the cell; of an auxiliary classifier, logits."""
        values: dict[str, tf.Tensor] = {}
        output = None
        for node, layer in zip(self.nodes, self.node_layers, strict=True):
            if node.reference is not None:
                output = inputs[-node.reference]
            else:
                output = _apply(layer, [values[name] for name in node.inputs], training)
            values[node.name] = output
        return output if self.bottleneck is None else self.bottleneck(output)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), **self.options}


def _apply(layer, given, training):
    if layer is None:
        return given[0]
    if isinstance(layer, Join):
        return layer(given)
    return layer(given[0], training=training)


def build_micro(
    architecture: Architecture, input_shape: tuple[int, int, int], options: BuildOptions
) -> keras.Model:
    """Return the network; its outputs are the logits, then those of each auxiliary classifier.

    Args:
        architecture: with stem and classifier.
        input_shape: (height, width, channels) of an image.
        options: dropout and seed; micro cells measure no featuremaps.
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
    head = make_classifier(architecture, options)
    logits = head(last)
    return keras.Model(images, [logits, *heads] if heads else logits, name="network")


def _checked_head(output, index: int, architecture: Architecture):
    classes = fixed_cells.classes(architecture.classifier)
    if output.shape[1:] != (classes,):
        raise InputError(
            f"architecture: layer {index}: expected an auxiliary classifier with {classes} outputs,"
            f" as the classifier has, received {tuple(output.shape[1:])}"
        )
    return output
