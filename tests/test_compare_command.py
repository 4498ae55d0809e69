"""``python -m nac.compare`` as a user runs it; all but one test with jobs that train nothing."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from nac.runs.result import write_result
from nac.utils.files import read_structured, write_json
from nac.utils.processes import available_cores, locked
from tests.experiments import command, environment, run
from tests.finished_runs import write_run
from tests.forks import forked_python
from tests.results import job_result
from tests.test_train_command import wait_for

COMPARED = ("--run=runs/small", "--random=2", "--seeds=2")


class Fake:
    """A finished run, and the command with fake jobs.

    Args:
        place: working directory; the run is ``runs/small`` in it.
    """

    def __init__(self, place):
        self.place = place
        self.comparison = place / "runs" / "small" / "comparison"
        self.plan({})

    def plan(self, what):
        (self.place / "plan.json").write_text(json.dumps(what))

    def start(self, *flags, python=sys.executable):
        return subprocess.Popen(
            [python, "-m", "tests.fake_compare", *COMPARED, *flags],
            cwd=self.place,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Where the tests run in the background of a shell, SIGINT is ignored by inheritance.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *flags):
        process = self.start(*flags, python=forked_python())
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def started(self):
        """Return the names of the jobs that were started, in order, and forget them."""
        path = self.place / "started.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]

    def result(self):
        return json.loads((self.comparison / "comparison.json").read_text())


@pytest.fixture
def fake(tmp_path):
    write_run(tmp_path / "runs" / "small")
    return Fake(tmp_path)


ALL = ["construction/000", *(f"worst_case/seed{seed}" for seed in (0, 1))]
ALL += [
    f"{name}/seed{seed}"
    for name in ("constructed", "prior", "random00", "random01")
    for seed in (0, 1)
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A comparison that went through, and what it printed."""
    place = tmp_path_factory.mktemp("compare")
    write_run(place / "runs" / "small")
    fake = Fake(place)
    return fake, fake.run()


@pytest.fixture
def again(finished, tmp_path):
    """The finished comparison once more, to go on with; nothing has been started in it."""
    shutil.copytree(finished[0].place / "runs", tmp_path / "runs")
    return Fake(tmp_path)


def test_each_network_is_trained_with_each_seed(finished):
    fake, (code, output, errors) = finished
    assert (code, errors) == (0, "")
    assert fake.started() == ALL
    assert "11 jobs, 1 at a time" in output
    assert "[4/11] constructed seed 0: test accuracy 0.9000" in output


def test_quiet_prints_nothing(again):
    assert again.run("--quiet") == (0, "", "")


def test_machines_get_a_json_object_per_line_and_the_result_at_the_end(again):
    code, output, errors = again.run("--random=3", "--json", "--parallel=2")
    assert (code, errors) == (0, "")
    events = [json.loads(line) for line in output.splitlines()]
    assert events[0] == {
        "event": "planned",
        "stages": [{"name": "jobs", "jobs": 13, "workers": 2}],
        "seconds_before": 0.0,
    }
    new = [event["job"] for event in events if event["event"] == "done" and not event["before"]]
    place = "runs/small/comparison/random02"
    assert sorted(new) == [f"{place}/seed0", f"{place}/seed1"]
    assert events[-1]["event"] == "result"
    assert events[-1]["comparison"] == again.result()


def test_jobs_are_the_full_trainings_of_the_run(finished):
    fake, _ = finished
    job = json.loads((fake.comparison / "prior" / "seed1" / "job.json").read_text())
    assert (job["parameters"]["steps"], job["parameters"]["seed"]) == (8, 1)
    assert job["parameters"]["log_stats"] is False


def test_the_worst_case_is_a_construction_of_its_own(finished):
    place = finished[0].comparison / "worst_case"
    assert (place / "construction" / "experiment.yaml").is_file()
    constructed = json.loads((place / "construction" / "architecture.json").read_text())
    trained = json.loads((place / "seed0" / "job.json").read_text())["arch"]
    assert constructed["network"] == trained["network"]
    assert len(trained["network"]) == 5  # 6/2-2/3 and a widener


