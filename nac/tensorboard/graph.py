"""The graph of a network as TensorBoard shows it, with the names of layers and weights.

TensorFlow's own graph of a function has a placeholder and a read operation for each weight, and
scopes such as ``network_1/layer03_1/Branch2_1``. Here each weight is one node with its name in the
model, and each scope has the name of its Keras layer.
"""

import keras
import tensorflow as tf

Names = dict[str, str]
"""Name of a node -> another name."""


def inference_graph(model: keras.Model) -> tf.compat.v1.GraphDef:
    """Return the graph from images to logits, as evaluated.

    Args:
        model: The network; its auxiliary classifiers, if any, are in the graph too.
    """
    function = tf.function(lambda images: model(images, training=False), autograph=False)
    specification = tf.TensorSpec(model.input.shape, model.input.dtype, name="images")
    graph = function.get_concrete_function(specification).graph
    return readable(graph.as_graph_def(add_shapes=True), _weights(graph, model), _scopes(model))


def readable(
    graph: tf.compat.v1.GraphDef, weights: Names, layers: set[str]
) -> tf.compat.v1.GraphDef:
    """Return a graph with one node per weight and with the scopes of a model.

    Args:
        graph: The graph of a function.
        weights: Placeholder of a weight -> name of the weight.
        layers: Names of all layers at any depth. The name of the model is left out of names.
    """
    reads = {
        node.name: weights[node.input[0]]
        for node in graph.node
        if node.op == "ReadVariableOp" and node.input[0] in weights
    }
    names = _unique({node.name: _scoped(node.name, layers) for node in graph.node}, reads)
    result = tf.compat.v1.GraphDef(versions=graph.versions)
    written: set[str] = set()
    for node in graph.node:
        if node.name not in weights and not _is_ending(node) and names[node.name] not in written:
            written.add(names[node.name])
            _copy(node, names, weights, result.node.add())
    return result


def _is_ending(node) -> bool:
    """Whether a node only hands out what a function returns."""
    return node.op == "NoOp" or (node.op == "Identity" and "/" not in node.name)


def _copy(node, names: Names, weights: Names, to) -> None:
    to.CopyFrom(node)
    to.name = names[node.name]
    del to.input[:]
    for reference in node.input:
        name, colon, output = reference.partition(":")
        if name in weights:
            to.op = "Variable"
        elif not name.startswith("^"):  # control dependencies only fix an order
            to.input.append(names[name] + colon + output)


def _unique(names: Names, reads: Names) -> Names:
    """Return new names; if two nodes would have the same one, the second keeps its old name.

    All reads of a weight become one node.
    """
    taken, chosen = set(reads.values()), dict(reads)
    for old, new in names.items():
        if old not in reads:
            chosen[old] = old if new in taken else new
            taken.add(chosen[old])
    return chosen


def _scoped(name: str, layers: set[str]) -> str:
    """Return a node's name without the numbers that TensorFlow gives to scopes of layers."""
    *scopes, last = name.split("/")
    parts = [_layer(scope, layers) for scope in scopes]
    return "/".join([*parts[1 if parts[:1] == ["network"] else 0 :], last])


def _layer(scope: str, layers: set[str]) -> str:
    stem, _, number = scope.rpartition("_")
    return stem if number.isdigit() and stem in layers else scope


def _scopes(model: keras.Model) -> set[str]:
    return {layer.name for layer in model._flatten_layers()}


def _weights(graph, model: keras.Model) -> Names:
    """Return placeholder -> path of the weight that it stands for in a function's graph."""
    paths = {id(variable.value.handle): variable.path for variable in model.variables}
    captures = ((inner.op.name, paths.get(id(outer))) for outer, inner in graph.captures)
    return {placeholder: path for placeholder, path in captures if path is not None}
