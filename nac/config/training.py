"""How a network is trained: ``child_training`` and ``augmentation`` of an experiment file.

The meanings of the keys are Markdown: docs/experiment.md is generated from them.
"""
# ruff: noqa: RUF009 (key() returns a dataclasses.field)

from dataclasses import dataclass
from typing import Any

from nac.config import forms
from nac.config.forms import BOOLEAN, COUNT, NUMBER, POSITIVE, SHARE, STRING, integer, number
from nac.config.keys import REQUIRED, REST, Keys, key, new

BFLOAT16 = "bfloat16"
"""A value of ``child_training.mixed_precision``."""

REFLECT = "reflect"
"""A value of ``augmentation.crop``."""


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
    """Any optimizer of ``keras.optimizers``; its name and arguments are checked before a job."""

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
    nan_retries: int = new(
        0,
        integer(0),
        "Times that a job whose loss stops being finite goes back to an earlier step, and goes on"
        " with half the learning rate.",
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
