"""The ``parameters`` section of an experiment file.

The meanings of the keys are Markdown: docs/experiment.md is generated from them.
"""

from dataclasses import dataclass
from typing import ClassVar

from nac.config import forms, rankings
from nac.config.forms import BOOLEAN, COUNT, NAME, STRING, integer, number
from nac.config.keys import Keys, key, new
from nac.utils import limits


@dataclass(frozen=True)
class Parameters(Keys):
    """The ``parameters`` section: what is trained, on which data and for how long."""

    WITHOUT_EFFECT: ClassVar[tuple[str, ...]] = ("exec", "gpu_usage", "train_dir")

    arch_name: str = key("experiment", NAME, "Name of the experiment, the default of `--name`.")
    mode: str | None = key(None, forms.choice("construct", "train"), "What the file is for.")
    algorithm: str | None = key(
        None, forms.choice("envelopenet", "deterministic"), "Where the network is from; not used."
    )
    dataset: str | None = key(None, STRING, "Name of the data set, for instance `cifar10`.")
    data_dir: str | None = key(None, STRING, "Directory of the data; `--data_dir` overrides it.")
    image_size: int | None = key(
        None,
        integer(1, limits.PIXELS),
        "Side in pixels to which training images are padded or resized.",
        final=True,
    )
    batch_size: int | None = key(
        None, integer(1, limits.BATCH), "Images per step and entry of `gpus`.", final=True
    )
    gpus: tuple[int, ...] = key((), forms.GPUS, "Only the length of the list has an effect.")
    steps: int | None = key(
        None, COUNT, "Training steps, in a construction those of each iteration.", final=True
    )
    eval_interval: int | None = key(
        None, COUNT, "Steps between evaluations; by default only at the end.", final=True
    )
    iterations: int | None = key(
        None, integer(1, limits.ITERATIONS), "Number of truncated trainings of a construction."
    )
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
        number(maximum=limits.SECONDS, above=True),
        "Seconds that a job may take; its number of steps then follows from the speed of the"
        " machine, and `steps` is what is expected. Reading the images may use a quarter of it; if"
        " that takes longer, the job takes as much longer.",
        final=True,
    )
    seed: int = new(
        0, integer(0), "Seed of weights, data order, augmentation and dropout.", final=True
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
