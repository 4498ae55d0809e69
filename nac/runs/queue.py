"""A queue of jobs, several at a time; one that fails does not stop the others."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nac.utils.errors import NacError


@dataclass(frozen=True)
class Task:
    """Something to do.

    Attributes:
        name: for people.
        run: does it on a worker, given the worker's number from 0; it returns a result or raises
            NacError.
        then: given the result, returns the tasks that it makes possible; they are next in turn.
            A NacError that it raises is the task's.
    """

    name: str
    run: Callable[[int], Any]
    then: Callable[[Any], Sequence["Task"]] = lambda result: ()


@dataclass(frozen=True)
class Finished:
    """A task that has ended.

    Attributes:
        task: what was done.
        result: what it returned, None if it failed.
        error: why it failed, None if it did not.
        following: the tasks that it made possible.
    """

    task: Task
    result: Any = None
    error: NacError | None = None
    following: Sequence[Task] = ()


def run_all(tasks: Sequence[Task], workers: int, report: Callable[[Finished], None]) -> None:
    """Do all tasks, and those that follow from them.

    The workers are threads that end with the process, so an exception in ``report`` or a
    KeyboardInterrupt leaves at once.

    Args:
        tasks: in the order in which they are begun.
        workers: how many are done at a time.
        report: is told of each task that has ended, one after the other, in the caller's thread.
    """
    pending, ended, ready = deque(tasks), deque(), threading.Condition()

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
    while open_tasks:
        with ready:
            ready.wait_for(lambda: ended)
            finished = ended.popleft()
        open_tasks += len(finished.following) - 1
        report(finished)
    with ready:
        pending.extend([None] * workers)
        ready.notify_all()


def _do(task: Task, worker: int) -> Finished:
    try:
        result = task.run(worker)
        return Finished(task, result, following=task.then(result))
    except NacError as error:
        return Finished(task, error=error)
    except Exception as error:  # a thread that dies would leave the queue waiting for ever
        return Finished(task, error=NacError(f"{type(error).__name__}: {error}"))
