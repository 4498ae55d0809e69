"""The budget of an experiment as limits of what a network may cost."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from nac.architecture.network import Architecture
from nac.config import Budget, Experiment
from nac.construction.costs import Costs, count
from nac.construction.prior import check_possible_growth
from nac.construction.step_time import BlockTimes, step_ms
from nac.construction.width import Limit
from nac.data.datasets import image_facts
from nac.runs.block_times import block_times, times_path, undamaged_times
from nac.utils.errors import InputError

Times = Callable[[str], BlockTimes]
"""Takes a dtype policy, returns how long blocks take on this device."""


def known_times(dtype_policy: str) -> BlockTimes:
    """Return the times of this device's blocks, which must have been measured before.

    Raises:
        InputError: They have not been measured.
    """
    times = undamaged_times(times_path(dtype_policy))
    if times is None:
        raise InputError(
            "budget.step_ms: expected a device whose blocks have been measured; to measure them:"
            f" nac measure --dtype_policy={dtype_policy}"
        )
    return times


def limits_of(
    experiment: Experiment, data_dir: str | None = None, times: Times = block_times
) -> tuple[Limit, ...]:
    """Return the limits of the width of all networks of an experiment, none without a budget.

    Args:
        experiment: The experiment, with its data set.
        data_dir: Directory of the data set, in place of the experiment's.
        times: How long blocks take, for ``budget.step_ms``. By default they are measured where they
            are not known; :data:`known_times` measures nothing.

    Raises:
        InputError: The images have a shape that is not known before they are read.
    """
    budget = experiment.budget or Budget()
    limits: list[Limit] = []
    if budget.parameters or budget.flops or budget.size_kib:
        limits += _counted(budget, counter(experiment, data_dir))
    if budget.step_ms:
        milliseconds = step_timer(experiment, data_dir, times)
        limits.append(Limit("step_ms", milliseconds, budget.step_ms, "ms per step"))
    return tuple(limits)


def _counted(budget: Budget, costs: Callable[[Architecture], Costs]) -> list[Limit]:
    limits = (
        ("parameters", lambda network: costs(network).parameters, budget.parameters, "parameters"),
        ("flops", lambda network: costs(network).flops, budget.flops, "FLOPs"),
        ("size_kib", lambda network: costs(network).size_kib, budget.size_kib, "KiB"),
    )
    return [Limit(name, cost, most, unit) for name, cost, most, unit in limits if most]


def step_timer(
    experiment: Experiment, data_dir: str | None, times: Times
) -> Callable[[Architecture], float]:
    """Return the function that estimates the milliseconds of a step of a truncated training.

    Args:
        experiment: The experiment, with its data set.
        data_dir: Directory of the data set, in place of the experiment's.
        times: How long blocks take.

    Raises:
        InputError: The images have a shape that is not known before they are read.
    """
    shape = image_facts(experiment, data_dir).shape
    batch_size = experiment.need("parameters.batch_size")
    blocks = times(experiment.need("child_training").dtype_policy)
    return lambda network: step_ms(network, shape, batch_size, blocks)


def counter(experiment: Experiment, data_dir: str | None = None) -> Callable[[Architecture], Costs]:
    """Return the function that counts what the networks of an experiment cost.

    Args:
        experiment: The experiment, with its data set.
        data_dir: Directory of the data set, in place of the experiment's.

    Raises:
        InputError: The images have a shape that is not known before they are read.
    """
    images, options = image_facts(experiment, data_dir), weight_options(experiment)

    @lru_cache(maxsize=1)  # all limits ask about one network, then about the next
    def costs(network: Architecture) -> Costs:
        return count(network, images.shape, images.classes, **options)

    return costs


def equal_costs(
    experiment: Experiment, limits: Sequence[Limit], data_dir: str | None = None
) -> tuple[Callable[[Architecture], float], ...]:
    """Return what networks of a comparison have to have in common: parameters and FLOPs.

    Without a budget that is nothing, as in the paper.

    Args:
        experiment: The experiment, with its data set.
        limits: Its limits, see :func:`limits_of`.
        data_dir: Directory of the data set, in place of the experiment's.
    """
    if not limits:
        return ()
    costs = counter(experiment, data_dir)
    return (lambda network: costs(network).parameters, lambda network: costs(network).flops)


def weight_options(experiment: Experiment) -> dict[str, bool]:
    """Return which weights the networks of an experiment have beside those of their architecture.

    Those that only the truncated trainings or only the full one has are among them, because a
    network has to stay within the budget in each of its trainings.

    Returns:
        Arguments of :func:`nac.construction.costs.count` and :func:`nac.models.build_model`.
    """
    recipes = [experiment.recipe, *([experiment.final] if experiment.final else [])]
    trainings = [recipe.training for recipe in recipes if recipe.training]
    return {
        "branch_gates": any(recipe.parameters.branch_gates for recipe in recipes),
        "batch_norm_scale": any(training.batch_norm_scale for training in trainings),
    }


def check_budget(experiment: Experiment, limits: Sequence[Limit]) -> None:
    """Check, before anything is trained, that no network of a construction can exceed its budget.

    Args:
        experiment: A complete experiment, see :func:`nac.runs.construction.check_construction`.
        limits: Its limits, see :func:`limits_of`.

    Raises:
        InputError: A network of a construction exceeds a limit in any width.
    """
    check_possible_growth(
        experiment.need("envelopenet"),
        experiment.need("init_cell"),
        experiment.classifier,
        experiment.need("parameters.iterations"),
        limits,
    )


def stated(network: Architecture, limits: Sequence[Limit]) -> str:
    """Return a network for people, such as ``17/3-3/6, 98,412 of 100,000 parameters``."""
    return ", ".join([str(network.notation), *(limit.stated(network) for limit in limits)])
