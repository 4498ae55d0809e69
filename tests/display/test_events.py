"""The text of events, and their JSON form."""

import json

import pytest

from nac.display.job_events import Evaluated, Failed, Note, Opened, Pruned
from nac.display.json_lines import from_line, to_line
from nac.display.run_events import Planned, Result, Rung, Stage, StagePlan
from tests.display.events import OPENED, done, step


def test_a_job_that_is_ready_says_what_it_trains_and_where():
    assert OPENED.text() == (
        "24/2-2/6 on digits: 150 steps of 32 images on Tesla V100-SXM2-16GB (ready in 3.2 s)"
    )


def test_a_job_that_goes_on_says_after_which_step():
    resumed = Opened("24/2-2/6", "digits", 150, 32, "CPU", 3.21, resumed_after=70)
    assert resumed.text().endswith("(ready in 3.2 s, resumed after step 70)")


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (83, OPENED.text()),
        (78, "24/2-2/6 on digits: 150 steps of 32 images on Tesla V100-SXM… (ready in 3.2 s)"),
        (69, "24/2-2/6 on digits: 150 steps of 32 images on Tesla V… (ready in 3.2…"),
    ],
)
def test_of_a_job_that_is_ready_the_device_is_cut_first(room, text):
    assert OPENED.short(room) == text


def test_a_long_network_is_cut_after_the_device():
    opened = Opened("24/2-2-2-2-2-2/6", "digits", 150, 32, "Tesla V100-SXM2", 3.21)
    assert opened.short(71) == (
        "24/2-2-… on digits: 150 steps of 32 images on Tesla V… (ready in 3.2 s)"
    )


def test_an_accuracy_survives_a_narrow_terminal():
    scored = Evaluated(150, 150, "validation", 0.98249, 0.09)
    assert scored.text() == "step 150/150  validation accuracy 0.9825  validation loss 0.0900"
    assert scored.short(35) == "step 150/150  accuracy 0.9825"


def test_a_note_is_never_cut():
    assert Note("a long note").short(5) == "a long note"


def test_a_round_that_removes_nothing_says_so():
    assert Pruned(4, 8, 2, ()).text() == "step 4/8  round 2: removed nothing"


def test_a_rung_begins_with_the_best():
    text = Rung(1, {"taylor": 0.5, "random1": 0.25}).text()
    assert text == "  rung 1: random1 0.2500, taylor 0.5000"


def test_a_stage_of_several_networks_has_no_line():
    assert Stage("iteration 0", "iteration 0 of 3", "24/2-2/6").text() == (
        "iteration 0 of 3: 24/2-2/6"
    )
    assert Stage("iteration 0, rung 1", "iteration 0, rung 1").text() == ""


EVENTS = [OPENED, step(), done(before=True), Pruned(4, 8, 1, ("1/Branch2",)), Failed("no memory")]


@pytest.mark.parametrize("event", EVENTS)
def test_the_event_of_a_job_comes_back_from_its_line(event):
    assert from_line(to_line(event, "001")) == event


def test_a_line_has_kind_job_and_values():
    assert json.loads(to_line(Failed("no memory"), "runs/a/001", more=1)) == {
        "event": "failed",
        "job": "runs/a/001",
        "reason": "no memory",
        "more": 1,
    }


def test_an_event_about_a_whole_run_names_no_job():
    plan = Planned((StagePlan("final", images=320),), minutes=5.0)
    assert json.loads(to_line(plan)) == {
        "event": "planned",
        "stages": [{"name": "final", "jobs": 1, "images": 320, "workers": 1}],
        "minutes": 5.0,
        "seconds_before": 0.0,
    }


def test_a_result_has_its_own_keys():
    assert json.loads(to_line(Result({"accuracy": 0.5}))) == {"event": "result", "accuracy": 0.5}


@pytest.mark.parametrize(
    "line",
    [
        "loading the data ...",
        "3",
        "[]",
        '{"event": "unknown"}',
        '{"event": ["step"]}',
        '{"event": "step", "step": "many"}',
        '{"event": "result", "accuracy": 1}',
        '{"event": "step"',
        "",
    ],
)
def test_anything_else_that_a_job_prints_is_a_note(line):
    assert from_line(line) == Note(line)
