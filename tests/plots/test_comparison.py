"""The constructed network compared with others: data and figure."""

import pytest

pytest.importorskip("matplotlib")

from nac.plots.comparison import comparison_drawings, comparison_figure
from nac.plots.comparison_data import ComparisonCurves, mean_curve, read_curves
from nac.plots.files import NothingToShowError
from nac.runs.saved_run import load_run
from tests.plots.curves import NETWORKS, write_compared
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run
from tests.results import comparison_result, network_result

RESULT = comparison_result(*NETWORKS)
NO_CURVES = ComparisonCurves("test", {})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = write_run(tmp_path_factory.mktemp("runs") / "small")
    write_compared(directory)
    return load_run(directory)


@pytest.fixture(scope="module")
def curves(run):
    return read_curves(run.directory / "comparison", RESULT)


def test_mean_and_deviation_are_at_the_steps_that_all_have():
    curves = [[(1, 0.5), (2, 0.25)], [(2, 0.75), (3, 1.0)]]
    # Two values 0.25 and 0.75: mean 0.5, squared differences 2 x 0.0625 over n - 1 = 1.
    assert mean_curve(curves) == [(2, 0.5, pytest.approx(0.125**0.5))]


def test_a_single_curve_has_no_deviation():
    assert mean_curve([[(1, 0.5)]]) == [(1, 0.5, 0.0)]
    assert mean_curve([]) == []


def test_curves_are_read_for_each_seed(curves):
    assert curves.split == "validation"
    assert curves.by_network["constructed"] == {
        0: [(4, 0.375), (8, 0.75)],
        1: [(4, 0.4375), (8, 0.875)],
    }
    assert curves.mean("constructed") == [(4, 0.40625), (8, 0.8125)]


def test_a_network_without_event_files_has_no_curve(curves):
    assert curves.mean("random77") == []


def test_a_run_without_comparison_says_what_to_run(tmp_path):
    run = load_run(write_run(tmp_path / "small"))
    with pytest.raises(NothingToShowError) as caught:
        list(comparison_drawings(run))
    assert str(caught.value) == (
        f"{run.directory}: no comparison; run python -m nac.compare --run={run.directory}"
    )


def test_a_network_whose_seeds_all_failed_is_shown_as_failed():
    nothing = {"parameters": None, "notation": None, "failed": (0, 1)}
    result = comparison_result(network_result("prior", 0.5), network_result("random00", **nothing))
    shown = texts(comparison_figure(result, NO_CURVES))
    assert {"2 failed  random00", "prior  1.23k"} <= set(shown)


def test_every_curve_is_there_and_named(curves):
    figure = comparison_figure(RESULT, curves, "digits")
    curves, finals = figure.axes
    # constructed, prior, worst case, two random networks and their mean
    assert len(curves.lines) == 6
    assert len(curves.collections) == 1
    shown = set(texts(figure))
    assert {"digits", "It is better.", "constructed", "prior", "worst case"} <= shown
    assert {"mean of 2 random", "validation accuracy (%) while training, mean of seeds"} <= shown
    # Dots and a mean for each of five networks.
    assert len(finals.lines) == 10


def test_the_best_network_is_the_uppermost():
    finals = comparison_figure(RESULT, NO_CURVES).axes[1]
    labels = [label.get_text().split()[0] for label in finals.get_yticklabels()]
    # Means: 0.375, 0.5, 0.625, 0.8125, 0.875.
    assert labels == ["worst_case", "prior", "random00", "constructed", "random01"]


def test_the_table_has_curves_and_final_accuracies(run):
    (drawing,) = comparison_drawings(run)
    assert drawing.table.rows[:3] == [
        ("constructed", "constructed", "6/3-3/3", 1234, 0, "validation", 4, 0.375),
        ("constructed", "constructed", "6/3-3/3", 1234, 0, "validation", 8, 0.75),
        ("constructed", "constructed", "6/3-3/3", 1234, 0, "test", None, 0.75),
    ]


def test_each_comparison_has_a_figure(tmp_path):
    directory = write_run(tmp_path / "small")
    write_compared(directory, NETWORKS[:1])
    write_compared(directory, NETWORKS[1:2], split="validation")
    test, validation = comparison_drawings(load_run(directory))
    assert (test.name, validation.name) == ("comparison", "comparison_validation")
    assert validation.table.rows[-1][0] == "prior"
    assert "validation accuracy (%) at the end: each seed, and mean" in texts(validation.figure)


def test_a_long_statement_is_wrapped_and_text_is_legible():
    result = comparison_result(network_result("prior", 0.5), statement="It is better. " * 20)
    figure = comparison_figure(result, NO_CURVES)
    lines = [text for text in texts(figure) if "better" in text]
    assert len(lines) == 2
    assert " ".join(lines) == ("It is better. " * 20).strip()
    assert smallest_text(figure) >= 9
