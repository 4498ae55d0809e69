"""When the ranking of branches settles: data and figure."""

import pytest

pytest.importorskip("matplotlib")

from nac.plots.files import NothingToShowError
from nac.plots.ranking import (
    ranking_drawings,
    ranking_figure,
    ranking_table,
    settling_text,
)
from nac.plots.ranking_data import BranchCurve, StageRanking, settling_step, stage_rankings
from nac.runs.saved_run import load_run
from tests.plots.curves import write_metrics
from tests.plots.drawings import smallest_text, texts
from tests.plots.run_directories import write_run


def stage(*curves, steps=(10, 20, 30), number=1, pruned=False):
    branches = (
        BranchCurve(place, f"Branch{place}", "3x3", pruned, curve)
        for place, curve in enumerate(curves, start=1)
    )
    return StageRanking(number, steps, tuple(branches))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = load_run(write_run(tmp_path_factory.mktemp("runs") / "small"))
    write_metrics(run.iterations[0])
    return run


def test_agreement_is_kendalls_tau_with_the_last_step():
    # Three branches: the opposite order, then one of three pairs wrong, then the final order.
    curves = stage((3.0, 1.0, 1.0), (2.0, 3.0, 2.0), (1.0, 2.0, 3.0))
    assert curves.agreement == [(10, -1.0), (20, pytest.approx(1 / 3)), (30, 1.0)]


def test_a_single_branch_has_no_agreement():
    assert stage((1.0, 2.0, 3.0)).agreement == [(10, None), (20, None), (30, None)]


def test_it_settles_at_the_first_step_from_which_tau_stays_high():
    assert settling_step([(1, 0.95), (2, 0.5), (3, 0.9), (4, 1.0)]) == 3


def test_it_has_not_settled_where_tau_is_low_or_unknown_at_the_end():
    assert settling_step([(1, 0.95), (2, 0.89)]) is None
    assert settling_step([(1, 0.95), (2, None)]) is None
    assert settling_step([]) is None


def test_it_is_said_in_words():
    curves = stage((2.0, 1.0, 1.0), (1.0, 2.0, 3.0), steps=(500, 1000, 1500))
    assert settling_text(curves) == "tau stays ≥ 0.9 from step 1,000 of 1,500"
    assert settling_text(stage((1.0, 2.0, 3.0))) == "nothing to rank"


def test_curves_are_read_by_stage(run):
    first, second = stage_rankings(run.iterations[0], "mean_square")
    assert (first.stage, first.steps, second.stage) == (1, (4, 8, 12), 2)
    # Six branches; the third is the strongest of its stage from the second step on.
    assert first.branches[2] == BranchCurve(1, "Branch3", "3x3sep", False, (4.0, 2.0, 2.0))
    assert [branch.pruned for branch in second.branches] == [True, False, False]
    assert first.agreement == [(4, -1.0), (8, 1.0), (12, 1.0)]


def test_an_iteration_without_event_files_is_left_out(run):
    assert [drawing.name for drawing in ranking_drawings(run)] == ["ranking_000"]


def test_a_run_without_event_files_has_nothing_to_show(tmp_path):
    run = load_run(write_run(tmp_path / "small"))
    with pytest.raises(NothingToShowError, match="values of branches by ranking mean_square"):
        list(ranking_drawings(run))


def test_the_values_are_those_of_the_ranking_that_decides(tmp_path):
    run = load_run(write_run(tmp_path / "small", envelopenet={"ranking": "taylor"}))
    write_metrics(run.iterations[0])
    write_metrics(run.iterations[1], steps=(6, 9), ranking="taylor")
    (drawing,) = ranking_drawings(run)
    assert drawing.name == "ranking_001"
    assert {row[1] for row in drawing.table.rows} == {6, 9}
    shown = texts(drawing.figure)
    assert "small: strength of branches in iteration 1, ranking taylor" in shown
    assert "stage 1: taylor" in shown
    assert any("Above: taylor of each branch, |gate * gradient|" in text for text in shown)


def test_the_table_has_a_row_per_step_and_branch():
    table = ranking_table([stage((2.0, 1.0, 1.0), (1.0, 2.0, 2.0), pruned=True)])
    assert len(table.rows) == 6
    assert table.rows[0] == (1, 10, 1, "Branch1", "3x3", 2.0, "yes", -1.0)


def test_every_branch_has_a_curve_and_a_label():
    figure = ranking_figure([stage((1.0, 2.0, 2.0), (2.0, 3.0, 1.0))], "digits")
    metrics, agreement = figure.axes
    assert len(metrics.lines) == 2
    assert {"digits", "stage 1", "1  3x3", "2  3x3", "featuremap metric"} <= set(texts(figure))
    assert agreement.get_ylabel() == "Kendall's tau"


def test_a_branch_that_goes_is_dashed_and_explained():
    gone = ranking_figure([stage((1.0, 2.0, 3.0), pruned=True)])
    kept = ranking_figure([stage((1.0, 2.0, 3.0))])
    assert [figure.axes[0].lines[0].get_linestyle() for figure in (gone, kept)] == ["--", "-"]
    assert "pruned after this iteration" in texts(gone)
    assert "pruned after this iteration" not in texts(kept)


def test_four_stages_stand_two_by_two():
    figure = ranking_figure([stage((1.0, 2.0, 3.0), number=n) for n in (1, 2, 3, 4)])
    corners = {(round(a.get_position().x0, 3), round(a.get_position().y0, 3)) for a in figure.axes}
    assert (len(figure.axes), len(corners), len({x for x, _ in corners})) == (8, 8, 2)


def test_text_is_legible():
    assert smallest_text(ranking_figure([stage((1.0, 2.0, 3.0))])) >= 9
