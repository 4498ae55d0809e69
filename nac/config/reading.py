"""Experiment files, YAML or AMLA's JSON as published, parsed and checked."""

import json
from typing import Any

from nac.architecture import fixed_cells
from nac.architecture.json_form import experiment_architecture, parse_branches
from nac.config import rankings
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
from nac.utils.errors import InputError
from nac.utils.files import read_structured
from nac.utils.schema import REQUIRED, Section, is_integer, is_number, shown

WITHOUT_EFFECT = ("exec", "gpu_usage", "train_dir")
"""Keys of AMLA's files for its scheduler; accepted, and reported by the commands as unused."""

FINAL_PARAMETERS = (
    "steps",
    "eval_interval",
    "batch_size",
    "image_size",
    "log_stats",
    "validation_share",
    "score_test",
    "branch_gates",
    "seed",
)
"""Keys of ``final_training`` that override ``parameters``; the others are ``child_training``'s."""


def load_experiment(path: str) -> Experiment:
    """Read an experiment file, YAML or JSON (by its name's ending).

    Raises:
        InputError: unreadable, an unknown key, a wrong type, a contradiction.
    """
    return parse_experiment(read_structured(path), str(path))


def parse_experiment(value: Any, source: str) -> Experiment:
    """Parse the content of an experiment file (see :func:`load_experiment`)."""
    section = Section(value, source)
    raw = {key: _mapping(section, key) for key in ("parameters", "child_training")}
    cells = {k: section.any(k) for k in ("init_cell", "classification_cell") if k in section}
    recipe = _parse_recipe(section, raw["parameters"], raw["child_training"])
    experiment = Experiment(
        source=source,
        recipe=recipe,
        final=_parse_final(section, raw, recipe) if "final_training" in section else None,
        envelopenet=_parse_envelopenet(section) if "envelopenet" in section else None,
        stem=fixed_cells.parse_stem(section.section("init_cell")) if "init_cell" in cells else None,
        classifier=fixed_cells.parse_classifier(section.section("classification_cell"))
        if "classification_cell" in cells
        else None,
        architecture=experiment_architecture(section.any("arch"), cells, f"{source}: arch")
        if "arch" in section
        else None,
        unused=tuple(f"parameters.{key}" for key in WITHOUT_EFFECT if key in raw["parameters"]),
    )
    section.finish()
    return experiment


def _mapping(section: Section, key: str) -> Any:
    """Return the mapping under a key as it stands in the file; empty if it is absent."""
    if key in section:
        section.section(key)
    return section.any(key, {})


def _parse_recipe(section: Section, parameters: Any, training: Any) -> Recipe:
    return Recipe(
        _parse_parameters(Section(parameters, section.source, "parameters")),
        _parse_training(Section(training, section.source, "child_training"))
        if "child_training" in section
        else None,
        _parse_augmentation(
            Section(section.any("augmentation", {}), section.source, "augmentation")
        ),
    )


def _parse_final(section: Section, raw: dict[str, Any], recipe: Recipe) -> Recipe:
    """Overlay ``final_training`` on the recipe of the iterations; the same parsers read it."""
    final = section.section("final_training")
    keys = final.keys()
    own = {key: final.any(key) for key in keys if key in FINAL_PARAMETERS}
    changed = {key: final.any(key) for key in keys if key not in FINAL_PARAMETERS}
    parameters = {**raw["parameters"], "log_stats": False, **own}
    training = {**raw["child_training"], **changed}
    merged = Section(training, section.source, "final_training")
    for key in FINAL_PARAMETERS:  # none is left there, but each may be meant by a wrong key
        merged.any(key, None)
    return Recipe(
        _parse_parameters(Section(parameters, section.source, "final_training")),
        _parse_training(merged),
        recipe.augmentation,
    )


def _parse_gpus(section: Section) -> tuple[int, ...]:
    value = section.any("gpus", [])
    if isinstance(value, str):  # AMLA's config.run.json has "[]", a text
        try:
            value = json.loads(value)
        except ValueError:
            value = section.any("gpus")
    if not isinstance(value, list) or not all(is_integer(gpu) and gpu >= 0 for gpu in value):
        raise InputError(
            f"{section.at('gpus')}: expected a list of GPU numbers, received {shown(value)}"
        )
    return tuple(value)


def _parse_parameters(section: Section) -> Parameters:
    for key in WITHOUT_EFFECT:
        section.any(key, None)
    parameters = Parameters(
        arch_name=section.text("arch_name", "experiment"),
        mode=section.text("mode", None, choices=("construct", "train")),
        algorithm=section.text("algorithm", None, choices=("envelopenet", "deterministic")),
        dataset=section.text("dataset", None),
        data_dir=section.text("data_dir", None),
        image_size=section.integer("image_size", None, minimum=1),
        batch_size=section.integer("batch_size", None, minimum=1),
        gpus=_parse_gpus(section),
        steps=section.integer("steps", None, minimum=1),
        eval_interval=section.integer("eval_interval", None, minimum=1),
        iterations=section.integer("iterations", None, minimum=1),
        log_stats=section.boolean("log_stats", True),
        validation_share=float(section.number("validation_share", 0.0, maximum=0.5)),
        score_test=section.boolean("score_test", True),
        branch_gates=section.boolean("branch_gates", False),
        seed=section.integer("seed", 0),
    )
    section.finish()
    if not parameters.score_test and not parameters.validation_share:
        raise InputError(
            f"{section.at('score_test')}: expected true, as validation_share is 0 and nothing"
            " else can be scored, received false"
        )
    return parameters


