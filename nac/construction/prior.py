"""The prior, which the paper calls EnvelopeNet, and the rule for channels."""

import math
from dataclasses import replace

from nac.architecture.fixed_cells import FixedCell, stem_channels
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.values import EnvelopeNet
from nac.utils.errors import InputError


def limited_outputs(width: int, layers: int) -> int:
    """Return the channels of an inner layer of a stage under parameter limits.

    The formula (arXiv 1803.06744; AMLA generate.py, set_outputs) keeps the number of parameters of
    a stage about constant while the stage grows. With two layers it would divide by zero, so a
    stage of up to two layers keeps its target.

    Args:
        width: Target channels of the stage.
        layers: Number of layers of the stage.
    """
    if layers <= 2:
        return width
    return int(width / (layers - 2.0) * (math.sqrt(layers - 1.0) - 1))


def stage_outputs(width: int, layers: int, limited: bool) -> list[int]:
    """Return the channels of each layer of a stage.

    The last layer always has the full width, which is what the next stage builds on.
    """
    inner = limited_outputs(width, layers) if limited else width
    return [inner] * (layers - 1) + [width] if layers else []


def with_channels(architecture: Architecture, settings: EnvelopeNet) -> Architecture:
    """Return the architecture with the channels of the rule: C * 2^i in stage i, counted from 0.

    Raises:
        InputError: There is no stem to take C from, the stages are not those of the settings, or
            a layer would have fewer channels than branches.
    """
    if architecture.stem is None:
        raise InputError("architecture: init_cell: missing; it sets the channels of the stages")
    check_stages(architecture, settings)
    channels = stem_channels(architecture.stem)
    network: list[Layer] = list(architecture.network)
    for number, stage in enumerate(architecture.stages):
        limited = settings.parameter_limits[number]
        outputs = stage_outputs(channels * 2**number, len(stage), limited)
        for index, width in zip(stage, outputs, strict=True):
            network[index - 1] = _with_outputs(network[index - 1], width, index)
    return replace(architecture, network=tuple(network))


def _with_outputs(layer: Layer, outputs: int, index: int) -> Layer:
    assert isinstance(layer, BranchLayer)  # see check_stages
    if outputs < len(layer.branches):
        raise InputError(
            f"envelopenet: layer {index} would have {outputs} channels for"
            f" {len(layer.branches)} branches; expected at least one each (a wider init_cell?)"
        )
    return replace(layer, outputs=outputs)


def check_stages(architecture: Architecture, settings: EnvelopeNet) -> None:
    """Check that construction can work on a network and that its stages are those of the settings.

    Raises:
        InputError: They are not, or there is a layer of a kind that construction does not know.
    """
    for index, layer in enumerate(architecture.network, start=1):
        if not isinstance(layer, BranchLayer | Widener):
            raise InputError(
                f"architecture: layer {index}: construction works on branch layers and wideners,"
                f" received {type(layer).__name__}"
            )
    stages = len(architecture.stages)
    if stages != settings.stages:
        raise InputError(
            f"architecture: expected {settings.stages} stages as envelopenet.stages says,"
            f" received {stages}"
        )


def dense_sources(index: int) -> tuple[int, ...]:
    """Return the sources of a new layer, nearest first.

    These are all layers before its predecessor, whose output is the direct input. The stem is left
    out, as in AMLA.
    """
    return tuple(range(index - 2, 0, -1))


def prior(settings: EnvelopeNet, stem: FixedCell, classifier: FixedCell | None) -> Architecture:
    """Return the network of iteration 0, in which every layer is an envelope cell.

    With ``settings.skip`` it has all skip connections (paper, section 3).

    Args:
        settings: The ``envelopenet`` section of the experiment.
        stem: The first cell.
        classifier: The last cell.

    Raises:
        InputError: The stem is too narrow for the branches of an envelope cell.
    """
    network: list[Layer] = []
    for number, layers in enumerate(settings.layers_per_stage):
        if number:
            network.append(Widener())
        for _ in range(layers):
            network.append(envelope_cell(settings, len(network) + 1))
    return with_channels(Architecture(tuple(network), stem, classifier), settings)


def envelope_cell(settings: EnvelopeNet, index: int) -> BranchLayer:
    """Return a fresh envelope cell for the given index; :func:`with_channels` sets its channels."""
    inputs = dense_sources(index) if settings.skip else None
    return BranchLayer(settings.envelopecell, len(settings.envelopecell), inputs)
