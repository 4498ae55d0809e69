"""How wide a network is: as wide as its stem says, or as wide as a budget allows.

Costs are step functions of the width, since channels are whole numbers, and a layer of M branches
gets M channels at a time. If all layers took their steps together, a narrow network could only cost
100, or 150, or 200 percent of what it should. So each layer takes its steps at another moment, and
the stem may be a little wider or narrower than the layers are: the network then grows in many
small steps.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nac.architecture.fixed_cells import with_stem_channels
from nac.architecture.network import Architecture, BranchLayer, Layer
from nac.config.envelopenet import EnvelopeNet
from nac.construction.channels import check_stages, layer_widths, with_channels
from nac.utils.errors import InputError

WIDEST = 65_536
"""Channels that enter stage 1 beyond which no limit is looked for."""

STEPS = 64
"""Steps of the search per channel of the stem."""

STEM_OFFSETS = (0, 1, -1, 2, -2)
"""Channels that the stem may have more or less than the rule for channels says."""

PHASES = (0.0, 0.25, 0.5, 0.75)
"""Shifts of the moments at which layers take their steps."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""Fractional parts of its multiples are spread evenly, however many there are."""


@dataclass(frozen=True)
class Limit:
    """What a network may cost at most.

    Attributes:
        name: Name of the cost, a key of the section ``budget``, such as ``size_kib``.
        cost: Returns the cost of a network. Wider networks must not cost less.
        most: The largest cost that is allowed.
        unit: What is counted, for people, such as ``KiB``; by default the name.
    """

    name: str
    cost: Callable[[Architecture], float]
    most: float
    unit: str = ""

    def stated(self, architecture: Architecture) -> str:
        """Return what a network costs, such as ``98,412 of 100,000 parameters``."""
        cost = amount(self.cost(architecture))
        return f"{cost} of {amount(self.most)} {self.unit or self.name}"


def sized(
    architecture: Architecture, settings: EnvelopeNet, limits: Sequence[Limit] = ()
) -> Architecture:
    """Return a network with the right width: see :func:`scaled`, or the rule if nothing limits it.

    Args:
        architecture: The network; its channels do not matter.
        settings: The rule for channels.
        limits: What the network may cost. Without any, its stem sets its width, as in the paper.

    Raises:
        InputError: The network does not fit the settings, or no width meets the limits.
    """
    return (
        scaled(architecture, settings, limits) if limits else with_channels(architecture, settings)
    )


def scaled(
    architecture: Architecture, settings: EnvelopeNet, limits: Sequence[Limit]
) -> Architecture:
    """Return the network in the largest width that meets all limits.

    One number sets the width of stem and layers, in the proportions of
    :func:`nac.construction.channels.layer_widths`. Of all networks that result, and that no limit
    forbids, the one that comes closest to a limit is returned. It rarely costs 3% less than the
    limit, except where a network is so narrow that a single channel costs more than that.

    Args:
        architecture: The network; its channels do not matter, only the shares of the branches of
            its stem's last convolution layer.
        settings: The rule for channels.
        limits: What the network may cost; at least one.

    Raises:
        InputError: Even the narrowest network exceeds a limit, or the network does not fit the
            settings.

    Example:
    >>> from nac.config import load_experiment
    >>> from nac.construction.costs import count
    >>> from nac.construction.prior import prior
    >>> file = load_experiment("experiments/digits/construct.yaml")
    >>> wide = prior(file.envelopenet, file.stem, file.classifier)
    >>> limit = Limit("parameters", lambda network: count(network, (8, 8, 1)).parameters, 20_000)
    >>> count(scaled(wide, file.envelopenet, [limit]), (8, 8, 1)).parameters
    19750
    """
    check_possible(architecture, settings, limits)
    families = [
        _Family(architecture, settings, offset, phase)
        for phase in PHASES
        for offset in STEM_OFFSETS
    ]
    candidates = (family.widest(limits) for family in families)
    return max(filter(None, candidates), key=lambda network: fullness(network, limits))


def fullness(architecture: Architecture, limits: Sequence[Limit]) -> float:
    """Return the cost of a network as a share of the tightest limit; above 1 it exceeds one."""
    return max(limit.cost(architecture) / limit.most for limit in limits)


def check_possible(
    architecture: Architecture, settings: EnvelopeNet, limits: Sequence[Limit]
) -> None:
    """Check that a network meets the limits if only it is narrow enough.

    Raises:
        InputError: Even the narrowest network of its form exceeds a limit, or the network does not
            fit the settings.
    """
    check_stages(architecture, settings)
    narrowest = _Family(architecture, settings, STEM_OFFSETS[0], PHASES[0]).member(0)
    for limit in limits:
        least = limit.cost(narrowest)
        if least > limit.most:
            raise InputError(
                f"budget.{limit.name}: expected at least {amount(least)}, what the network"
                f" {narrowest.notation} has if each branch has one channel,"
                f" received {amount(limit.most)}"
            )


def amount(value: float) -> str:
    """Return a cost for people, fractions rounded up to hundredths.

    Example:
    >>> amount(98412), amount(20.863)
    ('98,412', '20.87')
    """
    return f"{math.ceil(value * 100) / 100:,.2f}".removesuffix(".00")


@dataclass(frozen=True)
class _Family:
    """Networks of one form in order of their width.

    Attributes:
        architecture: One of them.
        settings: The rule for channels.
        offset: Channels that the stem has more than the rule says.
        phase: Shift of the moments at which layers take their steps.
    """

    architecture: Architecture
    settings: EnvelopeNet
    offset: int
    phase: float

    def widest(self, limits: Sequence[Limit]) -> Architecture | None:
        """Return the widest member that meets the limits, None if there is none."""

        def exceeds(size: int) -> bool:
            return fullness(self.member(size), limits) > 1

        end = STEPS
        while not exceeds(end):
            if end > WIDEST * STEPS:
                raise InputError(
                    f"budget: expected a limit that networks of {WIDEST:,} channels exceed,"
                    " received a larger one"
                )
            end *= 2
        size = bisect_left(range(end), True, key=exceeds)
        return self.member(size - 1) if size else None

    def member(self, size: int) -> Architecture:
        """Return the network of a size: the channels that enter stage 1, times STEPS."""
        channels = size / STEPS
        network: list[Layer] = list(self.architecture.network)
        for index, width in layer_widths(self.architecture, self.settings, channels).items():
            layer = network[index - 1]
            assert isinstance(layer, BranchLayer)  # see check_stages
            network[index - 1] = self._with_width(layer, width, index)
        stem = self.architecture.stem
        assert stem is not None
        wide = with_stem_channels(stem, max(1, round(channels) + self.offset))
        return replace(self.architecture, network=tuple(network), stem=wide)

    def _with_width(self, layer: BranchLayer, width: float, index: int) -> BranchLayer:
        branches = len(layer.branches)
        moment = (index * GOLDEN + self.phase) % 1
        return replace(layer, outputs=branches * max(1, math.floor(width / branches + moment)))
