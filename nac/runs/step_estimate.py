"""How long a training step of a network takes here, where the times of blocks are known."""

from collections.abc import Mapping
from dataclasses import dataclass

from nac.architecture.network import Architecture
from nac.construction.step_time import layer_ms
from nac.runs.block_times import FLOAT32, times_path, undamaged_times


@dataclass(frozen=True)
class StepEstimate:
    """What a training step takes on a device, estimated.

    Attributes:
        device: Name of the device.
        batch_size: Images per step.
        layers: Milliseconds of each layer by its Keras name; those of the step itself have an
            empty name.
    """

    device: str
    batch_size: int
    layers: Mapping[str, float]

    @property
    def ms(self) -> float:
        """Milliseconds of the whole step."""
        return sum(self.layers.values())


def step_estimate(
    architecture: Architecture,
    image_shape: tuple[int, int, int],
    batch_size: int,
    dtype_policy: str = FLOAT32,
) -> StepEstimate | None:
    """Return what a training step takes on the device at hand; nothing is measured.

    Args:
        architecture: The network, with stem and classifier.
        image_shape: (height, width, channels) of an image.
        batch_size: Images per step.
        dtype_policy: Keras' dtype policy of the network.

    Returns:
        None if no times of this device are kept, or if it is a micro network.
    """
    if architecture.type == "micro":
        return None
    times = undamaged_times(times_path(dtype_policy))
    if times is None:
        return None
    layers = layer_ms(architecture, image_shape, batch_size, times)
    return StepEstimate(times.device, batch_size, layers)
