"""What follows from a truncated training: one network, or the one that a tournament chose."""

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.construction.prior import prior
from nac.construction.restructure import apply
from nac.construction.statistics import Round
from nac.runs.restructuring import (
    decisions_after,
    is_decided,
    next_step,
    proposals_after,
    truncated_job,
)
from tests.builders import assert_says, input_error
from tests.experiments import small
from tests.runs.tournaments import choice, trained

ROUNDS = (
    Round(6, 1.0, {"1/Branch2": 0.125, "1/Branch3": 0.25}, ("1/Branch2",)),
    Round(9, 1.0, {"3/Branch1": 0.5}, ("3/Branch1",)),
)


class Iteration:
    """An iteration of :func:`tests.experiments.small` with a policy.

    Args:
        directory: Its directory.
        policy: The policy.
        rounds: What its training removed.
        **settings: Of ``envelopenet``.
    """

    def __init__(self, directory, policy, rounds=None, **settings):
        value = small(envelopenet={"policy": policy, **settings})
        self.experiment = parse_experiment(value, "experiment.yaml")
        self.settings = self.experiment.envelopenet
        cells = self.experiment.stem, self.experiment.classifier
        self.directory, self.network = directory, prior(self.settings, *cells)
        self.result = trained(self.network, rounds=rounds)

    @property
    def known(self):
        return self.directory, self.network, self.result, self.settings

    def job(self):
        return truncated_job(self.experiment, self.network, self.experiment.recipe)


# the job


@pytest.mark.parametrize(
    ("policy", "settings", "removes"),
    [
        ("weakest", {}, False),
        ("rounds", {}, True),
        ("tournament", {}, False),
        ("tournament", {"proposals": ["rounds"]}, True),
    ],
)
def test_a_job_removes_something_if_the_policy_does(tmp_path, policy, settings, removes):
    job = Iteration(tmp_path, policy, **settings).job()
    assert (job.pruning is not None) is removes
    assert ("pruning" in experiment_to_dict(job)) is removes


def test_what_a_job_removes_survives_its_file(tmp_path):
    job = Iteration(tmp_path, "rounds", rounds=3).job()
    assert parse_experiment(experiment_to_dict(job), "job.json").pruning == job.pruning


# rounds


def test_what_the_training_removed_is_pruned(tmp_path):
    step = next_step(*Iteration(tmp_path, "rounds", ROUNDS).known)
    assert step.decisions.pruned == ((1, "Branch2"), (3, "Branch1"))
    assert step.measured.rounds == ROUNDS
    assert [name for name, _ in step.network.layer(1).branches] == ["Branch1", "Branch3"]


def test_a_training_without_rounds_is_one_line(tmp_path):
    text = input_error(next_step, *Iteration(tmp_path, "rounds").known)
    assert text.startswith(f"{tmp_path / 'statistics.json'}: rounds: missing")


def test_a_removal_that_was_never_measured_is_one_line_with_its_file(tmp_path):
    wrong = (Round(6, 1.0, {"1/Branch2": 0.125}, ("1/Branch3",)),)
    text = input_error(next_step, *Iteration(tmp_path, "rounds", wrong).known)
    assert text.startswith(
        f"{tmp_path}/statistics.json: rounds[0].removed: expected keys of missed"
    )


# tournament


def test_there_are_several_proposals_and_nothing_is_decided(tmp_path):
    iteration = Iteration(tmp_path, "tournament")
    assert list(proposals_after(*iteration.known)) == [
        "taylor",
        "weight_norm",
        "random1",
        "random2",
    ]
    assert not is_decided(iteration.known[0], proposals_after(*iteration.known))
    text = input_error(decisions_after, *iteration.known)
    assert_says(text, f"{tmp_path}/choice.json", "is not finished")


@pytest.mark.parametrize("winner", ["taylor", "weight_norm", "random1", "random2"])
def test_the_winner_follows(tmp_path, winner):
    iteration = Iteration(tmp_path, "tournament")
    choice(tmp_path, winner)
    proposal = proposals_after(*iteration.known)[winner]
    step = next_step(*iteration.known)
    assert is_decided(iteration.known[0], proposals_after(*iteration.known))
    assert step.decisions == proposal
    assert step.network == apply(iteration.network, proposal, iteration.settings)


def test_winners_differ(tmp_path):
    # By taylor the first branches are the weakest, by weight_norm the last ones.
    pruned = {}
    for winner in ("taylor", "weight_norm"):
        choice(tmp_path, winner)
        pruned[winner] = next_step(*Iteration(tmp_path, "tournament").known).decisions.pruned
    assert pruned == {
        "taylor": ((1, "Branch1"), (3, "Branch1")),
        "weight_norm": ((1, "Branch3"), (3, "Branch3")),
    }


def test_what_was_measured_is_by_the_ranking_of_the_run(tmp_path):
    choice(tmp_path, "taylor")
    iteration = Iteration(tmp_path, "tournament", ranking="weight_norm")
    assert next_step(*iteration.known).measured.metrics[1, "Branch1"] == 6.0


def test_a_winner_that_is_no_proposal_is_one_line_with_its_file(tmp_path):
    choice(tmp_path, "variance")
    text = input_error(next_step, *Iteration(tmp_path, "tournament").known)
    assert text == (
        f"{tmp_path}/choice.json: winner: expected one of taylor, weight_norm, random1, random2,"
        " received 'variance'"
    )


def test_one_proposal_is_decided_at_once(tmp_path):
    iteration = Iteration(tmp_path, "weakest")
    assert list(proposals_after(*iteration.known)) == [""]
    assert is_decided(iteration.known[0], proposals_after(*iteration.known))
