"""The figures of the benchmark, each of them a ratio of sides that took turns."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tools.benchmarks.side import NETWORKS, PEAK_SIDE
from tools.benchmarks.sizes import estimated_ms, multiply_adds, plain_multiply_adds
from tools.benchmarks.turns import Ratio, Side, in_turns, ratio

WIDE: tuple[tuple[str, dict[str, str]], ...] = (
    ("digits", {"blocks": "3x3", "width": "32"}),
    ("fashion", {"blocks": "3x3+5x5sep", "width": "24"}),
)
"""Networks and options: few wide branches in the place of many narrow ones."""


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Attributes:
        networks: Names of the networks.
        rounds: Turns of each side.
        steps: Steps per turn on the smallest network; larger ones take fewer.
        against: A checkout of another version, None for none.
    """

    networks: tuple[str, ...]
    rounds: int
    steps: int
    against: Path | None = None

    def steps_of(self, network: str) -> int:
        """Return the number of steps per turn on a network."""
        return max(1, self.steps // 10) if network == "cifar10" else self.steps


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    Attributes:
        name: What was measured.
        network: On which network.
        value: The figure itself: a ratio, a share or an exponent.
        lowest: The smallest value of a turn.
        highest: The largest one.
        times: The seconds of both sides, or other facts, in words.
    """

    name: str
    network: str
    value: float
    lowest: float
    highest: float
    times: str


def figure(name: str, network: str, measured: Ratio) -> Figure:
    """Return the row of a ratio."""
    times = f"{1e3 * measured.seconds:.2f} ms / {1e3 * measured.base_seconds:.2f} ms"
    return Figure(name, network, measured.median, measured.lowest, measured.highest, times)


def measured(
    settings: Settings, network: str, sides: Mapping[str, tuple[str, dict]]
) -> dict[str, list[float]]:
    """Set up sides, name -> (kind, options), and return the seconds of their turns."""
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(Side(network, kind, **options))
            for name, (kind, options) in sides.items()
        }
        count = settings.steps_of(network)
        return in_turns(made, settings.rounds, dict.fromkeys(made, count))


def pair(settings: Settings, network: str, name: str, first: tuple, second: tuple) -> Figure:
    """Return the ratio of two sides, each a kind and its options."""
    times = measured(settings, network, {"first": first, "second": second})
    return figure(name, network, ratio(times["first"], times["second"]))


def instrumented(settings: Settings) -> Iterator[Figure]:
    """Yield a step with metrics / one without."""
    for network in settings.networks:
        yield pair(settings, network, "instrumented / bare", ("nac", {}), ("bare", {}))


def handwritten(settings: Settings) -> Iterator[Figure]:
    """Yield nac's step with metrics / a lean step of plain Keras layers."""
    for network in settings.networks:
        name = "nac / handwritten Keras"
        yield pair(settings, network, name, ("nac", {}), ("handwritten", {}))


def jit(settings: Settings) -> Iterator[Figure]:
    """Yield a step that XLA compiled / one that it did not."""
    for network in settings.networks:
        yield pair(settings, network, "XLA / not", ("nac", {"jit": 1}), ("nac", {}))


def saving(settings: Settings) -> Iterator[Figure]:
    """Yield a step that saves memory / one that does not; parts are a quarter of the batch."""
    for network in settings.networks:
        ways = {"recompute": 1, "micro_batch": NETWORKS[network][2] // 4}
        sides = {way: ("nac", {way: value}) for way, value in ways.items()}
        times = measured(settings, network, {**sides, "plain": ("nac", {})})
        for way in ways:
            yield figure(f"--{way} / not", network, ratio(times[way], times["plain"]))


def devices(settings: Settings) -> Iterator[Figure]:
    """Yield a step on two logical devices / on one, with the same global batch."""
    for network in settings.networks:
        sides = ("nac", {"devices": 2}), ("nac", {})
        yield pair(settings, network, "two logical devices / one", *sides)


def loop(settings: Settings) -> Iterator[Figure]:
    """Yield a step of the entire loop / the step alone, and reading a batch / a step."""
    sides = {"loop": ("loop", {}), "reading": ("reading", {}), "step": ("nac", {})}
    times = measured(settings, "digits", sides)
    yield figure("loop / step", "digits", ratio(times["loop"], times["step"]))
    yield figure("reading a batch / step", "digits", ratio(times["reading"], times["step"]))


def versions(settings: Settings) -> Iterator[Figure]:
    """Yield this version's step / that of the version of ``--against``."""
    if settings.against is None:
        return
    for network in settings.networks:
        other = {"root": settings.against}
        sides = ("nac", {}), ("nac", other)
        yield pair(settings, network, f"this version / {settings.against.name}", *sides)


def peak(settings: Settings) -> Iterator[Figure]:
    """Yield the share of the machine's matmul peak that a step reaches."""
    for network in settings.networks:
        times = measured(settings, network, {"step": ("nac", {}), "peak": ("matmul", {})})
        speeds = [2.0 * PEAK_SIDE**3 / seconds for seconds in times["peak"]]
        # A step costs three times the forward pass, two operations per multiplication.
        operations = 6.0 * multiply_adds(network) * NETWORKS[network][2]
        shares = [
            operations / seconds / speed
            for seconds, speed in zip(times["step"], speeds, strict=True)
        ]
        facts = f"{operations / 1e9:.2f} GFLOP per step, peak {max(speeds) / 1e9:.0f} GFLOP/s"
        yield spread("share of the matmul peak", network, shares, facts)


def plain(settings: Settings) -> Iterator[Figure]:
    """Yield images per second and FLOP / those of a plain network, on Fashion-MNIST's images."""
    # What was constructed is trained fully without metrics.
    for network, kind in (("fashion", "nac"), ("constructed", "bare")):
        times = measured(settings, network, {"nac": (kind, {}), "plain": ("plain", {})})
        ours, theirs = multiply_adds(network), plain_multiply_adds(network)
        ratios = [
            (other / theirs) / (own / ours)
            for own, other in zip(times["nac"], times["plain"], strict=True)
        ]
        facts = f"{2e-6 * ours:.1f} MFLOPs / {2e-6 * theirs:.1f} MFLOPs per image"
        yield spread("images/s per FLOP, nac / plain CNN", network, ratios, facts)


def scaling(settings: Settings) -> Iterator[Figure]:
    """Yield the exponents with which a step's time grows with width and depth."""
    for name, key, sizes in (("width", "width", (12, 24, 48)), ("depth", "layers", (2, 4, 8))):
        sides = {str(size): ("nac", {key: size}) for size in sizes}
        times = measured(settings, "digits", sides)
        rounds = zip(*times.values(), strict=True)
        exponents = [exponent(sizes, seconds) for seconds in rounds]
        flops = exponent(sizes, [multiply_adds("digits", **{key: size}) for size in sizes])
        facts = f"{name} {', '.join(map(str, sizes))}; FLOPs grow with exponent {flops:.2f}"
        yield spread(f"exponent of {name}", "digits", exponents, facts)


def estimates(settings: Settings) -> Iterator[Figure]:
    """Yield the estimated time of a step / the measured one, also of few wide branches."""
    networks = [(network, {}) for network in settings.networks]
    for network, options in [*networks, *(pair for pair in WIDE if pair[0] in settings.networks)]:
        seconds = measured(settings, network, {"step": ("nac", options)})["step"]
        estimate = estimated_ms(network, options)
        ratios = [estimate / (1e3 * time) for time in seconds]
        facts = f"{estimate:.1f} ms / at least {1e3 * min(seconds):.1f} ms"
        name = f"{network}, {options['blocks']}" if options else network
        yield spread("estimated / measured step", name, ratios, facts)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of the logarithm of values over that of sizes (least squares).

    Example:
    >>> round(exponent([1, 2, 4], [3, 12, 48]), 6)
    2.0
    """
    x, y = ([math.log(number) for number in numbers] for numbers in (sizes, values))
    center_x, center_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - center_x) * (b - center_y) for a, b in zip(x, y, strict=True))
    return products / sum((a - center_x) ** 2 for a in x)


def spread(name: str, network: str, values: Sequence[float], facts: str) -> Figure:
    """Return the row of a figure that was measured once per round."""
    ordered = sorted(values)
    return Figure(name, network, ordered[len(ordered) // 2], ordered[0], ordered[-1], facts)


FIGURES: dict[str, Callable[[Settings], Iterator[Figure]]] = {
    "instrumented": instrumented,
    "handwritten": handwritten,
    "peak": peak,
    "plain": plain,
    "loop": loop,
    "devices": devices,
    "scaling": scaling,
    "estimates": estimates,
    "jit": jit,
    "saving": saving,
    "versions": versions,
}
"""Name of a figure -> the function that measures it."""
