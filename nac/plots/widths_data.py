"""Number and kind of the branches that the layers of constructed networks keep."""

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
class LayerWidths:
    """The layers of several networks that have the same stage and position.

    Attributes:
        stage: Number of the stage, starting at 1.
        position: Position within the stage, starting at 1.
        blocks: The blocks of the layer in each network that has it.
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
        """Return the share of each block in all branches of these layers."""
        counts = Counter(block for blocks in self.blocks for block in blocks)
        return {block: count / sum(counts.values()) for block, count in counts.items()}


def constructed_networks(runs: Sequence[Run]) -> list[Architecture]:
    """Return the constructed network of each run.

    Raises:
        NothingToShowError: A run has no constructed network yet.
        InputError: The networks differ in their number of stages.
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


def layer_widths(networks: Sequence[Architecture]) -> list[LayerWidths]:
    """Group the layers of networks by stage and position.

    All networks must have the same number of stages. A stage may be deeper in some of them.
    """
    layers = []
    for number in range(len(networks[0].stages)):
        stages = [_stage_blocks(network, number) for network in networks]
        for position in range(max(map(len, stages))):
            blocks = tuple(stage[position] for stage in stages if position < len(stage))
            layers.append(LayerWidths(number + 1, position + 1, blocks))
    return layers


def all_blocks(layers: Sequence[LayerWidths]) -> list[str]:
    """Return all blocks that any layer keeps, in natural order."""
    return sorted({block for layer in layers for block in layer.shares()}, key=natural_order)


def _stage_blocks(network: Architecture, stage: int) -> list[tuple[str, ...]]:
    layers = [network.layer(index) for index in network.stages[stage]]
    kept = [layer.branches for layer in layers if isinstance(layer, BranchLayer)]
    return [tuple(block for _, block in branches) for branches in kept]
