"""Experiment files and the frozen dataclasses that stand for them. Pure Python, no TensorFlow.

The sections and keys are AMLA's (docs/config/model.md there) with a few additions, all of which
docs/experiment.md describes. Each section is optional here. A command asks for those it needs.

Example:
>>> experiment = load_experiment("experiments/digits/construct.yaml")
>>> experiment.envelopenet.layers_per_stage
(2, 2)
"""

from nac.config.budget import Budget
from nac.config.envelopenet import EnvelopeNet
from nac.config.jobs import training_job
from nac.config.parameters import Parameters
from nac.config.reading import load_experiment, parse_experiment
from nac.config.splits import TEST, VALIDATION, scored_on, search_recipe
from nac.config.training import (
    Augmentation,
    CosineDecay,
    ExponentialDecay,
    GradientDescent,
    KerasOptimizer,
    Momentum,
    OneCycle,
    RMSProp,
    Training,
)
from nac.config.values import Experiment, Recipe
from nac.config.writing import experiment_to_dict, experiment_to_file

__all__ = [
    "TEST",
    "VALIDATION",
    "Augmentation",
    "Budget",
    "CosineDecay",
    "EnvelopeNet",
    "Experiment",
    "ExponentialDecay",
    "GradientDescent",
    "KerasOptimizer",
    "Momentum",
    "OneCycle",
    "Parameters",
    "RMSProp",
    "Recipe",
    "Training",
    "experiment_to_dict",
    "experiment_to_file",
    "load_experiment",
    "parse_experiment",
    "scored_on",
    "search_recipe",
    "training_job",
]
