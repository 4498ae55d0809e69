"""The Text tab of TensorBoard."""

import pytest
from tensorboard.plugin_util import markdown_to_safe_html

from nac.config.reading import parse_experiment
from nac.models import build_model
from nac.models.description import describe
from nac.tensorboard.texts import (
    block,
    escaped,
    markdown_table,
    measurements_text,
    network_text,
    settings_text,
)
from tests.builders import WIDENER, layer
from tests.experiments import training
from tests.models.small_networks import small
from tests.results import job_result

NETWORK = small(layer("1x1", "3x3sep", outputs=4), layer("1x1", inputs=[1, 0], outputs=4), WIDENER)
RESULT = job_result(
    featuremaps={
        "1/Branch1": {"mean_square": 0.5, "taylor": 1.25e-6, "images": 9},
        "1/Branch2": {"mean_square": 0.25, "taylor": 0.5, "images": 9},
        "2/Branch1": {"mean_square": 0.75, "taylor": 0.5, "images": 9},
    },
    gates={"1-2": 0.25, "0-2": 0.75},
)


def text_by(ranking, result=RESULT):
    return measurements_text(NETWORK, result, ranking, result.strengths(ranking))


def html(text):
    return markdown_to_safe_html(text)


@pytest.mark.parametrize(
    "text", ["a|b", "*a*", "__a__", "<b>", "`a`", "[a](b)", "&lt;", "# a", "\\"]
)
def test_a_cell_is_shown_as_it_is(text):
    shown = html(markdown_table(["title"], [[text]]))
    literal = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown.count("<td>") == 1
    assert f"<td>{literal}</td>" in shown.replace("&#124;", "|")


def test_a_cell_is_one_line():
    assert escaped("a\n\nb") == "a b"


def test_nothing_ends_a_block():
    shown = html(block("a\n```\n</code><b>\n\n# c"))
    assert shown.count("<code>") == shown.count("</code>") == 1
    assert "a\n```\n&lt;/code&gt;&lt;b&gt;\n\n# c" in shown


def test_the_network_is_shown_layer_by_layer():
    text = network_text(NETWORK, describe(NETWORK, build_model(NETWORK, (4, 4, 1))))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines[0] == "| stage | layer | branches | shape | parameters | skip connections from |"
    assert lines[2] == "|  | stem |  | 4×4×4 | 40 |  |"
    assert lines[3].startswith("| 1 | layer01 | Branch1 1x1, Branch2 3x3sep | 4×4×4 |")
    assert lines[4].endswith("| layer01, stem |")
    assert lines[5].startswith("|  | layer03 |  | 2×2×8 |")
    assert lines[6].startswith("|  | classifier |  | 3 |")
    assert '    "type": "macro"'.strip() in text


def test_settings_are_those_of_the_job_without_its_network():
    shown = html(settings_text(parse_experiment(training(parameters={"seed": 7}), "e.yaml")))
    assert "seed: 7" in shown
    assert "validation_share: 0.0" in shown
    assert "Branch1" not in shown


def test_the_weakest_branch_and_the_strongest_gate_come_first():
    lines = text_by("mean_square").splitlines()
    assert [line for line in lines if line.startswith("| layer0") or line.startswith("| stem")] == [
        "| layer01 | Branch2 3x3sep | 0.25 | 0.5 |",
        "| layer01 | Branch1 1x1 | 0.5 | 1.25e-06 |",
        "| layer02 | Branch1 1x1 | 0.75 | 0.5 |",
        "| stem | layer02 | 0.7500 |",
        "| layer01 | layer02 | 0.2500 |",
    ]
    assert "| layer | branch | mean square | taylor |" in lines


def test_branches_are_sorted_by_the_ranking_that_is_named():
    lines = text_by("taylor").splitlines()
    assert lines[0] == "### Stage 1: branches, smallest taylor first"
    rows = [line for line in lines if line.startswith("| layer0")]
    assert rows[0] == "| layer01 | Branch1 1x1 | 0.5 | 1.25e-06 |"


def test_branches_keep_their_order_if_the_ranking_was_not_measured():
    lines = text_by("branch_gate").splitlines()
    assert lines[0] == "### Stage 1: branches"
    assert lines[4].startswith("| layer01 | Branch1")


def test_without_measurements_there_is_no_text():
    assert text_by("mean_square", job_result()) == ""
