"""What an experiment file says, as frozen dataclasses."""

from dataclasses import dataclass
from typing import Any

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture
from nac.config import rankings
from nac.utils.errors import InputError


@dataclass(frozen=True)
class Parameters:
    """The ``parameters`` section: what is trained on what, for how long.

    Attributes:
        arch_name: name of the experiment, the default name of its run directory.
        mode: "construct" or "train"; None where the file leaves it open.
        algorithm: "envelopenet" or "deterministic" (a given architecture).
        dataset: name of a data set, see nac/data/datasets.py.
        data_dir: where its files are, None for the data set's own default.
        image_size: in pixels; where images have one size, the side to which training images are
            padded before the random crop; else (folders, ImageNet) the side they are brought to.
        batch_size: images per tower; the global batch is this times ``max(1, len(gpus))``.
        gpus: AMLA's list of GPUs; only its length matters.
        steps: training steps (of one iteration, when constructing).
        eval_interval: steps between evaluations; None: evaluate at the end alone.
        iterations: number of truncated trainings of a construction.
        log_stats: whether featuremap metrics are collected.
        validation_share: share of the training images of each class that is held out of training;
            evaluations while training are on them.
        score_test: whether the test images are scored at the end.
        branch_gates: whether each branch's output is multiplied by a learnable gate.
        seed: of weights, data order, augmentation and dropout.
    """

    arch_name: str = "experiment"
    mode: str | None = None
    algorithm: str | None = None
    dataset: str | None = None
    data_dir: str | None = None
    image_size: int | None = None
    batch_size: int | None = None
    gpus: tuple[int, ...] = ()
    steps: int | None = None
    eval_interval: int | None = None
    iterations: int | None = None
    log_stats: bool = True
    validation_share: float = 0.0
    score_test: bool = True
    branch_gates: bool = False
    seed: int = 0

    @property
    def global_batch_size(self) -> int:
        """Images per training step on all devices together."""
        return (self.batch_size or 0) * max(1, len(self.gpus))


@dataclass(frozen=True)
class ExponentialDecay:
    """Learning rate ``initial * decay ** (number of whole periods)``, periods in epochs."""

    initial: float = 0.1
    decay: float = 0.999
    epochs_per_decay: float = 2.0


@dataclass(frozen=True)
class CosineDecay:
    """Cosine from ``max`` to ``min`` over T_0 epochs, restarted with periods times T_mul."""

    max: float
    min: float
    T_0: int
    T_mul: int = 1


@dataclass(frozen=True)
class Training:
    """The ``child_training`` section: the recipe.

    Attributes:
        lr: learning-rate schedule.
        momentum: Nesterov momentum (of RMSProp: its plain momentum); 0 is none.
        rms_decay: decay of RMSProp's mean square; None is gradient descent.
        rms_epsilon: added to that mean square.
        clip_norm: limit of each variable's gradient norm, None for no clipping.
        l2: factor of the sum of squares of all trainable variables in the loss.
        branch_dropout: share of a branch's outputs that are dropped in training.
        label_smoothing: share of the label spread evenly over all classes.
        auxiliary_weight: factor of each auxiliary classifier's loss.
        mixed_precision: whether to compute in float16 with a scaled loss; weights, featuremap
            metrics and averages stay float32.
    """

    lr: ExponentialDecay | CosineDecay
    momentum: float = 0.0
    rms_decay: float | None = None
    rms_epsilon: float = 1e-10
    clip_norm: float | None = None
    l2: float = 0.0
    branch_dropout: float = 0.2
    label_smoothing: float = 0.0
    auxiliary_weight: float = 0.4
    mixed_precision: bool = False


@dataclass(frozen=True)
class Augmentation:
    """The ``augmentation`` section: AMLA's steps for training images, one switch each.

    Attributes:
        crop: pad (or crop) to image_size, then crop at random to the data set's own size.
        flip: mirror half of the images.
        brightness: largest shift of all pixels on the 0..255 scale; 0 is off.
        contrast: range of the contrast factor; None is off.
        standardize: per image to mean 0 and deviation 1; also applied to evaluation images.
    """

    crop: bool = True
    flip: bool = True
    brightness: float = 63.0
    contrast: tuple[float, float] | None = (0.2, 1.8)
    standardize: bool = True


@dataclass(frozen=True)
class EnvelopeNet:
    """The ``envelopenet`` section: the prior, and what may change in it.

    Attributes:
        layers_per_stage: envelope cells of each stage of the prior.
        max_layers_per_stage: layers that a stage may have at most.
        construction: whether a stage is pruned and grown.
        parameter_limits: whether the inner layers of a stage get fewer channels as it grows.
        max_filter_prune: branches pruned per stage and iteration at most.
        envelopecell: (branch, block) pairs of an envelope cell, in natural order.
        skip: whether new layers are connected to all earlier ones.
        worst_case: whether the strongest branches are pruned instead of the weakest.
        prune_skips: whether skip connections are pruned; the paper's worst case keeps them all.
        ranking: what strong and weak mean, a name in :data:`nac.config.rankings.RANKINGS`.
    """

    layers_per_stage: tuple[int, ...]
    max_layers_per_stage: tuple[int, ...]
    construction: tuple[bool, ...]
    parameter_limits: tuple[bool, ...]
    max_filter_prune: int
    envelopecell: tuple[tuple[str, str], ...]
    skip: bool = False
    worst_case: bool = False
    prune_skips: bool = True
    ranking: str = rankings.DEFAULT

    @property
    def stages(self) -> int:
        """Number of stages."""
        return len(self.layers_per_stage)


@dataclass(frozen=True)
class Recipe:
    """Everything one training needs beside its architecture."""

    parameters: Parameters
    training: Training | None
    augmentation: Augmentation


@dataclass(frozen=True)
class Experiment:
    """A whole experiment file.

    Attributes:
        source: the file, the beginning of each message about it.
        recipe: of the truncated trainings, or of the only one.
        final: recipe of the constructed network's full training, None if there is none.
        envelopenet: prior and policy of a construction.
        stem: the ``init_cell``.
        classifier: the ``classification_cell``.
        architecture: the network of the ``arch`` section, with stem and classifier.
        unused: dotted names of accepted keys that have no effect.
    """

    source: str
    recipe: Recipe
    final: Recipe | None = None
    envelopenet: EnvelopeNet | None = None
    stem: FixedCell | None = None
    classifier: FixedCell | None = None
    architecture: Architecture | None = None
    unused: tuple[str, ...] = ()

    @property
    def parameters(self) -> Parameters:
        """The ``parameters`` section."""
        return self.recipe.parameters

    @property
    def child_training(self) -> Training | None:
        """The ``child_training`` section."""
        return self.recipe.training

    def need(self, name: str) -> Any:
        """Return a section or parameter such as ``envelopenet`` or ``parameters.steps``.

        Raises:
            InputError: the file does not have it.
        """
        holder, _, key = name.rpartition(".")
        value = getattr(self.parameters if holder else self, _ATTRIBUTES.get(key, key))
        if value is None:
            raise InputError(f"{self.source}: {name}: missing")
        return value


_ATTRIBUTES = {
    "init_cell": "stem",
    "classification_cell": "classifier",
    "arch": "architecture",
    "final_training": "final",
}
