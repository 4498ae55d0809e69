"""Curves of jobs and the matrix of gates."""

import pytest

from nac.plots.history import History, gates_figure, training_figure
from tests.plots.drawings import texts

FIRST = History("iteration 0", [(5, 0.5), (10, 0.75)], [(5, 2.0), (10, 1.0)], "validation", [])
FINAL = History("final", [(5, 0.5)], [(5, 2.0)], "test", [(5, 0.25), (10, 0.875)])


def test_each_job_has_a_curve_of_accuracy_and_of_loss():
    left, right = training_figure([FIRST, FINAL]).axes
    assert [list(line.get_ydata()) for line in right.lines] == [[2.0, 1.0], [2.0]]
    assert [0.5, 0.75] in [list(line.get_ydata()) for line in left.lines]
    assert [0.25, 0.875] in [list(line.get_ydata()) for line in left.lines]


def test_the_legend_tells_the_split_and_the_last_evaluation():
    shown = texts(training_figure([FIRST, FINAL]))
    assert "final, test 0.8750" in shown
    assert "iteration 0" in shown


def test_a_gate_stands_where_its_layers_cross():
    figure = gates_figure({(0, 2): 0.25, (1, 5): 0.5, (0, 5): -0.75})
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "5"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["stem", "1"]
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert places == {"0.25": (0, 0), "0.50": (1, 1), "-0.75": (1, 0)}


@pytest.mark.parametrize(("kept", "struck"), [(None, 0), ({5: (1,)}, 1), ({5: (0, 1)}, 0)])
def test_what_does_not_stay_is_struck_out(kept, struck):
    figure = gates_figure({(1, 5): 0.5, (0, 5): 0.75}, kept)
    assert len(figure.axes[0].lines) == struck


def test_many_layers_have_no_numbers_in_their_cells():
    gates = {(source, 40): 0.5 for source in range(33)}
    assert list(gates_figure(gates).axes[0].texts) == []


def test_dollars_in_a_title_are_no_formula():
    assert r"a$\foo$b" in texts(gates_figure({(0, 2): 0.5}, title=r"a$\foo$b"))
