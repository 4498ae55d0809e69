"""Decoded images that one job leaves for the next."""

import json
from dataclasses import replace
from errno import ENOSPC

import numpy as np
import pytest

from nac.data import decoded
from nac.data.datasets import DATASETS, DatasetFacts, load_dataset
from nac.data.decoded import decoded_once
from nac.data.images import Images
from nac.data.source import Request

REQUEST = Request("pets", "small", "/data", 2)


class Loader:
    """Makes a small data set, and counts how often."""

    def __init__(self, first_pixel=0):
        self.calls = 0
        self.first_pixel = first_pixel

    def __call__(self, request):
        self.calls += 1
        pixels = np.arange(5 * 2 * 2 * 3, dtype=np.uint8).reshape(5, 2, 2, 3) + self.first_pixel
        labels = np.array([0, 1, 1, 0, 1], np.int32)
        notes = ("a.png: skipped",)
        return Images(pixels[:3], labels[:3], pixels[3:], labels[3:], 2, 4, notes)


@pytest.fixture
def loader():
    return Loader()


def assert_same(one, other):
    assert (one.classes, one.padded_side, one.notes) == (
        other.classes,
        other.padded_side,
        other.notes,
    )
    for name in ("train_images", "train_labels", "test_images", "test_labels"):
        first, second = getattr(one, name), getattr(other, name)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)


def test_the_second_job_gets_what_the_first_one_decoded(loader, tmp_path):
    first = decoded_once(REQUEST, loader, tmp_path / "decoded")
    second = decoded_once(REQUEST, loader, tmp_path / "decoded")
    assert loader.calls == 1
    assert_same(first, second)


def test_the_images_are_not_read_before_they_are_used(loader, tmp_path):
    decoded_once(REQUEST, loader, tmp_path)
    assert isinstance(decoded_once(REQUEST, loader, tmp_path).train_images.base, np.memmap)


@pytest.mark.parametrize(
    "change",
    [{"name": "cars"}, {"argument": "large"}, {"data_dir": "/other"}, {"image_size": 3}],
)
def test_another_request_is_decoded_itself(loader, tmp_path, change):
    decoded_once(REQUEST, loader, tmp_path)
    other = Loader(first_pixel=100)
    found = decoded_once(replace(REQUEST, **change), other, tmp_path)
    assert found.train_images[0, 0, 0, 0] == 100


def test_requests_in_turn_do_not_displace_each_other(loader, tmp_path):
    for size in (2, 3, 2, 3):
        decoded_once(replace(REQUEST, image_size=size), loader, tmp_path)
    assert loader.calls == 2


def test_where_a_request_came_from_does_not_matter(loader, tmp_path):
    decoded_once(REQUEST, loader, tmp_path)
    decoded_once(replace(REQUEST, prefix="--"), loader, tmp_path)
    assert loader.calls == 1


def cut(path, length):
    path.write_bytes(path.read_bytes()[:length])


def change_request(path):
    path.write_text(path.read_text().replace("pets", "cars"))


DAMAGES = {
    "index cut": lambda folder: cut(next(folder.glob("*.json")), 40),
    "index of another request": lambda folder: change_request(next(folder.glob("*.json"))),
    "array cut": lambda folder: cut(next(folder.glob("*.train_images.npy")), 140),
    "array empty": lambda folder: cut(next(folder.glob("*.train_images.npy")), 0),
    "array missing": lambda folder: next(folder.glob("*.test_labels.npy")).unlink(),
    "labels missing": lambda folder: np.save(
        next(folder.glob("*.train_labels.npy")), np.zeros(1, np.int32)
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_is_written_anew(loader, tmp_path, damage):
    first = decoded_once(REQUEST, loader, tmp_path)
    damage(tmp_path)
    assert_same(decoded_once(REQUEST, loader, tmp_path), first)
    decoded_once(REQUEST, loader, tmp_path)
    assert loader.calls == 2


def test_arrays_without_an_index_do_not_count(loader, tmp_path):
    """So it is when a job is killed while it writes."""
    decoded_once(REQUEST, loader, tmp_path)
    next(tmp_path.glob("*.json")).unlink()
    decoded_once(REQUEST, loader, tmp_path)
    assert loader.calls == 2


def test_of_two_jobs_at_a_time_the_last_one_wins_as_a_whole(tmp_path):
    """The second job begins while the first one decodes, and is done before it."""
    late = Loader(first_pixel=100)

    def load(request):
        decoded_once(REQUEST, Loader(), tmp_path)
        return late(request)

    decoded_once(REQUEST, load, tmp_path)
    assert_same(decoded_once(REQUEST, Loader(), tmp_path), late(REQUEST))


def test_a_streamed_data_set_is_not_kept(tmp_path):
    stream = object()
    assert decoded_once(REQUEST, lambda request: stream, tmp_path / "decoded") is stream
    assert not (tmp_path / "decoded").exists()


def test_a_full_disk_is_a_note_and_leaves_nothing(loader, tmp_path, monkeypatch):
    def full(file, array, allow_pickle):
        file.write(b"half")
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(decoded.np, "save", full)
    source = decoded_once(REQUEST, loader, tmp_path)
    note = f"{tmp_path}: decoded images cannot be kept: No space left on device"
    assert source.notes == ("a.png: skipped", note)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def registered(loader):
    DATASETS.register("counted", DatasetFacts(loader, (2, 2, 3), 2))
    yield loader
    DATASETS.unregister("counted")


def test_validation_images_are_held_out_of_what_is_kept(registered, tmp_path):
    for share, held_out in ((0.5, 1), (0, None)):
        source = load_dataset("counted", validation_share=share, decoded_dir=str(tmp_path))
        kept = source.validation_labels
        assert (kept if kept is None else len(kept)) == held_out
    assert registered.calls == 1


def test_without_a_directory_nothing_is_kept(registered, tmp_path):
    load_dataset("counted")
    load_dataset("counted")
    assert registered.calls == 2


def test_digits_are_not_kept_as_reading_them_takes_milliseconds(tmp_path):
    load_dataset("digits", decoded_dir=str(tmp_path / "decoded"))
    assert not (tmp_path / "decoded").exists()


@pytest.mark.slow
def test_batches_of_kept_images_are_the_same(loader, tmp_path):
    from nac.config.training import Augmentation

    batches = [
        decoded_once(REQUEST, loader, tmp_path).training_batches(range(2), 2, Augmentation())
        for _ in range(2)
    ]
    for (images, labels), (kept_images, kept_labels) in zip(*batches, strict=True):
        np.testing.assert_array_equal(images, kept_images)
        np.testing.assert_array_equal(labels, kept_labels)


def test_the_index_says_what_it_answers(loader, tmp_path):
    decoded_once(REQUEST, loader, tmp_path)
    value = json.loads(next(tmp_path.glob("*.json")).read_text())
    found = {key: value[key] for key in ("name", "argument", "data_dir", "image_size")}
    assert found == {"name": "pets", "argument": "small", "data_dir": "/data", "image_size": 2}
