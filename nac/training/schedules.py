"""Learning-rate schedules: pure functions of the step.

Those of AMLA (train_eval/tf/net.py) are constant within an epoch and know nothing of the end. The
one-cycle schedule (Smith and Topin, arXiv 1708.07120) changes with each step and ends with the job,
however short that is.
"""

import math

from nac.config.training import CosineDecay, ExponentialDecay, OneCycle


def learning_rate(
    schedule: ExponentialDecay | CosineDecay | OneCycle,
    step: int,
    steps_per_epoch: int,
    progress: float = 0.0,
    batch_size: int = 1,
) -> float:
    """Return the learning rate of a step.

    Args:
        schedule: The ``lr`` section of the recipe.
        step: Number of steps before this one.
        steps_per_epoch: Number of training images // batch_size (of one tower), at least 1.
        progress: Share of the job that is done in the middle of this step.
        batch_size: Images per step on all devices together.

    Example:
    >>> learning_rate(ExponentialDecay(0.1, 0.5, epochs_per_decay=2), step=20, steps_per_epoch=10)
    0.05
    >>> learning_rate(OneCycle(peak=0.1, warmup=0.2), step=6, steps_per_epoch=10, progress=0.6)
    0.05
    """
    if isinstance(schedule, OneCycle):
        return _one_cycle(schedule, progress, batch_size)
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


def _one_cycle(schedule: OneCycle, progress: float, batch_size: int) -> float:
    highest = schedule.highest(batch_size)
    if progress < schedule.warmup:
        return highest * progress / schedule.warmup
    left = (1.0 - progress) / (1.0 - schedule.warmup)
    if schedule.decay == "cosine":
        left = 0.5 * (1.0 - math.cos(math.pi * left))
    return highest * left
