"""The rule for channels: how wide each layer of a network is, given the width of its stem."""

import math
from dataclasses import replace

from nac.architecture.fixed_cells import stem_channels
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.envelopenet import EnvelopeNet
from nac.utils.errors import InputError


def limited_width(width: float, layers: int) -> float:
    """Return the channels of an inner layer of a stage under parameter limits, before rounding.

    The formula (arXiv 1803.06744; AMLA generate.py, set_outputs) keeps the number of parameters of
    a stage about constant while the stage grows. With two layers it would divide by zero, so a
    stage of up to two layers keeps its target.

    Args:
        width: Target channels of the stage.
        layers: Number of layers of the stage.
    """
    if layers <= 2:
        return width
    return width / (layers - 2.0) * (math.sqrt(layers - 1.0) - 1)


def stage_widths(width: float, layers: int, limited: bool) -> list[float]:
    """Return the channels of each layer of a stage, before rounding.

    The last layer always has the full width, which is what the next stage builds on.
    """
    inner = limited_width(width, layers) if limited else width
    return [inner] * (layers - 1) + [width] if layers else []


def layer_widths(
    architecture: Architecture, settings: EnvelopeNet, channels: float
) -> dict[int, float]:
    """Return the channels of each layer of branches by its index, before rounding.

    The target of stage i, counted from 0, is C * 2^i.

    Args:
        architecture: The network, with the stages of the settings (see :func:`check_stages`).
        settings: The stages with parameter limits.
        channels: C. It need not be a whole number.
    """
    widths: dict[int, float] = {}
    for number, stage in enumerate(architecture.stages):
        limited = settings.parameter_limits[number]
        targets = stage_widths(channels * 2**number, len(stage), limited)
        widths.update(zip(stage, targets, strict=True))
    return widths


def with_channels(architecture: Architecture, settings: EnvelopeNet) -> Architecture:
    """Return the architecture with the channels of the rule, where C is that of its stem.

    Raises:
        InputError: There is no stem to take C from, the stages are not those of the settings, or
            a layer would have fewer channels than branches.
    """
    if architecture.stem is None:
        raise InputError("architecture: init_cell: missing; it sets the channels of the stages")
    check_stages(architecture, settings)
    network: list[Layer] = list(architecture.network)
    widths = layer_widths(architecture, settings, stem_channels(architecture.stem))
    for index, width in widths.items():
        network[index - 1] = _with_outputs(network[index - 1], int(width), index)
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