def _parse_schedule(section: Section) -> ExponentialDecay | CosineDecay:
    kind = section.text("type", choices=("exponential_decay", "cosine_decay"))
    if kind == "exponential_decay":
        schedule: ExponentialDecay | CosineDecay = ExponentialDecay(
            initial=section.number("initial", 0.1, above=True),
            decay=section.number("decay", 0.999, maximum=1.0, above=True),
            epochs_per_decay=section.number("epochs_per_decay", 2.0, above=True),
        )
    else:
        schedule = CosineDecay(
            max=section.number("max", above=True),
            min=section.number("min"),
            T_0=section.integer("T_0", minimum=1),
            T_mul=section.integer("T_mul", 1, minimum=1),
        )
        if schedule.min > schedule.max:
            raise InputError(
                f"{section.at('min')}: expected at most max, {schedule.max:g},"
                f" received {schedule.min:g}"
            )
    section.finish()
    return schedule


def _typed_value(section: Section, key: str, kind: str) -> float | None:
    """Read ``{"type": kind, "value": number}``, AMLA's form of an optional number."""
    if key not in section:
        return None
    inner = section.section(key)
    inner.text("type", choices=(kind,))
    value = inner.number("value", above=True)
    inner.finish()
    return float(value)


def _parse_optimizer(section: Section) -> dict[str, Any]:
    """Return the optimizer's fields of a Training; no ``optimizer`` is plain gradient descent."""
    if "optimizer" not in section:
        return {}
    optimizer = section.section("optimizer")
    kind = optimizer.text("type", choices=("momentum", "sgd", "rms"))
    values: dict[str, Any] = {}
    if kind != "sgd":
        default = 0.9 if kind == "momentum" else 0.0
        values["momentum"] = float(optimizer.number("momentum", default, maximum=1.0))
    if kind == "rms":
        values["rms_decay"] = float(optimizer.number("decay", 0.9, maximum=1.0))
        values["rms_epsilon"] = float(optimizer.number("epsilon", 1e-10, above=True))
    optimizer.finish()
    return values


def _parse_label_smoothing(section: Section) -> float:
    if "label_smoothing" not in section:
        return 0.0
    smoothing = section.section("label_smoothing")
    value = smoothing.number("value", maximum=1.0)
    smoothing.finish()
    return float(value)


def _parse_training(section: Section) -> Training:
    training = Training(
        lr=_parse_schedule(section.section("lr")),
        clip_norm=_typed_value(section, "gradient_clipping", "norm"),
        l2=_typed_value(section, "regularization", "l2") or 0.0,
        branch_dropout=section.number("branch_dropout", 0.2, maximum=0.99),
        label_smoothing=_parse_label_smoothing(section),
        auxiliary_weight=section.number("auxiliary_weight", 0.4),
        mixed_precision=section.boolean("mixed_precision", False),
        **_parse_optimizer(section),
    )
    section.finish()
    return training


def _parse_augmentation(section: Section) -> Augmentation:
    brightness = section.checked("brightness", "a number >= 0 or false", _is_shift, 63)
    contrast = section.checked("contrast", "[lowest, highest] or false", _is_range, [0.2, 1.8])
    augmentation = Augmentation(
        crop=section.boolean("crop", True),
        flip=section.boolean("flip", True),
        brightness=float(brightness),
        contrast=(float(contrast[0]), float(contrast[1])) if contrast else None,
        standardize=section.boolean("standardize", True),
    )
    section.finish()
    return augmentation


def _is_shift(value: Any) -> bool:
    return value is False or (is_number(value) and value >= 0)


def _is_range(value: Any) -> bool:
    if value is False:
        return True
    pair = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
    return pair and 0 < value[0] <= value[1]


def _per_stage(section: Section, key: str, stages: int, boolean: bool, default: Any) -> tuple:
    """Read one value per stage; AMLA's files have longer lists, whose rest is not used."""
    expected = "true or false" if boolean else "integers >= 1"

    def accepts(value: Any) -> bool:
        return isinstance(value, bool) if boolean else is_integer(value) and value >= 1

    values = section.sequence(key, expected, accepts, default)
    if len(values) < stages:
        raise InputError(
            f"{section.at(key)}: expected a value for each of {stages} stages,"
            f" received {list(values)}"
        )
    return values[:stages]


def _parse_envelopenet(parent: Section) -> EnvelopeNet:
    section = parent.section("envelopenet")
    stages = section.integer("stages", minimum=1)
    layers = _per_stage(section, "layers_per_stage", stages, False, REQUIRED)
    envelopenet = EnvelopeNet(
        layers_per_stage=layers,
        max_layers_per_stage=_per_stage(section, "max_layers_per_stage", stages, False, REQUIRED),
        construction=_per_stage(section, "construction", stages, True, (True,) * stages),
        parameter_limits=_per_stage(section, "parameter_limits", stages, True, (False,) * stages),
        max_filter_prune=section.integer("max_filter_prune", minimum=1),
        envelopecell=parse_branches(section.section("envelopecell")),
        skip=section.boolean("skip", False),
        worst_case=section.boolean("worst_case", False),
        prune_skips=section.boolean("prune_skips", True),
        ranking=section.text("ranking", rankings.DEFAULT, choices=tuple(rankings.RANKINGS)),
    )
    section.finish()
    limits = zip(layers, envelopenet.max_layers_per_stage, envelopenet.construction, strict=True)
    if any(grows and layers > limit for layers, limit, grows in limits):
        raise InputError(
            f"{section.at('max_layers_per_stage')}: expected at least layers_per_stage"
            f" {list(layers)}, received {list(envelopenet.max_layers_per_stage)}"
        )
    return envelopenet
