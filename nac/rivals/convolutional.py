"""The networks among which ``keras_tuner`` searches: convolutional ones for images of any size."""

import math

import keras
import keras_tuner

SMALLEST_SIDE = 4
"""Featuremaps are not halved below this height and width."""

MOST_STAGES = 5

MOMENTUM = 0.9
"""Of the averages of batch norm: with Keras' 0.99 the first epochs of few images score badly."""


def stages_for(height: int, width: int) -> int:
    """Return into how many stages images can be taken, with half the height and width in each.

    Example:
    >>> stages_for(8, 8), stages_for(28, 28), stages_for(32, 32), stages_for(224, 224)
    (2, 3, 4, 5)
    """
    halvings = int(math.log2(max(1.0, min(height, width) / SMALLEST_SIDE)))
    return min(1 + halvings, MOST_STAGES)


class ConvolutionalSpace(keras_tuner.HyperModel):
    """Stages of 3x3 convolutions, with batch norm and ReLU, that may be residual.

    As in a ResNet, channels double where height and width are halved. Searched are the channels of
    the first stage, the number of stages and of convolutions in each, residual connections, the
    pooling at the end, dropout, two augmentations and the learning rate. There are no larger
    kernels: a candidate with them takes so long that a short search would try no other.

    Args:
        shape: (height, width, channels) of an image.
        classes: Number of classes.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int):
        super().__init__()
        self._shape, self._classes = shape, classes

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Return the compiled network that some hyperparameters describe."""
        images = keras.Input(self._shape)
        value = self._augmented(hp, images)
        filters = hp.Choice("filters", [16, 32, 64], default=32)
        for stage in range(self._stages(hp)):
            if stage:
                value = keras.layers.MaxPooling2D()(value)
            value = self._stage(hp, value, filters * 2**stage)
        pooling = {
            "average": keras.layers.GlobalAveragePooling2D,
            "max": keras.layers.GlobalMaxPooling2D,
        }
        value = pooling[hp.Choice("pooling", list(pooling))]()(value)
        value = keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1))(value)
        logits = keras.layers.Dense(self._classes, dtype="float32")(value)
        model = keras.Model(images, logits)
        rate = hp.Float("learning_rate", 3e-4, 1e-2, sampling="log", default=1e-3)
        model.compile(
            optimizer=keras.optimizers.Adam(rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        return model

    def _stages(self, hp: keras_tuner.HyperParameters) -> int:
        most = stages_for(*self._shape[:2])
        return hp.Int("stages", min(2, most), most)

    def _augmented(self, hp, value):
        if hp.Boolean("translate"):
            value = keras.layers.RandomTranslation(0.1, 0.1)(value)
        if hp.Boolean("flip"):
            value = keras.layers.RandomFlip("horizontal")(value)
        return value

    def _stage(self, hp, value, filters: int):
        residual = hp.Boolean("residual")
        for block in range(hp.Int("blocks_per_stage", 1, 3, default=2)):
            before = value
            value = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(value)
            value = keras.layers.BatchNormalization(momentum=MOMENTUM)(value)
            if residual and block:
                value = keras.layers.Add()([value, before])
            value = keras.layers.ReLU()(value)
        return value
