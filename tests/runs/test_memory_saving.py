"""How steps save memory: numbers of parts, flags and messages."""

import pytest

from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving, saving_of
from tests.builders import input_error


@pytest.mark.parametrize(
    ("saving", "parts"),
    [
        (NOTHING_SAVED, None),
        (MemorySaving(recompute=True), 1),
        (MemorySaving(micro_batch=8), 4),
        (MemorySaving(micro_batch=32), None),  # the whole batch
        (MemorySaving(recompute=True, micro_batch=32), 1),
    ],
)
def test_cells_are_computed_in_so_many_parts(saving, parts):
    assert saving.parts(32) == parts


@pytest.mark.parametrize("images", [5, 64])
def test_parts_must_be_equal(images):
    assert input_error(MemorySaving(micro_batch=images).parts, 32) == (
        "--micro_batch: expected a number by which 32, the images per step and device, can be"
        f" divided, received {images}"
    )


@pytest.mark.parametrize(
    ("arguments", "saving"),
    [
        (["nac.train", "--job=a=b", "--strategy=one"], NOTHING_SAVED),
        (["--recompute=True"], MemorySaving(recompute=True)),
        (["--recompute=False", "--micro_batch=8"], MemorySaving(micro_batch=8)),
    ],
)
def test_arguments_of_a_job_say_it(arguments, saving):
    assert saving_of(arguments) == saving


def test_flags_are_those_that_ask_for_it():
    assert NOTHING_SAVED.flags == []
    assert MemorySaving(True, 8).flags == ["--recompute", "--micro_batch=8"]


def test_the_advice_is_what_would_save_more():
    assert NOTHING_SAVED.advice == ["--recompute", "--micro_batch"]
    assert MemorySaving(recompute=True).advice == ["--micro_batch"]
    assert MemorySaving(micro_batch=8).advice == ["a smaller --micro_batch"]
