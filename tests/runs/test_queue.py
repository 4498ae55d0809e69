import signal
import threading
import time
from _thread import interrupt_main

import pytest

from nac.runs.queue import Task, results_of, run_all
from nac.utils.errors import NacError


def finished_by(tasks, workers=1):
    """Return what is reported, in order: (name, result or the text of the error)."""
    reports = []

    def report(finished):
        outcome = str(finished.error) if finished.error else finished.result
        reports.append((finished.task.name, outcome))

    run_all(tasks, workers, report)
    return reports


def failing(error):
    def run(worker):
        raise error

    return run


def test_one_worker_does_tasks_in_order():
    tasks = [Task(name, lambda worker, name=name: name.upper()) for name in "abc"]
    assert finished_by(tasks) == [("a", "A"), ("b", "B"), ("c", "C")]


def test_nothing_to_do_ends_at_once():
    assert finished_by([]) == []


def test_as_many_tasks_run_at_a_time_as_there_are_workers():
    """Each of two tasks waits for the other: one at a time would never end."""
    together = threading.Barrier(2)
    tasks = [Task(name, lambda worker: together.wait(timeout=10) is not None) for name in "ab"]
    assert sorted(finished_by(tasks, workers=2)) == [("a", True), ("b", True)]


def test_no_more_tasks_run_at_a_time_than_there_are_workers():
    running, most, lock = set(), [], threading.Lock()
    together = threading.Barrier(2)

    def run(worker):
        with lock:
            running.add(worker)
            most.append(len(running))
        together.wait(timeout=10)
        with lock:
            running.discard(worker)

    finished_by([Task(str(number), run) for number in range(6)], workers=2)
    assert max(most) == 2


def test_a_task_knows_its_worker():
    together = threading.Barrier(3)

    def run(worker):
        together.wait(timeout=10)
        return worker

    reports = finished_by([Task(name, run) for name in "abc"], workers=3)
    assert sorted(result for _, result in reports) == [0, 1, 2]


def test_a_failed_task_does_not_stop_the_others():
    tasks = [Task("a", failing(NacError("no"))), Task("b", lambda worker: 1)]
    assert finished_by(tasks) == [("a", "no"), ("b", 1)]


def test_an_unexpected_error_is_a_failure_too():
    tasks = [Task("a", failing(OSError("disk full"))), Task("b", lambda worker: 1)]
    assert finished_by(tasks) == [("a", "OSError: disk full"), ("b", 1)]


def test_what_follows_from_a_task_is_next_in_turn():
    chain = Task("a", lambda worker: 3, lambda result: [Task(f"a{result}", lambda worker: 4)])
    assert finished_by([chain, Task("b", lambda worker: 1)]) == [("a", 3), ("a3", 4), ("b", 1)]


def test_workers_wait_for_what_is_still_to_follow():
    chain = Task("a", lambda worker: 1, lambda result: [Task("b", lambda worker: 2)])
    assert finished_by([chain], workers=2) == [("a", 1), ("b", 2)]


def test_nothing_follows_from_a_failed_task():
    chain = Task("a", failing(NacError("no")), lambda result: [Task("b", lambda worker: 2)])
    assert finished_by([chain]) == [("a", "no")]


def test_what_cannot_follow_is_the_failure_of_the_task():
    def following(result):
        raise NacError("unusable")

    assert finished_by([Task("a", lambda worker: 1, following)]) == [("a", "unusable")]


def test_an_error_of_the_report_leaves_at_once():
    def report(finished):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all([Task("a", lambda worker: 1), Task("b", lambda worker: 1)], 1, report)


def test_a_reader_that_left_ends_the_queue():
    def run(worker):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_all([Task("a", run), Task("b", run)], 1, lambda finished: None)


def test_after_an_interruption_no_other_task_begins():
    begun, leave = [], threading.Event()

    def run(worker):
        begun.append(worker)
        leave.wait(timeout=10)

    def interrupted(finished):
        raise KeyboardInterrupt

    tasks = [Task("quick", lambda worker: None), *(Task(name, run) for name in "abc")]
    with pytest.raises(KeyboardInterrupt):
        run_all(tasks, 1, interrupted)
    leave.set()
    assert len(begun) <= 1  # that which the worker may have begun before


def test_a_signal_that_does_not_wake_the_caller_is_noticed_nevertheless():
    """As one that comes between the last look of Python for signals and the beginning of a wait."""
    leave, ended = threading.Event(), []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # nohup has it ignored

    def run(worker):
        time.sleep(0.2)  # the caller waits by then
        interrupt_main()
        ended.append(leave.wait(timeout=10))

    with pytest.raises(KeyboardInterrupt):
        run_all([Task("a", run)], 1, lambda finished: None)
    signal.signal(signal.SIGINT, before)
    assert not ended
    leave.set()


def test_results_are_in_the_order_of_the_tasks():
    first = threading.Event()
    tasks = [Task("slow", lambda worker: first.wait(10)), Task("fast", lambda worker: first.set())]
    assert results_of(tasks, workers=2) == [True, None]


def test_a_failure_is_raised_when_the_other_tasks_are_done():
    done = []
    tasks = [Task("a", failing(NacError("no"))), Task("b", lambda worker: done.append("b"))]
    with pytest.raises(NacError, match=r"^no$"):
        results_of(tasks, workers=1)
    assert done == ["b"]
