"""Folders of the user's own images, and errors in these folders."""

import os
from pathlib import Path

import numpy as np
import pytest

from nac.data import folder_images, rows
from nac.data.datasets import load_dataset
from nac.data.folder import folder_facts, list_folder
from nac.data.images import with_validation_split
from nac.data.rows import Undecoded
from nac.data.source import ImageFacts, Request
from tests.builders import assert_says, input_error
from tests.data.examples import OFF, assert_same_batches
from tests.data.image_files import image, write_classes, write_folder, write_image


def load(path, image_size=4, data_dir=None):
    return load_dataset(f"folder:{path}", data_dir, image_size)


def values(images):
    """Return the value of each image of one value."""
    return images[:, 0, 0, 0].tolist()


def test_a_folder_says_size_and_classes_before_images_are_read(tmp_path):
    write_folder(tmp_path, {"ant": 1, "bee": 1}, {"ant": 1})
    facts = folder_facts(Request("folder:x", str(tmp_path), image_size=6))
    assert facts == ImageFacts((6, 6, 3), 2, train_examples=2)


def labels(listing):
    return listing.labels.tolist()


def names(listing):
    return [Path(file).name for file in listing.files]


class TestLayouts:
    def test_without_train_and_test_the_classes_are_split(self, tmp_path):
        write_classes(tmp_path, {"ant": 10, "bee": 5})
        folder = list_folder(tmp_path)
        assert names(folder.test) == ["004.png", "009.png", "004.png"]
        assert labels(folder.test) == [0, 0, 1]
        assert len(folder.train.files) == 12
        (note,) = folder.notes
        assert_says(note, str(tmp_path), "every fifth image of each class", "3 of 15")

    def test_images_for_validation_beside_test_images_are_used_as_such(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 2}, {"ant": 1, "bee": 1})
        write_classes(tmp_path / "val", {"bee": 1})
        folder = list_folder(tmp_path)
        assert (labels(folder.test), labels(folder.validation)) == ([0, 1], [1])
        assert folder.notes == ()

    def test_images_for_validation_alone_are_test_images(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 2})
        write_classes(tmp_path / "val", {"ant": 1, "bee": 1})
        folder = list_folder(tmp_path)
        assert (labels(folder.test), folder.validation) == ([0, 1], None)
        assert_says(folder.notes[0], "no test images", "those for validation")

    @pytest.mark.parametrize("name", ["Train", "training", "TRAIN"])
    def test_splits_have_several_names(self, tmp_path, name):
        write_classes(tmp_path / name, {"ant": 1, "bee": 1})
        write_classes(tmp_path / "Testing", {"ant": 1})
        assert len(list_folder(tmp_path).train.files) == 2

    def test_images_in_folders_of_a_class_belong_to_it(self, tmp_path):
        write_classes(tmp_path, {"ant": 5, "bee": 5})
        write_image(tmp_path / "bee/queens/young/a.png", image(7))
        folder = list_folder(tmp_path)
        assert labels(folder.train).count(1) == 5

    def test_a_link_in_a_circle_ends(self, tmp_path):
        write_classes(tmp_path, {"ant": 5, "bee": 5})
        (tmp_path / "bee/again").symlink_to(tmp_path / "bee")
        assert len(list_folder(tmp_path).train.files) == 8

    def test_validation_images_of_its_own_are_not_taken_from_the_training_images(self, tmp_path):
        write_folder(tmp_path, {"ant": 4, "bee": 4}, {"ant": 1, "bee": 1})
        write_classes(tmp_path / "val", {"ant": 1, "bee": 1})
        data = load_dataset(f"folder:{tmp_path}", None, 4, validation_share=0.5)
        assert (data.train_examples, values(data.validation_images)) == (8, [0, 50])


def test_the_folder_of_a_user_whom_nobody_knows_is_an_error():
    assert_says(input_error(load, "~nobody-has-this-name/x"), "expected a user with a home")


class TestSkippedFiles:
    def test_they_are_counted_and_named(self, tmp_path):
        write_classes(tmp_path, {"ant": 5, "bee": 5})
        for name in ("a.txt", "b.heic", "c.csv", "d.mp4"):
            (tmp_path / "bee" / name).write_bytes(b"")
        note = list_folder(tmp_path).notes[-1]
        assert_says(note, "4 files skipped", f"{tmp_path}/bee/a.txt, ", "and 1 more")

    def test_a_pipe_is_no_image_whatever_its_name(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1}, {"bee": 1})
        os.mkfifo(tmp_path / "train/ant/pipe.png")
        folder = list_folder(tmp_path)
        assert len(folder.train.files) == 2
        assert_says(folder.notes[-1], "1 file skipped", f"{tmp_path}/train/ant/pipe.png")

    def test_a_link_to_an_image_is_an_image(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1}, {"bee": 1})
        (tmp_path / "train/ant/link.png").symlink_to(tmp_path / "train/ant/000.png")
        folder = list_folder(tmp_path)
        assert (len(folder.train.files), folder.notes) == (3, ())

    @pytest.mark.parametrize("name", ["._000.png", ".DS_Store", "Thumbs.db", "desktop.ini"])
    def test_of_what_systems_leave_nobody_is_told(self, tmp_path, name):
        write_folder(tmp_path, {"ant": 1, "bee": 1}, {"bee": 1})
        (tmp_path / "train/ant" / name).write_bytes(b"")
        (tmp_path / "train/__MACOSX").mkdir()
        folder = list_folder(tmp_path)
        assert (len(folder.train.files), folder.notes) == (2, ())


