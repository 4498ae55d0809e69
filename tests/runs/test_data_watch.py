"""Images that change while a run lasts."""

import os

import pytest

from nac.config import parse_experiment
from nac.runs import data_watch
from nac.runs.data_watch import DataWatch
from nac.utils.errors import NacError
from tests.experiments import small


@pytest.fixture
def photos(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(5):
            (tmp_path / "photos" / name / f"{number}.png").write_bytes(b"pixels")
    return tmp_path / "photos"


def watch(photos, run):
    run.mkdir(exist_ok=True)
    parameters = {"dataset": f"folder:{photos}", "image_size": 8}
    return DataWatch(parse_experiment(small(parameters=parameters), "e.yaml"), run)


def test_the_same_images_go_on(photos, tmp_path):
    watch(photos, tmp_path / "run").check()
    watch(photos, tmp_path / "run").check()


def test_other_images_are_refused_with_what_changed(photos, tmp_path):
    watch(photos, tmp_path / "run").check()
    (photos / "cat" / "new.png").write_bytes(b"pixels")
    with pytest.raises(NacError) as error:
        watch(photos, tmp_path / "run").check()
    assert str(error.value) == (
        f"{tmp_path / 'run' / 'data_files.json'}: expected the images with which this run began,"
        f" 10 files of 0 KiB of folder:{photos}, received 11 files of 0 KiB. Restore them, or begin"
        " another run with another --name"
    )


def test_an_image_that_was_edited_between_two_iterations_is_noticed(photos, tmp_path):
    watched = watch(photos, tmp_path / "run")
    watched.check()
    (photos / "cat" / "0.png").write_bytes(b"PIXELS")
    os.utime(photos / "cat" / "0.png", (0, 0))
    with pytest.raises(NacError, match=r"received .* with other names or contents"):
        watched.check()


def test_files_without_a_new_date_are_not_read_again(photos, tmp_path, monkeypatch):
    watched = watch(photos, tmp_path / "run")
    watched.check()
    monkeypatch.setattr(data_watch, "files_digest", None)
    watched.check()


def test_a_run_that_begins_anew_takes_the_images_as_they_are(photos, tmp_path):
    watch(photos, tmp_path / "run").check()
    (photos / "cat" / "new.png").write_bytes(b"pixels")
    watch(photos, tmp_path / "run").check(begin=True)
    watch(photos, tmp_path / "run").check()


def test_digits_have_no_files(tmp_path):
    DataWatch(parse_experiment(small(), "e.yaml"), tmp_path).check()
    assert list(tmp_path.iterdir()) == []
