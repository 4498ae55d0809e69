"""Cells in parts: which ones can be computed twice."""

import keras
import pytest

from nac.architecture.branch_types import BRANCH_TYPES
from nac.models.cells import BranchCell
from nac.models.layers import Shape
from nac.runs.memory_saving import MemorySaving
from tests.builders import input_error, layer
from tests.models.small_networks import small
from tests.training.examples import make_steps

INPUTS: list[Shape] = [(None, 8, 8, 4)]


def test_all_state_of_a_cell_is_its_own():
    cell = BranchCell([("Branch1", "1x1"), ("Branch2", "3x3sep")], 8, branch_gates=True)
    cell.build(INPUTS)
    assert cell.non_trainable_variables
    assert cell.foreign_state == []


@pytest.fixture
def drops():
    """Let ``3x3drops`` be a type of branch with a random state that nac does not know."""

    def make(size, filters, dtype):
        return keras.Sequential(
            [keras.layers.Conv2D(filters, size, padding="same"), keras.layers.Dropout(0.5)]
        )

    BRANCH_TYPES.register("drops", make)
    yield
    BRANCH_TYPES.unregister("drops")


def test_a_branch_with_a_state_of_its_own_cannot_save_memory(drops):
    network = small(layer("1x1", "3x3drops"))
    make_steps(network=network)
    text = input_error(lambda: make_steps(network=network, saving=MemorySaving(recompute=True)))
    assert text.startswith(
        "--recompute and --micro_batch: expected branches whose outputs depend on inputs and"
        " trainable weights alone, received layer01 with the variable "
    )
