"""What a GPU should give at best, by arithmetic alone. Nothing here is measured."""

from dataclasses import dataclass

from tools.benchmarks.side import ARCHITECTURES, NETWORKS
from tools.benchmarks.sizes import featuremap_values, multiply_adds, parameters

PASSES = 30
"""Times that each value of a featuremap is read or written in a step, about: six convolutions read
it forward, their gradients twice more; batch norm, ReLU, metrics, dropout, concatenation and their
gradients make up the rest."""

WEIGHT_PASSES = 12
"""Times that each weight is read or written: forward, gradients, clipping, momentum, average."""

KERNELS_PER_CELL = 130
"""GPU kernels that a cell of six branches launches in a step, about.

A profile of the digits network's step on a CPU has 1,300 operations for ten cells, of the forward
and backward pass and of the update of the weights.
"""


@dataclass(frozen=True)
class Gpu:
    """A GPU's data sheet.

    Attributes:
        name: Its name.
        flops: Floating-point operations per second, float32.
        bandwidth: Bytes per second from and to its memory.
        launch: Seconds between the starts of two kernels, about.
    """

    name: str
    flops: float
    bandwidth: float
    launch: float


V100 = Gpu("V100", flops=15.7e12, bandwidth=900e9, launch=5e-6)


def lower_bounds(network: str, gpu: Gpu = V100) -> dict[str, float]:
    """Return the milliseconds that a step takes at least, by what bounds it."""
    _, layers, batch, _ = NETWORKS[network]
    values = featuremap_values(network) * batch
    moved = 4.0 * (PASSES * values + WEIGHT_PASSES * parameters(network))
    seconds = {
        "arithmetic": 6.0 * multiply_adds(network) * batch / gpu.flops,
        "memory": moved / gpu.bandwidth,
        "kernel launches": KERNELS_PER_CELL * sum(layers) * gpu.launch,
    }
    return {name: 1e3 * value for name, value in seconds.items()}


def arithmetic_table() -> str:
    """Return the bounds of all priors as a Markdown table."""
    lines = [
        f"| {V100.name}, computed | arithmetic | memory | launches, estimated | images/s at most |"
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for network, (_, _, batch, _) in NETWORKS.items():
        if network in ARCHITECTURES:
            continue  # its cells do not have six branches
        bounds = lower_bounds(network)
        cells = " | ".join(f"{value:.2f} ms" for value in bounds.values())
        lines.append(f"| {network} | {cells} | {1e3 * batch / max(bounds.values()):,.0f} |")
    return "\n".join(lines)