class TestImages:
    def test_classes_are_folders_in_the_order_of_their_names(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 1}, {"ant": 1, "bee": 2})
        data = load(tmp_path)
        assert (data.train_labels.tolist(), values(data.train_images)) == ([0, 0, 1], [0, 1, 50])
        assert (data.test_labels.tolist(), values(data.test_images)) == ([0, 1, 1], [0, 50, 51])
        assert (data.classes, data.image_shape) == (2, (4, 4, 1))

    def test_a_class_may_have_no_test_images(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1, "cat": 1})
        write_image(tmp_path / "test/cat/1.png", image(7))
        assert load(tmp_path).test_labels.tolist() == [2]

    def test_without_a_test_split_every_fifth_of_each_class_is_held_out(self, tmp_path):
        write_folder(tmp_path, {"ant": 10, "bee": 6})
        data = load(tmp_path)
        assert values(data.test_images) == [4, 9, 54]
        assert data.test_labels.tolist() == [0, 0, 1]
        assert values(data.train_images) == [0, 1, 2, 3, 5, 6, 7, 8, 50, 51, 52, 53, 55]

    def test_images_of_any_size_are_brought_to_one(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 5})
        write_image(tmp_path / "train/ant/big.png", image(200, 30, 17))
        assert load(tmp_path, image_size=6).train_images.shape == (9, 6, 6, 1)

    def test_an_image_that_has_the_size_stays_as_it_is(self, tmp_path):
        pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/bee/1.png", pixels)
        np.testing.assert_array_equal(load(tmp_path, image_size=4).test_images, [pixels])

    def test_shrinking_averages(self, tmp_path):
        stripes = image(0, 8, 8)
        stripes[:, ::2] = 200
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/bee/1.png", stripes)
        averages = load(tmp_path, 2).test_images[0].ravel().tolist()
        assert averages == pytest.approx([100] * 4, abs=20)

    def test_all_are_in_color_if_any_is(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/bee/1.png", np.array([[[9, 8, 7]]], np.uint8))
        data = load(tmp_path, 1)
        assert data.train_images[:, 0, 0].tolist() == [[0, 0, 0], [50, 50, 50]]
        assert data.test_images[0, 0, 0].tolist() == [9, 8, 7]

    @pytest.mark.parametrize(("given", "kept"), [([9, 255], [9]), ([9, 8, 7, 0], [9, 8, 7])])
    def test_transparency_is_dropped(self, tmp_path, given, kept):
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/bee/1.png", np.array([[given]], np.uint8))
        assert load(tmp_path, 1).test_images[0, 0, 0].tolist() == kept

    def test_classes_have_the_names_of_their_folders(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 5})
        assert load(tmp_path).class_names == ("ant", "bee")

    def test_bytes_of_their_names_that_are_not_utf8_are_escaped(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "b\udcff": 5})
        assert load(tmp_path).class_names == ("ant", "b\\udcff")


class TestUnreadableFiles:
    def test_one_is_named_and_skipped(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 2}, {"bee": 1})
        broken = write_image(tmp_path / "train/ant/broken.jpg", image(9, 40, 40))
        broken.write_bytes(broken.read_bytes()[:100])
        data = load(tmp_path)
        (note,) = data.notes
        assert_says(note, f"{broken}: cannot be read as an image", "skipped")
        assert data.train_labels.tolist() == [0, 0, 1, 1]

    def test_more_than_one_in_a_hundred_are_an_error(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 2}, {"bee": 1})
        for name in ("a.png", "b.png"):
            (tmp_path / "train/bee" / name).write_bytes(b"no image")
        text = input_error(load, tmp_path)
        assert_says(text, f"{tmp_path}/train/bee/a.png: cannot be read as an image")
        assert_says(text, "2 of 7 files cannot be read, expected at most 1")

    def test_a_class_of_nothing_else_is_an_error(self, tmp_path):
        write_folder(tmp_path, {"ant": 2, "bee": 1}, {"ant": 1})
        (tmp_path / "train/bee/000.png").write_bytes(b"no image")
        assert input_error(load, tmp_path) == (f"{tmp_path}: class 'bee': expected readable images")


