"""What an experiment file says, as frozen dataclasses whose fields are its keys.

The meanings of the keys are Markdown: docs/experiment.md is generated from them.
"""
# ruff: noqa: RUF009 (key() returns a dataclasses.field)

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture
from nac.config import forms, policies, rankings
from nac.config.budget import Budget
from nac.config.forms import BOOLEAN, COUNT, NUMBER, POSITIVE, SHARE, STRING, number
from nac.config.keys import REQUIRED, REST, Keys, key, new
from nac.utils.errors import InputError

BFLOAT16 = "bfloat16"
"""A value of ``child_training.mixed_precision``."""

REFLECT = "reflect"
"""A value of ``augmentation.crop``."""


@dataclass(frozen=True)
class Parameters(Keys):
    """The ``parameters`` section: what is trained, on which data and for how long."""

    WITHOUT_EFFECT: ClassVar[tuple[str, ...]] = ("exec", "gpu_usage", "train_dir")

    arch_name: str = key("experiment", STRING, "Name of the experiment, the default of `--name`.")
    mode: str | None = key(None, forms.choice("construct", "train"), "What the file is for.")
    algorithm: str | None = key(
        None, forms.choice("envelopenet", "deterministic"), "Where the network is from; not used."
    )
    dataset: str | None = key(None, STRING, "Name of the data set, for instance `cifar10`.")
    data_dir: str | None = key(None, STRING, "Directory of the data; `--data_dir` overrides it.")
    image_size: int | None = key(
        None, COUNT, "Side in pixels to which training images are padded or resized.", final=True
    )
    batch_size: int | None = key(None, COUNT, "Images per step and entry of `gpus`.", final=True)
    gpus: tuple[int, ...] = key((), forms.GPUS, "Only the length of the list has an effect.")
    steps: int | None = key(
        None, COUNT, "Training steps, in a construction those of each iteration.", final=True
    )
    eval_interval: int | None = key(
        None, COUNT, "Steps between evaluations; by default only at the end.", final=True
    )
    iterations: int | None = key(None, COUNT, "Number of truncated trainings of a construction.")
    log_stats: bool = key(
        True, BOOLEAN, "Collect featuremap metrics, which a construction needs.", final=True
    )
    validation_share: float = new(
        0.0, number(maximum=0.5), "Share of the training images that is held out.", final=True
    )
    score_test: bool = new(True, BOOLEAN, "Score the test images in the end.", final=True)
    branch_gates: bool = new(
        False, BOOLEAN, "Multiply the output of each branch by a learned scalar.", final=True
    )
    ranking: str = new(
        rankings.DEFAULT,
        forms.named(rankings.RANKINGS),
        "Ranking by which TensorBoard shows branches; a construction sets it to that of its"
        " `envelopenet`.",
    )
    score_flipped: bool = new(
        False,
        BOOLEAN,
        "In the end, also score the mean output for an image and its mirror image, if the network"
        " was trained with `flip`.",
        final=True,
    )
    seconds: float | None = new(
        None,
        POSITIVE,
        "Seconds that a job may take; its number of steps then follows from the speed of the"
        " machine, and `steps` is what is expected.",
        final=True,
    )
    seed: int = new(
        0, forms.integer(0), "Seed of weights, data order, augmentation and dropout.", final=True
    )

    @property
    def global_batch_size(self) -> int:
        """Images per training step on all devices together."""
        return (self.batch_size or 0) * max(1, len(self.gpus))

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if there are no images to score."""
        if self.score_test or self.validation_share:
            return None
        expected = "expected true, as validation_share is 0 and nothing else can be scored"
        return "score_test", f"{expected}, received false"


@dataclass(frozen=True)
class ExponentialDecay(Keys):
    """Learning rate ``initial * decay ** (number of whole periods)``, periods in epochs."""

    initial: float = key(0.1, POSITIVE, "Learning rate at the start.")
    decay: float = key(0.999, number(maximum=1, above=True), "Factor after each period.")
    epochs_per_decay: float = key(2.0, POSITIVE, "Length of a period in epochs.")

    def highest(self, batch_size: int) -> float:
        """Return the largest learning rate, with ``batch_size`` images per step."""
        return self.initial


@dataclass(frozen=True)
class CosineDecay(Keys):
    """Learning rate that falls from ``max`` to ``min`` as a cosine does and then restarts."""

    max: float = key(REQUIRED, POSITIVE, "Learning rate at the start of each period.")
    min: float = key(REQUIRED, NUMBER, "Learning rate at the end of each period, at most `max`.")
    T_0: int = key(REQUIRED, COUNT, "Length of the first period in epochs.")
    T_mul: int = key(1, COUNT, "Length of a period divided by that of the one before.")

    def highest(self, batch_size: int) -> float:
        """Return the largest learning rate, with ``batch_size`` images per step."""
        return self.max

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if the rate would rise."""
        if self.min <= self.max:
            return None
        return "min", f"expected at most max, {self.max:g}, received {self.min:g}"


