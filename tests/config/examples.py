"""Sections of experiment files, the smallest that are complete."""

from typing import Any

from nac.config import Experiment, parse_experiment

EXPONENTIAL = {"type": "exponential_decay"}
COSINE = {"type": "cosine_decay", "max": 0.05, "min": 0.001, "T_0": 10}
TRAINING = {"lr": EXPONENTIAL}
ENVELOPENET = {
    "stages": 2,
    "layers_per_stage": [1, 2],
    "max_layers_per_stage": [3, 4],
    "max_filter_prune": 6,
    "envelopecell": {"Branch1": "1x1", "Branch2": "3x3"},
}


def parsed(**sections: Any) -> Experiment:
    """Return the experiment of a file with the given sections."""
    return parse_experiment(sections, "try.yaml")
