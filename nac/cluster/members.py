"""Who the workers of a cluster are, and which of them this process is, as the environment says."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.processes import quietly
from nac.utils.schema import shown

MULTI_WORKER = "multi_worker"
"""The value of ``--strategy`` with which all workers train each network together."""

TF_CONFIG = "TF_CONFIG"
"""Variable of the environment in which TensorFlow finds the workers."""

SLURM = "SLURM_STEP_NODELIST"
"""Variable that Slurm sets for the processes that ``srun`` starts."""

SLURM_PORT = 8888
"""Port of the first process of a machine, where Slurm says who the workers are."""

PEER_GONE = "another worker, with which this one computes, is gone"
"""What a job says that cannot go on for that reason alone."""

EXAMPLE = '{"cluster": {"worker": ["host0:2222", ...]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Member:
    """A worker of a cluster.

    Attributes:
        addresses: ``host:port`` of each worker. The first one is the chief, which alone decides
            what is trained and writes to the run directory.
        index: Position of this worker among them.
    """

    addresses: tuple[str, ...]
    index: int

    @property
    def is_chief(self) -> bool:
        """Whether this worker is the chief."""
        return self.index == 0

    @property
    def host(self) -> str:
        """Name of this worker's machine, by which the others reach it."""
        return host_and_port(self.addresses[self.index])[0]


def member(environment: Mapping[str, str] = os.environ) -> Member:
    """Return which worker this process is: from ``TF_CONFIG``, otherwise from Slurm.

    Args:
        environment: The environment.

    Raises:
        InputError: Neither says it, or ``TF_CONFIG`` is not what TensorFlow takes.

    Example:
    >>> member({"TF_CONFIG": tf_config(("a:2222", "b:2222"), 1)})
    Member(addresses=('a:2222', 'b:2222'), index=1)
    """
    if environment.get(TF_CONFIG):
        return _from_tf_config(environment[TF_CONFIG])
    if SLURM in environment:
        return _from_slurm()
    raise InputError(
        f"--strategy={MULTI_WORKER}: expected the workers in {TF_CONFIG}, as {EXAMPLE}, or a"
        " process that Slurm's srun has started; received neither"
    )


def check_alone(strategy: str, environment: Mapping[str, str] = os.environ) -> None:
    """Raise InputError if other workers are to train the same network, but the flag is missing.

    Args:
        strategy: The value of ``--strategy``.
        environment: The environment.
    """
    given = environment.get(TF_CONFIG)
    if strategy == MULTI_WORKER or not given:
        return
    count = len(_from_tf_config(given).addresses)
    if count > 1:
        raise InputError(
            f"--strategy: expected {MULTI_WORKER}, as {TF_CONFIG} lists {count} workers, received"
            f" {strategy}; without others, unset {TF_CONFIG}"
        )


def tf_config(addresses: tuple[str, ...], index: int) -> str:
    """Return what TensorFlow takes as ``TF_CONFIG``, in one line.

    Args:
        addresses: ``host:port`` of each worker.
        index: Position of the process among them.
    """
    return json.dumps(
        {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}}
    )


def host_and_port(address: str) -> tuple[str, int]:
    """Return both parts of an address.

    Raises:
        InputError: It is none.

    Example:
    >>> host_and_port("node7:2222")
    ('node7', 2222)
    """
    found = re.fullmatch(r"([^\s\[\]:]+):(\d{1,5})", address)  # IPv4 or a name
    if not found or not 0 < int(found[2]) < 2**16:
        raise InputError(f"{TF_CONFIG}: expected addresses host:port, received {shown(address)}")
    return found[1], int(found[2])


def _from_tf_config(text: str) -> Member:
    try:
        value = json.loads(text)
        cluster, task = value["cluster"], value["task"]
        known = cluster.keys() <= {"chief", "worker"} and task["type"] in cluster
        chiefs = list(cluster.get("chief", []))
        addresses = [*chiefs, *cluster.get("worker", [])]
        index = int(task["index"]) + (len(chiefs) if task["type"] == "worker" else 0)
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError):
        known, addresses, index = False, [], 0
    texts = all(isinstance(address, str) for address in addresses)
    if not known or not texts or not 0 <= index < len(addresses) <= limits.DEVICES:
        raise InputError(f"{TF_CONFIG}: expected {EXAMPLE}, received {shown(text)}")
    for address in addresses:
        host_and_port(address)
    return Member(tuple(addresses), index)


def _from_slurm() -> Member:
    """Return which worker this process is, with TensorFlow's resolver.

    It would also share the GPUs of a machine among its processes. Slurm does that itself.
    """
    with quietly():
        import tensorflow as tf
    try:
        resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(
            port_base=SLURM_PORT, gpus_per_node=limits.DEVICES, gpus_per_task=1, auto_set_gpu=False
        )
        addresses = resolver.cluster_spec().as_dict()["worker"]
        hosts = resolver._resolve_hostlist()
        _, index = resolver.get_task_info()
    except (RuntimeError, ValueError, KeyError, IndexError) as error:
        raise InputError(f"--strategy={MULTI_WORKER}: Slurm: {error}") from None
    # Slurm numbers its processes in the order of its list, which need not be alphabetic (n2, n10).
    addresses.sort(key=lambda address: hosts.index(host_and_port(address)[0]))
    return Member(tuple(addresses), int(index))
