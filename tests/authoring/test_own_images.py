"""The experiment of a run that begins with a folder of images."""

from pathlib import Path

import pytest

from nac.authoring.own_images import MINUTES, Wishes, author_folder, author_run, name_of
from nac.utils.errors import NacError
from tests.builders import assert_says, input_error
from tests.data.image_files import write_classes


@pytest.fixture
def pets(tmp_path):
    return write_classes(tmp_path / "pets", {"cat": 10, "dog": 10})


def begun(directory, text):
    """Make a run directory of which a job is done."""
    (directory / "000").mkdir(parents=True)
    (directory / "000/statistics.json").write_text("{}")
    (directory / "init.yaml").write_text(text)


def test_by_default_a_run_takes_a_quarter_of_an_hour(pets):
    authored = author_folder(pets, Path("pets.yaml"), "pets")
    assert (authored.experiment.budget.minutes, MINUTES) == (15, 15)


def test_wishes_are_kept(pets):
    experiment = author_folder(pets, Path("pets.yaml"), "pets", Wishes(5, 12345, 3)).experiment
    assert (experiment.budget.minutes, experiment.budget.parameters) == (5, 12345)
    assert experiment.parameters.image_size == 3


@pytest.mark.parametrize("minutes", [0, -1, float("nan")])
def test_minutes_must_be_positive(pets, minutes):
    assert_says(
        input_error(author_folder, pets, Path("x"), "x", Wishes(minutes)),
        "--minutes: expected",
        "> 0",
    )


@pytest.mark.parametrize(
    "call",
    [
        name_of,
        lambda images: author_folder(images, Path("x"), "x"),
        lambda images: author_run(images, Path("runs/x")),
    ],
)
def test_the_folder_of_a_user_whom_nobody_knows_is_an_error(call):
    text = input_error(call, Path("~nobody-has-this-name/x"))
    assert_says(text, "~nobody-has-this-name/x: expected a user with a home directory")


def test_a_new_run_gets_a_new_file(pets, tmp_path):
    authored = author_run(pets, tmp_path / "runs/pets")
    assert authored.experiment.source == str(tmp_path / "runs/pets/init.yaml")
    assert authored.text
    assert not (tmp_path / "runs").exists()


def test_a_run_that_is_continued_keeps_its_file(pets, tmp_path):
    run = tmp_path / "pets_run"
    text = author_run(pets, run).text.replace("seed: 0", "seed: 7")
    begun(run, text)
    authored = author_run(pets, run)
    assert (authored.text, authored.experiment.parameters.seed) == (None, 7)


def test_a_run_on_other_images_is_not_continued(pets, tmp_path):
    run = tmp_path / "pets_run"
    begun(run, author_run(pets, run).text.replace("/pets", "/cars"))
    with pytest.raises(
        NacError, match=r"expected a run on folder:.*/pets, received folder:.*/cars"
    ):
        author_run(pets, run)


def test_a_run_that_began_with_a_file_is_not_continued(pets, tmp_path):
    run = tmp_path / "pets_run"
    begun(run, "")
    (run / "init.yaml").unlink()
    with pytest.raises(NacError, match="received a run with a --config"):
        author_run(pets, run)


@pytest.mark.parametrize(
    ("folder", "name"), [("/x/My Photos", "my_photos"), ("/x/a.b", "a.b"), ("/", "images")]
)
def test_a_run_has_the_name_of_its_folder(folder, name):
    assert name_of(Path(folder)) == name
