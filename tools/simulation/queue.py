"""The simulation: a clock that jumps from one event to the next.

There are four events: a job is done, a node fails, the failure is noticed, a node is repaired. A
heap of them is all that this takes. A library of processes and resources (simpy) has nothing for
what is special here, jobs that need GPUs of several nodes at once and lose all of them together.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from tools.simulation.cluster import Cluster, Job, Run, segments
from tools.simulation.tally import Spent, Tally


@dataclass(eq=False)
class Training:
    """A job in the simulation.

    Attributes:
        job: The job.
        run: Number of its run.
        saved: Seconds of training that its newest checkpoint has.
        places: Node -> number of its GPUs that the job has.
        since: When the process started, or when its node failed.
        attempt: Number of processes and losses so far: a process that was lost comes to no end.
        lost: Whether its node failed, and nobody has noticed yet.
    """

    job: Job
    run: int
    saved: float = 0.0
    places: dict[int, int] = field(default_factory=dict)
    since: float = 0.0
    attempt: int = 0
    lost: bool = False


def simulate(cluster: Cluster, runs: Sequence[Run], lifetime: Callable[[], float]) -> Tally:
    """Return what becomes of runs on a cluster.

    Jobs start in order; one that does not fit is overtaken by those that do. A job that was lost
    goes on at its newest checkpoint, and is the first in the queue.

    Args:
        cluster: The cluster; all nodes work at first.
        runs: The runs, which begin at the same time.
        lifetime: Returns the seconds until a node fails; called at first for each node in order,
            and then for each node that was repaired.

    Raises:
        InputError: A job does not fit.
    """
    for job in (job for run in runs for phase in run for job in phase):
        job.check_fits(cluster)
    return _Simulation(cluster, runs, lifetime).outcome()


class _Simulation:
    def __init__(self, cluster: Cluster, runs: Sequence[Run], lifetime: Callable[[], float]):
        self._cluster, self._lifetime = cluster, lifetime
        self._phases = [deque(run) for run in runs]
        self._open = [0] * len(runs)  # jobs of the present phase of each run
        self._free = [cluster.gpus] * cluster.nodes  # 0 for a node that is down
        self._down: dict[int, float] = {}  # since when
        self._waiting: deque[Training] = deque()
        self._active: list[Training] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._now, self._jobs, self._failures, self._spent = 0.0, 0, 0, Spent()

    def outcome(self) -> Tally:
        for node in range(self._cluster.nodes):
            self._later(self._lifetime(), lambda node=node: self._fail(node))
        for run in range(len(self._phases)):
            self._next_phase(run)
        while self._waiting or self._active:
            self._fill()
            self._now, _, event = heapq.heappop(self._events)
            event()
        for since in self._down.values():
            self._spent.down += self._cluster.gpus * (self._now - since)
        gpus = self._cluster.nodes * self._cluster.gpus
        return Tally(self._now, self._jobs, self._failures, gpus, self._spent)

    def _later(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self._now + seconds, next(self._numbers), event))

    def _next_phase(self, run: int) -> None:
        while self._phases[run] and not self._open[run]:
            phase = self._phases[run].popleft()
            self._waiting.extend(Training(job, run) for job in phase)
            self._open[run] = len(phase)

    def _fill(self) -> None:
        """Start what fits on free GPUs."""
        for training in list(self._waiting):
            if not any(self._free):
                return
            if places := self._places(training.job.gpus):
                self._waiting.remove(training)
                self._start(training, places)

    def _places(self, gpus: int) -> dict[int, int]:
        """Return node -> number of GPUs for a job, nothing if there are not enough now.

        A job goes to the fullest node that has room for it, so that whole nodes stay free.
        """
        each = self._cluster.gpus
        wanted, part = (1, gpus) if gpus <= each else (gpus // each, each)
        fitting = [node for node, free in enumerate(self._free) if free >= part]
        if len(fitting) < wanted:
            return {}
        return dict.fromkeys(sorted(fitting, key=self._free.__getitem__)[:wanted], part)

    def _start(self, training: Training, places: dict[int, int]) -> None:
        for node, gpus in places.items():
            self._free[node] -= gpus
        training.places, training.since = places, self._now
        training.attempt += 1
        self._active.append(training)
        pieces = segments(training.job.seconds - training.saved, self._cluster)
        seconds = self._cluster.start + sum(pieces) + self._cluster.save * (len(pieces) - 1)
        attempt = training.attempt
        self._later(seconds, lambda: self._end(training, attempt))

    def _end(self, training: Training, attempt: int) -> None:
        if training.attempt != attempt:
            return
        pieces = segments(training.job.seconds - training.saved, self._cluster)
        self._spend(training, self._cluster.start, sum(pieces), len(pieces) - 1, 0.0)
        self._release(training)
        self._jobs += 1
        self._open[training.run] -= 1
        self._next_phase(training.run)

    def _spend(
        self, training: Training, start: float, useful: float, saves: int, lost: float
    ) -> None:
        gpus, spent = training.job.gpus, self._spent
        spent.starting += gpus * start
        spent.useful += gpus * useful
        spent.saving += gpus * saves * self._cluster.save
        spent.lost += gpus * lost

    def _release(self, training: Training) -> None:
        for node, gpus in training.places.items():
            self._free[node] += gpus
        training.places = {}
        self._active.remove(training)

    def _fail(self, node: int) -> None:
        self._down[node] = self._now
        self._later(self._cluster.repair, lambda: self._repaired(node))
        for training in [active for active in self._active if node in active.places]:
            if not training.lost:
                self._lose(training)
            held = training.places.pop(node)  # what is down, nobody holds
            self._spent.detecting += held * (self._now - training.since)
        self._free[node] = 0

    def _lose(self, training: Training) -> None:
        """Take a job back to its newest checkpoint; who waits for it does not know yet."""
        elapsed = self._now - training.since
        start = min(elapsed, self._cluster.start)
        saves = int((elapsed - start) // (self._cluster.checkpoint + self._cluster.save))
        useful = saves * self._cluster.checkpoint if saves else 0.0
        lost = elapsed - start - useful - saves * self._cluster.save
        self._spend(training, start, useful, saves, lost)
        training.saved += useful
        training.attempt += 1
        training.lost, training.since = True, self._now
        self._failures += 1
        self._later(self._cluster.detection, lambda: self._noticed(training))

    def _noticed(self, training: Training) -> None:
        held = sum(training.places.values())
        self._spent.detecting += held * (self._now - training.since)
        self._release(training)
        training.lost = False
        self._waiting.appendleft(training)

    def _repaired(self, node: int) -> None:
        self._spent.down += self._cluster.gpus * (self._now - self._down.pop(node))
        self._free[node] = self._cluster.gpus
        self._later(self._lifetime(), lambda: self._fail(node))