@dataclass(frozen=True)
class OneCycle(Keys):
    """Learning rate that rises from zero to `peak` and then falls to zero, once per job."""

    peak: float = new(REQUIRED, POSITIVE, "Largest learning rate, for batches of `batch_size`.")
    batch_size: int | None = new(
        None,
        COUNT,
        "Images per step for which `peak` holds; with others, it is larger or smaller in"
        " proportion. By default it holds for all.",
    )
    warmup: float = new(
        0.2, number(maximum=0.9), "Share of the job's steps in which the learning rate rises."
    )
    decay: str = new(
        "linear", forms.choice("linear", "cosine"), "Form of the curve by which it falls."
    )

    def highest(self, batch_size: int) -> float:
        """Return the largest learning rate, with ``batch_size`` images per step."""
        return self.peak * (batch_size / self.batch_size if self.batch_size else 1.0)


@dataclass(frozen=True)
class GradientDescent(Keys):
    """Plain gradient descent, which is also the default. It has no other keys."""


@dataclass(frozen=True)
class Momentum(Keys):
    """Nesterov momentum in TensorFlow 1's form, with the learning rate outside the accumulator."""

    momentum: float = key(0.9, SHARE, "Factor of the accumulated gradient.")


@dataclass(frozen=True)
class RMSProp(Keys):
    """RMSProp in TensorFlow 1's form, with a mean square that is 1 at first."""

    momentum: float = key(0.0, SHARE, "Factor of the accumulated step.")
    decay: float = key(0.9, SHARE, "Decay of the mean square.")
    epsilon: float = key(1e-10, POSITIVE, "Added to the mean square under the root.")


@dataclass(frozen=True)
class KerasOptimizer(Keys):
    """Any optimizer of ``keras.optimizers``. It is checked when a job starts."""

    class_name: str = new(REQUIRED, STRING, "Name of the class, for instance `AdamW`.")
    arguments: tuple[tuple[str, Any], ...] = new(
        REQUIRED, forms.ARGUMENTS, "Arguments of the class.", name=REST
    )


@dataclass(frozen=True, kw_only=True)
class Training(Keys):
    """The ``child_training`` section: how a network is trained."""

    optimizer: GradientDescent | Momentum | RMSProp | KerasOptimizer = key(
        GradientDescent(),
        forms.one_of(momentum=Momentum, sgd=GradientDescent, rms=RMSProp, keras=KerasOptimizer),
        "The optimizer.",
    )
    lr: ExponentialDecay | CosineDecay | OneCycle = key(
        REQUIRED,
        forms.one_of(
            exponential_decay=ExponentialDecay, cosine_decay=CosineDecay, one_cycle=OneCycle
        ),
        "The schedule of the learning rate.",
    )
    clip_norm: float | None = key(
        None,
        forms.value_of(POSITIVE, "norm"),
        "Largest norm of each variable's gradient, after the sum over all devices.",
        name="gradient_clipping",
    )
    l2: float = key(
        0.0,
        forms.value_of(POSITIVE, "l2"),
        "Factor of the sum of squares of all trainable variables in the loss.",
        name="regularization",
    )
    weight_decay: float = new(
        0.0,
        NUMBER,
        "After each update, kernels of convolutions and dense layers lose this share of themselves"
        " times the learning rate.",
    )
    label_smoothing: float = key(
        0.0,
        forms.value_of(SHARE, off=True),
        "Share of each label that is spread evenly over all classes.",
        amla="same, without effect",
    )
    branch_dropout: float = new(
        0.2, number(maximum=0.99), "Share of a branch's outputs that is dropped in training."
    )
    batch_norm_scale: bool = new(
        False,
        BOOLEAN,
        "Multiply each channel by a learned scale after batch norm, in macro networks.",
    )
    average_share: float = new(
        0.0,
        number(maximum=1),
        "Steps over which weights are averaged at most, as a share of the job's steps; 0: no such"
        " limit.",
    )
    auxiliary_weight: float = new(0.4, NUMBER, "Factor of the loss of an auxiliary classifier.")
    mixed_precision: bool | str = new(
        False,
        forms.boolean_or(BFLOAT16),
        "Compute in float16 with a scaled loss, or in bfloat16, which needs no scale.",
    )

    @property
    def dtype_policy(self) -> str:
        """Name of the Keras dtype policy of the network."""
        if not self.mixed_precision:
            return "float32"
        return "mixed_bfloat16" if self.mixed_precision == BFLOAT16 else "mixed_float16"

    @property
    def scales_loss(self) -> bool:
        """Whether gradients would be too small for their type without a factor of the loss."""
        return self.dtype_policy == "mixed_float16"


