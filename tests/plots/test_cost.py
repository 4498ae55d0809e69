"""Search cost and error: data, published numbers and figure."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from nac.comparison.result import write_comparison
from nac.plots.cost import cost_drawings, cost_figure, cost_table
from nac.plots.cost_data import Cost, cost_of, device_seconds
from nac.plots.files import NothingToShowError
from nac.plots.published import CIFAR10
from nac.runs.layout import comparison_directory
from nac.runs.saved_run import load_run
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run
from tests.results import comparison_result, job_result, network_result

RESULTS = Path(__file__).parents[2] / "docs" / "results.md"
DIGITS = Cost("digits", "24/5-5/6", "digits", "CPU", 36.0, 1.5, "test")
CIFAR = replace(DIGITS, run="ours", dataset="cifar10", device="V100", seconds=43200.0, error=4.0)
WARNING = "compare with those of CIFAR-10."


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return load_run(write_run(tmp_path_factory.mktemp("runs") / "small"))


def test_the_search_is_the_sum_of_its_iterations(run):
    # Two iterations of 3.25 seconds each, and the final training is right in half of the cases.
    assert cost_of(run) == Cost("small", "6/3-3/3", "digits", "CPU", 6.5, 50.0, "test")


def test_several_devices_count_several_times():
    one = job_result(seconds=10.0, device="Tesla V100-SXM2-16GB")
    assert device_seconds(one) == 10.0
    assert device_seconds(replace(one, device=f"2 x {one.device}")) == 20.0


def test_without_final_training_the_comparison_gives_the_error(run, tmp_path):
    constructed = network_result("constructed", 0.5, 1.0)
    for split in ("validation", "test"):
        directory = comparison_directory(tmp_path, split)
        write_comparison(directory, comparison_result(constructed, split=split))
    cost = cost_of(replace(run, final=None, directory=tmp_path))
    assert (cost.error, cost.split) == (25.0, "test")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"constructed": None}, "no constructed network yet"),
        ({"iterations": ()}, "no iteration, so the search cost is unknown"),
        ({"final": None}, "the constructed network was not trained"),
    ],
)
def test_what_is_missing_is_said(run, changes, reason):
    with pytest.raises(NothingToShowError, match=reason):
        cost_of(replace(run, **changes))


def test_published_numbers_are_those_of_the_results_page():
    lines = [line for line in RESULTS.read_text().splitlines() if "| CIFAR-10 |" in line]
    rows = [[cell.strip() for cell in line.split("|")[1:6]] for line in lines]
    assert rows == [
        [row.method, "CIFAR-10", f"{row.parameters:g}M", f"{row.error:g}", f"{row.days:g}"]
        for row in CIFAR10
    ]


def test_another_data_set_has_a_panel_of_its_own_and_a_note():
    figure = cost_figure([DIGITS])
    published, own = figure.axes
    assert len(published.lines) == len(CIFAR10) == 8
    assert len(own.lines) == 1
    assert {"digits, measured here", WARNING} <= set(texts(figure))
    assert own.get_xlabel() == "search (device seconds, logarithmic)"


def test_the_same_data_set_stands_beside_the_published_numbers():
    figure = cost_figure([CIFAR])
    (axes,) = figure.axes
    assert len(axes.lines) == 9
    # Half a day, four percent.
    assert [list(axes.lines[-1].get_data()[place]) for place in (0, 1)] == [[0.5], [4.0]]
    assert WARNING not in texts(figure)


def test_published_numbers_are_called_so():
    shown = set(texts(cost_figure([DIGITS])))
    assert "Published: the NAC paper's own numbers (its Table 1)." in shown
    assert {"NAC (128/7-6-2/6), 10M", "ENAS, 4.6M"} <= shown


def test_the_table_says_where_each_number_is_from():
    rows = cost_table([CIFAR]).rows
    assert len(rows) == 9
    assert rows[-1] == (
        "ours (24/5-5/6)",
        "measured here",
        "cifar10",
        "V100",
        0.5,
        4.0,
        "test",
    )


def test_text_is_legible_and_an_error_of_zero_can_be_drawn():
    assert smallest_text(cost_figure([replace(DIGITS, error=0.0)])) >= 9


def test_further_runs_are_points_too(run):
    (drawing,) = cost_drawings(run, [run])
    assert len(drawing.figure.axes[1].lines) == 2
