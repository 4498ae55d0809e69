"""How many branches, and which, the layers of constructed networks keep."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from nac.architecture.network import Architecture, BranchLayer
from nac.plots.files import NothingToShowError
from nac.runs.saved_run import Run
from nac.utils.errors import InputError
from nac.utils.text import natural_order


@dataclass(frozen=True)
class Place:
    """The same layer of several networks.

    Attributes:
        stage: number from 1.
        position: within the stage, from 1.
        blocks: per network that has this layer, its blocks.
    """

    stage: int
    position: int
    blocks: tuple[tuple[str, ...], ...]

    @property
    def widths(self) -> list[int]:
        """Number of branches in each network."""
        return [len(blocks) for blocks in self.blocks]

    @property
    def mean(self) -> float:
        """Mean number of branches."""
        return fmean(self.widths)

    def shares(self) -> dict[str, float]:
        """Return block -> its share of the branches that were kept."""
        counts = Counter(block for blocks in self.blocks for block in blocks)
        return {block: count / sum(counts.values()) for block, count in counts.items()}


def constructed_networks(runs: Sequence[Run]) -> list[Architecture]:
    """Return the constructed network of each run.

    Raises:
        NothingToShowError: a run has none yet.
        InputError: they have not the same number of stages.
    """
    for run in runs:
        if run.constructed is None:
            raise NothingToShowError(f"{run.directory}: no constructed network yet")
    networks = [run.constructed for run in runs]
    for run, network in zip(runs, networks, strict=True):
        expected, received = len(networks[0].stages), len(network.stages)
        if expected != received:
            raise InputError(f"{run.directory}: expected {expected} stages, received {received}")
    return networks


def places(networks: Sequence[Architecture]) -> list[Place]:
    """Return the layers of networks with the same stages, by stage and position.

    Where stages differ in length, a place counts the networks that have it.
    """
    found = []
    for number in range(len(networks[0].stages)):
        stages = [_branch_layers(network, number) for network in networks]
        for position in range(max(map(len, stages))):
            blocks = tuple(stage[position] for stage in stages if position < len(stage))
            found.append(Place(number + 1, position + 1, blocks))
    return found


def all_blocks(layers: Sequence[Place]) -> list[str]:
    """Return the blocks that were kept anywhere, in natural order."""
    return sorted({block for layer in layers for block in layer.shares()}, key=natural_order)


def _branch_layers(network: Architecture, stage: int) -> list[tuple[str, ...]]:
    layers = [network.layer(index) for index in network.stages[stage]]
    return [
        tuple(block for _, block in layer.branches)
        for layer in layers
        if isinstance(layer, BranchLayer)
    ]
