"""``python -m nac.construct`` as a user runs it: end to end, killed, continued, refused."""

import json
import os
import re
import signal
import subprocess
from dataclasses import replace

import pytest

from nac.construction.step_parts import KINDS
from nac.construction.step_time import KindCost
from nac.utils.processes import locked
from tests.experiments import command, environment, run, run_as_user, small, write
from tests.runs.block_times import A_MS, kept_in
from tests.test_compare_command import ended
from tests.test_train_command import wait_for

pytestmark = pytest.mark.slow

UNFINISHED = ("--notrain_final", "--checkpoint_seconds=0")
"""Flags of a run without a final training that is easy to interrupt."""

ONE_JOB = "--config=one.yaml"
"""Flag of a run with one iteration: no process waits for a second one."""


def architecture(directory):
    return (directory / "architecture.json").read_bytes()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole run, never interrupted: two iterations and the final training."""
    place = tmp_path_factory.mktemp("construct")
    write(place / "e.yaml", small())
    write(place / "one.yaml", small(parameters={"iterations": 1}))
    (place / "e.flags").write_text("--config=e.yaml\n--workdir=runs\n--train_final\n--noreport\n")
    result = run_as_user("construct", "--flagfile=e.flags", "--report", cwd=place)
    assert result.returncode == 0, result.stderr
    return place, result


def started(place, name, *more):
    """Start a run in processes of their own; checkpoints are written after each call."""
    flags = ("--flagfile=e.flags", f"--name={name}", *UNFINISHED, *more)
    return subprocess.Popen(
        command("construct", *flags),
        cwd=place,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background of a shell, SIGINT is ignored by inheritance.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def started_training(place, name, *more, number="000"):
    """Start a run; return its driver and its processes once an iteration has a checkpoint."""
    driver = started(place, name, *more)
    wait_for(lambda: list((place / "runs" / name).glob(f"{number}/checkpoints/*.index")))
    return driver, children_of(driver.pid)


@pytest.fixture(scope="module")
def killed(finished):
    """A run whose driver was killed in the first iteration, and the processes that it had."""
    place, _ = finished
    driver, processes = started_training(place, "killed")
    driver.kill()
    driver.communicate(timeout=60)
    return place, processes


def test_a_run_directory_tells_what_was_done(finished):
    place, _ = finished
    names = {path.name for path in (place / "runs" / "small").iterdir()}
    assert names >= {
        "experiment.yaml",
        "flags.txt",
        "000",
        "001",
        "final",
        "architecture.json",
        "model.keras",
        "classifier.keras",
        "report.html",
    }


def test_the_run_ends_with_a_table_of_its_jobs(finished):
    _, result = finished
    assert "constructed: 6/3-3/3" in result.stdout
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("---")) + 1
    assert [line.split()[0] for line in lines[first : first + 3]] == ["0", "1", "final"]


def test_it_says_where_the_classifier_is(finished):
    _, result = finished
    assert "classifier of photos: runs/small/classifier.keras" in result.stdout.splitlines()


def test_the_last_line_says_where_the_report_is(finished):
    _, result = finished
    assert result.stdout.splitlines()[-1] == "report: runs/small/report.html"


def test_the_next_job_is_the_restructured_network(finished):
    place, _ = finished
    run_directory = place / "runs" / "small"
    job = json.loads((run_directory / "000" / "job.json").read_text())
    (place / "in.json").write_text(json.dumps(job["arch"]))
    result = run(
        "restructure",
        "--config=e.yaml",
        "--architecture=in.json",
        f"--statistics={run_directory / '000' / 'statistics.json'}",
        cwd=place,
    )
    following = json.loads((run_directory / "001" / "job.json").read_text())
    assert json.loads(result.stdout) == following["arch"]


def test_the_same_command_again_trains_nothing(finished):
    place, _ = finished
    path = place / "runs" / "small" / "000" / "statistics.json"
    before = path.stat().st_mtime_ns
    result = run("construct", "--flagfile=e.flags", cwd=place)
    assert result.returncode == 0
    assert path.stat().st_mtime_ns == before
    assert "step" not in result.stdout


def test_quiet_prints_nothing(finished):
    place, _ = finished
    result = run("construct", "--flagfile=e.flags", "--report", "--quiet", cwd=place)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_quiet_or_json_but_not_both(finished):
    place, _ = finished
    result = run("construct", "--flagfile=e.flags", "--quiet", "--json", cwd=place)
    assert result.returncode == 1
    assert result.stderr == "error: give either --quiet or --json (see --help)\n"


def test_machines_get_a_json_object_per_line_and_the_result_at_the_end(finished):
    place, _ = finished
    result = run("construct", "--flagfile=e.flags", "--report", "--json", cwd=place)
    assert (result.returncode, result.stderr) == (0, "")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["before"] for event in events if event["event"] == "done"] == [True] * 3
    last = events[-1]
    statistics = json.loads((place / "runs" / "small" / "final" / "statistics.json").read_text())
    assert (last["event"], last["accuracy"]) == ("result", statistics["accuracy"])
    assert [row["iteration"] for row in last["jobs"]] == ["0", "1", "final"]
    for key in ("directory", "architecture", "model", "report"):
        assert (place / last[key]).exists()


def test_libraries_print_nothing(finished):
    _, result = finished
    assert result.stderr == ""


def test_changed_settings_are_refused(finished):
    place, _ = finished
    result = run("construct", "--flagfile=e.flags", "--seed=7", cwd=place)
    assert result.returncode == 1
    assert "parameters.seed: 0 -> 7" in result.stderr


def test_another_ranking_is_another_setting(finished):
    place, _ = finished
    result = run("construct", "--flagfile=e.flags", "--ranking=taylor", cwd=place)
    assert result.returncode == 1
    assert "envelopenet.ranking: 'mean_square' -> 'taylor'" in result.stderr


def test_a_second_driver_is_refused(finished):
    place, _ = finished
    with locked(place / "runs" / "small", "run"):
        result = run("construct", "--flagfile=e.flags", cwd=place)
    assert result.returncode == 1
    assert "another process is working on this run" in result.stderr


def test_neither_the_job_nor_the_process_that_waits_outlives_a_killed_run(killed):
    _, processes = killed
    assert len(processes) == 2
    wait_for(lambda: all(map(ended, processes)))


def test_a_run_that_is_killed_and_whose_job_is_killed_continues_to_the_same_architecture(
    finished, killed
):
    """The driver in the first iteration, the job of the second one as soon as it can resume."""
    place, _ = finished
    driver, processes = started_training(place, "killed", number="001")
    os.kill(processes[0], signal.SIGKILL)
    _, errors = driver.communicate(timeout=60)
    assert driver.returncode != 0
    assert "was killed by signal 9" in errors
    assert "The same command continues the run" in errors
    assert not (place / "runs" / "killed" / "architecture.json").exists()
    result = run("construct", "--flagfile=e.flags", "--name=killed", *UNFINISHED, cwd=place)
    assert result.returncode == 0, result.stderr
    assert architecture(place / "runs" / "killed") == architecture(place / "runs" / "small")


def test_ctrl_c_ends_all_processes_and_says_how_to_continue(finished):
    """It reaches the driver and its jobs, as from the terminal."""
    place, _ = finished
    driver, processes = started_training(place, "interrupted")
    assert len(processes) == 2
    os.killpg(driver.pid, signal.SIGINT)
    _, errors = driver.communicate(timeout=60)
    wait_for(lambda: all(map(ended, processes)))
    assert driver.returncode == 130
    assert errors.endswith("\ninterrupted; the same command continues this run\n")


def test_a_run_passes_sigterm_on_to_its_job_and_waits_for_the_checkpoint(finished):
    place, _ = finished
    driver, processes = started_training(place, "terminated", ONE_JOB)
    driver.terminate()
    _, errors = driver.communicate(timeout=60)
    assert all(map(ended, processes))
    assert driver.returncode == 143
    assert errors == (
        "\nSIGTERM: what runs saves a checkpoint and ends; another signal ends it at once\n"
        "\ninterrupted; the same command continues this run\n"
    )


def test_a_reader_that_leaves_ends_the_run(finished):
    """As in ``nac construct ... | head -1``."""
    place, _ = finished
    flags = ("--flagfile=e.flags", "--name=unread", *UNFINISHED, ONE_JOB)
    driver = subprocess.Popen(
        command("construct", *flags),
        cwd=place,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while " on digits: " not in driver.stdout.readline():  # the line of its first job
        assert driver.poll() is None
    processes = children_of(driver.pid)
    driver.stdout.close()
    assert driver.stderr.read() == ""
    assert driver.wait(timeout=60) == 1
    wait_for(lambda: all(map(ended, processes)))


def test_a_mistake_that_a_job_finds_is_one_line(tmp_path):
    write(tmp_path / "e.yaml", small(parameters={"batch_size": 15}))
    flags = ("--strategy=mirrored", "--logical_cpus=2")
    result = run("construct", "--config=e.yaml", *flags, cwd=tmp_path)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(
        "error: job runs/small/000: parameters.batch_size: expected a global batch"
    )
    assert line.endswith("(more in runs/small/000/log.txt)")


def test_machines_follow_a_job_of_a_run(tmp_path):
    parameters = {"steps": 40, "iterations": 1}
    write(tmp_path / "e.yaml", small(parameters=parameters))
    result = run("construct", *SHORT, "--json", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [event["event"] for event in events if event.get("job") == "runs/small/000"]
    expected = ["begun", "opened", "compiled", "evaluated", "done"]
    assert [kind for kind in kinds if kind not in ("working", "step", "note")] == expected
    scored = next(event for event in events if event["event"] == "evaluated")
    assert (scored["step"], scored["steps"], scored["split"]) == (40, 40, "test")


def children_of(pid):
    # It ends with 1 if there are none.
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in children.stdout.split()]


def test_a_missing_config_is_one_line(tmp_path):
    result = run("construct", "--config=nowhere.yaml", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "error: nowhere.yaml: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("arguments", [(), ("--config=a.yaml", "--images=b")])
def test_either_an_experiment_or_images_are_needed(tmp_path, arguments):
    result = run("construct", *arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: give either --images or --config (see --help)\n"


def test_images_that_are_no_folder_are_one_line(tmp_path):
    result = run("construct", "--images=pets", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {tmp_path}/pets: expected a folder of folders")
    assert not (tmp_path / "runs").exists()


def with_wrong_optimizer():
    optimizer = {"type": "keras", "class_name": "Adan"}
    training = {**small()["child_training"], "optimizer": optimizer}
    training.pop("gradient_clipping")
    return {**small(), "child_training": training}


MISTAKES = {
    "no file": (None, "nowhere.yaml: cannot be read: No such file or directory"),
    "unknown key": (small(parameters={"stepz": 1}), "parameters.stepz: unknown key"),
    "unknown data set": (small(parameters={"dataset": "digit"}), "parameters.dataset: expected"),
    "folder missing": (
        small(parameters={"dataset": "folder:nowhere", "image_size": 8}),
        "nowhere: expected a folder of folders of images, one per class",
    ),
    "files missing": (
        small(parameters={"dataset": "cifar10", "data_dir": "nowhere"}),
        "nowhere: no cifar10 there",
    ),
    "classes": (
        small(
            classification_cell={
                "Layer2": {"Branch0": {"block": "fc-final", "inputs": 12, "outputs": 9}}
            }
        ),
        "classification_cell: fc-final: outputs: expected 10, one per class of digits, received 9",
    ),
    "stages": (
        small(
            init_cell={
                "Layer1": {"Branch0": {"block": "max_pool", "kernel_size": [2, 2]}},
                "Layer2": {"Branch0": {"block": "max_pool", "kernel_size": [2, 2]}},
                "Layer3": {"Branch0": {"block": "max_pool", "kernel_size": [2, 2]}},
            }
        ),
        "a widener cannot halve featuremaps of 1x1 pixels",
    ),
    "batch": (
        small(parameters={"batch_size": 5000}),
        "parameters.batch_size: expected at most 1442, the number of training images",
    ),
    "optimizer": (with_wrong_optimizer(), "child_training.optimizer.class_name: expected one of"),
    "minutes": (small(budget={"minutes": 1}), "budget.minutes: expected at least"),
    "parameters": (small(budget={"parameters": 100}), "budget.parameters: expected at least"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_before_any_job_starts(tmp_path, name):
    experiment, message = MISTAKES[name]
    if experiment:
        write(tmp_path / "nowhere.yaml", experiment)
    result = run("construct", "--config=nowhere.yaml", "--train_final", cwd=tmp_path)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert not (tmp_path / "runs").exists()


SHORT = ("--config=e.yaml", "--notrain_final", "--noreport")


def constructed_by(place, policy, *flags, steps, **settings):
    """Construct with a policy in one iteration; return the run directory and what was printed."""
    parameters = {"steps": steps, "iterations": 1, "validation_share": 0.2}
    write(
        place / "e.yaml", small(parameters=parameters, envelopenet={"policy": policy, **settings})
    )
    result = run("construct", *SHORT, *flags, cwd=place)
    assert result.returncode == 0, result.stderr
    return place / "runs" / "small", result.stdout


def branches_of(network):
    return [set(layer["filters"].values()) for layer in network if "filters" in layer]


def test_a_policy_prunes_in_rounds_within_a_training(tmp_path):
    directory, printed = constructed_by(tmp_path, "rounds", steps=8, rounds=2)
    rounds = json.loads((directory / "000" / "statistics.json").read_text())["rounds"]
    # A third of three branches goes from each stage in all, and already in the first round.
    assert [entry["step"] for entry in rounds] == [4, 6]
    assert sorted(key[:2] for key in rounds[0]["removed"]) == ["1/", "3/"]
    assert rounds[1]["removed"] == []
    assert "step 4/8  round 1: removed " in printed
    gone = dict(key.split("/") for key in rounds[0]["removed"])
    cell = small()["envelopenet"]["envelopecell"]
    after = branches_of(json.loads(architecture(directory))["network"])
    whole = set(cell.values())
    assert after == [whole - {cell[gone["1"]]}, whole, whole - {cell[gone["3"]]}, whole]


def test_trainings_choose_among_proposals(tmp_path):
    settings = {"steps": 4, "children": 2, "proposals": ["taylor"]}
    directory, printed = constructed_by(tmp_path, "tournament", "--parallel=2", **settings)
    choice = json.loads((directory / "000" / "choice.json").read_text())
    (rung,) = choice["rungs"]
    assert (rung["steps"], set(rung["losses"])) == (2, {"taylor", "random1"})
    assert choice["winner"] == min(rung["losses"], key=rung["losses"].get)
    assert f"  chosen: {choice['winner']}\n" in printed
    child = directory / "000" / "children" / "rung1" / choice["winner"]
    network = json.loads((child / "job.json").read_text())["arch"]["network"]
    assert json.loads(architecture(directory))["network"] == network
    _, again = constructed_by(tmp_path, "tournament", "--parallel=2", **settings)
    assert "rung" not in again


def test_the_time_of_a_step_limits_all_networks_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    costs = dict.fromkeys(KINDS, KindCost(start=0.1, value=5.0))
    kept_in(tmp_path / "cache", replace(A_MS, together=costs))
    write(tmp_path / "e.yaml", small(parameters={"steps": 2, "iterations": 1}))
    result = run("construct", "--config=e.yaml", "--max_step_ms=12", "--noreport", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    stated = re.findall(r"([\d.]+) of 12 ms per step", result.stdout)
    assert len(stated) == 2  # the prior and the constructed network
    assert all(11.64 <= float(ms) <= 12 for ms in stated)
    kept = json.loads((tmp_path / "runs" / "small" / "block_times.json").read_text())
    assert kept["device"] == "a device"
