"""Accuracy against size and time: data and figure."""

from dataclasses import replace

import pytest

pytest.importorskip("matplotlib")

from nac.comparison.result import write_comparison
from nac.plots.comparison_sizes import size_drawings, size_figure, size_table
from nac.plots.files import NothingToShowError
from nac.runs.saved_run import load_run
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run
from tests.results import comparison_result, network_result, rival_entry

NOTHING = {"parameters": None, "notation": None, "seconds": None, "failed": (0, 1)}
RESULT = comparison_result(
    network_result("constructed", 0.75, 0.875, parameters=2000),
    network_result("resnet", 0.5, 0.625, parameters=2010, deviation=0.0625),
    network_result("random00", 0.5, parameters=1500),
    network_result("random01", 0.25, parameters=1600),
    network_result("prior", **NOTHING),
)


def marks(axes):
    """Return (x, y) of each mark."""
    lines = [container[0] for container in axes.containers]
    return [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines]


def test_each_network_with_a_result_has_a_mark_in_both_panels_random_ones_first():
    parameters, seconds = size_figure(RESULT).axes
    expected = [(1500, 0.5), (1600, 0.25), (2010, 0.5625), (2000, 0.8125)]
    assert marks(parameters) == expected
    assert marks(seconds) == [(3.0, y) for _, y in expected]


def test_a_mark_has_its_deviation_on_both_sides():
    axes = size_figure(RESULT).axes[0]
    bars = [container[2][0] for container in axes.containers if container.has_yerr]
    (segment,) = bars[0].get_segments()
    assert segment[:, 1].tolist() == [0.5, 0.625]


def test_the_legend_names_each_kind_once():
    (legend,) = size_figure(RESULT).legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["constructed", "resnet", "random (2)"]


def test_parameters_are_on_a_logarithmic_axis():
    axes = size_figure(RESULT).axes[0]
    assert axes.get_xscale() == "log"
    assert "trainable parameters (logarithmic)" in texts(size_figure(RESULT))


def test_without_any_result_the_panels_are_empty():
    figure = size_figure(comparison_result(network_result("prior", **NOTHING)))
    assert [len(axes.containers) for axes in figure.axes] == [0, 0]


def test_the_table_has_a_row_per_network_with_a_result():
    rows = size_table(RESULT).rows
    assert [row[0] for row in rows] == ["random00", "random01", "resnet", "constructed"]
    assert rows[2] == ("resnet", "resnet", "6/3-3/3", 2010, 56789, 3.0, 0.5625, 0.0625)


WITH_RIVAL = replace(RESULT, rivals=(rival_entry("autokeras", 0.5), rival_entry("keras_tuner")))


def test_a_rival_with_a_result_is_beside_the_parameters_only():
    parameters, seconds = size_figure(WITH_RIVAL).axes
    assert marks(parameters)[-1] == (4000, 0.5)
    assert len(marks(parameters)) == len(marks(seconds)) + 1


def test_the_legend_names_rivals_last():
    (legend,) = size_figure(WITH_RIVAL).legends
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["random (2)", "AutoKeras"]


def test_the_row_of_a_rival_has_no_seconds_of_a_training():
    assert size_table(WITH_RIVAL).rows[-1] == (
        *("autokeras", "rival", None, 4000, None, None, 0.5, None),
    )


def test_each_comparison_has_a_figure(tmp_path):
    directory = write_run(tmp_path / "small")
    for name, split in (("comparison", "test"), ("comparison_validation", "validation")):
        result = comparison_result(network_result("prior", 0.5), split=split)
        write_comparison(directory / name, result)
    test, validation = size_drawings(load_run(directory))
    assert (test.name, validation.name) == ("comparison_sizes", "comparison_validation_sizes")
    assert "small: what accuracy costs" in texts(test.figure)
    assert "validation accuracy (%)" in texts(validation.figure)


def test_a_run_without_comparison_says_what_to_run(tmp_path):
    run = load_run(write_run(tmp_path / "small"))
    with pytest.raises(NothingToShowError, match=r"no comparison; run python -m nac\.compare"):
        list(size_drawings(run))


def test_text_is_legible():
    assert smallest_text(size_figure(RESULT)) >= 9
