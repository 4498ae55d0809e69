"""Learning-rate schedules: pure functions of the step (AMLA, train_eval/tf/net.py)."""

import math

from nac.config.values import CosineDecay, ExponentialDecay


def learning_rate(
    schedule: ExponentialDecay | CosineDecay, step: int, steps_per_epoch: int
) -> float:
    """Return the rate of a step; it is constant within an epoch.

    Args:
        schedule: the ``lr`` section of the recipe.
        step: number of steps before this one.
        steps_per_epoch: training examples // batch_size (of one tower), at least 1.
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
        # On the very step of a restart AMLA still has the old epoch count, over the new period.
        current = period // schedule.T_mul
    cosine = math.cos(math.pi * current / period)
    return schedule.min + 0.5 * (schedule.max - schedule.min) * (1.0 + cosine)
