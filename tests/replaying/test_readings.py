"""Readings, and what counts of them."""

from random import Random

from nac.replaying.readings import Outcome, Readings, outcome, read
from tests.replaying.tables import TINY, Scripted


def test_without_noise_a_reading_is_the_accuracy():
    assert read(TINY, ["12", "21"], 0.0, Random(0)) == Readings(["12", "21"], [88.0, 89.0], 1.0)


def test_noise_is_added_to_each_reading():
    readings = read(TINY, ["12", "21"], 1.0, Scripted(2.0, -1.0))
    assert (readings.values, readings.tau) == ([90.0, 88.0], -1.0)


def test_the_best_is_the_first_of_those_with_the_highest_reading():
    assert Readings(["12", "21", "22"], [1.0, 3.0, 3.0], None).best == "21"


def test_all_readings_count_but_tau_is_of_decisions_between_networks_that_differ():
    decisions = [Readings(["12", "21"], [88.0, 89.0], 0.5), Readings(["00"], [50.0], None)]
    others = [Readings(["12"], [88.0], -1.0)]
    assert outcome("00", decisions, others) == Outcome("00", readings=4, tau=0.5)


def test_without_any_decision_there_is_no_tau():
    assert outcome("22", []) == Outcome("22", readings=0, tau=None)
