"""A chief and another worker in one process, with fake processes of jobs."""

import json
import signal
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from nac.cluster import assembly
from nac.cluster import chief as chief_module
from nac.cluster import follower as follower_module
from nac.cluster.channel import Channel
from nac.cluster.chief import Chief
from nac.cluster.follower import follow
from nac.cluster.members import PEER_GONE, Member
from nac.cluster.ports import free_port
from nac.display.display import Display
from nac.display.job_events import Failed, Working
from nac.utils.errors import InputError, NacError
from nac.utils.signals import Interrupted

COMMAND = ["python", "-m", "nac.train", "--job=-", "--decoded_dir=/run/decoded"]
LONGEST = 60.0


class Process:
    """A process that does what a test says; see :class:`nac.runs.job_process.JobProcess`."""

    def __init__(self, command, environment, beside):
        self.command, self.said = command, SimpleQueue()
        self.handed_over = Future()
        self.ended = threading.Event()
        self.code = None

    def hand_over(self, path, *lines):
        self.handed_over.set_result((path, *lines))
        return self.code is None

    def exit(self, code, *events):
        """End, after some events."""
        for event in events:
            self.said.put(event)
        if self.code is None:
            self.code = code
        self.ended.set()

    def events(self):
        while not (self.ended.is_set() and self.said.empty()):
            try:
                yield self.said.get(timeout=0.01)
            except Empty:
                yield None

    def wait(self):
        assert self.ended.wait(LONGEST)
        return self.code

    def kill(self):
        self.exit(-signal.SIGKILL)

    def stop(self, number):
        return True

    def end(self, log=None):
        self.kill()


