"""A queue of jobs, several at a time. A job that fails does not stop the others."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nac.utils.errors import NacError

TICK_SECONDS = 0.5
"""Seconds after which a wait ends, to begin anew: a signal that comes between Python's last look
for signals and the beginning of a wait is noticed only then."""


@dataclass(frozen=True)
class Task:
    """A task of the queue.

    Attributes:
        name: Its name in reports.
        run: Runs it, given the number of the worker from 0. Returns a result or raises NacError.
        then: Returns the tasks that become possible with the result; they come next. If it raises
            NacError, the task has failed.
    """

    name: str
    run: Callable[[int], Any]
    then: Callable[[Any], Sequence["Task"]] = lambda result: ()


@dataclass(frozen=True)
class Finished:
    """A task that has ended.

    Attributes:
        task: The task.
        result: The result that it returned, None if it failed.
        error: The reason of its failure, None if it succeeded.
        following: The tasks that became possible.
        closed: Set if nobody reads the output of this process any more.
    """

    task: Task
    result: Any = None
    error: NacError | None = None
    following: Sequence[Task] = ()
    closed: BrokenPipeError | None = None


def run_all(tasks: Sequence[Task], workers: int, report: Callable[[Finished], None]) -> None:
    """Run all tasks, and those that follow from them.

    The workers are daemon threads, so nobody waits for them after an exception in ``report`` or a
    KeyboardInterrupt (a ThreadPoolExecutor would wait at exit), and they begin no other task then.

    Args:
        tasks: The tasks in the order in which they are begun.
        workers: Number of tasks that run at the same time.
        report: Called for each task that has ended, one after the other, in the caller's thread.

    Raises:
        BrokenPipeError: Nobody reads the output of this process any more.
    """
    pending: deque[Task | None] = deque(tasks)
    ended: deque[Finished] = deque()
    ready = threading.Condition()

    def work(number: int) -> None:
        while True:
            with ready:
                ready.wait_for(lambda: pending)
                task = pending.popleft()
            if task is None:
                return
            finished = _do(task, number)
            with ready:
                pending.extendleft(reversed(finished.following))
                ended.append(finished)
                ready.notify_all()

    for number in range(workers):
        threading.Thread(target=work, args=(number,), daemon=True).start()
    open_tasks = len(tasks)
    try:
        while open_tasks:
            with ready:
                while not ready.wait_for(lambda: ended, TICK_SECONDS):
                    pass
                finished = ended.popleft()
            if finished.closed:
                raise finished.closed
            open_tasks += len(finished.following) - 1
            report(finished)
    finally:
        with ready:
            pending.extendleft([None] * workers)
            ready.notify_all()


def results_of(tasks: Sequence[Task], workers: int) -> list[Any]:
    """Run tasks from which no others follow, and return their results in the order of the tasks.

    Args:
        tasks: The tasks in the order in which they are begun.
        workers: Number of tasks that run at the same time.

    Raises:
        NacError: One failed, the first of them; no worker is busy any more then.
    """
    ended: dict[int, Finished] = {}
    failures: list[NacError] = []

    def report(finished: Finished) -> None:
        ended[id(finished.task)] = finished
        if finished.error:
            failures.append(finished.error)

    run_all(tasks, workers, report)
    if failures:
        raise failures[0]
    return [ended[id(task)].result for task in tasks]


def _do(task: Task, worker: int) -> Finished:
    try:
        result = task.run(worker)
        return Finished(task, result, following=task.then(result))
    except NacError as error:
        return Finished(task, error=error)
    except BrokenPipeError as error:
        return Finished(task, closed=error)
    except Exception as error:  # if a thread died, the queue would wait forever
        return Finished(task, error=NacError(f"{type(error).__name__}: {error}"))
