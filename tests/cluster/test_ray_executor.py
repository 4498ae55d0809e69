"""Jobs on a Ray cluster, with a module that stands for Ray; test_real_ray.py has the real one."""

import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from nac.cluster import ray_executor as module
from nac.cluster.node_job import Assignment
from nac.cluster.ray_executor import RaySubmission, ray_executor
from nac.cluster.ray_needs import Need, described
from nac.cluster.remote_process import Ended, LostError, Placed
from nac.display.job_events import Note
from nac.display.run_events import Line
from nac.utils.errors import NacError
from tests.builders import assert_says, input_error
from tests.cluster.fake_ray import FakeRay, RayActorError
from tests.display.events import Events

GPU_MACHINES = ({"CPU": 8.0, "GPU": 4.0}, {"CPU": 8.0, "GPU": 4.0}, {"CPU": 2.0})
GPU, TWO_CORES = Need(), Need(cores=2)


def nodes(*machines):
    return FakeRay(*machines).nodes()


def test_a_job_reserves_a_gpu_or_cores():
    assert GPU.options == {"num_gpus": 1, "num_cpus": 0}
    assert TWO_CORES.options == {"num_gpus": 0, "num_cpus": 2}


def test_a_job_on_cores_has_as_many_threads_and_sees_no_gpu(monkeypatch):
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.delenv("TF_NUM_INTEROP_THREADS", raising=False)
    assert GPU.environment == {}
    assert TWO_CORES.environment == {
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_NUM_INTRAOP_THREADS": "2",
        "TF_NUM_INTEROP_THREADS": "2",
    }


