"""What rivals are asked, and what a comparison says of them."""

from dataclasses import replace

import pytest

from nac.comparison.rival_statement import rival_statement
from nac.comparison.rivals import rival_differences, rivals_of, with_rivals
from nac.comparison.significance import Difference
from nac.comparison.table import as_csv, comparison_text
from nac.config import load_experiment
from nac.rivals.result import write_rival_job, write_rival_result
from nac.utils.errors import InputError, NacError
from tests.plots.run_directories import write_run
from tests.results import (
    comparison_result,
    job_result,
    network_result,
    rival_entry,
    rival_result,
)


class Asked:
    """What :func:`rivals_of` reads of a comparison.

    Args:
        run: The run directory.
        experiment: Its experiment.
        split: Images that decide.
    """

    def __init__(self, run, experiment, split="test"):
        self.run, self.experiment, self.split = run, experiment, split
        self.directory, self.seeds = run / "comparison", (0, 1)


@pytest.fixture
def asked(tmp_path):
    """Return a function that gives the comparison of a run with some changes."""

    def make(split="test", **changes):
        run = write_run(tmp_path / "run", **changes)
        return Asked(run, load_experiment(str(run / "experiment.yaml")), split)

    return make


def test_each_rival_has_the_seconds_of_the_run_with_each_seed(asked):
    rivals = rivals_of(asked(), ["autokeras", "keras_tuner"])
    assert (rivals.seconds, rivals.run_seconds) == (20.8, 20.8)
    assert [(job.rival, job.seed, job.seconds) for job in rivals.jobs] == [
        ("autokeras", 0, 20.8),
        ("autokeras", 1, 20.8),
        ("keras_tuner", 0, 20.8),
        ("keras_tuner", 1, 20.8),
    ]


def test_it_may_have_other_seconds(asked):
    rivals = rivals_of(asked(), ["autokeras"], seconds=30.0)
    assert (rivals.seconds, rivals.run_seconds) == (30.0, 20.8)
    assert rivals.jobs[0].seconds == 30.0


@pytest.mark.parametrize(("share", "expected"), [(0.25, 0.25), (0, 0.2)])
def test_it_holds_out_what_the_run_does(asked, share, expected):
    comparison = asked(parameters={"validation_share": share})
    assert rivals_of(comparison, ["autokeras"]).jobs[0].validation_share == expected


def test_the_directory_of_the_data_may_be_given(asked):
    (job, _) = rivals_of(asked(), ["autokeras"], data_dir="elsewhere").jobs
    assert job.data_dir == "elsewhere"


def test_without_rivals_the_seconds_of_the_run_are_known_all_the_same(asked):
    rivals = rivals_of(asked(), [])
    assert (rivals.jobs, rivals.run_seconds) == ((), 20.8)


def test_validation_images_cannot_decide(asked):
    with pytest.raises(InputError, match=r"^--rivals: expected --split=test"):
        rivals_of(asked("validation"), ["autokeras"])


def test_the_run_must_have_its_full_training(asked):
    with pytest.raises(InputError, match=r"final: not finished; .*, or --rival_seconds$"):
        rivals_of(asked(final=False), ["autokeras"])


def searched(rivals, seed, accuracy, **changes):
    """Write the result of a search."""
    job = replace(next(job for job in rivals.jobs if job.seed == seed), **changes)
    directory = rivals.job_directory(job)
    write_rival_job(directory, job)
    write_rival_result(directory, rival_result(accuracy))


def test_the_result_of_another_search_is_refused(asked):
    comparison = asked()
    searched(rivals_of(comparison, ["autokeras"]), 0, 0.5, seconds=60.0)
    with pytest.raises(NacError, match=r"seed0: holds .*: seconds: 60\.0 -> 20\.8\. Use the same"):
        rivals_of(comparison, ["autokeras"])


def test_another_directory_of_the_data_is_the_same_search(asked):
    comparison = asked()
    searched(rivals_of(comparison, ["autokeras"]), 0, 0.5, data_dir="before")
    assert len(rivals_of(comparison, ["autokeras"]).jobs) == 2


def test_what_came_of_the_searches_is_part_of_the_result(asked):
    rivals = rivals_of(asked(), ["autokeras"])
    searched(rivals, 0, 0.5)
    failed = {"autokeras seed 1": NacError("it was killed by signal 9", "The end of its log")}
    result = comparison_result(network_result("constructed", 0.75, 0.75), statement="All.")
    found = with_rivals(result, rivals, failed)
    (entry,) = found.rivals
    assert (entry.label, entry.budget, entry.accuracies) == ("AutoKeras", 20.8, {0: 0.5})
    assert entry.failed == {1: "it was killed by signal 9"}
    assert found.run_seconds == 20.8
    assert found.differences == (Difference("autokeras", 0.25, None, None, networks=1, seeds=1),)
    assert found.statement.endswith("seed 1 (it was killed by signal 9). All.")


