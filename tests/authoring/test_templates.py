"""The experiment files that come with nac."""

import pytest

from nac.authoring.templates import about, template, template_names
from nac.config import load_experiment
from tests.builders import assert_says, input_error


def test_every_experiment_is_a_template():
    names = template_names()
    assert {"digits/construct", "fashion_mnist/construct", "imagenet/nac"} <= set(names)


def test_a_template_is_an_experiment_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(template("digits/construct"))
    assert load_experiment(str(path)).parameters.dataset == "digits"


@pytest.mark.parametrize("name", template_names())
def test_every_template_says_in_a_sentence_what_it_is(name):
    assert about(name).endswith(".")
    assert 20 < len(about(name)) < 200


def test_an_unknown_template_is_an_error():
    assert_says(input_error(template, "digit/construct"), "--template:", "digits/construct")
