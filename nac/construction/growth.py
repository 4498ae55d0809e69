"""Growth that stops where it does not pay (``envelopenet.min_gain``).

With a limit of what networks may cost, a further cell makes all layers narrower. Whether that pays
shows in the next truncated training, which has as many steps. So stages grow in turn, one per
iteration, and one whose newest cell gained too little does not grow any more: what it would have
cost goes to width. AutoGrow (Wen et al., KDD 2020) stops likewise.
"""

from collections.abc import Sequence
from itertools import pairwise

from nac.architecture.network import Architecture
from nac.config.envelopenet import EnvelopeNet

Trained = tuple[Architecture, float]
"""A network of an iteration, and its accuracy."""


def resting_stages(settings: EnvelopeNet, trained: Sequence[Trained]) -> dict[int, str]:
    """Return number of each stage, from 0, that does not grow now though it may -> why.

    Args:
        settings: The ``envelopenet`` section of the experiment.
        trained: The networks of all iterations so far, the newest one last, each with its accuracy
            on the validation images.
    """
    if settings.min_gain is None:
        return {}
    resting = _stopped(settings.min_gain, trained)
    newest = trained[-1][0]
    open_stages = [
        number
        for number, layers in enumerate(newest.stages)
        if number not in resting
        and settings.construction[number]
        and len(layers) < settings.max_layers_per_stage[number]
    ]
    if open_stages:
        turn = _next_in_turn(open_stages, trained)
        resting |= {
            number: f"waits, as stage {turn + 1} grows in this iteration"
            for number in open_stages
            if number != turn
        }
    return resting


def _stopped(min_gain: float, trained: Sequence[Trained]) -> dict[int, str]:
    """Return the stages whose newest cell gained too little."""
    stopped = {}
    for (before, accuracy), (after, reached) in pairwise(trained):
        gain = reached - accuracy
        for number in _grown(before, after):
            if gain < min_gain:
                stopped[number] = (
                    f"does not grow any more, as its newest cell gained {100 * gain:+.2f} points"
                    f" and less than {100 * min_gain:g}"
                )
    return stopped


def _grown(before: Architecture, after: Architecture) -> list[int]:
    pairs = zip(before.stages, after.stages, strict=True)
    return [number for number, (old, new) in enumerate(pairs) if len(new) > len(old)]


def _next_in_turn(stages: Sequence[int], trained: Sequence[Trained]) -> int:
    """Return the stage that grows now: the first one after that which has grown last."""
    grown = [number for (a, _), (b, _) in pairwise(trained) for number in _grown(a, b)]
    last = grown[-1] if grown else -1
    return next((number for number in stages if number > last), stages[0])
