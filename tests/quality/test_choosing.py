"""Which images are shown."""

from nac.quality.choosing import least_certain, shown, worst_mistakes
from tests.quality.examples import predictions

ANSWERS = predictions([0, 0, 0, 0, 0], [1, 0, 2, 0, 1], [0.5, 0.25, 0.75, 1.0, 0.75])


def test_the_worst_mistakes_are_wrong_and_the_surest_come_first():
    assert worst_mistakes(ANSWERS) == [2, 4, 0]


def test_the_least_certain_images_are_right_or_wrong():
    assert least_certain(ANSWERS) == [1, 0, 2, 4, 3]


def test_there_are_no_more_than_wanted():
    assert (worst_mistakes(ANSWERS, 1), least_certain(ANSWERS, 2)) == ([2], [1, 0])


def test_each_image_is_shown_once():
    many = predictions([0] * 60, [1] * 30 + [0] * 30, [0.5] * 59 + [0.25])
    assert shown(many) == [*range(24), 59]