@dataclass(frozen=True)
class Augmentation(Keys):
    """The ``augmentation`` section: AMLA's steps for training images, each with a switch."""

    crop: bool | str = new(
        True,
        forms.boolean_or(REFLECT),
        "Pad with zeros or, with `reflect`, with mirrored borders; then crop at random.",
    )
    flip: bool = new(True, BOOLEAN, "Mirror half of the images.")
    erasing: float = new(0.0, SHARE, "Share of the images of which a random rectangle is erased.")
    brightness: float = new(63.0, forms.SHIFT, "Largest shift of all pixels; 0 is off.")
    contrast: tuple[float, float] | None = new((0.2, 1.8), forms.SPAN, "Range of the contrast.")
    standardize: bool = new(True, BOOLEAN, "Scale each image to mean 0 and deviation 1.")
    min_epochs: float = new(
        0.0, NUMBER, "A job of fewer epochs than this changes no image at random."
    )

    def for_epochs(self, epochs: float) -> "Augmentation":
        """Return what a job of this many epochs does with its images."""
        if epochs >= self.min_epochs:
            return self
        return Augmentation(
            crop=False, flip=False, brightness=0.0, contrast=None, standardize=self.standardize
        )


@dataclass(frozen=True, kw_only=True)
class EnvelopeNet(Keys):
    """The ``envelopenet`` section: the prior, and how a construction may change it."""

    WITHOUT_EFFECT: ClassVar[tuple[str, ...]] = ("maxwideners",)

    stages: int = key(REQUIRED, COUNT, "Number of stages.", init=False)
    layers_per_stage: tuple[int, ...] = key(
        REQUIRED, forms.per_stage(), "Envelope cells of each stage of the prior."
    )
    max_layers_per_stage: tuple[int, ...] = key(
        REQUIRED, forms.per_stage(), "Largest number of layers to which each stage grows."
    )
    construction: tuple[bool, ...] = key(
        REQUIRED, forms.per_stage(True), "Whether each stage is pruned and grown."
    )
    parameter_limits: tuple[bool, ...] = key(
        REQUIRED, forms.per_stage(False), "Whether inner layers lose channels as the stage grows."
    )
    max_filter_prune: int = key(REQUIRED, COUNT, "Most branches pruned per stage and iteration.")
    envelopecell: tuple[tuple[str, str], ...] = key(
        REQUIRED, forms.CELL, "Branches of an envelope cell: names and blocks."
    )
    skip: bool = key(False, BOOLEAN, "Connect new layers to all earlier ones.")
    worst_case: bool = key(False, BOOLEAN, "Prune the strongest branches, not the weakest.")
    prune_skips: bool = new(True, BOOLEAN, "Prune skip connections as well.")
    policy: str = new(policies.DEFAULT, forms.named(policies.POLICIES), "Rule that prunes.")
    ranking: str = new(
        rankings.DEFAULT,
        forms.named(rankings.RANKINGS),
        "Which number says how strong a branch is.",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", len(self.layers_per_stage))

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if a stage that grows begins above its limit."""
        layers, limits = self.layers_per_stage, self.max_layers_per_stage
        stages = zip(layers, limits, self.construction, strict=True)
        if not any(grows and count > limit for count, limit, grows in stages):
            return None
        expected = f"expected at least layers_per_stage {list(layers)}"
        return "max_layers_per_stage", f"{expected}, received {list(limits)}"


@dataclass(frozen=True)
class Recipe:
    """Everything that a training needs beside an architecture."""

    parameters: Parameters
    training: Training | None
    augmentation: Augmentation

    def for_examples(self, examples: int) -> "Recipe":
        """Return the recipe as it is for a number of training images.

        Its augmentation depends on the number of epochs (``augmentation.min_epochs``).
        """
        images = (self.parameters.steps or 0) * self.parameters.global_batch_size
        return replace(self, augmentation=self.augmentation.for_epochs(images / examples))

    @property
    def scores_flipped(self) -> bool:
        """Whether mirror images are scored as well: only if it was trained with them."""
        return self.parameters.score_flipped and self.augmentation.flip


@dataclass(frozen=True)
class Experiment:
    """A whole experiment file.

    Attributes:
        source: Path of the file. Messages about it begin with this.
        recipe: Recipe of the truncated trainings, or of the only training.
        recipe_name: The recipe whose values hold where the file has none (see
            :mod:`nac.config.recipes`).
        final: Recipe of the constructed network's full training, None without ``final_training``.
        envelopenet: Prior and pruning of a construction.
        budget: What networks and construction may cost, None without ``budget``.
        stem: The ``init_cell``.
        classifier: The ``classification_cell``.
        architecture: The network of the ``arch`` section, with stem and classifier.
        unused: Dotted names of keys in the file that are accepted without effect.
    """

    source: str
    recipe: Recipe
    recipe_name: str = "amla"
    final: Recipe | None = None
    envelopenet: EnvelopeNet | None = None
    budget: Budget | None = None
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
            InputError: The file lacks it.
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
