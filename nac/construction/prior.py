"""The prior (EnvelopeNet) and the rule for channels."""

import math
from dataclasses import replace

from nac.architecture.fixed_cells import FixedCell, stem_channels
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.values import EnvelopeNet
from nac.utils.errors import InputError


def limited_outputs(width: int, layers: int) -> int:
    """Return the channels of an inner layer of a stage under parameter limits.

    The formula (arXiv 1803.06744; AMLA generate.py, set_outputs) keeps the parameters of a stage
    about constant while it grows. It divides by zero for two layers: there the target stands.

    Args:
        width: target channels of the stage.
        layers: number of layers of the stage.
    """
    if layers <= 2:
        return width
    return int(width / (layers - 2.0) * (math.sqrt(layers - 1.0) - 1))


def stage_outputs(width: int, layers: int, limited: bool) -> list[int]:
    """Return the channels of each layer of a stage; the last one always has the full width."""
    inner = limited_outputs(width, layers) if limited else width
    return [inner] * (layers - 1) + [width] if layers else []


def with_channels(architecture: Architecture, policy: EnvelopeNet) -> Architecture:
    """Return the architecture with the channels that the rule gives: C * 2^i in stage i from 0.

    Raises:
        InputError: no stem to take C from, more stages than the policy knows, or a layer with
            fewer channels than branches.
    """
    if architecture.stem is None:
        raise InputError("architecture: init_cell: missing, construction takes its channels")
    check_stages(architecture, policy)
    channels = stem_channels(architecture.stem)
    network: list[Layer] = list(architecture.network)
    for number, stage in enumerate(architecture.stages):
        limited = policy.parameter_limits[number]
        outputs = stage_outputs(channels * 2**number, len(stage), limited)
        for index, width in zip(stage, outputs, strict=True):
            network[index - 1] = _with_outputs(network[index - 1], width, index)
    return replace(architecture, network=tuple(network))


def _with_outputs(layer: Layer, outputs: int, index: int) -> Layer:
    if not isinstance(layer, BranchLayer):
        return layer
    if outputs < len(layer.branches):
        raise InputError(
            f"envelopenet: layer {index} would have {outputs} channels for"
            f" {len(layer.branches)} branches; expected at least one each (a wider init_cell?)"
        )
    return replace(layer, outputs=outputs)


def check_stages(architecture: Architecture, policy: EnvelopeNet) -> None:
    """Raise InputError if construction cannot work on it, or the policy has other stages."""
    for index, layer in enumerate(architecture.network, start=1):
        if not isinstance(layer, BranchLayer | Widener):
            raise InputError(
                f"architecture: layer {index}: construction works on branch layers and wideners,"
                f" received {type(layer).__name__}"
            )
    found = len(architecture.stages)
    if found != policy.stages:
        raise InputError(
            f"architecture: expected {policy.stages} stages as envelopenet.stages says,"
            f" received {found}"
        )


def dense_sources(index: int) -> tuple[int, ...]:
    """Return the sources of a new layer: all before its predecessor but the stem, nearest first."""
    return tuple(range(index - 2, 0, -1))


def prior(policy: EnvelopeNet, stem: FixedCell, classifier: FixedCell | None) -> Architecture:
    """Return the network of iteration 0: every layer an envelope cell, all skips there.

    Raises:
        InputError: the stem is too narrow for the branches of an envelope cell.
    """
    network: list[Layer] = []
    for number, layers in enumerate(policy.layers_per_stage):
        if number:
            network.append(Widener())
        for _ in range(layers):
            network.append(envelope_cell(policy, len(network) + 1))
    return with_channels(Architecture(tuple(network), stem, classifier), policy)


def envelope_cell(policy: EnvelopeNet, index: int) -> BranchLayer:
    """Return a fresh envelope cell for the given index; its channels are still to be set."""
    inputs = dense_sources(index) if policy.skip else None
    return BranchLayer(policy.envelopecell, len(policy.envelopecell), inputs)
