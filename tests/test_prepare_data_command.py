"""``python -m nac.prepare_data``, without a network."""

from typing import ClassVar

import pytest
import tensorflow_datasets as tfds

from nac.data.datasets import load_dataset
from nac.prepare_data import prepare, prepared_name
from tests.data.prepared_sets import examples
from tests.data.prepared_sets import prepare as prepare_tiny
from tests.experiments import run, run_as_user


class Builder:
    """Stands in for a builder of tensorflow-datasets."""

    MANUAL_DOWNLOAD_INSTRUCTIONS = None
    url_infos: ClassVar = {}

    def __init__(self, name, data_dir):
        self._name, self._place = name, data_dir
        self.data_dir = str(data_dir / name / "1.0.0")

    def download_and_prepare(self, file_format):
        assert file_format == "tfrecord"
        if self._name == "offline":
            raise OSError("no network\nin many lines")
        prepare_tiny(self._place, {"train": examples(3, 3), "test": examples(1, 3)}, self._name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cifar10", "cifar10"),
        ("imagenet", "imagenet2012"),
        ("tfds:mnist", "mnist"),
        ("tfds:cifar10_corrupted:fog_1", "cifar10_corrupted/fog_1"),
    ],
)
def test_names_are_those_of_experiments(name, expected):
    assert prepared_name(name) == expected


def test_what_is_prepared_can_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "builder", Builder)
    assert prepare("tiny", tmp_path) == tmp_path / "tiny/1.0.0"
    assert load_dataset("tfds:tiny", str(tmp_path)).train_examples == 3


def test_a_failure_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "builder", Builder)
    with pytest.raises(Exception, match=r"^offline: cannot be prepared: OSError: no network$"):
        prepare("offline", tmp_path)


def test_a_server_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "builder", Builder)
    monkeypatch.setattr(Builder, "url_infos", {"https://nowhere.invalid/tiny.zip": None})
    with pytest.raises(Exception, match=r"^tiny: cannot be downloaded: nowhere.invalid does not"):
        prepare("tiny", tmp_path)


def test_files_that_are_downloaded_already_need_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(tfds, "builder", Builder)
    monkeypatch.setattr(Builder, "url_infos", {"https://nowhere.invalid/tiny.zip": None})
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads/tiny.zip").write_text("")
    assert prepare("tiny", tmp_path) == tmp_path / "tiny/1.0.0"


@pytest.mark.parametrize("name", ["digits", "folder:somewhere"])
def test_what_needs_no_preparation_is_an_error(tmp_path, name):
    result = run("prepare_data", f"--dataset={name}", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (
        1,
        f"error: --dataset={name}: nothing to prepare, this data set is read as it is\n",
    )


def test_a_set_that_is_there_is_not_prepared_again(tmp_path):
    (tmp_path / "mnist/3.0.1").mkdir(parents=True)
    (tmp_path / "mnist/3.0.1/dataset_info.json").touch()
    result = run("prepare_data", "--dataset=tfds:mnist", f"--data_dir={tmp_path}", cwd=tmp_path)
    assert result.returncode == 0
    assert f"tfds:mnist: ready in {tmp_path}/mnist/3.0.1" in result.stdout


def test_without_a_name_it_is_asked_for(tmp_path):
    result = run_as_user("prepare_data", cwd=tmp_path)
    assert (result.returncode, "--dataset is required" in result.stderr) == (1, True)
