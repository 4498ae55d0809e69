"""What an experiment file says, as frozen dataclasses whose fields are its keys."""

from dataclasses import dataclass, replace
from typing import Any

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture
from nac.config.budget import Budget
from nac.config.envelopenet import EnvelopeNet
from nac.config.inheritance import Inheritance
from nac.config.parameters import Parameters
from nac.config.pruning import Pruning
from nac.config.training import Augmentation, Training
from nac.utils.errors import InputError


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
        pruning: What a job removes while it trains, None for nothing.
        inherit: What a job starts from, None for fresh weights.
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
    pruning: Pruning | None = None
    inherit: Inheritance | None = None
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
