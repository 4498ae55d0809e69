"""What an engineer would write by hand with Keras: lean networks and a lean training step."""

from collections.abc import Callable

import keras
import tensorflow as tf

from nac.architecture import fixed_cells
from nac.architecture.network import Architecture, BranchLayer

layers = keras.layers


class Gate(layers.Layer):
    """Multiplies its input by a learned scalar."""

    def build(self, shape) -> None:
        """Create the scalar."""
        self.gate = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        """Return the product."""
        return inputs * self.gate


def lean_network(architecture: Architecture, shape: tuple[int, ...]) -> keras.Model:
    """Return a macro network of plain Keras layers, with nac's number of trainable parameters.

    Args:
        architecture: A network of branch cells and wideners.
        shape: (height, width, channels) of an image.
    """
    stem = fixed_cells.to_dict(architecture.stem)["Layer0"]["Branch0"]
    images = keras.Input(shape)
    outputs = layers.Conv2D(
        stem["outputs"],
        stem["kernel_size"],
        strides=stem.get("stride", 1),
        padding="same",
        activation="relu",
    )(images)
    outputs = layers.Lambda(
        lambda values: tf.nn.local_response_normalization(values, 4, 1.0, 0.001 / 9.0, 0.75)
    )(outputs)
    made, width = [outputs], stem["outputs"]
    for index, layer in enumerate(architecture.network, start=1):
        if isinstance(layer, BranchLayer):
            sources = architecture.sources(index)
            made.append(_cell(layer, made[-1], sources and [made[source] for source in sources]))
        else:
            made.append(_widened(made[-1], width))
            width *= 2
    outputs = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(made[-1]))
    classes = fixed_cells.classes(architecture.classifier)
    return keras.Model(images, layers.Dense(classes)(outputs))


def _cell(layer: BranchLayer, direct, sources):
    if sources is not None:
        gated = [Gate()(_pooled(source, direct.shape[1])) for source in sources]
        joined = layers.Concatenate()([direct, *gated]) if gated else direct
        direct = layers.Conv2D(direct.shape[-1], 1, activation="relu")(joined)
    filters = layer.outputs // len(layer.branches)
    branches = [_branch(block, filters, direct) for _, block in layer.branches]
    return layers.Dropout(0.2)(layers.Concatenate()(branches))


def _branch(block: str, filters: int, inputs):
    kind = layers.SeparableConv2D if block.endswith("sep") else layers.Conv2D
    outputs = kind(filters, int(block[0]), padding="same", use_bias=False)(inputs)
    return layers.ReLU()(layers.BatchNormalization(scale=False, epsilon=1e-3)(outputs))


def _pooled(values, height: int):
    while values.shape[1] > height:
        values = layers.MaxPooling2D(2, 2, padding="same")(values)
    return values


def _widened(inputs, filters: int):
    pooled = layers.MaxPooling2D(2, 2, padding="same")(inputs)
    convolved = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(inputs)
    return layers.Concatenate()([pooled, convolved])


def plain_network(shape: tuple[int, ...], classes: int = 10) -> keras.Model:
    """Return the small convolutional network of many tutorials."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(classes),
        ]
    )


def plain_multiply_adds(shape: tuple[int, ...], classes: int = 10) -> int:
    """Return the multiplications with weights of :func:`plain_network` per image."""
    total = 0
    for layer in plain_network(shape, classes).layers:
        if isinstance(layer, layers.Conv2D):
            height, width = layer.output.shape[1:3]
            total += height * width * int(tf.size(layer.kernel))
        elif isinstance(layer, layers.Dense):
            total += int(tf.size(layer.kernel))
    return total


def lean_step(model: keras.Model, recipe) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Return a compiled step without metrics and without an average of the weights.

    Args:
        model: The network.
        recipe: The ``child_training`` section, for momentum, clipping and l2.
    """
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True, clipnorm=recipe.clip_norm)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels, model(images, training=True)
            )
            loss = tf.reduce_mean(losses)
            squares = [tf.reduce_sum(tf.square(v)) for v in model.trainable_variables]
            total = loss + recipe.l2 * tf.add_n(squares)
        gradients = tape.gradient(total, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return step
