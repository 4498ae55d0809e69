"""``python -m nac.train`` as a user runs it."""

import json
import os
import signal
import subprocess
import time

import numpy as np
import pytest

from nac.architecture.handmade import Handmade
from nac.construction.handmade_costs import handmade_costs
from nac.data.datasets import load_dataset
from nac.data.fingerprint import fingerprint
from nac.models.loading import load_classifier
from nac.quality.choosing import shown
from nac.quality.file import read_predictions
from nac.training.memory import PeakMemory
from tests.experiments import command, environment, run, run_as_user, training, write
from tests.forks import forked_python
from tools.surviving.comparing import OF_THE_MACHINE

pytestmark = pytest.mark.slow


WILD = 20000.0
"""A learning rate with which the loss of the network in these tests stops being finite."""


def statistics(directory):
    return json.loads((directory / "statistics.json").read_text())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished training of 40 steps, never interrupted; the file of a short one is beside it."""
    place = tmp_path_factory.mktemp("train")
    write(place / "short.yaml", training(parameters={"steps": 4, "eval_interval": 2}))
    config = write(place / "e.yaml", training(parameters={"steps": 40, "eval_interval": 20}))
    result = run("train", f"--config={config}", f"--output_dir={place / 'out'}", cwd=place)
    assert result.returncode == 0, result.stderr
    return place, result


def test_statistics_have_all_that_construction_and_people_need(finished):
    place, _ = finished
    found = statistics(place / "out")
    assert set(found["featuremaps"]) == {
        f"{layer}/Branch{branch}" for layer in (1, 2, 4) for branch in (1, 2)
    }
    assert set(found["gates"]) == {"0-2", "1-4", "0-4"}
    assert found["featuremaps"]["1/Branch1"]["images"] == 40 * 16
    for key in ("accuracy", "loss", "parameters", "flops", "seconds", "images_per_second"):
        assert found[key] > 0
    assert found["elapsed_seconds"] > found["seconds"]  # it reads images and evaluates, too


def test_statistics_have_the_peak_memory_where_it_is_counted(finished):
    place, _ = finished
    peak = PeakMemory(["CPU:0"])
    with peak.measured():
        pass
    assert ("peak_memory_bytes" in statistics(place / "out")) == (peak.bytes is not None)


def test_the_answers_of_the_saved_network_are_those_that_were_scored(finished):
    place, _ = finished
    result, predictions = statistics(place / "out"), read_predictions(place / "out")
    assert (predictions.split, len(predictions.labels)) == ("test", result["scored_images"])
    assert predictions.right.mean() == pytest.approx(result["accuracy"])
    loss = -np.log(predictions.true_probability.astype(float)).mean()
    assert loss == pytest.approx(result["loss"], rel=1e-4)
    assert result["latency"]["milliseconds"] > 0


def test_there_are_pictures_of_the_images_that_are_shown(finished):
    place, _ = finished
    names = [f"{position:06d}.png" for position in shown(read_predictions(place / "out"))]
    assert sorted(path.name for path in (place / "out" / "thumbnails").iterdir()) == names


def test_progress_is_plain_lines_without_a_terminal(finished):
    _, result = finished
    assert "\r" not in result.stdout
    assert "step 20/40  test accuracy" in result.stdout
    assert "step 40/40  test accuracy" in result.stdout
    assert result.stderr == ""


def test_libraries_print_nothing(finished):
    place, _ = finished
    result = run_as_user("train", "--config=short.yaml", "--output_dir=b", cwd=place)
    assert (result.returncode, result.stderr) == (0, "")


def test_quiet_prints_nothing(finished):
    place, _ = finished
    result = run("train", "--config=short.yaml", "--output_dir=c", "--quiet", cwd=place)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_machines_get_a_json_object_per_line(finished):
    place, _ = finished
    result = run("train", "--config=short.yaml", "--output_dir=d", "--json", cwd=place)
    assert (result.returncode, result.stderr) == (0, "")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert {event["job"] for event in events} == {"d"}
    assert (events[0]["event"], events[-1]["event"]) == ("begun", "done")
    assert events[-1]["accuracy"] == statistics(place / "d")["accuracy"]
    scored = [event["step"] for event in events if event["event"] == "evaluated"]
    assert scored == [2, 4]


def test_machines_get_the_reason_of_a_failure(tmp_path):
    config = write(tmp_path / "e.yaml", training(parameters={"batch_size": 15}))
    flags = ("--output_dir=out", "--strategy=mirrored", "--logical_cpus=2", "--json")
    result = run("train", f"--config={config}", *flags, cwd=tmp_path)
    assert result.returncode == 1
    last = json.loads(result.stdout.splitlines()[-1])
    assert last["event"] == "failed"
    assert result.stderr == f"error: {last['reason']}\n"


def test_event_files_lie_beside_the_results(finished):
    place, _ = finished
    for folder in ("train", "test"):
        assert list((place / "out" / folder).glob("events.out.tfevents.*"))


def test_its_classifier_answers_raw_pixels_as_the_job_was_scored(finished):
    place, _ = finished
    classifier, digits = load_classifier(place / "out" / "classifier.keras"), load_dataset("digits")
    predicted = classifier.predict(digits.test_images, verbose=0).argmax(axis=1)
    accuracy = statistics(place / "out")["accuracy"]
    assert np.mean(predicted == digits.test_labels) == pytest.approx(accuracy)
    assert classifier.class_names == tuple("0123456789")


def test_its_classifier_says_where_it_is_from(finished):
    place, _ = finished
    provenance = load_classifier(place / "out" / "classifier.keras").provenance
    assert (provenance.run, provenance.seed, provenance.dataset) == ("out", 0, "digits")
    assert (provenance.split, provenance.scored_images) == ("test", 355)
    assert provenance.accuracy == pytest.approx(statistics(place / "out")["accuracy"])
    assert provenance.data == fingerprint(load_dataset("digits"))


def test_checkpoints_of_a_finished_job_are_gone(finished):
    place, _ = finished
    assert not (place / "out" / "checkpoints").exists()


def test_a_finished_job_is_not_repeated(finished):
    place, _ = finished
    before = (place / "out" / "statistics.json").stat().st_mtime_ns
    result = run("train", f"--job={place / 'out' / 'job.json'}", cwd=place)
    assert result.returncode == 0
    assert "done already" in result.stdout
    assert (place / "out" / "statistics.json").stat().st_mtime_ns == before


def test_the_path_of_a_job_may_come_on_standard_input(finished, tmp_path):
    """It is the same job then, with the same result."""
    place, _ = finished
    result = subprocess.run(
        [forked_python(), "-m", "nac.train", "--job=-", f"--output_dir={tmp_path}"],
        input=f"{place / 'out' / 'job.json'}\n",
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    found, whole = statistics(tmp_path), statistics(place / "out")
    for key in ("featuremaps", "gates", "accuracy", "loss"):
        assert found[key] == whole[key]


def test_a_job_killed_in_the_middle_resumes_exactly(finished, tmp_path):
    place, _ = finished
    job = place / "out" / "job.json"
    flags = (f"--job={job}", f"--output_dir={tmp_path}", "--checkpoint_seconds=0")
    process = subprocess.Popen(
        command("train", *flags), cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL
    )
    wait_for(lambda: list(tmp_path.glob("checkpoints/*.index")))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "statistics.json").exists()
    result = run("train", *flags, cwd=tmp_path)
    assert "resumed after step" in result.stdout
    resumed, whole = statistics(tmp_path), statistics(place / "out")
    for key in set(whole).difference(OF_THE_MACHINE):
        assert resumed[key] == whole[key]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_checkpoint(finished, tmp_path, number, code):
    place, _ = finished
    flags = (f"--job={place / 'out' / 'job.json'}", f"--output_dir={tmp_path}")
    process = subprocess.Popen(
        [forked_python(), "-m", "nac.train", *flags, "--checkpoint_seconds=0"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: list(tmp_path.glob("checkpoints/*.index")))
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors == "\ninterrupted; the same command continues this training\n"
    assert list(tmp_path.glob("checkpoints/*.index"))


def test_a_job_without_a_usable_checkpoint_starts_anew(finished, tmp_path):
    place, _ = finished
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "ckpt-7.index").write_bytes(b"half a fi")
    flags = (f"--job={place / 'out' / 'job.json'}", f"--output_dir={tmp_path}")
    result = run("train", *flags, cwd=tmp_path)
    assert result.returncode == 0
    assert "ckpt-7 cannot be used (" in result.stdout
    assert "); the job starts anew" in result.stdout
    assert "ckpt-7 cannot be used (" in (tmp_path / "log.txt").read_text()
    assert statistics(tmp_path)["training_loss"] == statistics(place / "out")["training_loss"]


def test_a_job_with_a_time_takes_the_steps_that_fit(tmp_path):
    # Without an end in time it would take a million steps.
    parameters = {"steps": 10**6, "seconds": 8, "score_flipped": True}
    timed = training(parameters=parameters, augmentation={"flip": True})
    config = write(tmp_path / "e.yaml", timed)
    result = run("train", f"--config={config}", "--output_dir=out", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    found = statistics(tmp_path / "out")
    assert 1 <= found["steps"] < 10**6
    assert f"step {found['steps']}/{found['steps']}  test accuracy" in result.stdout
    assert found["featuremaps"]["1/Branch1"]["images"] == 16 * found["steps"]
    assert 0.0 <= found["flipped_accuracy"] <= 1.0


def test_a_network_made_by_hand_is_trained_like_any_other(tmp_path):
    network = {"type": "handmade", "network": "resnet", "width": 0.25, "classes": 10}
    config = write(tmp_path / "e.yaml", training())
    flags = (f"--config={config}", f"--architecture={json.dumps(network)}", "--output_dir=out")
    result = run("train", *flags, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "resnet x0.25 on digits" in result.stdout
    found = statistics(tmp_path / "out")
    costs = handmade_costs(Handmade("resnet", 0.25, 10), (8, 8, 1))
    assert (found["parameters"], found["flops"]) == (costs.parameters, costs.flops)
    assert (found["featuremaps"], found["gates"]) == ({}, {})
    assert json.loads((tmp_path / "out" / "job.json").read_text())["arch"] == network


def test_a_loss_that_is_not_finite_stops_the_job_without_statistics(tmp_path):
    wild = training(child_training={"lr": {"type": "exponential_decay", "initial": 1e30}})
    del wild["child_training"]["gradient_clipping"]
    config = write(tmp_path / "e.yaml", wild)
    result = run("train", f"--config={config}", "--output_dir=out", cwd=tmp_path)
    assert result.returncode == 1
    assert "expected a finite number" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out" / "statistics.json").exists()


def test_a_job_whose_loss_stops_being_finite_goes_back_if_it_may(tmp_path):
    """Each step multiplies weights by 1 - 2 * rate * l2 = -11 at first, with momentum by more."""
    wild = {"lr": {"type": "exponential_decay", "initial": WILD}, "nan_retries": 20}
    experiment = training(parameters={"steps": 60}, child_training=wild)
    del experiment["child_training"]["gradient_clipping"]
    config = write(tmp_path / "e.yaml", experiment)
    result = run("train", f"--config={config}", "--output_dir=out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "note: the loss stopped being finite at step" in result.stdout
    retries = statistics(tmp_path / "out")["retries"]
    assert 1 <= len(retries) <= 20
    assert all(retry["step"] > retry["resumed_after"] for retry in retries)


def test_several_devices_measure_what_one_does(tmp_path):
    """Dropout off, the same global batches: metrics and gates agree."""
    same = training(
        parameters={"steps": 10, "batch_size": 8, "gpus": [0, 1]},
        child_training={"branch_dropout": 0},
    )
    del same["classification_cell"]["Layer1"]
    config = write(tmp_path / "e.yaml", same)
    one = run("train", f"--config={config}", "--output_dir=one", "--strategy=one", cwd=tmp_path)
    two = run(
        "train",
        f"--config={config}",
        "--output_dir=two",
        "--strategy=mirrored",
        "--logical_cpus=2",
        cwd=tmp_path,
    )
    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    found = [statistics(tmp_path / name) for name in ("one", "two")]
    assert found[1]["device"] == "2 x CPU"
    for branch, expected in found[0]["featuremaps"].items():
        assert found[1]["featuremaps"][branch] == pytest.approx(expected, rel=1e-5)
    assert found[1]["gates"] == pytest.approx(found[0]["gates"], rel=1e-5)


def test_xla_compiles_a_network_with_pooling(tmp_path):
    experiment = training(parameters={"steps": 2})
    experiment["arch"]["network"] = [
        {"filters": {"Branch1": "1x1"}, "inputs": [], "outputs": 6},
        {"widener": {}},
        {"filters": {"Branch1": "3x3"}, "inputs": [1, 0], "outputs": 12},
    ]
    config = write(tmp_path / "e.yaml", experiment)
    result = run("train", f"--config={config}", "--output_dir=out", "--jit_compile", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert statistics(tmp_path / "out")["steps"] == 2


def test_devices_that_cannot_share_a_batch_are_refused(tmp_path):
    config = write(tmp_path / "e.yaml", training(parameters={"batch_size": 15}))
    flags = ("--output_dir=out", "--strategy=mirrored", "--logical_cpus=2")
    result = run("train", f"--config={config}", *flags, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: parameters.batch_size: expected a global batch")


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_missing_data_set_is_told_before_anything_begins(tmp_path):
    missing = {"dataset": "folder:gone", "image_size": 8}
    config = write(tmp_path / "e.yaml", training(parameters=missing))
    flags = (f"--config={config}", "--output_dir=out")
    result = run("train", *flags, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: gone: expected a folder")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "log.txt").exists()
