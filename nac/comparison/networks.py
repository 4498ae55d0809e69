"""The networks that a run's constructed network is compared with."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.handmade import MOBILENET_V2, PLAIN_CNN, RESNET
from nac.architecture.network import Architecture
from nac.architecture.operations import Shape
from nac.config import Experiment, load_experiment
from nac.construction.baselines import (
    of_equal_cost,
    random_network,
    reference_network,
    shuffled_network,
)
from nac.construction.costs import count
from nac.construction.equal_cost import MEASURES, equal_cost
from nac.construction.prior import prior
from nac.construction.width import Limit
from nac.runs.construction import check_construction, load_constructed
from nac.runs.layout import ARCHITECTURE, EXPERIMENT, FINAL, FLAGS_FILE
from nac.runs.repetition import with_steps_taken
from nac.utils.errors import InputError
from nac.utils.schema import nearest

CONSTRUCTED, PRIOR, WORST_CASE = "constructed", "prior", "worst_case"
RANDOM, SHUFFLED, RANDOM_SEARCH, REFERENCE = "random", "shuffled", "random_search", "reference"

DRAWN = (RANDOM, SHUFFLED)
"""Kinds of which there may be several networks, drawn at random."""

HANDMADE = (PLAIN_CNN, RESNET, MOBILENET_V2)
"""Kinds of networks that people made by hand, which have the cost of the constructed one."""

KINDS = (CONSTRUCTED, PRIOR, WORST_CASE, *HANDMADE, RANDOM_SEARCH, *DRAWN, REFERENCE)
"""Kinds of networks in a comparison: several of :data:`DRAWN`, and one of each other."""


Cost = Callable[[Architecture], float]
"""What a network costs, such as its number of parameters."""


@dataclass(frozen=True)
class Choice:
    """Which baselines take part.

    Attributes:
        random: Number of random networks.
        skips: Their skip connections, see :func:`nac.construction.baselines.random_network`.
        baseline_seed: Random networks are a function of it and of their number.
        reference: Whether the network like ResNet-20 that is made of branches takes part.
        baselines: Which of :data:`HANDMADE` take part.
        equal: What they have in common with the constructed network, one of
            :data:`nac.construction.equal_cost.MEASURES`.
        prior: Whether the prior takes part, which is where construction began.
        worst_case: Whether the network takes part that comes of pruning the strongest branches.
        shuffled: Number of networks that have as many branches in each layer as the constructed
            one, but others.
        random_search: Whether the best of some random networks takes part, which are searched in
            the seconds of the construction.
    """

    random: int
    skips: str = "random"
    baseline_seed: int = 0
    reference: bool = False
    baselines: tuple[str, ...] = ()
    equal: str = "parameters"
    prior: bool = True
    worst_case: bool = True
    shuffled: int = 0
    random_search: bool = False


@dataclass(frozen=True)
class Network:
    """A network that takes part.

    Attributes:
        name: Its name, which is that of its directory.
        kind: One of :data:`KINDS`.
        architecture: None for those that are still to be found: the worst case, random search.
    """

    name: str
    kind: str
    architecture: Architecture | None


def load_finished_run(run: Path) -> tuple[Experiment, Architecture]:
    """Return the experiment of a run and the network that it constructed.

    Raises:
        InputError: The run does not exist, is not finished, or has no recipe of a full training.
            If that is limited in seconds: the full training is not done.
    """
    if not (run / EXPERIMENT).is_file():
        raise InputError(f"--run: expected a run directory of nac.construct, received '{run}'")
    experiment = load_experiment(str(run / EXPERIMENT))
    check_construction(experiment, train_final=True)
    if not (run / ARCHITECTURE).is_file():
        raise InputError(
            f"{run / ARCHITECTURE}: missing; expected a run whose construction is finished"
            f" (nac.construct with the flags in {run / FLAGS_FILE})"
        )
    return _with_equal_steps(run, experiment), load_constructed(run, experiment)


def _with_equal_steps(run: Path, experiment: Experiment) -> Experiment:
    """Return the experiment with full trainings of as many steps as that of the run had."""
    expected = (
        "a full training, as the others take as many steps (nac.construct with the flags in"
        f" {run / FLAGS_FILE})"
    )
    final = with_steps_taken(experiment.need("final_training"), run / FINAL, expected)
    return replace(experiment, final=final)


def choose_networks(
    experiment: Experiment,
    constructed: Architecture,
    choice: Choice,
    image_shape: Shape | None = None,
    limits: Sequence[Limit] = (),
    costs: Sequence[Cost] = (),
) -> tuple[Network, ...]:
    """Return all networks that take part, the constructed one first.

    Asking for more random networks does not change the first ones.

    Args:
        experiment: The experiment of the run.
        constructed: The network that it constructed.
        choice: Which networks take part.
        image_shape: Shape of the images; needed if there are baselines.
        limits: What each network may cost, see :func:`nac.runs.budget.limits_of`.
        costs: What networks that are drawn have to have as much of as the constructed one, see
            :func:`nac.construction.baselines.of_equal_cost`.

    Raises:
        InputError: A network exceeds its limits in any width, or a baseline cannot be scaled to the
            cost of the constructed network.
    """
    policy = experiment.need("envelopenet")
    cells = experiment.need("init_cell"), experiment.classifier
    networks = [Network(CONSTRUCTED, CONSTRUCTED, constructed)]
    if choice.prior:
        networks.append(Network(PRIOR, PRIOR, prior(policy, *cells, limits)))
    if choice.worst_case:
        networks.append(Network(WORST_CASE, WORST_CASE, None))
    if choice.reference:
        networks.append(Network(REFERENCE, REFERENCE, reference_network(policy, *cells, limits)))
    if image_shape is not None:
        networks += _baselines(experiment, constructed, choice, image_shape)
    if choice.random_search:
        networks.append(Network(RANDOM_SEARCH, RANDOM_SEARCH, None))
    networks += _drawn(experiment, constructed, choice, limits, costs)
    return tuple(networks)


def _drawn(
    experiment: Experiment,
    constructed: Architecture,
    choice: Choice,
    limits: Sequence[Limit],
    costs: Sequence[Cost],
) -> Iterator[Network]:
    """Yield the networks that are drawn at random."""
    for number in range(choice.random):
        drawn = random_candidate(experiment, constructed, choice, str(number), limits, costs)
        yield Network(f"{RANDOM}{number:02d}", RANDOM, drawn)
    for number in range(choice.shuffled):
        generator = random.Random(f"{choice.baseline_seed}/{SHUFFLED}/{number}")
        settings = experiment.need("envelopenet")
        shuffle = partial(shuffled_network, constructed, settings, generator, limits)
        yield Network(
            f"{SHUFFLED}{number:02d}", SHUFFLED, of_equal_cost(shuffle, constructed, costs)
        )


def random_candidate(
    experiment: Experiment,
    constructed: Architecture,
    choice: Choice,
    name: str,
    limits: Sequence[Limit] = (),
    costs: Sequence[Cost] = (),
) -> Architecture:
    """Return a random network that is equivalent to the constructed one.

    Args:
        experiment: The experiment of the run.
        constructed: The network that it constructed.
        choice: The seed and the skip connections of random networks.
        name: Another name gives another network.
        limits: What each network may cost.
        costs: What it has to have as much of as the constructed network.
    """
    generator = random.Random(f"{choice.baseline_seed}/{name}")
    settings = experiment.need("envelopenet")
    draw = partial(random_network, constructed, settings, generator, choice.skips, limits)
    return of_equal_cost(draw, constructed, costs)


def _baselines(
    experiment: Experiment, constructed: Architecture, choice: Choice, image_shape: Shape
) -> list[Network]:
    """Return the networks made by hand, in the width at which they cost what is constructed."""
    recipe = experiment.need("final_training")
    costs = count(
        constructed,
        image_shape,
        branch_gates=recipe.parameters.branch_gates,
        batch_norm_scale=recipe.training.batch_norm_scale,
    )
    target, cutout = MEASURES[choice.equal](costs), _cutout(constructed.stem or ())
    # Each measure has directories of its own, so that one run can be compared by both.
    suffix = "" if choice.equal == "parameters" else f"_{choice.equal}"
    networks = []
    for kind in choice.baselines:
        try:
            scaled = equal_cost(
                kind, target, choice.equal, image_shape, constructed.classes, cutout=cutout
            )
        except InputError as error:
            raise InputError(f"--baselines: {error}") from None
        networks.append(Network(f"{kind}{suffix}", kind, Architecture.of_handmade(scaled)))
    return networks


def _cutout(stem: FixedCell) -> int | None:
    """Return the size of the Cutout in a stem, which is part of how AMLA trains."""
    blocks = (block for layer in stem for block in layer.blocks)
    return next((block.option("size") for block in blocks if block.kind == "cutout"), None)


def check_baselines(names: Sequence[str]) -> tuple[str, ...]:
    """Return the baselines that a user asked for, each once and in their usual order.

    Raises:
        InputError: A name is none of :data:`HANDMADE`.
    """
    for name in names:
        if name not in HANDMADE:
            raise InputError(
                f"--baselines: expected some of {', '.join(HANDMADE)},"
                f" received {name!r}{nearest(name, HANDMADE)}"
            )
    return tuple(name for name in HANDMADE if name in names)
