"""Accuracy against seconds, search included: data and figure."""

import pytest

pytest.importorskip("matplotlib")

from nac.comparison.result import write_comparison
from nac.plots.comparison_seconds import (
    constructed_seconds,
    seconds_drawings,
    seconds_figure,
    seconds_table,
)
from nac.plots.files import NothingToShowError
from nac.runs.saved_run import load_run
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run
from tests.results import comparison_result, network_result, rival_entry

RESULT = comparison_result(
    network_result("constructed", 0.75, seconds=40.0),
    network_result("resnet", 0.5, 0.625, seconds=30.0, deviation=0.0625),
    network_result("random00", 0.25, seconds=20.0),
    network_result("prior", parameters=None, notation=None, seconds=None, failed=(0, 1)),
    rivals=(rival_entry("keras_tuner", 0.625), rival_entry("autokeras", failed={0: "boom"})),
    run_seconds=60.0,
)


def drawn(figure):
    """Return (seconds, accuracy, whether it is filled) of each mark."""
    lines = [container[0] for container in figure.axes[0].containers]
    return [
        (line.get_xdata()[0], line.get_ydata()[0], line.get_markerfacecolor() != "none")
        for line in lines
    ]


def test_what_includes_a_search_is_filled_and_at_the_seconds_of_both():
    assert drawn(seconds_figure(RESULT, 60.0)) == [
        (20.0, 0.25, False),
        (30.0, 0.5625, False),
        (60.0, 0.75, True),
        (58.0, 0.625, True),
    ]


def test_the_figure_says_what_hollow_marks_are():
    shown = " ".join(texts(seconds_figure(RESULT, 60.0)))
    assert "Filled: search and training. Hollow: the training alone" in shown
    assert "Keras Tuner" in shown
    assert "AutoKeras" not in shown


def test_the_table_says_which_seconds_include_a_search():
    assert seconds_table(RESULT, 60.0).rows == [
        ("random00", 20.0, False, 1234, 0.25, None),
        ("resnet", 30.0, False, 1234, 0.5625, 0.0625),
        ("constructed", 60.0, True, 1234, 0.75, None),
        ("keras_tuner", 58.0, True, 4000, 0.625, None),
    ]


def test_the_constructed_network_took_as_long_as_the_run(tmp_path):
    assert constructed_seconds(load_run(write_run(tmp_path)), RESULT) == 60.0


def test_without_these_seconds_it_took_the_search_and_a_training(tmp_path):
    run = load_run(write_run(tmp_path))
    result = comparison_result(network_result("constructed", 0.75, seconds=40.0))
    assert constructed_seconds(run, result) == 2 * 3.25 + 40.0


def test_without_a_training_its_seconds_are_unknown_and_it_is_left_out(tmp_path):
    result = comparison_result(network_result("prior", 0.75))
    assert constructed_seconds(load_run(write_run(tmp_path)), result) is None
    assert drawn(seconds_figure(comparison_result(network_result("constructed", 0.5)), None)) == []


def test_each_comparison_has_a_figure(tmp_path):
    directory = write_run(tmp_path / "small")
    for name, split in (("comparison", "test"), ("comparison_validation", "validation")):
        result = comparison_result(network_result("prior", 0.5), split=split)
        write_comparison(directory / name, result)
    test, validation = seconds_drawings(load_run(directory))
    assert (test.name, validation.name) == ("comparison_seconds", "comparison_validation_seconds")
    assert "small: accuracy and seconds" in texts(test.figure)
    assert "validation accuracy (%)" in texts(validation.figure)


def test_a_run_without_comparison_says_what_to_run(tmp_path):
    run = load_run(write_run(tmp_path / "small"))
    with pytest.raises(NothingToShowError, match=r"no comparison; run python -m nac\.compare"):
        list(seconds_drawings(run))


def test_text_is_legible():
    assert smallest_text(seconds_figure(RESULT, 60.0)) >= 9
