"""Distributed batches."""

import pytest

from nac.training.batches import Batches
from tests.data.examples import OFF, numbered, recipe


class Undistributed:
    """A strategy of one replica that hands batches on as they are."""

    num_replicas_in_sync = 1

    def distribute_datasets_from_function(self, make):
        return make(None)


@pytest.mark.parametrize("ask", [lambda b: b.training(0, 1), lambda b: b.evaluation()])
def test_no_tuning_thread_has_to_be_waited_for(ask):
    batches = ask(Batches(numbered(4), recipe(2, OFF), Undistributed()))
    assert batches.options().autotune.enabled is False
