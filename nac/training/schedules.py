"""Learning-rate schedules: pure functions of the step (AMLA, train_eval/tf/net.py)."""

import math

from nac.config.values import CosineDecay, ExponentialDecay


def learning_rate(
    schedule: ExponentialDecay | CosineDecay, step: int, steps_per_epoch: int
) -> float:
    """Return the learning rate of a step, which is constant within an epoch.

    Args:
        schedule: The ``lr`` section of the recipe.
        step: Number of steps before this one.
        steps_per_epoch: Number of training images // batch_size (of one tower), at least 1.

    Example:
    >>> learning_rate(ExponentialDecay(0.1, 0.5, epochs_per_decay=2), step=20, steps_per_epoch=10)
    0.05
    """
    if isinstance(schedule, CosineDecay):
        return _cosine(schedule, step, steps_per_epoch)
    period = max(1, int(steps_per_epoch * schedule.epochs_per_decay))
    return schedule.initial * schedule.decay ** (step // period)


def _cosine(schedule: CosineDecay, step: int, steps_per_epoch: int) -> float:
    epoch, within = divmod(step, steps_per_epoch)
    start, period = 0, schedule.T_0
    while epoch - start >= period:
        start, period = start + period, period * schedule.T_mul
    current = epoch - start
    if current == 0 and within == 0 and start:
        # In the first step of a restart, AMLA divides the old count of epochs by the new period.
        current = period // schedule.T_mul
    cosine = math.cos(math.pi * current / period)
    return schedule.min + 0.5 * (schedule.max - schedule.min) * (1.0 + cosine)
