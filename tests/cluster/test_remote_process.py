"""A job's process on a cluster that is played by scripts of what its machines say."""

import signal
import threading
from collections import deque
from pathlib import Path

import pytest

from nac.cluster import remote_process
from nac.cluster.remote_process import Ended, LostError, Placed, RemoteProcess
from nac.display.job_events import Failed, Lost, Note, Working
from nac.utils.errors import NacError

WAITING = Working("waiting for a machine")


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(remote_process, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(remote_process, "VISIBLE_SECONDS", 0.0)


class Cluster:
    """A cluster to which jobs are submitted.

    Args:
        *scripts: For each attempt what its machine says. An exception is raised; after the last
            message nothing comes, until the process is asked to stop: then it ends with 143.
    """

    def __init__(self, *scripts):
        self.scripts, self.submitted, self.taken_back = deque(scripts), [], 0
        self.running = threading.Event()

    def submit(self, path, attempt):
        self.submitted.append((path, attempt))
        return Attempt(self, deque(self.scripts.popleft()))


class Attempt:
    def __init__(self, cluster, script):
        self.cluster, self.script = cluster, script
        self.stopped = None

    def next(self, seconds):
        if not self.script:
            self.cluster.running.set()
            threading.Event().wait(seconds)
            return None
        message = self.script.popleft()
        if isinstance(message, Exception):
            raise message
        return message

    def stop(self, number):
        self.script.append(Ended(128 + number))

    def end(self):
        self.cluster.taken_back += 1


def started(cluster):
    process = RemoteProcess(["python", "-m", "nac.train"], cluster.submit)
    assert process.hand_over(Path("runs/000/job.json"))
    return process


def outcome(*scripts):
    """Return the events and the exit code of a job."""
    process = started(Cluster(*scripts))
    return [event for event in process.events() if event is not None], process.wait()


def test_nothing_is_submitted_before_there_is_a_job():
    cluster = Cluster()
    process = RemoteProcess(["python"], cluster.submit)
    process.end()
    assert cluster.submitted == []


def test_events_of_the_machine_come_through_with_its_name():
    events, code = outcome([Placed("far"), Note("a"), Note("b"), Ended(0)])
    assert events == [WAITING, Working("starting on far"), Note("a"), Note("b")]
    assert code == 0


def test_a_job_whose_machine_is_lost_is_submitted_again():
    cluster = Cluster([Placed("far"), Note("a"), LostError()], [Placed("near"), Ended(0)])
    process = started(cluster)
    assert list(process.events()) == [
        *(WAITING, Working("starting on far"), Note("a"), Lost("far", 1, 4)),
        *(WAITING, Working("starting on near")),
    ]
    assert (process.wait(), process.host) == (0, "near")
    path = Path("runs/000/job.json")
    assert cluster.submitted == [(path, 1), (path, 2)]
    assert cluster.taken_back == 2


def test_a_job_that_is_lost_again_and_again_fails():
    lost = [Placed("far"), LostError()]
    events, code = outcome(lost, lost, lost, lost)
    assert events[-1] == Failed("its process was lost 4 times, the last time on far")
    assert code == 1
    assert [event.attempt for event in events if isinstance(event, Lost)] == [1, 2, 3]


def test_a_machine_that_is_lost_before_it_has_the_job_costs_no_attempt():
    events, code = outcome([LostError()], [Placed("far"), LostError()], [Placed("near"), Ended(0)])
    assert [event for event in events if isinstance(event, Lost)] == [Lost("far", 1, 4)]
    assert code == 0


def test_a_job_that_no_machine_takes_fails():
    events, _ = outcome(*[[LostError()]] * 4)
    assert events[-1] == Failed("no machine took it in 4 attempts")


def test_a_job_that_fails_by_itself_is_not_submitted_again():
    cluster = Cluster([Placed("far"), Failed("the loss is nan"), Ended(1)])
    process = started(cluster)
    assert list(process.events())[-1] == Failed("the loss is nan")
    assert process.wait() == 1
    assert len(cluster.submitted) == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [(NacError("no room"), "no room"), (RuntimeError("of\nRay"), "RuntimeError: of Ray")],
)
def test_what_the_cluster_refuses_is_the_failure_of_the_job(error, reason):
    events, code = outcome([error])
    assert (events, code) == ([WAITING, Failed(reason)], 1)


def test_a_signal_reaches_the_machine_and_is_waited_for():
    cluster = Cluster([Placed("far")])
    process = started(cluster)
    assert cluster.running.wait(60)
    assert process.stop(signal.SIGTERM)
    assert process.wait() == 143


def test_a_second_signal_is_no_news():
    process = started(Cluster([Placed("far")]))
    assert [process.stop(signal.SIGTERM), process.stop(signal.SIGTERM)] == [True, False]
    process.wait()


def test_a_job_that_waits_for_a_machine_ends_at_once_by_a_signal():
    cluster = Cluster([])
    process = started(cluster)
    assert cluster.running.wait(60)
    process.stop(signal.SIGINT)
    assert process.wait() == 130
    assert cluster.taken_back == 1


def test_a_job_that_is_lost_while_it_is_to_end_is_not_submitted_again():
    cluster = Cluster([Placed("far")])
    attempt = cluster.submit(None, 1)
    attempt.stop = lambda number: attempt.script.append(LostError())
    process = RemoteProcess([], lambda *_: attempt)
    process.hand_over(Path("runs/000/job.json"))
    assert cluster.running.wait(60)
    process.stop(signal.SIGTERM)
    assert process.wait() == 143


def test_a_job_that_nobody_wants_any_more_is_taken_back():
    cluster = Cluster([Placed("far")])
    process = started(cluster)
    assert cluster.running.wait(60)
    process.end()
    assert cluster.taken_back == 1


def test_nothing_for_a_while_is_said_so_that_time_goes_by():
    cluster = Cluster([Placed("far")])
    process = started(cluster)
    for event in process.events():
        if event is None:
            break
    process.end()


def test_a_result_that_this_machine_does_not_see_yet_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(remote_process, "VISIBLE_SECONDS", 60.0)
    result = tmp_path / "statistics.json"
    threading.Timer(0.2, result.touch).start()
    process = RemoteProcess([], Cluster([Placed("far"), Ended(0)]).submit)
    process.hand_over(tmp_path / "job.json")
    assert process.wait() == 0
    assert result.exists()
