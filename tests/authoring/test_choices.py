"""The values that are chosen for a folder of images."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.authoring.choices import (
    PARAMETERS,
    SIDES,
    Choices,
    choose,
    operations_per_image,
    possible_sides,
)
from nac.authoring.image_set import ImageSet

PHOTOS = ImageSet("folder:photos", "photos", ("cat", "dog"), 1600, 400, 0, 300, 400, alike=False)
ALIKE = replace(PHOTOS, height=28, width=28, alike=True)


def cost(choices: Choices) -> float:
    """Return a cost that grows as that of a network does."""
    return choices.parameters * choices.featuremap**2


def chosen(images=PHOTOS, allowed=1e9, **wishes):
    """Return what is chosen if a prediction may cost ``allowed``."""
    speed = allowed / operations_per_image(images.train, 10, 1.0)
    return choose(images, 10, speed, cost, **wishes)


def test_images_of_one_small_size_keep_it():
    assert chosen(ALIKE).side == 28


def test_images_that_differ_are_not_made_larger_than_their_median():
    assert possible_sides(replace(PHOTOS, height=100))[-1] == 96


def test_a_photo_of_several_megapixels_is_made_small():
    assert possible_sides(replace(PHOTOS, height=3000, width=4000)) == SIDES


def test_images_that_are_all_smaller_than_any_choice_keep_the_median():
    assert possible_sides(replace(PHOTOS, height=20, width=30)) == (20,)


def test_less_time_means_smaller_images_and_networks():
    slow, fast = chosen(allowed=1e7), chosen(allowed=1e8)
    assert (slow.side, slow.parameters) <= (fast.side, fast.parameters)
    assert cost(slow) < cost(fast)


def test_what_the_user_wants_is_not_changed():
    choices = chosen(allowed=1.0, image_size=224, parameters=12345)
    assert (choices.side, choices.parameters) == (224, 12345)


def test_the_epochs_are_what_time_and_cost_allow():
    choices = chosen(allowed=1e6)  # per view, if each of the 1600 images is seen 200 times
    assert choices.epochs == pytest.approx(200 * 1e6 / cost(choices))


@pytest.mark.parametrize(("epochs", "often"), [(99.0, False), (100.0, True)])
def test_a_hundred_epochs_are_often(epochs, often):
    assert replace(chosen(), epochs=epochs).sees_often is often


def test_if_nothing_fits_the_smallest_is_taken():
    choices = chosen(allowed=1.0)
    assert (choices.side, choices.parameters) == (SIDES[0], PARAMETERS[0])


@pytest.mark.parametrize(("images", "size"), [(9, 9), (50, 16), (100, 32), (500, 64), (2000, 128)])
def test_the_batch_grows_with_the_number_of_images(images, size):
    assert chosen(replace(PHOTOS, train=images)).batch_size == size


def test_of_few_images_more_are_held_out():
    assert chosen(replace(PHOTOS, train=4999)).validation_share == 0.2
    assert chosen(replace(PHOTOS, train=5000)).validation_share == 0.1


@pytest.mark.parametrize(
    ("classes", "gray", "named", "mirrored"),
    [
        (("cat", "dog"), True, True, True),
        (("a", "b"), False, True, False),  # a folder of letters
        (("0", "1"), True, False, False),  # as MNIST is given as arrays
        (("0", "1"), False, False, True),  # as CIFAR-10 is
    ],
)
def test_digits_and_letters_are_not_mirrored(classes, gray, named, mirrored):
    assert chosen(replace(PHOTOS, classes=classes, gray=gray, named=named)).flip is mirrored


@given(
    height=st.integers(1, 5000),
    width=st.integers(1, 5000),
    alike=st.booleans(),
    allowed=st.floats(1.0, 1e12),
)
def test_every_choice_can_be_built(height, width, alike, allowed):
    images = replace(PHOTOS, height=height, width=width, alike=alike)
    choices = chosen(images, allowed)
    assert 1 <= choices.side <= min(height, width)
    # Each stage but the first halves, which one pixel does not allow.
    assert choices.featuremap >= 2 ** (choices.stages - 1)
    assert choices.side / choices.reduction <= 28
