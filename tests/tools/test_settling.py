"""When decisions settle: decisions replayed at each point, and rules that end a training early."""

import json

import pytest

from nac.runs.layout import TRAIN, iteration_directory
from nac.runs.saved_run import load_run
from nac.tensorboard.tags import gate_tags
from nac.utils.errors import InputError
from tests.plots.curves import write_metrics, write_scalars
from tests.plots.run_directories import write_run
from tools.settling import (
    PARTS,
    Replay,
    Rule,
    Training,
    read_trainings,
    replayed,
    report,
    stop_cells,
    wilson,
)


def replay(*chosen, steps=(10, 20, 40, 60, 100)):
    """Return a replay in which each word names what is chosen at a point, by its letters."""
    return Replay(steps, tuple(frozenset(word) for word in chosen))


RETURNS = replay("ab", "ac", "ab", "ab", "ab")
"""The final choice at once, then another one, and from step 40 on the final one again."""


@pytest.fixture
def run(tmp_path):
    """Return a run of one iteration whose order of branches is turned round after the first step.

    Its only gate stays in any case.
    """
    directory = write_run(tmp_path / "small", parameters={"iterations": 1})
    iteration = load_run(directory).iterations[0]
    write_metrics(iteration, steps=(3, 6, 12))
    tags = gate_tags(iteration.architecture).values()
    gates = {tag: [(3, 0.5), (6, 0.25), (12, 0.75)] for tag in tags}
    write_scalars(iteration.directory / TRAIN, gates)
    return directory


def test_a_choice_has_settled_when_it_no_longer_changes():
    assert RETURNS.since == (10, 20, 40, 40, 40)
    assert RETURNS.settled == 2
    assert RETURNS.done(2) == 0.4


def test_a_choice_may_settle_at_once_or_only_at_the_end():
    assert replay("a", "a", steps=(5, 10)).settled == 0
    assert replay("a", "b", steps=(5, 10)).settled == 1


def test_common_is_the_share_of_the_final_choice():
    assert [RETURNS.common(point) for point in range(3)] == [1.0, 0.5, 1.0]
    assert replay("a", "", steps=(5, 10)).common(0) == 1.0


def test_the_point_at_a_share_is_the_last_one_by_then():
    assert [RETURNS.point_at(share) for share in (0.05, 0.1, 0.39, 0.4, 1.0)] == [0, 0, 1, 2, 4]


@pytest.mark.parametrize(
    ("rule", "point"),
    [
        (Rule(0.0), 0),
        (Rule(0.2), 1),
        (Rule(0.5), 3),
        # At step 60 it has not changed since step 40, so for the last third of the steps so far.
        (Rule(0.1, 1 / 3), 3),
        (Rule(0.1, 0.5), 4),
        (Rule(0.7, 0.25), 4),
        # It never fires, so the training goes on to its end.
        (Rule(0.0, 0.9), 4),
    ],
)
def test_a_rule_waits_until_enough_is_done_and_nothing_has_changed(rule, point):
    assert rule.stop(RETURNS) == point


def test_the_first_point_alone_does_not_show_that_nothing_changes():
    assert Rule(0.0, 0.5).stop(replay("a", "a", "b", steps=(10, 20, 30))) == 1


def test_a_rule_is_said_in_words():
    assert str(Rule(0.5)) == "at 50%"
    assert str(Rule(0.25, 1 / 3)) == "from 25% on, last 33% unchanged"


def test_wilsons_interval():
    # z = 2 makes the arithmetic easy: share 0.5, square 1, center 1, spread 0.5 ** 0.5 = 0.7071.
    assert wilson(2, 4, z=2.0) == pytest.approx((0.14645, 0.85355), abs=1e-5)
    assert wilson(4, 4, z=2.0) == pytest.approx((0.5, 1.0))


def test_cells_say_what_is_saved_and_how_often_it_is_right():
    # Ends at steps 20 and 20 of 100: RETURNS chooses otherwise there, the other one does not.
    parts = [RETURNS, replay("a", "a", "a", "a", "a")]
    assert stop_cells(parts, Rule(0.2)) == ["80%", "1 of 2", "9-91%"]
    # They settle at steps 40 and 10.
    assert stop_cells(parts, None)[:2] == ["75%", "2 of 2"]


def test_decisions_are_replayed_at_each_point(run):
    (training,) = read_trainings([run], least=3)
    assert (training.notation, training.ranking) == ("6/1-1/3", "mean_square")
    assert training.parts["branches"].steps == (3, 6, 12)
    last, first = (frozenset({(1, name), (3, name)}) for name in ("Branch3", "Branch1"))
    assert training.parts["branches"].chosen == (last, first, first)
    assert training.parts["skips"].chosen == (frozenset({(1, 3)}),) * 3
    assert training.parts["network"].chosen[2] == first | {(1, 3)}


def test_the_larger_gates_stay(tmp_path):
    iteration = load_run(write_run(tmp_path / "small")).iterations[1]
    measured, settings = iteration.measured, load_run(tmp_path / "small").experiment.envelopenet
    training = replayed(iteration, {1: measured}, settings)
    kept = {(s.source, s.destination) for s in iteration.decisions.skips if s.kept}
    assert training.parts["skips"].chosen == (frozenset(kept),)
    assert training.parts["branches"].chosen == (frozenset(iteration.decisions.pruned),)


def test_a_copy_counts_once(run):
    assert len(read_trainings([run, run], least=3)) == 1


def test_trainings_with_too_few_points_are_left_out(run):
    assert read_trainings([run], least=4) == []


def test_trainings_that_remove_branches_themselves_are_left_out(run):
    path = iteration_directory(run, 0) / "statistics.json"
    entry = {"step": 6, "loss": 1.0, "missed": {}, "removed": []}
    path.write_text(json.dumps({**json.loads(path.read_text()), "rounds": [entry]}))
    assert read_trainings([run], least=3) == []


def test_a_run_without_curves_has_nothing_to_replay(tmp_path):
    assert read_trainings([write_run(tmp_path / "small")], least=1) == []


def test_another_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected the run directory"):
        read_trainings([tmp_path], least=3)


def test_the_report_has_tables_for_each_ranking():
    settled = replay("a", "a", steps=(5, 10))
    rankings = [
        Training("run/000", "6/1-1/3", name, dict.fromkeys(PARTS, settled)) for name in "ba"
    ]
    text = report(rankings, each=True)
    assert [line for line in text.splitlines() if line.startswith("Ranking")] == [
        "Ranking a, trainings: 1",
        "Ranking b, trainings: 1",
    ]
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "run/000 6/1-1/3 10 2 50% 50% 50%" in lines
    assert "50% 1 of 1 100% 1 of 1 100% 1 of 1 100%" in lines
    assert "at 50% 50% 1 of 1 21-100% 50% 1 of 1 21-100% 50% 1 of 1 21-100%" in lines
    assert lines[-1].startswith("when settled (known afterwards) 50% 1 of 1")
