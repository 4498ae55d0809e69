"""Folders of the user's own images, and errors in these folders."""

import numpy as np
import pytest

from nac.data import folder_images
from nac.data.datasets import load_dataset
from nac.data.folder import folder_facts
from nac.data.source import ImageFacts, Request
from nac.data.stream import Stream
from tests.builders import assert_says, input_error
from tests.data.examples import OFF, assert_same_batches
from tests.data.image_files import image, write_folder, write_image


def load(path, image_size=4, data_dir=None):
    return load_dataset(f"folder:{path}", data_dir, image_size)


def values(images):
    """Return the value of each image of one value."""
    return images[:, 0, 0, 0].tolist()


def test_a_folder_says_size_and_classes_before_images_are_read(tmp_path):
    write_folder(tmp_path, {"ant": 1, "bee": 1}, {"ant": 1})
    facts = folder_facts(Request("folder:x", str(tmp_path), image_size=6))
    assert facts == ImageFacts((6, 6, 3), 2)


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

    @pytest.mark.parametrize("name", ["x.jpg", "x.JPEG", "x.Png"])
    def test_endings_are_jpg_jpeg_and_png_in_any_case(self, tmp_path, name):
        write_folder(tmp_path, {"ant": 1, "bee": 1})
        write_image(tmp_path / "test/bee" / name, image(77))
        assert values(load(tmp_path).test_images) == [77]

    def test_hidden_files_are_no_images(self, tmp_path):
        write_folder(tmp_path, {"ant": 1, "bee": 1}, {"bee": 1})
        (tmp_path / "train/ant/._000.png").write_bytes(b"resource fork")
        (tmp_path / "train/.cache").mkdir()
        data = load(tmp_path)
        assert (data.train_examples, data.notes) == (2, ())


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
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train/bee: expected readable images, received none"
        )


class TestErrors:
    def test_without_image_size_it_is_asked_for(self, tmp_path):
        text = input_error(load, tmp_path, None)
        assert_says(text, "parameters.image_size: missing", f"'folder:{tmp_path}'")

    def test_a_missing_folder_is_named(self, tmp_path):
        text = input_error(load, tmp_path / "nowhere")
        assert_says(text, f"{tmp_path}/nowhere/train: expected a folder", "No such file")

    def test_one_class_is_not_enough(self, tmp_path):
        write_folder(tmp_path, {"ant": 5})
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train: expected a folder for each of at least two classes, received ant"
        )

    def test_a_class_without_files_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 0})
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train/bee: expected JPEG or PNG images, received an empty folder"
        )

    def test_a_class_with_images_of_no_readable_kind_is_named(self, tmp_path):
        write_folder(tmp_path, {"ant": 5, "bee": 0})
        (tmp_path / "train/bee/x.tiff").write_bytes(b"II*\0")
        assert input_error(load, tmp_path) == (
            f"{tmp_path}/train/bee: expected JPEG or PNG images, received only other files such as"
            " x.tiff"
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

    def test_too_few_images_to_split_are_an_error(self, tmp_path):
        write_folder(tmp_path, {"ant": 4, "bee": 4})
        assert_says(input_error(load, tmp_path), str(tmp_path), "at least five images of a class")

    def test_a_data_dir_beside_the_path_is_an_error(self, tmp_path):
        assert_says(input_error(load, tmp_path, 4, "else"), f"'folder:{tmp_path}'", "'else'")


class TestLargeFolders:
    """Folders that would not fit into memory are streamed, with the same images."""

    @pytest.fixture
    def both(self, tmp_path, monkeypatch):
        write_folder(tmp_path, {"ant": 7, "bee": 6}, {"ant": 2, "bee": 3})
        in_memory = load(tmp_path)
        monkeypatch.setattr(folder_images, "MEMORY_LIMIT", 1)
        return in_memory, load(tmp_path)

    def test_they_are_streamed(self, both):
        images, stream = both
        assert isinstance(stream, Stream)
        assert (stream.image_shape, stream.classes) == (images.image_shape, images.classes)
        assert stream.train_examples == images.train_examples == 13

    def test_an_epoch_has_every_image_once(self, both):
        (batch,) = both[1].training_batches(range(1), 13, OFF)
        assert sorted(values(batch[0].numpy())) == sorted(values(both[0].train_images))

    def test_evaluation_is_the_same(self, both):
        in_memory, streamed = (source.evaluation_batches("test", 2) for source in both)
        assert_same_batches(in_memory, streamed)
