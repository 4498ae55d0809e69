"""Jobs on the machines of a Ray cluster."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nac.cluster.node_job import Assignment, NodeJob
from nac.cluster.ray_connection import connected, imported_ray
from nac.cluster.ray_needs import Need, described
from nac.cluster.remote_process import Ended, LostError, Message, RemoteProcess
from nac.display.display import Display
from nac.display.run_events import Line
from nac.runs.executors import Slots
from nac.runs.versions import installed_versions
from nac.utils import limits
from nac.utils.errors import NacError

CLOSE_SECONDS = 10.0
"""Seconds that an actor may take to end after its last message."""

ROOM_SECONDS = 60.0
"""Seconds for which no machine of the cluster may have what a job needs, until the job fails."""


class RayExecutor:
    """Starts processes on the machines of a cluster (:class:`nac.runs.executors.Executor`).

    Args:
        ray: The module, connected.
        need: What each job needs of a machine.
    """

    def __init__(self, ray: Any, need: Need):
        self._ray, self._need = ray, need
        self._versions, self._folder = installed_versions(), Path.cwd()

    def slots(self, parallel: int | None) -> Slots:
        """Return a slot for each job at a time, by default for as many as there is room for.

        If there are more, jobs wait in Ray's own queue, for machines that are added later.
        """
        count = parallel or max(1, self._need.rooms(self._ray.nodes()))
        return [{}] * min(count, limits.DEVICES)

    def start(
        self, command: list[str], environment: Mapping[str, str], beside: bool
    ) -> RemoteProcess:
        """Return a process that starts when it has a job, on the machine that Ray chooses."""

        def submit(path: Path, attempt: int) -> RaySubmission:
            variables = {**self._need.environment, **environment}
            arguments = command[1:]  # another machine may have Python elsewhere
            place = path.absolute()
            job = Assignment(arguments, place, self._folder, variables, self._versions)
            name = f"{path.parent}" if attempt == 1 else f"{path.parent} (attempt {attempt})"
            return RaySubmission(self._ray, self._need, job, name)

        return RemoteProcess(command, submit)


@contextmanager
def ray_executor(address: str | None, cores: int | None, display: Display) -> Iterator[RayExecutor]:
    """Connect to a Ray cluster, and yield what starts jobs there.

    Args:
        address: See :func:`nac.cluster.ray_connection.connected`.
        cores: Cores of each job, None for a GPU each.
        display: Shows of what the cluster consists.

    Raises:
        InputError: Ray is not installed or not reachable, or no machine can run a job.
    """
    ray, need = imported_ray(), Need(cores)
    with connected(ray, address) as dashboard:
        need.check(ray.nodes())
        seen = f"; dashboard: {dashboard}" if dashboard else ""
        display.show(Line(f"Ray: {described(ray.nodes())}{seen}"))
        yield RayExecutor(ray, need)


class RaySubmission:
    """A job as an actor of Ray, see :class:`nac.cluster.remote_process.Submission`.

    Args:
        ray: The module.
        need: What it needs.
        job: The job.
        name: Its name in Ray's dashboard.
    """

    def __init__(self, ray: Any, need: Need, job: Assignment, name: str):
        self._ray, self._need = ray, need
        actor = ray.remote(NodeJob).options(
            **need.options,
            name=name,
            max_restarts=0,
            max_concurrency=2,  # to be stopped while it runs
            scheduling_strategy="SPREAD",
        )
        self._actor = actor.remote(job)
        self._messages = self._actor.messages.options(name=name, num_returns="streaming").remote()
        self._placed, self._roomy = False, time.monotonic()

    def next(self, seconds: float) -> Message | None:
        """Return what comes next, None if that is nothing within some seconds."""
        ready, _ = self._ray.wait([self._messages], timeout=seconds)
        if not ready:
            if not self._placed:
                self._check_room()
            return None
        try:
            message: Message = self._ray.get(next(self._messages))
        except self._ray.exceptions.RayActorError as error:
            if error.actor_init_failed:  # nac cannot be imported there
                raise NacError(f"Ray cannot begin the job: {_last_line(error)}") from error
            raise LostError from error
        self._placed = True
        if isinstance(message, Ended):
            self._close()
        return message

    def _close(self) -> None:
        """Wait for the end of the messages, as otherwise Ray would call the job killed."""
        ready, _ = self._ray.wait([self._messages], timeout=CLOSE_SECONDS)
        with suppress(Exception):  # by which Ray knows that the job failed
            self._ray.get([next(self._messages) for _ in ready])

    def _check_room(self) -> None:
        """Raise NacError if no machine has been able to run the job for a while."""
        now, nodes = time.monotonic(), self._ray.nodes()
        if self._need.rooms(nodes):
            self._roomy = now
        elif now - self._roomy > ROOM_SECONDS:
            raise NacError(
                f"no machine of the Ray cluster can run it any more; {described(nodes)} left"
            )

    def stop(self, number: int) -> None:
        """Let the process end as a signal does."""
        self._actor.stop.remote(number)

    def end(self) -> None:
        """Kill the actor, whose process ends with it."""
        self._ray.kill(self._actor)


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1]
