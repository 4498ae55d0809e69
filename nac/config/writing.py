"""An Experiment back to the content of an experiment file, defaults written out."""

from dataclasses import asdict
from typing import Any

from nac.architecture import fixed_cells
from nac.architecture.json_form import architecture_to_dict
from nac.config.reading import FINAL_PARAMETERS
from nac.config.values import (
    Augmentation,
    CosineDecay,
    EnvelopeNet,
    Experiment,
    Parameters,
    Training,
)


def _typed(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, **values}


def _optimizer_to_dict(training: Training) -> dict[str, Any]:
    if training.rms_decay is not None:
        return _typed(
            "rms",
            momentum=training.momentum,
            decay=training.rms_decay,
            epsilon=training.rms_epsilon,
        )
    return _typed("momentum", momentum=training.momentum) if training.momentum else _typed("sgd")


def _training_to_dict(training: Training) -> dict[str, Any]:
    kind = "cosine_decay" if isinstance(training.lr, CosineDecay) else "exponential_decay"
    value: dict[str, Any] = {
        "optimizer": _optimizer_to_dict(training),
        "lr": _typed(kind, **asdict(training.lr)),
    }
    if training.clip_norm is not None:
        value["gradient_clipping"] = _typed("norm", value=training.clip_norm)
    if training.l2:
        value["regularization"] = _typed("l2", value=training.l2)
    if training.label_smoothing:
        value["label_smoothing"] = {"value": training.label_smoothing}
    for key in ("branch_dropout", "auxiliary_weight", "mixed_precision"):
        value[key] = getattr(training, key)
    return value


def _parameters_to_dict(parameters: Parameters) -> dict[str, Any]:
    values = {key: value for key, value in asdict(parameters).items() if value is not None}
    return {**values, "gpus": list(parameters.gpus)}


def _augmentation_to_dict(augmentation: Augmentation) -> dict[str, Any]:
    contrast = list(augmentation.contrast) if augmentation.contrast else False
    return {**asdict(augmentation), "contrast": contrast}


def _envelopenet_to_dict(envelopenet: EnvelopeNet) -> dict[str, Any]:
    values = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asdict(envelopenet).items()
    }
    cell = dict(envelopenet.envelopecell)
    return {"stages": envelopenet.stages, **values, "envelopecell": cell}


def experiment_to_dict(experiment: Experiment) -> dict[str, Any]:
    """Return the content of an experiment file that parses to this experiment.

    Defaults are written out, so the result says what was effective.
    """
    value: dict[str, Any] = {"parameters": _parameters_to_dict(experiment.parameters)}
    if experiment.recipe.training is not None:
        value["child_training"] = _training_to_dict(experiment.recipe.training)
    value["augmentation"] = _augmentation_to_dict(experiment.recipe.augmentation)
    if experiment.final is not None:
        parameters = _parameters_to_dict(experiment.final.parameters)
        own = {key: parameters[key] for key in FINAL_PARAMETERS if key in parameters}
        training = _training_to_dict(experiment.final.training) if experiment.final.training else {}
        value["final_training"] = {**own, **training}
    if experiment.envelopenet is not None:
        value["envelopenet"] = _envelopenet_to_dict(experiment.envelopenet)
    if experiment.architecture is not None:
        value["arch"] = architecture_to_dict(experiment.architecture)
    for key, cell in (
        ("init_cell", experiment.stem),
        ("classification_cell", experiment.classifier),
    ):
        if cell is not None:
            value[key] = fixed_cells.to_dict(cell)
    return value