class TestErrors:
    def test_without_image_size_it_is_asked_for(self, tmp_path):
        text = input_error(load, tmp_path, None)
        assert_says(text, "parameters.image_size: missing", f"'folder:{tmp_path}'")

    def test_a_missing_folder_is_named(self, tmp_path):
        text = input_error(load, tmp_path / "nowhere")
        assert_says(text, f"{tmp_path}/nowhere: expected a folder", "No such file")

    def test_one_class_is_not_enough(self, tmp_path):
        write_folder(tmp_path, {"ant": 5})
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train: expected a folder for each of at least two classes,"
            " received only 'ant'"
        )

    def test_the_folder_that_may_be_meant_is_named(self, tmp_path):
        write_classes(tmp_path / "flowers", {"daisy": 5, "tulip": 5})
        assert_says(
            input_error(load, tmp_path), "only 'flowers'", f"did you mean {tmp_path}/flowers?"
        )

    def test_images_without_a_class_are_an_error(self, tmp_path):
        write_image(tmp_path / "a.png", image(1))
        assert_says(input_error(load, tmp_path), "received images without a folder")

    def test_an_empty_folder_is_an_error(self, tmp_path):
        assert_says(input_error(load, tmp_path), f"{tmp_path}: expected", "received none")

    def test_a_class_without_files_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 0})
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train/bee: expected JPEG, PNG, WebP, BMP, GIF or TIFF images,"
            " received none"
        )

    def test_a_class_with_images_of_no_readable_kind_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 0})
        (tmp_path / "train/bee/x.heic").write_bytes(b"")
        assert_says(
            input_error(load, tmp_path),
            f"{tmp_path}/train/bee: expected",
            "received only other files such as x.heic",
        )

    def test_a_class_that_is_in_test_alone_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/cat/1.png", image(1))
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/test/cat: expected only classes of {tmp_path}/train: ant, bee"
        )

    def test_an_empty_test_split_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        (tmp_path / "test").mkdir()
        assert_says(input_error(load, tmp_path), f"{tmp_path}/test: expected a folder for each")

    def test_test_images_need_training_images_beside_them(self, tmp_path):
        write_folder(tmp_path, {}, {"ant": 1, "bee": 1})
        assert_says(input_error(load, tmp_path), "expected a folder 'train' beside 'test'")

    def test_too_few_images_to_split_are_an_error(self, tmp_path):
        write_folder(tmp_path, {"ant": 4, "bee": 4})
        assert_says(input_error(load, tmp_path), str(tmp_path), "at least five images of a class")

    def test_a_data_dir_beside_the_path_is_an_error(self, tmp_path):
        assert_says(input_error(load, tmp_path, 4, "else"), f"'folder:{tmp_path}'", "'else'")


class TestLargeFolders:
    """Folders that do not fit into memory give the same batches, from a file or file by file."""

    @pytest.fixture(autouse=True)
    def limited(self, tmp_path, monkeypatch):
        write_folder(tmp_path, {"ant": 7, "bee": 6}, {"ant": 2, "bee": 3})
        self.in_memory = load(tmp_path)
        monkeypatch.setattr(folder_images, "MEMORY_LIMIT", 1)
        monkeypatch.setattr(rows, "MEMORY_LIMIT", 1)

    @pytest.fixture(params=["file", "no room"])
    def large(self, request, tmp_path, monkeypatch):
        if request.param == "no room":
            monkeypatch.setattr(folder_images, "SPARE_BYTES", 2**80)
        return load(tmp_path)

    def test_the_pixels_are_mapped_from_a_file(self, tmp_path):
        data = load(tmp_path)
        assert isinstance(data.train_images, np.memmap)
        assert_says(data.notes[-1], "decoded images are kept in")

    def test_without_room_on_the_disk_they_are_decoded_when_needed(self, tmp_path, monkeypatch):
        monkeypatch.setattr(folder_images, "SPARE_BYTES", 2**80)
        data = load(tmp_path)
        assert isinstance(data.train_images, Undecoded)
        assert_says(data.notes[-1], "the disk has no room")

    def test_training_is_the_same(self, large):
        sources = (self.in_memory, large)
        assert_same_batches(*(source.training_batches(range(3), 5, OFF) for source in sources))

    def test_evaluation_is_the_same(self, large):
        sources = (self.in_memory, large)
        assert_same_batches(*(source.evaluation_batches("test", 2) for source in sources))

    def test_validation_images_can_be_held_out(self, large):
        parted = [with_validation_split(source, 0.5) for source in (self.in_memory, large)]
        assert parted[1].train_examples == 7
        assert_same_batches(*(source.evaluation_batches("validation", 4) for source in parted))

    def test_the_next_job_finds_the_file(self, tmp_path):
        room = tmp_path / "decoded"
        arguments = (f"folder:{tmp_path}", None, 4, 0.0, "", str(room))
        first = load_dataset(*arguments)
        files = sorted(room.iterdir())
        second = load_dataset(*arguments)
        assert sorted(room.iterdir()) == files
        np.testing.assert_array_equal(first.train_images, second.train_images)

    def test_unreadable_images_leave_no_gap(self, tmp_path):
        broken = tmp_path / "train/ant/003.png"
        broken.write_bytes(broken.read_bytes()[:50])
        arguments = (f"folder:{tmp_path}", None, 4, 0.0, "", str(tmp_path / "decoded"))
        expected = [0, 1, 2, 4, 5, 6, 50, 51, 52, 53, 54, 55]
        for _ in range(2):  # as decoded, and as the next job finds it
            assert values(load_dataset(*arguments).train_images) == expected
