"""The networks that a run's constructed network is compared with."""

import random
from dataclasses import dataclass
from pathlib import Path

from nac.architecture.network import Architecture
from nac.config import Experiment, load_experiment
from nac.construction.baselines import random_network, reference_network
from nac.construction.prior import prior
from nac.runs.construction import check_construction, load_constructed
from nac.runs.layout import ARCHITECTURE, EXPERIMENT, FLAGS_FILE
from nac.utils.errors import InputError

CONSTRUCTED, PRIOR, WORST_CASE = "constructed", "prior", "worst_case"
RANDOM, REFERENCE = "random", "reference"

KINDS = (CONSTRUCTED, PRIOR, WORST_CASE, RANDOM, REFERENCE)
"""Kinds of networks in a comparison. There may be several random ones, and one of each other."""


@dataclass(frozen=True)
class Choice:
    """Which baselines take part.

    Attributes:
        random: Number of random networks.
        skips: Their skip connections, see :func:`nac.construction.baselines.random_network`.
        baseline_seed: Random networks are a function of it and of their number.
        reference: Whether the network made by hand takes part.
    """

    random: int
    skips: str = "random"
    baseline_seed: int = 0
    reference: bool = False


@dataclass(frozen=True)
class Network:
    """A network that takes part.

    Attributes:
        name: Its name, which is that of its directory.
        kind: One of :data:`KINDS`.
        architecture: None for the worst case, which is still to be constructed.
    """

    name: str
    kind: str
    architecture: Architecture | None


def load_finished_run(run: Path) -> tuple[Experiment, Architecture]:
    """Return the experiment of a run and the network that it constructed.

    Raises:
        InputError: The run does not exist, is not finished, or has no recipe of a full training.
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
    return experiment, load_constructed(run, experiment)


def choose_networks(
    experiment: Experiment, constructed: Architecture, choice: Choice
) -> tuple[Network, ...]:
    """Return all networks that take part, the constructed one first.

    Asking for more random networks does not change the first ones.
    """
    policy = experiment.need("envelopenet")
    cells = experiment.need("init_cell"), experiment.classifier
    networks = [
        Network(CONSTRUCTED, CONSTRUCTED, constructed),
        Network(PRIOR, PRIOR, prior(policy, *cells)),
        Network(WORST_CASE, WORST_CASE, None),
    ]
    if choice.reference:
        networks.append(Network(REFERENCE, REFERENCE, reference_network(policy, *cells)))
    for number in range(choice.random):
        generator = random.Random(f"{choice.baseline_seed}/{number}")
        drawn = random_network(constructed, policy, generator, choice.skips)
        networks.append(Network(f"{RANDOM}{number:02d}", RANDOM, drawn))
    return tuple(networks)
