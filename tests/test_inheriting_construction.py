"""``nac construct`` with ``envelopenet: {inherit: true}``, end to end."""

import json
import shutil

import pytest

from tests.experiments import run, small, write

pytestmark = pytest.mark.slow

FLAGS = ("--config=e.yaml", "--notrain_final", "--noreport")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of two iterations that keeps everything, and what it printed."""
    place = tmp_path_factory.mktemp("inherit")
    write(place / "e.yaml", small(envelopenet={"inherit": True}))
    result = run("construct", *FLAGS, "--keep_checkpoints", cwd=place)
    assert result.returncode == 0, result.stderr
    return place / "runs" / "small", result


def statistics(job):
    return json.loads((job / "statistics.json").read_text())


def test_the_second_iteration_starts_from_the_weights_of_the_first(finished):
    _, result = finished
    lines = [line for line in result.stdout.splitlines() if "starts from" in line]
    assert lines == ["001  starts from the weights of 6/1-1/3 in runs/small/000/weights.npz"]


def test_its_job_is_repeated_elsewhere_by_its_file_alone(finished):
    directory, _ = finished
    flags = (f"--job={directory}/001/job.json", "--output_dir=again", "--nosave_model")
    result = run("train", *flags, cwd=directory.parent)
    assert result.returncode == 0, result.stderr
    again, before = (statistics(job) for job in (directory.parent / "again", directory / "001"))
    assert (again["loss"], again["gates"]) == (before["loss"], before["gates"])
    written = json.loads((directory.parent / "again" / "job.json").read_text())
    assert written["inherit"]["weights"] == "../small/000/weights.npz"


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("x")])
def test_without_the_weights_the_job_ends_with_one_line(finished, tmp_path, damage):
    directory, _ = finished
    for name in ("000/weights.npz", "001/job.json"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(directory / name, tmp_path / name)
    damage(tmp_path / "000" / "weights.npz")
    result = run("train", "--job=001/job.json", cwd=tmp_path)
    assert result.returncode == 1
    (line,) = (line for line in result.stderr.splitlines() if "error" in line)
    assert line.startswith("error: 000/weights.npz: expected the weights of the network")


def test_a_run_that_was_killed_in_the_second_iteration_continues_to_the_same_network(finished):
    """It has the checkpoint of all steps of that iteration, but not the result."""
    directory, _ = finished
    killed = directory.parent / "killed"
    shutil.copytree(directory, killed)
    for name in ("001/statistics.json", "architecture.json"):
        (killed / name).unlink()
    result = run("construct", *FLAGS, "--name=killed", cwd=directory.parent.parent)
    assert result.returncode == 0, result.stderr
    assert "starts from" not in result.stdout  # but from the checkpoint
    assert statistics(killed / "001")["loss"] == statistics(directory / "001")["loss"]
    networks = [(run / "architecture.json").read_bytes() for run in (directory, killed)]
    assert networks[0] == networks[1]
    assert not (killed / "000" / "weights.npz").exists()
