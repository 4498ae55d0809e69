"""What an exported classifier computes: pixels, uint8, to probabilities."""

import keras

from nac.models.classifier import PhotoClassifier


def pixel_model(classifier: PhotoClassifier, any_size: bool) -> keras.Model:
    """Return a classifier with one fixed type of pixels, uint8.

    Args:
        classifier: The classifier.
        any_size: Whether it takes images of any size and number of channels. Otherwise they have
            those of the training, as runtimes for small machines do not resize as TensorFlow does.
    """
    shape = (None, None, None) if any_size else classifier.image_shape
    pixels = keras.Input(shape, dtype="uint8", name="pixels")
    outputs = keras.ops.cast(pixels, "float32")
    for layer in classifier.layers[1 if any_size else 2 :]:  # the first ones: input, resizing
        outputs = layer(outputs)
    return keras.Model(pixels, outputs, name="classifier")
