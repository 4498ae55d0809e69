"""An export that does not agree with the model is not written."""

import numpy as np
import pytest
import tensorflow as tf

from nac.exporting.checked import (
    IMAGES,
    export_checked,
    largest_difference,
    random_images,
    random_pixels,
)
from nac.utils.errors import NacError

LARGEST_LOGIT = 4.0


class Network:
    """Stands in for a Keras model; its logits are -4 and 1 for all images."""

    input_shape = (None, 2, 3, 1)

    def __call__(self, images, training):
        assert not training
        return tf.constant([[-LARGEST_LOGIT, 1.0]] * len(images))


class FakeFormat:
    """Writes a text file that computes the network's logits plus an error in one of them."""

    file_name = "net.txt"

    def __init__(self, error):
        self.error = error

    def write(self, model, path):
        path.write_text("content")

    def load(self, path):
        assert path.read_text() == "content"

        def predict(images):
            logits = np.array(Network()(images, training=False))
            logits[-1, 1] += self.error
            return logits

        return predict


class FailingFormat(FakeFormat):
    def write(self, model, path):
        super().write(model, path)
        raise OSError("disk full")


def test_an_export_within_the_tolerance_appears_under_its_name(tmp_path):
    difference = export_checked(Network(), FakeFormat(0.25), tmp_path / "out", tolerance=0.1)
    assert difference == 0.25
    assert (tmp_path / "out").read_text() == "content"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [0.5, -0.5, float("nan")])
def test_an_export_beyond_the_tolerance_leaves_nothing(tmp_path, error):
    with pytest.raises(NacError, match=r"out: not written: .* within 4.0e-01, received"):
        export_checked(Network(), FakeFormat(error), tmp_path / "out", tolerance=0.1)
    assert list(tmp_path.iterdir()) == []


def test_a_model_whose_outputs_are_not_finite_is_not_exported(tmp_path):
    class Diverged(Network):
        def __call__(self, images, training):
            return super().__call__(images, training) * float("nan")

    with pytest.raises(NacError, match=r"out: not written: expected a model whose outputs are fin"):
        export_checked(Diverged(), FakeFormat(0.0), tmp_path / "out", tolerance=0.1)
    assert list(tmp_path.iterdir()) == []


def test_products_are_not_rounded_while_outputs_are_compared(tmp_path):
    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    seen = []

    class Watching(FakeFormat):
        def load(self, path):
            seen.append(enabled())
            return super().load(path)

    before = enabled()
    export_checked(Network(), Watching(0.0), tmp_path / "out", tolerance=0.1)
    assert (before, *seen, enabled()) == (True, False, True)


def test_an_export_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="disk full"):
        export_checked(Network(), FailingFormat(0.0), tmp_path / "out", tolerance=0.1)
    assert list(tmp_path.iterdir()) == []


def test_outputs_of_another_shape_are_refused():
    with pytest.raises(NacError, match=r"expected outputs of shape \(1, 2\), received \(1, 3\)"):
        largest_difference(lambda images: np.zeros((1, 3)), None, np.zeros((1, 2)))


def test_what_is_written_may_differ_from_what_the_format_writes(tmp_path):
    def write(path):
        path.write_text("content")

    form = FailingFormat(0.25)
    assert export_checked(Network(), form, tmp_path / "out", 0.1, write=write) == 0.25


@pytest.mark.parametrize(("draw", "kind"), [(random_images, "float32"), (random_pixels, "uint8")])
def test_random_images_follow_the_seed(draw, kind):
    first, again, other = (draw((2, 3, 1), seed) for seed in (0, 0, 1))
    assert (first.shape, first.dtype) == ((IMAGES, 2, 3, 1), kind)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
