"""The graph that TensorBoard shows."""

import keras
import pytest
import tensorflow as tf

from nac.models import build_model
from nac.tensorboard.graph import inference_graph, readable
from tests.builders import WIDENER, layer
from tests.models.small_networks import small


def graph_def(*nodes):
    """Return a graph of (operation, name, inputs) triples."""
    graph = tf.compat.v1.GraphDef()
    for operation, name, inputs in nodes:
        graph.node.add(op=operation, name=name, input=inputs)
    return graph


def nodes(graph):
    return [(node.op, node.name, list(node.input)) for node in graph.node]


@pytest.fixture(scope="module")
def graph():
    """Return the graph of a network with branches, a skip connection and a widener."""
    network = small(layer("1x1", "3x3sep", outputs=4), layer("1x1", inputs=[0], outputs=4), WIDENER)
    return inference_graph(build_model(network, (4, 4, 1)))


def test_scopes_are_the_layers(graph):
    scopes = {node.name.split("/")[0] for node in graph.node}
    assert scopes == {"images", "stem", "layer01", "layer02", "layer03", "classifier"}
    inner = {"/".join(node.name.split("/")[:3]) for node in graph.node}
    assert {"layer01/Branch2/conv", "layer01/Branch2/batch_norm", "layer02/skip/gate_0"} <= inner


def test_a_weight_is_one_node_with_its_name_in_the_model(graph):
    weights = {node.name for node in graph.node if node.op == "Variable"}
    assert {"layer01/Branch2/conv/depthwise_kernel", "layer03/conv/kernel"} <= weights
    assert [node.name for node in graph.node if node.op == "Placeholder"] == ["images"]


def test_names_are_unique_and_inputs_exist(graph):
    names = [node.name for node in graph.node]
    assert len(set(names)) == len(names)
    inputs = {name.split(":")[0] for node in graph.node for name in node.input}
    assert inputs <= set(names)


def test_each_node_tells_the_shape_of_what_it_hands_on(graph):
    shape = next(n for n in graph.node if n.name == "layer01/concat").attr["_output_shapes"]
    assert [dim.size for dim in shape.list.shape[0].dim] == [-1, 4, 4, 4]


def test_a_weight_that_is_read_twice_is_still_one_node():
    graph = graph_def(
        ("Placeholder", "w", []),
        ("ReadVariableOp", "a/Read", ["w"]),
        ("ReadVariableOp", "b/Read", ["w"]),
        ("Mul", "c", ["a/Read", "b/Read:0"]),
    )
    assert nodes(readable(graph, {"w": "kernel"}, set())) == [
        ("Variable", "kernel", []),
        ("Mul", "c", ["kernel", "kernel:0"]),
    ]


def test_only_scopes_of_layers_lose_their_number():
    graph = graph_def(("Relu", "network_1/conv_2/Cast_1/Relu_1", []))
    names = [name for _, name, _ in nodes(readable(graph, {}, {"network", "conv"}))]
    assert names == ["conv/Cast_1/Relu_1"]


def test_two_calls_of_one_layer_stay_apart():
    graph = graph_def(("Relu", "conv/Relu", []), ("Relu", "conv_1/Relu", ["conv/Relu"]))
    assert nodes(readable(graph, {}, {"conv"})) == [
        ("Relu", "conv/Relu", []),
        ("Relu", "conv_1/Relu", ["conv/Relu"]),
    ]


def test_what_only_orders_and_returns_is_left_out():
    graph = graph_def(
        ("Relu", "a", []), ("NoOp", "NoOp", ["^a"]), ("Identity", "Identity", ["a", "^NoOp"])
    )
    assert nodes(readable(graph, {}, set())) == [("Relu", "a", [])]


def test_the_graph_of_any_model_can_be_had():
    images = keras.Input((4, 4, 1))
    graph = inference_graph(keras.Model(images, keras.layers.Flatten()(images)))
    assert "Reshape" in {node.op for node in graph.node}


def test_the_graph_of_a_wide_network_is_small():
    blocks = ("1x1", "3x3", "3x3sep", "5x5", "5x5sep", "7x7sep")
    envelope = [layer(*blocks, outputs=24, inputs="all") for _ in range(2)]
    graph = inference_graph(build_model(small(*envelope, channels=24), (8, 8, 1)))
    assert graph.ByteSize() < 100_000