def test_numbers_of_threads_that_are_set_are_kept(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert TWO_CORES.environment["TF_NUM_INTRAOP_THREADS"] == "3"
    assert GPU.environment["TF_NUM_INTRAOP_THREADS"] == "3"


def test_a_machine_has_room_for_whole_jobs():
    assert GPU.rooms(nodes(*GPU_MACHINES)) == 8
    assert Need(cores=3).rooms(nodes(*GPU_MACHINES)) == 2 + 2 + 0


def test_a_machine_that_is_gone_has_none():
    there = nodes(*GPU_MACHINES)
    there[0]["Alive"] = False
    assert GPU.rooms(there) == 4


def test_a_cluster_is_described():
    assert described(nodes(*GPU_MACHINES)) == "3 machines with 8 GPUs and 18 cores"
    assert described(nodes({"CPU": 1.0})) == "1 machine with 0 GPUs and 1 core"


def test_a_cluster_without_gpus_is_refused_with_what_to_do():
    assert input_error(GPU.check, nodes({"CPU": 1.0}, {"CPU": 1.0})) == (
        "--executor=ray: expected a Ray cluster with a GPU for each job, received 2 machines with 0"
        " GPUs and 2 cores; --cores_per_job=N lets jobs run on N cores each"
    )


def test_more_cores_than_a_machine_has_are_refused():
    assert input_error(Need(cores=9).check, nodes(*GPU_MACHINES)) == (
        "--cores_per_job: expected at most 8, the cores of the largest machine of the Ray cluster,"
        " received 9"
    )


def submission(ray, need=TWO_CORES):
    job = Assignment([], Path("/runs/000/job.json"), Path("/"), {}, {})
    return RaySubmission(ray, need, job, "runs/000")


def test_a_job_has_its_directory_as_name_and_reserves_what_it_needs():
    ray = FakeRay({"CPU": 2.0})
    submission(ray)
    (_, actor), (_, messages) = ray.options
    assert (actor["name"], messages["name"]) == ("runs/000", "runs/000")
    assert (actor["num_cpus"], actor["num_gpus"]) == (2, 0)


def test_what_the_actor_says_comes_one_after_the_other():
    job = submission(FakeRay({"CPU": 2.0}, messages=[Placed("far"), Note("a")]))
    assert [job.next(0), job.next(0), job.next(0)] == [Placed("far"), Note("a"), None]


def test_after_the_exit_code_the_rest_is_waited_for():
    """Otherwise Ray would show a job that is done as one that was killed."""
    ray = FakeRay({"CPU": 2.0}, messages=[Placed("far"), Ended(3), RuntimeError("exit code 3")])
    job = submission(ray)
    assert [job.next(0), job.next(0)] == [Placed("far"), Ended(3)]
    assert not ray.said


def test_an_actor_that_died_is_lost():
    job = submission(FakeRay({"CPU": 2.0}, messages=[Placed("far"), RayActorError("The node...")]))
    job.next(0)
    with pytest.raises(LostError):
        job.next(0)


def test_an_actor_that_cannot_be_made_is_an_error_of_its_own():
    error = RayActorError("at node.py\nModuleNotFoundError: No module named 'nac'\n", True)
    job = submission(FakeRay({"CPU": 2.0}, messages=[error]))
    with pytest.raises(NacError) as failure:
        job.next(0)
    assert str(failure.value) == (
        "Ray cannot begin the job: ModuleNotFoundError: No module named 'nac'"
    )


def test_the_actor_is_asked_to_stop_and_killed_in_the_end():
    ray = FakeRay({"CPU": 2.0})
    job = submission(ray)
    job.stop(15)
    job.end()
    assert ray.calls[-1] == ("stop", (15,))
    assert len(ray.killed) == 1


def test_a_job_waits_while_a_machine_is_busy(monkeypatch):
    monkeypatch.setattr(module, "ROOM_SECONDS", -1.0)
    assert submission(FakeRay({"CPU": 2.0})).next(0) is None


def test_a_job_that_no_machine_can_run_any_more_fails(monkeypatch):
    ray = FakeRay({"CPU": 2.0}, {"CPU": 1.0})
    job = submission(ray)
    ray.machines.pop(0)
    assert job.next(0) is None  # perhaps the machine comes back
    monkeypatch.setattr(module, "ROOM_SECONDS", -1.0)
    with pytest.raises(NacError) as failure:
        job.next(0)
    assert str(failure.value) == (
        "no machine of the Ray cluster can run it any more; 1 machine with 0 GPUs and 1 core left"
    )


def connect(address=None, cores=1, display=None):
    with ray_executor(address, cores, display or Events()) as executor:
        return executor


def test_without_ray_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert input_error(connect) == (
        '--executor=ray: Ray is not installed; pip install "nac[cluster]" installs it'
    )


@pytest.fixture
def ray(monkeypatch):
    """A module that stands for Ray, of which the user's program has a connection."""
    ray = FakeRay({"CPU": 4.0}, {"CPU": 2.0})
    ray.is_initialized = lambda: True
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray


@pytest.mark.parametrize(("parallel", "workers"), [(None, 3), (2, 2), (5, 5)])
def test_as_many_jobs_run_at_a_time_as_there_is_room_or_as_wanted(ray, parallel, workers):
    assert len(connect(cores=2).slots(parallel)) == workers


def test_where_jobs_run_is_said(ray):
    seen = Events()
    connect(display=seen)
    assert seen.events == [Line("Ray: 2 machines with 0 GPUs and 6 cores")]


def test_another_machine_gets_the_job_without_the_python_of_this_one(ray, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    process = connect().start([sys.executable, "-m", "nac.train"], {"A": "b"}, True)
    process.hand_over(Path("runs/000/job.json"))
    process.end()
    (job,) = next(arguments for name, arguments in ray.calls if name == "actor")
    assert job.arguments == ["-m", "nac.train"]
    assert (job.path, job.folder) == (tmp_path / "runs/000/job.json", tmp_path)
    assert job.environment["A"] == "b"


@pytest.fixture
def connecting(ray):
    """The same, but nac connects to the cluster."""
    ray.is_initialized = lambda: False


@pytest.mark.parametrize("address", ["head", "ray://head:10001", "head:port", "http://head:8265"])
def test_an_address_of_another_form_is_refused(connecting, address):
    text = input_error(connect, address)
    assert text == f"--ray_address: expected HOST:PORT of the head, received {address}"


def test_an_address_at_which_nobody_answers_is_refused(connecting):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        text = input_error(connect, address)
    assert text == f"--ray_address: no Ray cluster at {address}: Connection refused"


def test_the_address_may_be_in_the_environment(connecting, monkeypatch):
    monkeypatch.setitem(os.environ, "RAY_ADDRESS", "head")
    assert_says(input_error(connect), "RAY_ADDRESS: expected HOST:PORT of the head, received head")


def test_without_an_address_a_ray_of_its_own_is_started_and_ended(connecting, ray, monkeypatch):
    """Ray's own default would look for one on this machine, and wait for one that is gone."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    seen = []

    def init(**settings):
        seen.append(settings["address"])
        return SimpleNamespace(dashboard_url="127.0.0.1:8265")

    ray.init, ray.shutdown = init, lambda: seen.append("ended")
    shown = Events()
    connect(display=shown)
    assert seen == ["local", "ended"]
    assert shown.events[0].words.endswith("; dashboard: http://127.0.0.1:8265")


def test_why_ray_cannot_connect_is_one_line(connecting, ray, monkeypatch, capfd):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def init(**_):
        os.write(2, b"[2026-01-01 00:00:00 W 1 2] gcs_client.cc:210: Token is missing\n")
        raise ConnectionError("Failed to\nconnect")

    ray.init = init
    assert input_error(connect) == (
        "--executor=ray: no connection to a Ray cluster: Failed to connect; Token is missing"
    )
    assert capfd.readouterr().err == ""
