"""nac init: an experiment file for a folder of images, or a copy of a template."""

import pytest

from nac.config import load_experiment
from tests.builders import assert_says
from tests.data.image_files import write_classes
from tests.experiments import run


@pytest.fixture
def place(tmp_path):
    write_classes(tmp_path / "My Pets", {"cat": 10, "dog": 10})
    return tmp_path


def command(place, *arguments):
    return run("init", *arguments, cwd=place)


def error(place, *arguments):
    result = command(place, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def test_it_writes_a_file_for_a_folder_and_says_what_was_chosen(place):
    result = command(place, "--images=My Pets", "--minutes=7", "--image_size=3")
    assert (result.returncode, result.stderr) == (0, "")
    experiment = load_experiment(str(place / "my_pets.yaml"))
    assert experiment.parameters.dataset == f"folder:{place}/My Pets"
    assert (experiment.parameters.image_size, experiment.budget.minutes) == (3, 7)
    assert_says(result.stdout, "2 classes (cat, dog); 16 images for training, 4 for tests")
    assert_says(result.stdout, "nac construct --config=my_pets.yaml --train_final")


def test_a_file_that_exists_is_kept(place):
    (place / "my_pets.yaml").write_text("mine")
    text = error(place, "--images=My Pets")
    assert text == "error: --output: my_pets.yaml exists; expected a new name, or remove it\n"
    assert (place / "my_pets.yaml").read_text() == "mine"


def test_a_folder_that_is_wrong_leaves_no_file(place):
    text = error(place, "--images=nowhere", "--output=x.yaml")
    assert_says(text, f"error: {place}/nowhere: expected a folder of folders")
    assert not (place / "x.yaml").exists()


def test_templates_are_listed(place):
    result = command(place, "--list")
    assert_says(result.stdout, "digits/construct ", "Construct a network for 8x8 handwritten")


def test_a_template_is_copied(place):
    assert command(place, "--template=digits/construct").returncode == 0
    assert load_experiment(str(place / "construct.yaml")).parameters.dataset == "digits"


def test_an_unknown_template_is_one_line(place):
    assert_says(error(place, "--template=digits"), "--template: expected one of architectures/")


@pytest.mark.parametrize("arguments", [(), ("--images=a", "--template=digits/construct")])
def test_it_needs_to_know_what_for(place, arguments):
    assert_says(error(place, *arguments), "give --images, --template or --list")
