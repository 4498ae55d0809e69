"""A comparison in sentences: what it shows, and what it does not."""

from collections.abc import Mapping, Sequence
from typing import Any

from nac.comparison.significance import CONFIDENCE, FEW_SEEDS

OTHERS = {
    "prior": "the prior",
    "worst_case": "the worst case",
    "reference": "the reference network",
}


def statement(
    differences: Sequence[Mapping[str, Any]], networks: Sequence[Mapping[str, Any]]
) -> str:
    """Return what a comparison shows, in sentences.

    Args:
        differences: ``differences`` of comparison.json.
        networks: ``networks`` of comparison.json.
    """
    sentences = [f"{_sentence(found, networks)}." for found in differences]
    sentences += _caveats(min((found["seeds"] for found in differences), default=0))
    return " ".join(sentences + _resolution(networks) + _missing(networks))


def _sentence(found: Mapping[str, Any], networks: Sequence[Mapping[str, Any]]) -> str:
    of_random = found["against"] == "random"
    others = _random(found["networks"]) if of_random else OTHERS[found["against"]]
    text = f"constructed {_verdict(found, others)}"
    if found["low"] is not None:
        method = "networks and seeds" if found["networks"] > 1 else "seeds"
        text += f", {CONFIDENCE}% interval {_interval(found)} (bootstrap over {method})"
    return text + _better_than(networks) if of_random else text


def _better_than(networks: Sequence[Mapping[str, Any]]) -> str:
    means = {
        kind: [entry["mean"] for entry in networks if entry["kind"] == kind and entry["accuracies"]]
        for kind in ("constructed", "random")
    }
    worse = sum(other < means["constructed"][0] for other in means["random"])
    return f"; better than {worse} of {len(means['random'])}"


def _random(networks: int) -> str:
    return f"the mean of {networks} random networks" if networks > 1 else "one random network"


def _verdict(found: Mapping[str, Any], others: str) -> str:
    """Return who is ahead, or that it cannot be told.

    Against a single network there is one difference per seed, and a bootstrap over three of them
    leaves out 0 whenever they have one sign, so in one of four cases by chance alone.
    """
    points = 100 * found["mean"]
    if found["low"] is None:
        return f"differs from {others} by {points:+.2f} points, with one seed"
    if found["networks"] == 1 and found["seeds"] < FEW_SEEDS:
        return f"differs from {others} by {points:+.2f} points, with too few seeds to call it"
    if found["low"] > 0:
        return f"beats {others} by {points:.2f} points"
    if found["high"] < 0:
        return f"falls behind {others} by {-points:.2f} points"
    return f"is not distinguishable from {others}: difference {points:+.2f} points"


def _interval(found: Mapping[str, Any]) -> str:
    return f"[{100 * found['low']:.2f}, {100 * found['high']:.2f}]"


def _caveats(seeds: int) -> list[str]:
    if not seeds:
        return ["Nothing can be said: no other network has a result with a seed of constructed's."]
    if seeds < 2:
        return [
            "With one seed no interval over seeds can be given: another seed may turn the result"
            " around."
        ]
    if seeds < FEW_SEEDS:
        return [f"With {seeds} seeds the interval is rough, rather too narrow than too wide."]
    return []


def _resolution(networks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how fine an accuracy can be; the choice of images is in no interval."""
    images = networks[0].get("images")
    if not images:
        return []
    return [f"One of the {images:,} images is {100 / images:.2f} points; intervals are for them."]


def _missing(networks: Sequence[Mapping[str, Any]]) -> list[str]:
    lacking = [
        f"{entry['name']} seed {', '.join(map(str, entry['failed']))}"
        for entry in networks
        if entry["failed"]
    ]
    return [f"Only finished trainings count; missing: {'; '.join(lacking)}."] if lacking else []