def test_iterations_of_the_worst_case_take_the_steps_that_those_of_the_run_took(tmp_path):
    run = tmp_path / "runs" / "small"
    write_run(run, parameters={"seconds": 60.0})
    for name in ("000", "final"):
        write_json(run / name / "job.json", read_structured(run / "experiment.yaml"))
        write_result(run / name, job_result(steps=345))
    fake = Fake(tmp_path)
    code, _, errors = fake.run("--noprior", "--random=0")
    assert (code, errors) == (0, "")
    job = json.loads((fake.comparison / "worst_case/construction/000/job.json").read_text())
    assert "seconds" not in job["parameters"]
    assert job["parameters"]["steps"] == 345


def test_there_must_be_something_to_compare_with(fake):
    code, _, errors = fake.run("--noprior", "--noworst_case", "--random=0")
    assert code == 1
    assert errors == (
        "error: --random: expected more than 0, or another network or a rival, received 0\n"
    )


def test_results_are_written_for_machines(finished):
    result = finished[0].result()
    names = ["constructed", "prior", "worst_case", "random00", "random01"]
    assert [entry["name"] for entry in result["networks"]] == names
    assert (result["run"], result["dataset"], result["split"]) == ("small", "digits", "test")
    assert (result["seeds"], result["steps"], result["batch_size"]) == ([0, 1], 8, 16)
    assert result["rank"] == {"rank": 1, "of": 3, "random": 2}
    with open(finished[0].comparison / "comparison.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert rows[0]["accuracy"] == "0.9"


def test_it_ends_with_a_table_and_a_statement(finished):
    _, (_, output, _) = finished
    starts = [line.split()[0] for line in output.splitlines() if line]
    networks = ["constructed", "prior", "worst_case", "random"]
    assert [name for name in starts if name in networks][:4] == networks
    assert "constructed beats the mean of 2 random networks by 15.00 points" in output


def test_the_same_command_again_trains_nothing(again):
    code, output, _ = again.run()
    assert (code, again.started()) == (0, [])
    assert "11 jobs, 11 of them done before" in output


def test_more_networks_and_seeds_only_add_jobs(again):
    code, _, _ = again.run("--random=3", "--seeds=3", "--reference")
    assert code == 0
    names = ["worst_case", "constructed", "prior", "random00", "random01"]
    expected = [f"{name}/seed2" for name in names]
    expected += [f"{name}/seed{seed}" for name in ("reference", "random02") for seed in range(3)]
    assert sorted(again.started()) == sorted(expected)


def test_prior_and_worst_case_can_be_left_out(fake):
    code, output, _ = fake.run("--noprior", "--noworst_case", "--random=1", "--seeds=1")
    assert code == 0
    assert fake.started() == ["constructed/seed0", "random00/seed0"]
    assert "2 jobs, 1 at a time" in output
    assert not (fake.comparison / "worst_case").exists()


def test_a_failed_job_is_told_and_the_others_go_on(fake):
    fake.plan({"random00/seed1": "fail"})
    code, output, errors = fake.run()
    assert code == 1
    assert fake.started() == ALL
    assert "random00 seed 1: failed" in output
    assert errors.count("boom") == 1
    assert "error: 1 jobs failed: random00 seed 1; the same command tries them again" in errors
    assert "missing: random00 seed 1" in fake.result()["statement"]
    fake.plan({})
    code, _, _ = fake.run()
    assert (code, fake.started()) == (0, ["random00/seed1"])
    assert "missing" not in fake.result()["statement"]


def test_a_worst_case_that_cannot_be_constructed_leaves_the_others(fake):
    fake.plan({"construction/000": "fail"})
    code, _, errors = fake.run()
    assert code == 1
    assert "1 jobs failed: worst_case construction 000" in errors
    assert fake.started() == [ALL[0], *ALL[3:]]
    worst = next(entry for entry in fake.result()["networks"] if entry["name"] == "worst_case")
    assert (worst["notation"], worst["mean"], worst["failed"]) == (None, None, [0, 1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_comparison_ends_its_jobs_and_repeats_none_that_is_done(fake, number):
    fake.plan({"prior/seed0": "wait"})
    process = fake.start()
    started = fake.place / "started.txt"
    wait_for(lambda: started.exists() and "prior/seed0" in started.read_text())
    job = int(started.read_text().split("prior/seed0 ")[1].split()[0])
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert errors == (
            f"\n{signal.Signals(number).name}: what runs saves a checkpoint and ends; another"
            " signal ends it at once\n"
            "\ninterrupted; the same command continues this comparison\n"
        )
    wait_for(lambda: ended(job), 30)
    fake.started()
    fake.plan({})
    code, _, errors = fake.run()
    assert (code, errors) == (0, "")
    assert fake.started() == ALL[ALL.index("prior/seed0") :]


def ended(pid):
    """Whether a process is gone, or waits only for somebody to take notice."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_jobs_at_a_time_share_the_cores(fake):
    """Both wait for the end, so both have been started together."""
    fake.plan({"construction/000": "wait", "constructed/seed0": "wait"})
    process = fake.start("--parallel=2")
    path = fake.place / "started.txt"
    wait_for(lambda: path.exists() and len(path.read_text().splitlines()) == 2)
    process.kill()
    process.communicate(timeout=60)
    cores = max(1, available_cores() // 2)
    assert [line.split()[2] for line in path.read_text().splitlines()] == [str(cores)] * 2


def test_other_random_networks_in_the_same_place_are_refused(again):
    code, _, errors = again.run("--baseline_seed=5")
    assert (code, again.started()) == (1, [])
    assert "arch.network" in errors
    assert "use its --random_skips and --baseline_seed" in errors


def test_a_second_comparison_is_refused(fake):
    with locked(fake.comparison, "comparison"):
        code, _, errors = fake.run()
    assert code == 1
    assert "another process is working on this comparison" in errors


def test_more_jobs_than_gpus_are_refused(fake, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    code, _, errors = fake.run("--parallel=2")
    assert (code, errors) == (
        1,
        "error: --parallel: expected at most 1, one job per GPU, received 2\n",
    )


WIDE = {
    "init_cell": {
        "Layer0": {"Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 48}},
    }
}


def test_the_best_of_a_random_search_is_trained_with_each_seed(tmp_path):
    run = tmp_path / "runs" / "small"
    write_run(run, parameters={"validation_share": 0.2})
    write_result(run / "000", job_result(elapsed_seconds=20.0))
    fake = Fake(tmp_path)
    code, output, errors = fake.run("--noprior", "--noworst_case", "--random=0", "--random_search")
    assert (code, errors) == (0, "")
    searched = ["candidates/00", "random_search/seed0", "random_search/seed1"]
    assert [name for name in fake.started() if "constructed" not in name] == searched
    assert "constructed" in output
    assert "random search" in output


def test_shuffled_networks_are_a_kind_of_their_own(tmp_path):
    write_run(tmp_path / "runs" / "small")
    fake = Fake(tmp_path)
    code, output, errors = fake.run("--noprior", "--noworst_case", "--random=0", "--shuffled=2")
    assert (code, errors) == (0, "")
    assert "shuffled (2)" in output
    assert [entry["against"] for entry in fake.result()["differences"]] == ["shuffled"]


def test_networks_made_by_hand_are_added_to_a_comparison(tmp_path):
    write_run(tmp_path / "runs" / "small", **WIDE)
    fake = Fake(tmp_path)
    fake.run()
    fake.started()
    code, output, errors = fake.run("--baselines=mobilenet_v2,plain_cnn")
    assert (code, errors) == (0, "")
    added = [f"{name}/seed{seed}" for name in ("plain_cnn", "mobilenet_v2") for seed in (0, 1)]
    assert fake.started() == added
    result = fake.result()
    assert result["equal"] == "parameters"
    assert "At equal parameters constructed is 15.00 points ahead of the plain CNN" in output
    assert [entry["against"] for entry in result["differences"]] == [
        *("random", "prior", "worst_case", "plain_cnn", "mobilenet_v2"),
    ]


def test_networks_of_equal_flops_have_directories_of_their_own(tmp_path):
    write_run(tmp_path / "runs" / "small", **WIDE)
    fake = Fake(tmp_path)
    code, output, _ = fake.run("--baselines=plain_cnn", "--equal=flops")
    assert code == 0
    assert "plain_cnn_flops/seed0" in fake.started()
    assert "At equal FLOPs" in output


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        (
            "--baselines=resnett",
            "--baselines: expected some of plain_cnn, resnet, mobilenet_v2, received 'resnett'"
            " (did you mean 'resnet'?)",
        ),
        ("--equal=flops", "--equal: expected --baselines as well, whose cost it is about"),
    ],
)
def test_impossible_baselines_are_one_line(fake, flag, message):
    code, _, errors = fake.run(flag)
    assert (code, fake.started()) == (1, [])
    assert errors.startswith(f"error: {message}")
    assert errors.count("\n") == 1


RIVALS = ("--rivals=one,two", "--rival_seconds=3")
SEARCHES = [f"{name}/seed{seed}" for name in ("one", "two") for seed in (0, 1)]


def test_rivals_follow_the_other_jobs_and_none_searches_twice(again):
    code, output, errors = again.run(*RIVALS)
    assert (code, errors) == (0, "")
    assert again.started() == SEARCHES
    assert "rivals, 0:03 each:\n4 jobs, 1 at a time" in output
    assert "[3/4] two seed 0: test accuracy 0.9500" in output
    assert (
        "With 3 s for each rival, search included, Rival two, the best of 2 rivals, is 5.00 points"
        " ahead of constructed" in output
    )
    result = again.result()
    assert [entry["name"] for entry in result["rivals"]] == ["one", "two"]
    assert [entry["against"] for entry in result["differences"]][-2:] == ["one", "two"]
    rows = (again.comparison / "comparison.csv").read_text().splitlines()
    assert rows[-1] == "two,rival,1,0.95,,4000,,3.0,"
    code, output, _ = again.run(*RIVALS)
    assert (code, again.started()) == (0, [])
    assert "4 jobs, 4 of them done before" in output


def test_rivals_may_be_all_that_there_is_to_compare_with(again):
    again.run("--noprior", "--noworst_case", "--random=0", *RIVALS)
    statement = again.result()["statement"]
    assert "Rival two, the best of 2 rivals, is 5.00 points ahead of constructed" in statement
    assert "Nothing can be said" not in statement


def test_the_job_of_a_rival_is_that_of_the_run(again):
    again.run(*RIVALS)
    job = json.loads((again.comparison / "two" / "seed1" / "job.json").read_text())
    assert job == {
        "version": 1,
        "rival": "two",
        "seconds": 3.0,
        "seed": 1,
        "dataset": "digits",
        "validation_share": 0.2,
    }


def test_a_rival_that_fails_is_told_and_tried_again(again):
    again.plan({"one/seed0": "fail"})
    code, output, errors = again.run(*RIVALS)
    assert (code, again.started()) == (1, SEARCHES)
    assert "one seed 0: failed" in output
    assert "error: 1 jobs failed: one seed 0; the same command tries them again" in errors
    sentence = "Rivals without a result: Rival one seed 0 (no module named rival)."
    assert sentence in again.result()["statement"]
    again.plan({})
    code, _, _ = again.run(*RIVALS)
    assert (code, again.started()) == (0, ["one/seed0"])
    assert "without a result" not in again.result()["statement"]


def test_a_rival_that_is_late_is_killed(again):
    again.plan({"two/seed1": "wait"})
    code, _, errors = again.run("--rivals=two", "--rival_seconds=1")
    assert (code, again.started()) == (1, ["two/seed0", "two/seed1"])
    assert "no model within its 1 s; it was killed after 1 s\nThe end of runs" in errors


def test_a_killed_comparison_ends_its_rival(again):
    again.plan({"one/seed1": "wait"})
    process = again.start("--rivals=one", "--rival_seconds=60")
    started = again.place / "started.txt"
    wait_for(lambda: started.exists() and "one/seed1" in started.read_text())
    job = int(started.read_text().split("one/seed1 ")[1].split()[0])
    process.kill()
    process.communicate(timeout=60)
    wait_for(lambda: ended(job), 30)


def test_other_seconds_in_the_same_place_are_refused(again):
    again.run(*RIVALS)
    again.started()
    code, _, errors = again.run("--rivals=one", "--rival_seconds=4")
    assert (code, again.started()) == (1, [])
    assert "one/seed0: holds the result of another search: seconds: 3.0 -> 4.0" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--rivals=three"],
            "--rivals: expected one of keras_tuner, autokeras, one, two, received",
        ),
        (["--rivals=one"], "runs/small/final: not finished; expected a whole run for --rivals"),
        (["--rival_seconds=9"], "--rival_seconds: expected --rivals as well, who have these"),
        (["--rivals=one", "--rival_seconds=0"], "--rival_seconds: expected number >= 1.0"),
    ],
)
def test_impossible_rivals_are_one_line(fake, flags, message):
    code, _, errors = fake.run(*flags)
    assert (code, fake.started()) == (1, [])
    assert errors.startswith(f"error: {message}")
    assert errors.count("\n") == 1


def test_rivals_need_test_images_that_decide(tmp_path):
    write_run(tmp_path / "runs" / "small", parameters={"validation_share": 0.25})
    code, _, errors = Fake(tmp_path).run("--split=validation", "--rivals=one")
    assert code == 1
    assert errors == (
        "error: --rivals: expected --split=test, as rivals choose on the validation images\n"
    )


def test_choices_are_made_on_held_out_images(tmp_path):
    write_run(tmp_path / "runs" / "small", parameters={"validation_share": 0.25})
    fake = Fake(tmp_path)
    code, output, _ = fake.run("--split=validation")
    assert code == 0
    assert "constructed seed 0: validation accuracy" in output
    place = tmp_path / "runs" / "small" / "comparison_validation"
    assert json.loads((place / "comparison.json").read_text())["split"] == "validation"
    job = json.loads((place / "constructed" / "seed0" / "job.json").read_text())
    assert job["parameters"]["validation_share"] == 0.25
    assert job["parameters"]["score_test"] is False
    assert not fake.comparison.exists()


TINY = {
    "parameters": {"steps": 2},
    "final_training": {"steps": 4},
    "envelopenet": {
        "stages": 1,
        "layers_per_stage": [1],
        "max_layers_per_stage": [2],
        "envelopecell": {"Branch1": "1x1", "Branch2": "3x3"},
    },
}


@pytest.mark.slow
def test_a_real_comparison_killed_in_the_middle_goes_on(tmp_path):
    """Kill -9 as soon as the first job is done; then the rest, and nothing twice."""
    write_run(tmp_path / "small", **TINY)
    flags = ("--run=small", "--random=1", "--seeds=1")
    process = subprocess.Popen(
        command("compare", *flags), cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL
    )
    wait_for(lambda: list(tmp_path.glob("small/comparison/**/statistics.json")))
    process.kill()
    process.wait()
    done = list(tmp_path.glob("small/comparison/**/statistics.json"))
    times = [path.stat().st_mtime_ns for path in done]
    result = run("compare", *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [path.stat().st_mtime_ns for path in done] == times
    assert len(list(tmp_path.glob("small/comparison/**/statistics.json"))) == 5
    written = json.loads((tmp_path / "small" / "comparison" / "comparison.json").read_text())
    assert [len(entry["accuracies"]) for entry in written["networks"]] == [1, 1, 1, 1]
    assert written["statement"] in result.stdout
