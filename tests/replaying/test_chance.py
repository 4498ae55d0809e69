"""Random pruning and random search."""

from random import Random

from nac.replaying.chance import random_pruning, random_search
from nac.replaying.readings import Outcome
from tests.replaying.tables import TINY, Scripted


def test_random_pruning_reads_nothing():
    # The generator chooses the last layer that can be degraded: 22 -> 21 -> 20 -> 10.
    assert random_pruning(TINY, 20, Scripted()) == Outcome("10", readings=0, tau=None)


def test_random_search_keeps_the_best_reading():
    found = random_search(TINY, ["02", "11", "20"], 3, 0.0, Random(0))
    assert found == Outcome("11", readings=3, tau=1.0)


def test_random_search_reads_no_network_twice():
    assert random_search(TINY, ["02", "20"], 10, 0.0, Random(0)).readings == 2