@pytest.fixture
def processes(monkeypatch):
    """The processes of the chief and of the other worker, in the order of their start."""
    started = {"chief": SimpleQueue(), "other": SimpleQueue()}
    for who, module in (("chief", chief_module), ("other", follower_module)):

        def start(*arguments, who=who, **named):
            process = Process(*arguments, **named)
            started[who].put(process)
            return process

        monkeypatch.setattr(module, "JobProcess", start)
    return {who: lambda queue=queue: queue.get(timeout=LONGEST) for who, queue in started.items()}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    """Let nobody wait for long."""
    monkeypatch.setattr(assembly, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(follower_module, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(chief_module, "OWN_SECONDS", 0.1)


@pytest.fixture
def members():
    addresses = (f"127.0.0.1:{free_port()}", "127.0.0.1:1")
    return [Member(addresses, index) for index in range(2)]


@contextmanager
def following(member):
    """Let a worker follow in a thread; yield what comes of it."""
    outcome = Future()

    def run():
        try:
            outcome.set_result(follow(member, Display()))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield outcome
    finally:
        thread.join(LONGEST)


def why(outcome):
    """Return why a worker ended."""
    error = outcome.exception(LONGEST)
    assert isinstance(error, NacError)
    return str(error)


@pytest.fixture
def job(tmp_path):
    path = tmp_path / "job.json"
    path.write_text("{}")
    return path


def begun(chief, job):
    process = chief.start(COMMAND, {}, False)
    assert process.hand_over(job)
    return process


def told(process):
    """Return path, addresses and position that a process was told."""
    path, line = process.handed_over.result(LONGEST)
    value = json.loads(line)
    return path, value["cluster"]["worker"], value["task"]["index"]


def test_all_get_the_job_and_the_same_addresses(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        begun(chief, job)
        (path, addresses, index), other = (told(processes[who]()) for who in ("chief", "other"))
    assert (path, index) == (job, 0)
    assert other == (job, addresses, 1)
    assert len(set(addresses)) == 2


def test_each_job_has_ports_of_its_own(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        all_addresses = []
        for _ in range(2):
            process = begun(chief, job)
            all_addresses += told(processes["chief"]())[1]
            process.end()
    assert len(set(all_addresses)) == 4
    assert not set(all_addresses) & set(members[0].addresses)


def test_others_write_to_a_place_of_their_own(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        begun(chief, job)
        *given, output, decoded = processes["other"]().command
    assert given[1:] == COMMAND[1:]
    assert output.startswith("--output_dir=")
    assert decoded.startswith("--decoded_dir=")
    assert "/run/" not in decoded


def test_nothing_is_left_of_that_place(members, processes, job, tmp_path, monkeypatch):
    monkeypatch.setattr(follower_module.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with following(members[1]), Chief(members[0]) as chief:
        begun(chief, job)
        working(processes["other"]()).exit(0)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_events_are_those_of_the_chiefs_process(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        processes["chief"]().exit(0, Working("compiling"))
        events = [event for event in process.events() if event]
    assert events == [Working("compiling")]


def working(process):
    """Return a process that has its job."""
    process.handed_over.result(LONGEST)
    return process


def failure(process):
    """Return why a job failed, by its events."""
    (failed,) = [event for event in process.events() if isinstance(event, Failed)]
    return failed.reason


def test_a_worker_whose_process_is_killed_ends_the_job(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        working(processes["other"]()).exit(-9)
        text = failure(process)
        assert process.wait() == -9
    assert text == (
        "worker 1 (127.0.0.1:1) was killed by signal 9; the same command, on all workers, goes on"
        " where the newest checkpoint is"
    )


def test_a_worker_that_is_lost_ends_the_job(members, processes, job, monkeypatch):
    channels = []

    def noted(member):
        channels.append(assembly.connected(member))
        return channels[0]

    monkeypatch.setattr(follower_module, "connected", noted)
    with following(members[1]) as outcome, Chief(members[0]) as chief:
        process = begun(chief, job)
        channels[0].close()
        text = failure(process)
    assert text.startswith("worker 1 (127.0.0.1:1) was lost; the same command")
    assert "is gone" in why(outcome)


def test_what_a_worker_says_about_its_failure_is_passed_on(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        working(processes["other"]()).exit(1, Failed("memory ran out"))
        assert "worker 1 (127.0.0.1:1) failed: memory ran out;" in failure(process)


def test_the_next_job_begins_after_one_that_failed_on_all(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        first = begun(chief, job)
        working(processes["other"]()).exit(1, Failed("the loss is nan"))
        processes["chief"]().exit(1, Failed("the loss is nan"))
        assert "the loss is nan" in failure(first)
        first.end()
        second = begun(chief, job)
        told(processes["other"]())
        processes["chief"]().exit(0)
        assert [event for event in second.events() if event] == []


def test_a_signal_before_the_job_begins_ends_a_worker(members, processes, job):
    with fake_chief(members[0]) as listener:
        channel = SimpleQueue()
        thread = threading.Thread(target=lambda: channel.put(Channel(listener.accept()[0])))
        thread.start()
        made = assembly.connected(members[1])
        follower = follower_module._Follower(members[1], made, Display())
        follower._obey({"kind": "prepare", "job": 1, "arguments": []})
        follower._obey({"kind": "job", "job": 1, "path": str(job)})
        follower.stop(signal.SIGTERM)  # which would wait for a process without a job
        follower.end()
        chief = channel.get(timeout=LONGEST)
        kinds = [chief.receive(LONGEST)["kind"] for _ in range(3)]
    assert kinds == ["hello", "ready", "failed"]


def test_the_reason_is_that_of_the_worker_that_failed_first(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        other = working(processes["other"]())
        processes["chief"]().exit(1, Failed(PEER_GONE))
        other.exit(1, Failed("memory ran out"))
        assert "memory ran out" in failure(process)


def test_a_worker_that_misses_the_chief_is_no_reason(members, processes, job):
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        working(processes["other"]()).exit(1, Failed(PEER_GONE))
        processes["chief"]().exit(1, Failed("the loss is nan"))
        assert failure(process) == "the loss is nan"


def test_a_worker_that_does_not_see_the_file_says_so(members, processes, job, monkeypatch):
    monkeypatch.setattr(follower_module, "VISIBLE_SECONDS", 0.0)
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job.with_name("unknown.json"))
        text = failure(process)
    expected = f"does not see {job.with_name('unknown.json')}; all workers need the chief's run"
    assert expected in text


def test_of_a_failure_without_a_reason_the_log_stays(
    members, processes, job, tmp_path, monkeypatch
):
    monkeypatch.setattr(follower_module.tempfile, "tempdir", str(tmp_path))
    with following(members[1]), Chief(members[0]) as chief:
        process = begun(chief, job)
        other = working(processes["other"]())
        place = Path(other.command[-2].removeprefix("--output_dir="))
        (place / "log.txt").write_text("boom")
        (place / "train").mkdir()
        other.exit(3)
        text = failure(process)
    assert f"failed with exit code 3 (more in 127.0.0.1:{place / 'log.txt'})" in text
    assert [path.name for path in place.iterdir()] == ["log.txt"]


def test_all_end_with_the_chief(members, processes):
    with following(members[1]) as outcome, Chief(members[0]):
        pass
    assert outcome.result(LONGEST) is None


def fail_with(member, error):
    with Chief(member):
        raise error


def test_all_hear_of_the_chiefs_error(members, processes):
    with following(members[1]) as outcome, pytest.raises(NacError):
        fail_with(members[0], NacError("job 000: the disk is full"))
    assert why(outcome) == "the chief ended: job 000: the disk is full"


def test_all_hear_of_a_signal_to_the_chief(members, processes):
    with following(members[1]) as outcome, pytest.raises(Interrupted):
        fail_with(members[0], Interrupted(signal.SIGTERM))
    assert why(outcome) == "the chief ended: interrupted by SIGTERM"


@contextmanager
def fake_chief(member):
    """Yield a socket that listens in place of the chief."""
    _, port = member.addresses[0].split(":")
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        yield listener


def test_a_chief_that_is_gone_is_an_error(members):
    with fake_chief(members[0]) as listener, following(members[1]) as outcome:
        connection, _ = listener.accept()
        connection.close()
        assert why(outcome).startswith(f"the chief at {members[0].addresses[0]} is gone; the same")


def test_a_chief_that_does_not_come_is_an_error(members, monkeypatch):
    monkeypatch.setattr(assembly, "JOIN_SECONDS", 0.0)
    with pytest.raises(NacError, match=r"the chief at .* did not come within 0 s"):
        follow(members[1], Display())


def test_a_worker_may_be_started_once_more_while_others_are_missing(monkeypatch):
    addresses = (f"127.0.0.1:{free_port()}", "127.0.0.1:1", "127.0.0.1:2")
    members = [Member(addresses, index) for index in range(3)]
    with ThreadPoolExecutor() as threads:
        chief = threads.submit(assembly.assembled, members[0], Display())
        first = assembly.connected(members[1])
        first.close()
        again, other = (assembly.connected(members[index]) for index in (1, 2))
        channels = chief.result(LONGEST)
        for worker, channel in channels.items():
            channel.send("hello", worker=worker)
        assert [end.receive(LONGEST)["worker"] for end in (again, other)] == [1, 2]


def test_a_worker_that_does_not_come_is_an_error(members, monkeypatch):
    monkeypatch.setattr(assembly, "JOIN_SECONDS", 0.0)
    expected = r"worker 1 \(127.0.0.1:1\) did not come within 0 s"
    with pytest.raises(NacError, match=expected), Chief(members[0]):
        pass


def test_another_version_is_an_error_for_both(members, monkeypatch):
    class Hello(Channel):
        def send(self, kind, **values):
            super().send(kind, **values | ({"version": "0.0.1"} if kind == "hello" else {}))

    monkeypatch.setattr(assembly, "Channel", Hello)
    expected = r"expected nac .* on all workers, received 0.0.1 from worker 1"
    with following(members[1]) as outcome:
        with pytest.raises(NacError, match=expected), Chief(members[0]):
            pass
        assert "received 0.0.1 from worker 1" in why(outcome)


def connection_to(address):
    """Return a connection as soon as somebody listens at an address."""
    host, port = address.split(":")
    deadline = time.monotonic() + LONGEST
    while True:
        try:
            return socket.create_connection((host, int(port)))
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def waiting_chief(members, monkeypatch):
    """Let a chief wait in a thread; its worker comes only after the test."""

    def enter():
        with Chief(members[0]):
            pass

    thread = threading.Thread(target=enter)
    thread.start()
    yield members[0]
    with following(members[1]) as outcome:
        assert outcome.result(LONGEST) is None
    thread.join(LONGEST)


def test_a_worker_of_another_cluster_is_turned_away(waiting_chief):
    with following(Member((waiting_chief.addresses[0], "127.0.0.1:3"), 1)) as strange:
        assert "it expected worker 1 (127.0.0.1:1), received" in why(strange)


@pytest.fixture
def stranger(waiting_chief):
    """A connection of somebody else to the chief, which has no more time for it after the test."""
    with connection_to(waiting_chief.addresses[0]) as connection:
        yield connection
        connection.settimeout(LONGEST)
        assert connection.recv(1) == b""


def test_whoever_says_something_else_is_turned_away(stranger):
    stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")


def test_so_is_whoever_says_nothing(monkeypatch, request):
    monkeypatch.setattr(assembly, "HELLO_SECONDS", 1.0)
    request.getfixturevalue("stranger")


def test_a_port_that_is_used_is_one_line(members):
    port = members[0].addresses[0].split(":")[1]
    expected = f"port {port} of the chief cannot be opened: "
    with fake_chief(members[0]), pytest.raises(NacError, match=expected), Chief(members[0]):
        pass


def test_each_job_takes_all_workers(members):
    chief = Chief(members[0])
    assert list(chief.slots(None)) == list(chief.slots(1)) == [{}]
    with pytest.raises(InputError, match="--parallel: expected 1 with --strategy=multi_worker"):
        chief.slots(2)
