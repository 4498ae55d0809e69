"""Where the jobs of a command run, as ``--executor`` and ``--strategy`` say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nac.cluster.joining import joined
from nac.cluster.members import MULTI_WORKER, check_alone
from nac.cluster.ray_executor import ray_executor
from nac.display.display import Display
from nac.runs.executors import Executor
from nac.utils.errors import InputError

LOCAL = "local"
RAY = "ray"


@dataclass(frozen=True)
class Machines:
    """Where jobs run.

    Attributes:
        executor: "local" for this machine, "ray" for those of a Ray cluster.
        ray_address: HOST:PORT of its head, None for the default.
        cores_per_job: Cores of each job there, None for a GPU each.

    Raises:
        InputError: An unknown executor, or something about Ray without it.
    """

    executor: str = LOCAL
    ray_address: str | None = None
    cores_per_job: int | None = None

    def __post_init__(self) -> None:
        if self.executor not in (LOCAL, RAY):
            raise InputError(f"--executor: expected {LOCAL} or {RAY}, received {self.executor!r}")
        for name in ("ray_address", "cores_per_job"):
            if self.executor == LOCAL and getattr(self, name) is not None:
                raise InputError(
                    f"--{name}: expected --executor={RAY} as well, received --executor={LOCAL}"
                )


@contextmanager
def opened_executor(
    machines: Machines, strategy: str | None, display: Display
) -> Iterator[Executor | None]:
    """Yield what starts the jobs of a command.

    Args:
        machines: Where they run.
        strategy: The value of ``--strategy``, None for its default.
        display: Shows what goes on.

    Yields:
        None if this worker of several has nothing else to do, see
        :func:`nac.cluster.joining.joined`.

    Raises:
        InputError: There is no such machine, or the flags contradict each other.
        NacError: Another worker did not come, or failed.
    """
    if machines.executor == LOCAL:
        with joined(strategy, display) as executor:
            yield executor
        return
    if strategy == MULTI_WORKER:
        raise InputError(
            f"--executor: expected {LOCAL} with --strategy={MULTI_WORKER}, whose workers are not"
            f" chosen by Ray, received {RAY}"
        )
    check_alone(strategy or "auto")
    with ray_executor(machines.ray_address, machines.cores_per_job, display) as executor:
        yield executor
