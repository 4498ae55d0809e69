"""What is learned about a folder of images before it is decoded."""

from nac.authoring.image_set import look_at
from tests.builders import assert_says, input_error
from tests.data.image_files import image, write_classes, write_folder, write_image


def test_classes_and_numbers_are_counted(tmp_path):
    write_folder(tmp_path, {"ant": 3, "bee": 2}, {"ant": 1, "bee": 1})
    write_classes(tmp_path / "val", {"bee": 2})
    found = look_at(tmp_path)
    assert (found.classes, found.train, found.test, found.validation) == (("ant", "bee"), 5, 2, 2)


def test_images_of_one_size_are_alike(tmp_path):
    write_classes(tmp_path, {"ant": 5, "bee": 5})
    found = look_at(tmp_path)
    assert (found.height, found.width, found.alike) == (4, 4, True)


def test_of_images_that_differ_the_median_counts(tmp_path):
    write_classes(tmp_path, {"ant": 1, "bee": 1})
    for number, height in enumerate((10, 12, 14, 16, 18)):
        write_image(tmp_path / f"ant/{number}.png", image(0, height, 20))
        write_image(tmp_path / f"bee/{number}.png", image(0, height, 30))
    found = look_at(tmp_path)
    # Of each class the images 0 to 3 and 000 are for training, of 4x4 pixels.
    assert (found.height, found.width, found.alike) == (12, 20, False)


def test_a_sentence_says_it_all(tmp_path):
    write_folder(tmp_path, {"ant": 3, "bee": 2}, {"ant": 1, "bee": 1})
    assert str(look_at(tmp_path)) == (
        f"{tmp_path}: 2 classes (ant, bee); 5 images for training, 2 for tests; 4x4 pixels"
    )


def test_a_folder_without_a_readable_image_is_an_error(tmp_path):
    for name in ("ant", "bee"):
        for number in range(5):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{number}.jpg").write_bytes(b"no image")
    assert_says(input_error(look_at, tmp_path), "expected readable images", "ant/0.jpg")
