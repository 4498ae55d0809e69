"""python -m nac.restructure: the prior or the next network on standard output."""

import json

import pytest

from nac.architecture.json_form import architecture_from_dict, architecture_to_json
from nac.construction.costs import count
from tests.builders import CLASSIFIER, WIDENER, assert_says, layer, network, stem
from tests.experiments import run, run_as_user

ENVELOPENET = {
    "stages": 2,
    "layers_per_stage": [1, 1],
    "max_layers_per_stage": [3, 1],
    "max_filter_prune": 6,
    "envelopecell": {"Branch1": "1x1", "Branch2": "3x3"},
    "skip": True,
}
EXPERIMENT = {"envelopenet": ENVELOPENET, "init_cell": stem(8)}
PRIOR = network(
    layer("1x1", "3x3", inputs=[], outputs=8),
    WIDENER,
    layer("1x1", "3x3", inputs=[1], outputs=16),
)
STATISTICS = {
    "featuremaps": {
        "1/Branch1": {"mean_square": 2.0},
        "1/Branch2": {"mean_square": 1.0},
        "3/Branch1": {"mean_square": 1.0},
        "3/Branch2": {"mean_square": 2.0},
    },
    "gates": {"1-3": 0.5},
}
NEXT = network(
    {"filters": {"Branch1": "1x1"}, "inputs": [], "outputs": 8},
    layer("1x1", "3x3", inputs=[], outputs=8),
    WIDENER,
    layer("1x1", "3x3", inputs=[1, 2], outputs=16),
    init_cell=stem(8),
)
STEP = ("--config=experiment.json", "--architecture=net.json", "--statistics=statistics.json")


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the three files of one step."""
    files = {"experiment": EXPERIMENT, "net": PRIOR, "statistics": STATISTICS}
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    return tmp_path


def command(folder, *arguments):
    return run("restructure", *arguments, cwd=folder)


def error(folder, *arguments):
    """Return the one line that a command ends with."""
    result = command(folder, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_without_an_architecture_it_prints_the_prior(folder):
    result = command(folder, "--config=experiment.json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {**PRIOR, "init_cell": stem(8)}


def test_a_budget_sets_the_width_of_prior_and_next_network(folder):
    classifier = {"classification_cell": CLASSIFIER}
    limited = {"parameters": {"dataset": "digits"}, "budget": {"parameters": 5000}, **classifier}
    (folder / "experiment.json").write_text(json.dumps({**EXPERIMENT, **limited}))
    for flags in ([STEP[0]], STEP):
        printed = architecture_from_dict(json.loads(command(folder, *flags).stdout))
        assert 4850 <= count(printed, (8, 8, 1)).parameters <= 5000


def test_it_prints_the_next_network_and_nothing_else(folder):
    result = run_as_user("restructure", *STEP, cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == NEXT


def test_what_it_prints_is_canonical(folder):
    assert command(folder, *STEP).stdout == architecture_to_json(architecture_from_dict(NEXT))


def test_explain_writes_the_decisions_on_standard_error(folder):
    result = command(folder, *STEP, "--explain")
    assert json.loads(result.stdout) == NEXT
    assert_says(result.stderr, "stage 1", "stage 2", "skip connections", "8/1-1/2 -> 8/2-1/2")


def test_another_ranking_replays_the_step(folder):
    # By it the first branch of layer 1 is the weaker one.
    entries = {
        key: {**entry, "weight_norm": 3.0 - entry["mean_square"]}
        for key, entry in STATISTICS["featuremaps"].items()
    }
    statistics = {**STATISTICS, "featuremaps": entries}
    (folder / "statistics.json").write_text(json.dumps(statistics))
    result = command(folder, *STEP, "--ranking=weight_norm", "--explain")
    assert json.loads(result.stdout)["network"][0]["filters"] == {"Branch2": "3x3"}
    assert_says(result.stderr, "weight_norm")


def test_a_ranking_that_was_not_measured_is_one_line(folder):
    text = error(folder, *STEP, "--ranking=taylor")
    assert text == "error: statistics.json: featuremaps.1/Branch1.taylor: missing\n"


ROUND = {"step": 4, "loss": 1.0, "missed": {"1/Branch1": -0.25}, "removed": ["1/Branch1"]}


def with_policy(folder, policy, rounds=None):
    """Let the step be one of another policy, after a training with these rounds."""
    value = {**EXPERIMENT, "envelopenet": {**ENVELOPENET, "policy": policy}}
    (folder / "experiment.json").write_text(json.dumps(value))
    statistics = STATISTICS if rounds is None else {**STATISTICS, "rounds": rounds}
    (folder / "statistics.json").write_text(json.dumps(statistics))
    return folder


def test_what_a_training_removed_in_its_rounds_is_explained(folder):
    result = command(with_policy(folder, "rounds", [ROUND]), *STEP, "--explain")
    assert json.loads(result.stdout)["network"][0]["filters"] == {"Branch2": "3x3"}
    assert_says(result.stderr, "went in round 1 of 1, missed least: loss -0.25000")


def test_rounds_that_are_missing_are_one_line(folder):
    assert error(with_policy(folder, "rounds"), *STEP) == (
        "error: statistics.json: rounds: missing; a training for the policy rounds writes them\n"
    )


def test_damaged_rounds_are_one_line_with_file_and_key(folder):
    text = error(with_policy(folder, "rounds", [{**ROUND, "loss": "low"}]), *STEP)
    assert text == "error: statistics.json: rounds[0].loss: expected a number, received 'low'\n"


def test_the_architecture_may_be_given_as_json(folder):
    result = command(folder, STEP[0], f"--architecture={json.dumps(PRIOR)}", STEP[2])
    assert json.loads(result.stdout) == NEXT


def test_what_it_printed_can_be_restructured_again(folder):
    (folder / "net.json").write_text(command(folder, *STEP).stdout)
    metrics = ["1/Branch1", "2/Branch1", "2/Branch2", "4/Branch1", "4/Branch2"]
    statistics = {
        "featuremaps": {key: {"mean_square": 1} for key in metrics},
        "gates": {"1-4": 1, "2-4": 2},
    }
    (folder / "statistics.json").write_text(json.dumps(statistics))
    layers = json.loads(command(folder, *STEP).stdout)["network"]
    assert [entry.get("inputs") for entry in layers] == [[], [], [1], None, [2, 3]]


@pytest.mark.parametrize("only", [STEP[1], STEP[2]])
def test_architecture_and_statistics_belong_together(folder, only):
    assert_says(error(folder, STEP[0], only), "--architecture and --statistics")


def test_the_config_is_required(folder):
    assert_says(error(folder, *STEP[1:]), "--config is required")


def test_a_missing_file_is_one_line(folder):
    assert_says(error(folder, "--config=absent.yaml"), "absent.yaml", "No such file")


@pytest.mark.parametrize("section", ["envelopenet", "init_cell"])
def test_a_missing_section_is_one_line(folder, section):
    sections = {key: value for key, value in EXPERIMENT.items() if key != section}
    (folder / "experiment.json").write_text(json.dumps(sections))
    assert error(folder, STEP[0]) == f"error: experiment.json: {section}: missing\n"


def test_an_error_in_the_architecture_is_one_line(folder):
    (folder / "net.json").write_text(json.dumps(network(layer("1x1", inputs=[1]))))
    assert_says(error(folder, *STEP), "net.json: layer 1: inputs", "received 1")


def test_an_architecture_with_other_stages_is_one_line(folder):
    (folder / "net.json").write_text(json.dumps(network(layer("1x1"))))
    statistics = {"featuremaps": {"1/Branch1": {"mean_square": 1}}}
    (folder / "statistics.json").write_text(json.dumps(statistics))
    assert_says(error(folder, *STEP), "expected 2 stages", "received 1")


def test_statistics_of_another_network_are_one_line(folder):
    (folder / "statistics.json").write_text(json.dumps({**STATISTICS, "gates": {}}))
    assert error(folder, *STEP) == "error: statistics.json: gates.1-3: missing\n"


def test_a_file_that_is_no_json_is_one_line(folder):
    (folder / "statistics.json").write_text('{"featuremaps": {')
    assert_says(error(folder, *STEP), "statistics.json: not valid JSON")
