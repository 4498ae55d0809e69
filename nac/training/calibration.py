"""The small networks whose layers are measured to know what a training step costs on a device.

Together they have parts of all kinds, with few and many channels, and with few and many pixels.
"""

from dataclasses import dataclass
from typing import Any

from nac.architecture.handmade import PLAIN_CNN, Handmade
from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture

CLASSES = 10

KINDS = ("1x1", "3x3", "3x3sep", "5x5", "5x5sep", "7x7sep")
"""Branches of a layer that has one of each kind."""

LRN = {"block": "lrn"}
DROPOUT = {"block": "dropout", "keep_prob": 0.8}


@dataclass(frozen=True)
class Calibration:
    """A network to measure.

    Attributes:
        side: Height and width of an image.
        batch_size: Images per step.
        architecture: The network.
        whole: Whether its whole step is measured beside its layers, which takes long to compile.
    """

    side: int
    batch_size: int
    architecture: Architecture
    whole: bool = True

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Shape of an image."""
        return self.side, self.side, 3


def network(channels: int, branches: int, *after: dict[str, Any]) -> Architecture:
    """Return layers of equal branches, one of all kinds, a widener and skip connections.

    Args:
        channels: Channels of stem and layers.
        branches: Branches of each layer.
        *after: Blocks of the stem behind its convolution.
    """

    def layer(*blocks: str, **more: Any) -> dict[str, Any]:
        filters = {f"Branch{number}": block for number, block in enumerate(blocks)}
        return {"filters": filters, "outputs": channels} | more

    alike = [layer(*[block] * branches) for block in ("1x1", "3x3", "5x5", "3x3sep", "7x7sep")]
    alike[1]["inputs"] = []
    mixed = layer(*KINDS[-branches:], inputs=[1, 2, 3])
    wide = layer(*["3x3"] * branches, inputs=[1, 6], outputs=2 * channels)
    first = {"block": "conv2d", "kernel_size": [3, 3], "outputs": channels}
    last = {"block": "fc-final", "inputs": channels, "outputs": CLASSES}
    return architecture_from_dict(
        {
            "type": "macro",
            "network": [*alike, mixed, {"widener": {}}, wide],
            "init_cell": _cell(first, *after),
            "classification_cell": _cell({"block": "reduce_mean"}, last),
        }
    )


def _cell(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {f"Layer{number}": {"Branch0": block} for number, block in enumerate(blocks)}


def plain(width: float) -> Architecture:
    """Return a network made by hand."""
    return Architecture.of_handmade(Handmade(PLAIN_CNN, width, CLASSES))


SMALL = (
    Calibration(14, 64, network(12, 6, LRN)),
    Calibration(8, 32, network(24, 6, LRN), whole=False),
    Calibration(14, 32, network(32, 1), whole=False),
    Calibration(8, 32, network(64, 1, DROPOUT)),
    Calibration(28, 32, plain(0.25)),
)
"""Networks that are so small that each core computes an operation of its own."""

LARGE = (
    Calibration(28, 32, network(12, 6, LRN)),
    Calibration(14, 32, network(48, 6, LRN), whole=False),
    Calibration(14, 64, network(64, 1, DROPOUT)),
    Calibration(28, 32, plain(0.5)),
)
"""Networks for GPUs, and for cores that compute one operation together."""
