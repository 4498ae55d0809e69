"""Experiment files <-> frozen dataclasses. Pure Python, no TensorFlow.

Section and key names are AMLA's (docs/config/model.md there); ``augmentation``,
``final_training``, ``parameters.seed``, ``child_training.branch_dropout``,
``parameters.branch_gates`` and ``envelopenet.ranking`` are additions. Each section is optional
here; a command asks for those that it needs.
"""

from nac.config.jobs import training_job
from nac.config.reading import load_experiment, parse_experiment
from nac.config.splits import TEST, VALIDATION, scored_on, search_recipe
from nac.config.values import (
    Augmentation,
    CosineDecay,
    EnvelopeNet,
    Experiment,
    ExponentialDecay,
    Parameters,
    Recipe,
    Training,
)
from nac.config.writing import experiment_to_dict

__all__ = [
    "TEST",
    "VALIDATION",
    "Augmentation",
    "CosineDecay",
    "EnvelopeNet",
    "Experiment",
    "ExponentialDecay",
    "Parameters",
    "Recipe",
    "Training",
    "experiment_to_dict",
    "load_experiment",
    "parse_experiment",
    "scored_on",
    "search_recipe",
    "training_job",
]
