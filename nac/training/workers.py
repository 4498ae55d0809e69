"""The workers of a job: processes, on one machine or several, that train its network together.

Each worker runs the same program with its share of every batch. What they compute together must
come in the same order on all of them, else they wait for each other forever. So whatever depends on
time, on the disk or on a signal is decided by one worker, the chief, and the others do the same.
"""

from collections.abc import Sequence

import tensorflow as tf


class Workers:
    """The workers of a job. There is one, unless the strategy is for several.

    Args:
        strategy: The strategy of the job.

    Attributes:
        is_chief: Whether this process decides, and writes what the job leaves.
        alone: Whether there are no others.
        replicas: Which of all replicas are those of this worker.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        self._strategy = strategy
        self.is_chief: bool = strategy.extended.should_checkpoint
        self.replicas = own_replicas(strategy)
        self.alone = len(self.replicas) == strategy.num_replicas_in_sync

    def agreed(self, values: Sequence[float]) -> list[float]:
        """Return what the chief passes to this method; all workers call it at the same time.

        Args:
            values: Numbers, as many as on all other workers.
        """
        if self.alone:
            return list(values)
        own = values if self.is_chief else [0.0] * len(values)
        return self.sums(own)

    def sums(self, values: Sequence[float]) -> list[float]:
        """Return the sum over all workers of each number; all of them call it at the same time."""
        if self.alone:
            return list(values)
        return self._sums(tf.constant(values, tf.float64)).numpy().tolist()

    def wait(self) -> None:
        """Wait until all workers have come so far."""
        self.agreed([0.0])

    @tf.function(autograph=False, reduce_retracing=True)
    def _sums(self, values: tf.Tensor) -> tf.Tensor:
        def replica(values):
            number = tf.distribute.get_replica_context().replica_id_in_sync_group
            first = tf.equal(number, self.replicas.start)
            return tf.where(first, values, tf.zeros_like(values))

        parts = self._strategy.run(replica, args=(values,))
        return self._strategy.reduce(tf.distribute.ReduceOp.SUM, parts, axis=None)


def own_replicas(strategy: tf.distribute.Strategy) -> range:
    """Return which of all replicas of a strategy are those of this worker."""
    resolver = strategy.cluster_resolver
    worker = resolver.task_id if resolver and resolver.task_id else 0
    count = len(strategy.extended.worker_devices)
    return range(worker * count, (worker + 1) * count)


def gathered(value: tf.Tensor, strategy: tf.distribute.Strategy) -> tf.Tensor:
    """Return what all replicas have of a value, one after the other along its first axis.

    Args:
        value: The value, as ``strategy.run`` returns it.
        strategy: The strategy.
    """
    if len(own_replicas(strategy)) < strategy.num_replicas_in_sync:
        return strategy.gather(value, axis=0)
    return tf.concat(strategy.experimental_local_results(value), axis=0)
