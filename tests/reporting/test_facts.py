"""The facts at the top of a report, including those of unfinished runs."""

import json

import pytest

from nac.comparison.result import Rank, read_comparisons, write_comparison
from nac.reporting.facts import compact, gates_of, headline, job_rows, missing_parts, total_energy
from nac.runs.saved_run import load_run
from tests.plots.run_directories import write_run
from tests.results import comparison_result


def change_statistics(directory, **values):
    path = directory / "statistics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def facts(directory):
    comparisons = list(read_comparisons(directory).values())
    found = headline(load_run(directory), comparisons)
    return {fact.label: (fact.value, fact.note) for fact in found}


def test_a_folder_has_its_own_name_and_its_path_as_a_note(tmp_path):
    directory = write_run(tmp_path / "run")
    path = directory / "experiment.yaml"
    path.write_text(path.read_text().replace("dataset: digits", "dataset: folder:/data/my pets"))
    assert facts(directory)["data set"] == ("my pets", "folder /data/my pets")


def test_a_finished_run_in_numbers(tmp_path):
    found = facts(write_run(tmp_path / "run"))
    assert found["data set"] == ("digits", "")
    assert found["network"] == ("6/3-3/3", "constructed in 2 iterations")
    assert found["parameters"] == ("1,234", "")
    assert found["FLOPs"][0] == "56.8 k"
    assert found["test accuracy"] == ("50.00 %", "after its full training; of the test images")
    assert found["search"] == ("6 s", "2 short trainings of 2")
    assert found["final training"] == ("3 s", "12 steps")


def test_the_number_of_scored_images_is_told_if_it_is_known(tmp_path):
    write_run(tmp_path)
    change_statistics(tmp_path / "final", scored_images=1355)
    assert facts(tmp_path)["test accuracy"][1].endswith("of 1,355 test images")


def test_an_accuracy_on_validation_images_does_not_pass_for_one_on_test_images(tmp_path):
    write_run(tmp_path)
    change_statistics(tmp_path / "final", split="validation", scored_images=20)
    found = facts(tmp_path)
    assert "test accuracy" not in found
    assert found["validation accuracy"][1].endswith("of 20 held-out validation images")


def test_without_a_final_training_there_is_no_test_accuracy(tmp_path):
    write_run(tmp_path, final=False)
    value, note = facts(tmp_path)["test accuracy"]
    assert value == "–"
    assert note == "no full training yet; the newest short one: 50.00 % of the test images"
    assert facts(tmp_path)["parameters"] == ("–", "known once it is trained")


def test_the_rank_is_shown_once_there_is_a_comparison(tmp_path):
    write_run(tmp_path)
    rank = Rank(rank=3, of=11, random=10)
    validation = comparison_result(rank=rank, split="validation")
    write_comparison(tmp_path / "comparison_validation", validation)
    note = "among 10 random networks of its depth and size"
    assert facts(tmp_path)["rank"] == ("3 of 11", f"{note}, on validation images")
    write_comparison(tmp_path / "comparison", comparison_result(rank=Rank(2, 11, 10)))
    assert facts(tmp_path)["rank"] == ("2 of 11", note)


def test_a_run_before_its_first_iteration(tmp_path):
    found = facts(write_run(tmp_path, iterations=0))
    assert found["network"] == ("–", "no iteration is done yet")
    assert found["test accuracy"] == ("–", "nothing is trained yet")
    assert found["search"] == ("0 s", "0 short trainings of 2")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, []),
        ({"final": False}, ["There is no final training."]),
        ({"iterations": 1}, ["1 of 2 iterations are done.", "There is no final training."]),
        (
            {"iterations": 2},
            [
                "The constructed network has not been written yet.",
                "There is no final training.",
            ],
        ),
    ],
)
def test_missing_parts(tmp_path, written, expected):
    assert missing_parts(load_run(write_run(tmp_path, **written))) == expected


def test_a_job_that_was_begun_is_mentioned(tmp_path):
    write_run(tmp_path, iterations=1)
    (tmp_path / "001").mkdir()
    (tmp_path / "001" / "log.txt").write_text("step 1")
    assert missing_parts(load_run(tmp_path))[0].endswith("done. The next job has been begun.")


def test_rows_count_images_and_what_was_pruned(tmp_path):
    rows = job_rows(load_run(write_run(tmp_path)))
    assert [row.name for row in rows] == ["0", "1", "final"]
    assert [row.images for row in rows] == [12 * 16] * 3
    # Prior 6/1-1/3: 3 branches per stage, one of them may go; its second stage has one gate.
    assert (rows[0].branches, rows[0].skips) == (2, 0)
    assert (rows[2].branches, rows[2].skips) == (None, None)


def test_energy_counts_only_if_it_is_known_of_each_job(tmp_path):
    write_run(tmp_path)
    for name, joules in (("000", 100.0), ("001", 50.5)):
        change_statistics(tmp_path / name, energy_joules=joules)
    assert total_energy(job_rows(load_run(tmp_path))) is None
    change_statistics(tmp_path / "final", energy_joules=10.0)
    assert total_energy(job_rows(load_run(tmp_path))) == 160.5


def test_gates_are_those_of_the_connections(tmp_path):
    run = load_run(write_run(tmp_path))
    gates = gates_of(run.final)
    assert sorted(gates) == sorted(run.constructed.skip_connections())
    assert all(gate == source / 4 + 0.25 for (source, _), gate in gates.items())


@pytest.mark.parametrize(
    ("number", "text"),
    [(7, "7"), (999, "999"), (1500, "1.5 k"), (11_536_320, "11.5 M"), (2.5e9, "2.5 G")],
)
def test_compact(number, text):
    assert compact(number) == text
