"""What a command does with ``--strategy=multi_worker``: it leads the other workers, or follows."""

from collections.abc import Iterator
from contextlib import contextmanager

from nac.cluster.chief import Chief
from nac.cluster.follower import follow
from nac.cluster.members import MULTI_WORKER, check_alone, member
from nac.display.display import Display
from nac.runs.executors import Executor, LocalExecutor


@contextmanager
def joined(strategy: str | None, display: Display) -> Iterator[Executor | None]:
    """Yield what starts the jobs of a command.

    Without ``multi_worker`` that is this machine. With it, every worker runs the same command. On
    the chief, its jobs are those of all workers together. On the others this joins the chief's jobs
    until its command has ended, and then yields None: there is nothing else to do.

    Args:
        strategy: The value of ``--strategy``, None for its default.
        display: Shows what goes on.

    Raises:
        InputError: The environment does not say who the workers are, or it names several, but the
            strategy is another one.
        NacError: Another worker did not come, or the chief ended with an error.
    """
    if strategy != MULTI_WORKER:
        check_alone(strategy or "auto")
        yield LocalExecutor()
        return
    me = member()
    if me.is_chief:
        with Chief(me, display) as chief:
            yield chief
    else:
        follow(me, display)
        yield None
