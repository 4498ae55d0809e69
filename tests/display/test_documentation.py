"""docs/events.md lists every event with every key."""

import re
from dataclasses import fields

import pytest

from nac.display.job_events import OF_JOBS
from nac.display.run_events import OF_COMMANDS, StagePlan
from tests.experiments import ROOT

TEXT = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*)$", TEXT, re.MULTILINE))
RESULT_KEYS = ("directory", "architecture", "model", "report", "network", "accuracy", "split")


def test_it_lists_all_events_and_no_others():
    assert list(ROWS) == [kind.KIND for kind in (*OF_JOBS, *OF_COMMANDS)]


@pytest.mark.parametrize("kind", [*OF_JOBS, *OF_COMMANDS[:-1]])
def test_it_lists_all_keys_of_an_event(kind):
    for field in fields(kind):
        assert f"`{field.name}`" in ROWS[kind.KIND]


def test_it_lists_the_keys_of_a_stage_and_of_a_result():
    for field in fields(StagePlan):
        assert f"`{field.name}`" in ROWS["planned"]
    for key in (*RESULT_KEYS, "jobs"):
        assert f"`{key}`" in ROWS["result"]
