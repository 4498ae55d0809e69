"""Names of classes that a Python program gives. Labels are tested with their images."""

import numpy as np
import pytest

from nac.authoring.labels import checked_class_names
from tests.builders import input_error


@pytest.mark.parametrize("names", [("a", "b"), ["a", "b"], np.array(["a", "b"])])
def test_class_names_may_come_in_any_list(names):
    assert checked_class_names(names) == ("a", "b")
    assert all(type(name) is str for name in checked_class_names(names))


def test_no_class_names_are_none():
    assert checked_class_names(None) == ()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("ab", "class_names: expected a list of names, received 'ab'"),
        (2, "class_names: expected a list of names, received 2"),
        ([1, 2], "class_names[0]: expected a text of 1 to 1,000 characters, received 1"),
        (["a", None], "class_names[1]: expected a text of 1 to 1,000 characters, received None"),
        (["a", "a"], "class_names: expected different names, received 'a' twice"),
    ],
)
def test_other_class_names_are_one_line(names, message):
    assert input_error(checked_class_names, names) == message
