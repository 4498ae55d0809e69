"""The trainings of a run side by side."""

import json

from nac.reporting.glance import Mark, cards, network_marks
from nac.runs.saved_run import load_run
from tests.builders import WIDENER, architecture, layer
from tests.plots.run_directories import write_run


def test_a_network_is_a_row_of_squares_per_layer_and_a_line_between_stages():
    network = architecture(layer("1x1", "3x3"), WIDENER, layer("3x3"))
    assert network_marks(network, [(1, "Branch2")]) == (
        Mark("kept", 0, 0),
        Mark("pruned", 10, 0),
        Mark("line", 0, 10),
        Mark("kept", 0, 20),
    )


def test_there_is_a_card_per_training_and_all_pictures_have_one_scale(tmp_path):
    found = cards(load_run(write_run(tmp_path)))
    assert [card.title for card in found] == ["Iteration 0", "Iteration 1", "Final training"]
    assert {card.width for card in found} == {28}
    # 3, 5 and 7 layers with the widener
    assert [card.height for card in found] == [28, 48, 68]


def test_what_was_pruned_is_marked_except_after_the_final_training(tmp_path):
    found = cards(load_run(write_run(tmp_path)))
    counts = [[mark.kind for mark in card.marks].count("pruned") for card in found]
    assert counts == [card.row.branches or 0 for card in found]
    assert counts[0] > 0


def test_bars_are_relative_to_the_largest(tmp_path):
    write_run(tmp_path)
    for name, parameters, seconds in (("000", 500, 1.0), ("001", 1000, 2.0), ("final", 250, 8.0)):
        path = tmp_path / name / "statistics.json"
        values = {"parameters": parameters, "seconds": seconds}
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    found = cards(load_run(tmp_path))
    assert [card.parameters for card in found] == [0.5, 1.0, 0.25]
    assert [card.seconds for card in found] == [0.125, 0.25, 1.0]


def test_a_run_without_trainings_has_no_cards(tmp_path):
    assert cards(load_run(write_run(tmp_path, iterations=0))) == []
