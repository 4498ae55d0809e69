"""How a construction spends a given number of minutes (``budget.minutes``)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nac.config.values import Experiment, Recipe
from nac.utils.errors import InputError
from nac.utils.text import clock

ITERATION_SHARE, SEARCH_SHARE = 0.1, 0.25
"""Largest shares of the time that a truncated training has, and all of them together.

A full training gains from every minute, while truncated ones only have to tell branches apart.
"""

SHORTEST_TRAINING = 30.0
"""Seconds that a training needs at least: it starts, compiles its steps and evaluates, too."""

CHILD_SECONDS = 12.0
"""Seconds that each training of a tournament takes in addition to its steps: it starts and compiles
them."""

STARTING, ENDING, BETWEEN = 8.0, 8.0, 1.0
"""Seconds until the first training begins, to write the report, and between two trainings."""


@dataclass(frozen=True)
class TimePlan:
    """The seconds of each training of a construction.

    Attributes:
        minutes: All that the construction may take.
        iterations: Number of truncated trainings.
        search_seconds: Seconds of each truncated training.
        final_seconds: Seconds of the full training, 0 without one.
        wanted: Number of iterations that the experiment asks for; they may be too many.
    """

    minutes: float
    iterations: int
    search_seconds: float
    final_seconds: float
    wanted: int

    def __str__(self) -> str:
        final = f", {clock(self.final_seconds)} for the full training" if self.final_seconds else ""
        fewer = f" instead of {self.wanted}" if self.iterations < self.wanted else ""
        return (
            f"plan for {self.minutes:g} minutes: {self.iterations}{fewer} x"
            f" {clock(self.search_seconds)} for iterations{final}; the number of steps follows from"
            " the speed of this machine"
        )


def time_plan(
    minutes: float,
    iterations: int,
    train_final: bool,
    place: str,
    rungs: Sequence[tuple[int, float]] = (),
) -> TimePlan:
    """Return how a construction spends its time.

    If the time is too short for all iterations, there are fewer of them.

    Args:
        minutes: All that the construction may take.
        iterations: Number of truncated trainings that is wanted.
        train_final: Whether a full training follows.
        place: File and key of the minutes, the beginning of the message.
        rungs: Number and relative length of the trainings that follow each truncated one to choose
            a network, see :func:`nac.construction.tournament.rungs`.

    Raises:
        InputError: The time is too short for a single iteration.

    Example:
    >>> plan = time_plan(20, iterations=4, train_final=True, place="try.yaml: budget.minutes")
    >>> plan.search_seconds, plan.final_seconds
    (73.688, 884.25)
    """
    share = SEARCH_SHARE if train_final else 1.0
    # An iteration takes as long as so many truncated trainings, and so many seconds in addition.
    choosing = iteration_seconds(0.0, rungs)
    units = iteration_seconds(1.0, rungs) - choosing
    for count in range(iterations, 0, -1):
        trainings = count + train_final
        seconds = 60.0 * minutes - STARTING - ENDING - BETWEEN * trainings
        search = (seconds * share / count - choosing) / units
        if train_final:
            search = min(search, max(seconds * ITERATION_SHARE, SHORTEST_TRAINING))
        if search >= SHORTEST_TRAINING:
            final = seconds - iteration_seconds(search, rungs) * count if train_final else 0.0
            return TimePlan(minutes, count, round(search, 3), round(final, 3), iterations)
    least = STARTING + ENDING + BETWEEN * (1 + train_final)
    least += (SHORTEST_TRAINING * units + choosing) / share
    raise InputError(
        f"{place}: expected at least {least / 60.0:.1f}, for one iteration"
        f"{' and a full training' if train_final else ''}, received {minutes:g}"
    )


def iteration_seconds(search_seconds: float, rungs: Sequence[tuple[int, float]] = ()) -> float:
    """Return how long an iteration takes by the plan.

    Args:
        search_seconds: Seconds of its truncated training.
        rungs: Number and relative length of the trainings that choose a network after it.

    Example:
    >>> iteration_seconds(40.0, [(4, 0.25), (2, 0.5)])
    192.0
    """
    units = 1.0 + sum(number * length for number, length in rungs)
    return search_seconds * units + CHILD_SECONDS * sum(number for number, _ in rungs)


def planned(experiment: Experiment, plan: TimePlan) -> Experiment:
    """Return the experiment with trainings that take as long as planned."""
    parameters = replace(experiment.parameters, iterations=plan.iterations)
    final = experiment.final and _timed(experiment.final, plan.final_seconds)
    recipe = replace(experiment.recipe, parameters=parameters)
    return replace(experiment, recipe=_timed(recipe, plan.search_seconds), final=final)


def _timed(recipe: Recipe, seconds: float) -> Recipe:
    return replace(recipe, parameters=replace(recipe.parameters, seconds=seconds or None))


def seconds_left(planned: float, late: float) -> float:
    """Return the seconds of the last training of a construction.

    It makes up for the trainings before it: the first of them reads the data, which is quick or
    takes minutes, and it cannot be known beforehand which.

    Args:
        planned: Its seconds by the plan.
        late: Seconds by which the trainings before it together took longer than planned. Negative
            if they took less.
    """
    return round(max(min(planned, SHORTEST_TRAINING), planned - late), 3)


def expected_steps(seconds: float, images_per_second: float, batch_size: int) -> int:
    """Return about how many steps a training of some seconds takes, at least one.

    Args:
        seconds: Seconds of the training.
        images_per_second: Speed of an earlier training of a similar network.
        batch_size: Images per step.
    """
    return max(1, round(seconds * images_per_second / batch_size))
