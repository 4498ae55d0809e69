"""A comparison in sentences: what it shows, and what it does not."""

from collections.abc import Sequence

from nac.architecture.handmade import MOBILENET_V2, PLAIN_CNN, RESNET
from nac.comparison.networks import CONSTRUCTED, DRAWN, HANDMADE, RANDOM, RANDOM_SEARCH, REFERENCE
from nac.comparison.result import NetworkResult, of_kind
from nac.comparison.significance import CONFIDENCE, FEW_SEEDS, Difference

_MEASURES = {"parameters": "parameters", "flops": "FLOPs"}
"""What networks made by hand have as many of as the constructed one -> its name for people."""


def statement(
    differences: Sequence[Difference],
    networks: Sequence[NetworkResult],
    equal: str | None = None,
) -> str:
    """Return what a comparison shows, in sentences.

    Args:
        differences: The constructed network minus each other kind.
        networks: All networks, the constructed one first.
        equal: What networks made by hand have as many of as the constructed one.
    """
    sentences = _ahead(differences, equal) if equal else []
    sentences += [f"{_sentence(difference, networks)}." for difference in differences]
    if len(networks) > 1:
        sentences += _caveats(min((difference.seeds for difference in differences), default=0))
    return " ".join(sentences + _resolution(networks) + _missing(networks))


def _ahead(differences: Sequence[Difference], equal: str) -> list[str]:
    """Say whether the constructed network or the best of those made by hand is ahead."""
    handmade = [difference for difference in differences if difference.against in HANDMADE]
    if not handmade:
        return []
    closest = min(handmade, key=lambda difference: difference.mean)
    best = _others(closest)
    if len(handmade) > 1:
        best += f", the best of {len(handmade)} networks made by hand,"
    return [f"At equal {_MEASURES[equal]} {leader(closest, best)}."]


def leader(difference: Difference, best: str) -> str:
    """Return who is ahead, by how much, and how certain that is.

    Args:
        difference: The constructed network minus the best of the others.
        best: The name of that one in a sentence, with a comma at its end if one must follow.
    """
    points = 100 * difference.mean
    if round(points, 2) == 0:
        text = f"constructed and {best} are level"
    elif points > 0:
        text = f"constructed is {points:.2f} points ahead of {best}".removesuffix(",")
    else:
        text = f"{best} is {-points:.2f} points ahead of constructed"
    if difference.low is None:
        return f"{text}, with one seed"
    ends = (difference.low, difference.high) if points >= 0 else (-difference.high, -difference.low)
    return f"{text}, {_interval(*ends)}{_doubt(difference)}"


def _interval(low: float, high: float) -> str:
    return f"{CONFIDENCE}% interval [{100 * low:.2f}, {100 * high:.2f}]"


def _doubt(difference: Difference) -> str:
    if difference.low <= 0 <= difference.high:
        return ", which includes 0: either may be better"
    return ", from too few seeds to call it" if difference.seeds < FEW_SEEDS else ""


def _sentence(difference: Difference, networks: Sequence[NetworkResult]) -> str:
    text = f"constructed {_verdict(difference, _others(difference))}"
    if difference.low is not None:
        method = "networks and seeds" if difference.networks > 1 else "seeds"
        text += f", {_interval(difference.low, difference.high)} (bootstrap over {method})"
    return text + _better_than(networks) if difference.against == RANDOM else text


def _better_than(networks: Sequence[NetworkResult]) -> str:
    others = of_kind(networks, RANDOM)
    worse = sum(other.mean < of_kind(networks, CONSTRUCTED)[0].mean for other in others)
    return f"; better than {worse} of {len(others)}"


def _others(difference: Difference) -> str:
    if difference.against in DRAWN:
        kind, count = difference.against, difference.networks
        return f"the mean of {count} {kind} networks" if count > 1 else f"one {kind} network"
    if difference.against in _NAMES:
        return _NAMES[difference.against]
    if difference.against == RANDOM_SEARCH:
        return RANDOM_SEARCH.replace("_", " ")
    name = difference.against.replace("_", " ")
    return f"the {name} network" if difference.against == REFERENCE else f"the {name}"


_NAMES = {PLAIN_CNN: "the plain CNN", RESNET: "the ResNet", MOBILENET_V2: "MobileNetV2"}
"""Kind of a network made by hand -> its name in a sentence."""


def _verdict(difference: Difference, others: str) -> str:
    """Return which is better, or that the comparison cannot say.

    Against a single network there is one difference per seed. A bootstrap over three of them
    excludes 0 whenever all have the same sign, which happens by chance in one of four cases.
    """
    points = 100 * difference.mean
    if difference.low is None:
        return f"differs from {others} by {points:+.2f} points, with one seed"
    if difference.networks == 1 and difference.seeds < FEW_SEEDS:
        return f"differs from {others} by {points:+.2f} points, with too few seeds to call it"
    if difference.low > 0:
        return f"beats {others} by {points:.2f} points"
    if difference.high < 0:
        return f"falls behind {others} by {-points:.2f} points"
    return f"is not distinguishable from {others}: difference {points:+.2f} points"


def _caveats(seeds: int) -> list[str]:
    if not seeds:
        return [
            "Nothing can be said: no other network has a result with a seed of the constructed one."
        ]
    if seeds < 2:
        return ["With one seed there is no interval: another seed may reverse the result."]
    if seeds < FEW_SEEDS:
        return [f"With {seeds} seeds the interval is rough, and probably too narrow."]
    return []


def _resolution(networks: Sequence[NetworkResult]) -> list[str]:
    """Say how fine an accuracy can be; intervals do not cover the choice of images."""
    images = networks[0].images
    if not images:
        return []
    return [
        f"One of the {images:,} images is {100 / images:.2f} points;"
        " the intervals hold for these images only."
    ]


def _missing(networks: Sequence[NetworkResult]) -> list[str]:
    lacking = [
        f"{network.name} seed {', '.join(map(str, network.failed))}"
        for network in networks
        if network.failed
    ]
    return [f"Only finished trainings count; missing: {'; '.join(lacking)}."] if lacking else []
