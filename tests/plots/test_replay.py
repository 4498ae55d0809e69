"""Accuracy against tau: curves of the rules, lines of what they should beat."""

import pytest

pytest.importorskip("matplotlib")

from nac.plots.files import svg
from nac.plots.replay import replay_figure
from nac.replaying.replay import BEST, RANDOM_NETWORK, SEARCH, Replay, Row
from tests.plots.drawings import smallest_text, texts

ROWS = (
    Row("once", 0.0, None, 8.0, 91.0, 0.0),
    Row("rounds", 0.0, 1.0, 54.0, 92.0, 0.0),
    Row("rounds", 1.0, 0.25, 61.0, 91.5, 0.5),
    Row(SEARCH, 0.0, 1.0, 10.0, 91.9, 0.2),
    Row(SEARCH, 0.5, 0.7, 10.0, 91.8, 0.2),
    Row(SEARCH, 1.0, 0.5, 10.0, 91.4, 0.2),
    Row(RANDOM_NETWORK, None, None, 0, 90.5, 1.3),
    Row(BEST, None, None, 0, 92.3, None),
)
REPLAY = Replay("macro.json", 6561, "22222222", 55e6, 772, 200, ROWS)


def curves(figure):
    lines = figure.axes[0].lines
    return {line.get_label(): line.get_xydata().tolist() for line in lines}


def test_a_rule_is_a_curve_by_growing_tau():
    assert curves(replay_figure(REPLAY))["rounds"] == [[0.25, 91.5], [1.0, 92.0]]


def test_a_rule_without_tau_has_no_marks():
    assert curves(replay_figure(REPLAY))["once"] == []


def test_there_are_lines_for_chance_and_for_the_best():
    heights = [
        line.get_ydata()[0]
        for line in replay_figure(REPLAY).axes[0].lines
        if line.get_linestyle() == "--" and len(set(line.get_ydata())) == 1
    ]
    assert sorted(heights) == [90.5, 91.4, 91.9, 92.3]


def test_lines_are_named_and_random_search_has_its_least_and_its_most_noise():
    assert {
        "mean random network",
        "best network",
        "random search of 10, noise 0",
        "random search of 10, noise 1",
    } <= set(texts(replay_figure(REPLAY)))


def test_marks_of_rounds_say_their_noise():
    shown = {
        text.get_text(): text.xy
        for text in replay_figure(REPLAY).axes[0].texts
        if hasattr(text, "xy")
    }
    assert shown == {"0": (1.0, 92.0), "1": (0.25, 91.5)}


def test_one_level_of_noise_is_one_line_of_random_search():
    rows = tuple(row for row in ROWS if row.noise in (None, 0.0))
    figure = replay_figure(Replay("macro.json", 6561, "22222222", 55e6, 772, 1, rows))
    assert [text for text in texts(figure) if text.startswith(SEARCH)] == [f"{SEARCH}, noise 0"]


def test_text_is_legible_and_the_same_replay_gives_the_same_bytes():
    assert smallest_text(replay_figure(REPLAY)) >= 9
    assert svg(replay_figure(REPLAY)) == svg(replay_figure(REPLAY))