def test_differences_are_paired_by_seed():
    result = comparison_result(network_result("constructed", 0.75, 0.5))
    entries = [rival_entry("keras_tuner", 0.5, 0.25), rival_entry("autokeras")]
    assert rival_differences(result, entries) == (
        Difference("keras_tuner", 0.25, 0.25, 0.25, networks=1, seeds=2),
    )


def test_without_a_result_of_the_constructed_network_there_is_no_difference():
    entries = [rival_entry("keras_tuner", 0.5)]
    assert rival_differences(comparison_result(network_result("prior", 0.5)), entries) == ()


def sentences(ours, *entries, run_seconds=60.0):
    """Return the statement about a constructed network with five equal accuracies."""
    result = comparison_result(network_result("constructed", *[ours] * 5))
    return rival_statement(rival_differences(result, entries), entries, run_seconds)


def five(name, accuracy, **changes):
    return rival_entry(name, *[accuracy] * 5, **changes)


def test_the_constructed_network_may_be_ahead_of_the_best_rival():
    first, second = sentences(0.75, five("keras_tuner", 0.5), five("autokeras", 0.25))
    assert first == (
        "In equal seconds (60 s, search included) constructed is 25.00 points ahead of Keras Tuner,"
        " the best of 2 rivals, 95% interval [25.00, 25.00]."
    )
    assert second.startswith("The construction was done once, and only its full training")


def test_a_rival_may_be_ahead():
    (first, _) = sentences(0.5, five("autokeras", 0.75))
    assert first == (
        "In equal seconds (60 s, search included) AutoKeras is 25.00 points ahead of constructed,"
        " 95% interval [25.00, 25.00]."
    )


@pytest.mark.parametrize(
    ("run_seconds", "start"),
    [
        (90.0, "With 60 s for each rival, while the run took 90 s, search included, constructed"),
        (None, "With 60 s for each rival, search included, constructed"),
    ],
)
def test_other_seconds_than_those_of_the_run_are_said(run_seconds, start):
    (first, _) = sentences(0.75, five("autokeras", 0.5), run_seconds=run_seconds)
    assert first.startswith(start)


def test_rivals_without_a_result_are_named_and_do_not_count():
    missing = rival_entry("autokeras", failed={0: "no model within its 60 s", 1: "boom"})
    first, _, last = sentences(0.75, five("keras_tuner", 0.5), missing)
    assert "ahead of Keras Tuner, 95% interval" in first
    assert last == (
        "Rivals without a result: AutoKeras seed 0 (no model within its 60 s);"
        " AutoKeras seed 1 (boom)."
    )


def test_if_all_have_failed_that_is_all_there_is_to_say():
    (only,) = sentences(0.75, rival_entry("autokeras", failed={0: "boom"}))
    assert only == "Rivals without a result: AutoKeras seed 0 (boom)."


def test_without_rivals_there_is_no_sentence():
    assert rival_statement((), (), 60.0) == []


ENTRY = rival_entry("keras_tuner", 0.5, 0.75)


def test_a_rival_has_means_over_its_seeds():
    other = replace(ENTRY, results={0: rival_result(0.5, parameters=2000), 1: rival_result(0.75)})
    assert (other.mean, other.parameters, other.seconds, other.candidates) == (0.625, 3000, 58, 5)
    assert other.deviation == pytest.approx(0.176777, abs=1e-6)
    empty = rival_entry("autokeras")
    assert (empty.mean, empty.deviation, empty.parameters, empty.seconds) == (None,) * 4


def test_the_table_has_a_row_per_rival_with_a_result():
    result = comparison_result(
        network_result("constructed", 0.75), rivals=(ENTRY, rival_entry("autokeras"))
    )
    lines = [line.split() for line in comparison_text(result).splitlines()]
    assert lines[5] == [
        *("keras_tuner", "4,000", "-", "0.6250", "0.1768", "0.5000", "0.7500", "2", "58", "-"),
    ]
    assert lines[6] == []


def test_rows_for_machines_have_a_rival_and_a_seed_each():
    result = comparison_result(network_result("constructed", 0.75), rivals=(ENTRY,))
    lines = as_csv(result, {"constructed": {0: job_result(0.75)}}).splitlines()
    assert lines[2:] == [
        "keras_tuner,rival,0,0.5,,4000,,58.0,",
        "keras_tuner,rival,1,0.75,,4000,,58.0,",
    ]
