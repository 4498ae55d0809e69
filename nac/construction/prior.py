"""The prior, which the paper calls EnvelopeNet."""

from collections.abc import Sequence
from dataclasses import replace

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.envelopenet import EnvelopeNet
from nac.construction.width import Limit, check_possible, sized


def dense_sources(index: int) -> tuple[int, ...]:
    """Return the sources of a new layer, nearest first.

    These are all layers before its predecessor, whose output is the direct input. The stem is left
    out, as in AMLA.
    """
    return tuple(range(index - 2, 0, -1))


def prior(
    settings: EnvelopeNet,
    stem: FixedCell,
    classifier: FixedCell | None,
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return the network of iteration 0, in which every layer is an envelope cell.

    With ``settings.skip`` it has all skip connections (paper, section 3).

    Args:
        settings: The ``envelopenet`` section of the experiment.
        stem: The first cell.
        classifier: The last cell.
        limits: What the network may cost, see :func:`nac.construction.width.sized`.

    Raises:
        InputError: The stem is too narrow for the branches of an envelope cell, or no network of
            this form meets the limits.
    """
    return sized(_envelope_network(settings, stem, classifier), settings, limits)


def check_possible_growth(
    settings: EnvelopeNet,
    stem: FixedCell,
    classifier: FixedCell | None,
    iterations: int,
    limits: Sequence[Limit],
) -> None:
    """Check that all networks of a construction can meet the limits, whatever it prunes.

    Args:
        settings: The ``envelopenet`` section of the experiment.
        stem: The first cell.
        classifier: The last cell.
        iterations: How often the network grows.
        limits: What networks may cost.

    Raises:
        InputError: The prior, or the network to which it would grow if nothing were pruned, exceeds
            a limit in any width.
    """
    numbers = settings.layers_per_stage, settings.max_layers_per_stage, settings.construction
    for times in (0, iterations):
        layers = tuple(
            min(count + times, most) if grows else count
            for count, most, grows in zip(*numbers, strict=True)
        )
        network = _envelope_network(replace(settings, layers_per_stage=layers), stem, classifier)
        check_possible(network, settings, limits)


def _envelope_network(
    settings: EnvelopeNet, stem: FixedCell, classifier: FixedCell | None
) -> Architecture:
    network: list[Layer] = []
    for number, layers in enumerate(settings.layers_per_stage):
        if number:
            network.append(Widener())
        for _ in range(layers):
            network.append(envelope_cell(settings, len(network) + 1))
    return Architecture(tuple(network), stem, classifier)


def envelope_cell(settings: EnvelopeNet, index: int) -> BranchLayer:
    """Return a fresh envelope cell for the given index.

    Its channels are still to be set, see :func:`nac.construction.width.sized`.
    """
    inputs = dense_sources(index) if settings.skip else None
    return BranchLayer(settings.envelopecell, len(settings.envelopecell), inputs)
