"""The rounds of a job: what they measure and remove, and that nothing else decides."""

import functools
import signal

import numpy as np
import pytest

from nac.config import Parameters, Recipe, parse_experiment
from nac.config.keys import write
from nac.config.pruning import Group, Pruning
from nac.construction.statistics import Round
from nac.data.images import Images, with_validation_split
from nac.tensorboard.curves import Curves
from nac.training.batches import Batches
from nac.training.calls import Calls
from nac.training.checkpoints import Checkpoints
from nac.training.job import check_job
from nac.training.loop import Loop
from nac.training.measurements import featuremaps, gates
from nac.training.plan import Plan
from nac.training.progress import Progress
from nac.training.rounds import REFIT_BATCHES, PruningRounds
from nac.utils.signals import Interrupted, StopRequest
from tests.builders import input_error, layer
from tests.data.examples import OFF
from tests.experiments import printed_by, training
from tests.models.small_networks import small
from tests.training.examples import SHAPE, answers, make_steps, recipe, values

NETWORK = small(layer("1x1", "3x3", inputs=[]), layer("1x1", "1x3", inputs=[1, 0]))
FIRST = Group(("1/Branch1", "1/Branch2"), 1)
SECOND = Group(("2/Branch1", "2/Branch2"), 1)
SKIPS = Group(("1-2", "0-2"), 1)
WORTH = {"1/Branch1": 0.5, "1/Branch2": 0.25, "2/Branch1": -0.125, "2/Branch2": 0.125}
WORTH |= {"1-2": 0.0625, "0-2": 0.03125}


def pruning(*groups, **changes):
    values = {"rounds": 2, "begin": 0.4, "end": 0.8, "candidates": 6, "images": 8}
    return Pruning(**{"ranking": "weight_norm", **values, **changes}, groups=groups)


def batches(steps, share=0.5):
    """Return batches of 4 images: 8 to train and 8 held out."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (16, *SHAPE), np.uint8)
    labels = np.arange(16, dtype=np.int32) % 2
    images = Images(pixels, labels, pixels[:1], labels[:1], classes=2)
    full = Recipe(Parameters(batch_size=4), recipe(), OFF)
    return Batches(with_validation_split(images, share), full, steps.strategy)


@functools.cache
def built():
    """Return the steps of the network, and the values of all of their variables."""
    steps = make_steps(recipe(momentum=0.9), NETWORK)
    return steps, values(steps.variables)


def fresh():
    """Return the same steps as they were at first, as it takes long to make others."""
    steps, start = built()
    for variable, value in zip(steps.variables, start, strict=True):
        variable.assign(value)
    return steps


def zero(parts):
    return not any(variable.numpy()[elements].any() for variable, elements in parts)


class Stage:
    """Rounds of a network whose loss is 2 and what each part that is gone is worth.

    Args:
        groups: What may go.
        **changes: Of the pruning.
    """

    def __init__(self, *groups, **changes):
        self.steps = fresh()
        self.calibrations = self.evaluations = 0
        self.steps.calibrate, self.steps.evaluate = self.calibrate, self.evaluate
        self.rounds = PruningRounds(
            self.steps, batches(self.steps), pruning(*groups, **changes), seed=0
        )
        self.parts = self.rounds._parts

    def calibrate(self, _):
        self.calibrations += 1

    def evaluate(self, _, labels):
        self.evaluations += 1
        loss = 2.0 + sum(WORTH[key] for key, parts in self.parts.items() if zero(parts))
        return answers(labels, loss * len(labels), 0)

    def average_as_weights(self):
        """Let the averages be the weights of now."""
        weights = np.concatenate(values(self.steps.weights), axis=None)
        self.steps.average.vector.assign(weights)

    def gone(self):
        return {key for key, parts in self.parts.items() if zero(parts)}


# one round


def test_a_round_removes_what_is_missed_least():
    stage = Stage(SECOND, rounds=1)
    assert stage.rounds.run(7) == Round(
        7, 2.0, {"2/Branch1": -0.125, "2/Branch2": 0.125}, ("2/Branch1",)
    )
    assert stage.gone() == {"2/Branch1"}


def test_what_was_taken_out_to_measure_it_is_back():
    stage = Stage(SECOND, rounds=1)
    before = {key: [v.numpy() for v, _ in parts] for key, parts in stage.parts.items()}
    stage.rounds.run(7)
    for key in set(before) - {"2/Branch1"}:
        for (variable, _), value in zip(stage.parts[key], before[key], strict=True):
            np.testing.assert_array_equal(variable.numpy(), value)


def test_in_the_worst_case_it_removes_what_is_missed_most():
    assert Stage(SECOND, rounds=1, strongest=True).rounds.run(7).removed == ("2/Branch2",)


def test_every_group_loses_its_share():
    entry = Stage(FIRST, SECOND, SKIPS, rounds=1).rounds.run(7)
    assert entry.removed == ("1/Branch2", "2/Branch1", "0-2")
    assert entry.missed == WORTH


def test_a_group_of_which_nothing_goes_is_not_measured():
    stage = Stage(Group(FIRST.members, 0), SECOND, rounds=1)
    assert set(stage.rounds.run(7).missed) == set(SECOND.members)


def test_only_the_weakest_are_measured():
    stage = Stage(SECOND, rounds=1, candidates=1)
    for variable, _ in stage.parts["2/Branch2"]:
        variable.assign(variable * 0.001)
    stage.average_as_weights()
    assert stage.rounds.run(7).missed == {"2/Branch2": 0.125}


def test_a_gate_below_zero_is_as_strong_as_one_above():
    stage = Stage(SKIPS, rounds=1, candidates=1)
    for key, value in (("1-2", -0.75), ("0-2", 0.5)):
        (gate, _), _ = stage.parts[key]
        gate.assign(value)
    stage.average_as_weights()
    assert stage.rounds.run(7).missed == {"0-2": 0.03125}


@pytest.mark.parametrize(("images", "count"), [(1, 1), (4, 1), (5, 2), (8, 2), (1000, 2)])
def test_as_many_validation_images_are_used_as_asked_for_in_whole_batches(images, count):
    stage = Stage(SECOND, rounds=1, images=images)
    stage.rounds.run(7)
    assert stage.evaluations == 3 * count  # the network, and it without each of two branches


def test_batch_norms_are_estimated_anew_for_each_measurement():
    stage = Stage(SECOND, rounds=1)
    stage.rounds.run(7)
    assert stage.calibrations == 3 * REFIT_BATCHES


def test_averaged_weights_are_measured_and_the_weights_go_on():
    stage = Stage(SECOND, rounds=1)
    weights = values(stage.steps.weights)
    stage.steps.average.vector.assign(np.full(stage.steps.average.vector.shape, 3.0))
    seen = []
    (kernel, _), *_ = stage.parts["1/Branch1"]

    def evaluate(_, labels):
        seen.append(kernel.numpy().max())
        return answers(labels, loss=1.0, correct=0)

    stage.steps.evaluate = evaluate
    stage.rounds.run(7)
    assert set(seen) == {3.0}
    kept = [
        (weight.numpy(), value)
        for weight, value in zip(stage.steps.weights, weights, strict=True)
        if weight.numpy().any()
    ]
    assert len(kept) > 3
    for weight, value in kept:
        np.testing.assert_array_equal(weight, value)


# one after the other


def test_the_next_round_goes_on_where_the_last_one_was():
    stage = Stage(Group(FIRST.members + SECOND.members, 2), rounds=2)
    first, second = stage.rounds.run(4), stage.rounds.run(8)
    assert first.removed == ("2/Branch1",)
    # The branch beside it is the last one of its layer now.
    assert second == Round(8, 1.875, {"1/Branch1": 0.5, "1/Branch2": 0.25}, ("1/Branch2",))
    assert stage.rounds.rounds == (first, second)


def test_a_round_in_which_nothing_goes_is_a_round_too():
    stage = Stage(SECOND, rounds=2)
    first, second = stage.rounds.run(4), stage.rounds.run(8)
    assert (first.removed, second.removed) == (("2/Branch1",), ())


def test_each_round_is_due_from_its_share_of_the_training_on():
    rounds = Stage(SECOND, rounds=2).rounds
    assert rounds.next_share() == pytest.approx(0.4)
    assert (rounds.due(0.3), rounds.due(0.4), rounds.due(0.9)) == (False, True, True)
    rounds.run(4)
    assert rounds.next_share() == pytest.approx(0.8)
    assert (rounds.due(0.5), rounds.due(0.8)) == (False, True)
    rounds.run(8)
    assert rounds.next_share() is None
    assert not rounds.due(1.0)


def test_what_was_measured_is_that_of_the_whole_network():
    stage = Stage(SECOND, rounds=2)
    assert stage.rounds.measured is None
    model = stage.steps.model
    expected = featuremaps(model, 0), gates(model)
    stage.rounds.run(4)
    assert featuremaps(model, 0) != expected[0]
    stage.rounds.run(8)
    assert tuple(stage.rounds.measured) == expected


# in a job


class Job:
    """A real training of 6 steps with rounds after 2 and after 5 of them.

    Args:
        folder: Where it writes.
    """

    def __init__(self, folder):
        settings = recipe(momentum=0.9, clip_norm=1.0, l2=0.01)
        full = Recipe(Parameters(batch_size=4, steps=6, validation_share=0.5), settings, OFF)
        self.steps = make_steps(settings, NETWORK)
        data = batches(self.steps)
        groups = Group(FIRST.members + SECOND.members, 2), SKIPS
        removing = pruning(*groups, begin=0.3, end=0.8, candidates=2, images=4)
        self.rounds = PruningRounds(self.steps, data, removing, seed=0)
        checkpoints = Checkpoints(folder / "checkpoints", self.steps, 1e9, self.rounds.log)
        self.start, plan = checkpoints.restore(), Plan(6)
        plan.progress = float(checkpoints.progress.numpy())
        calls, curves = Calls(self.steps, 1), Curves(folder, NETWORK)
        progress = Progress("job", 6, None)
        self.stop = StopRequest()
        parts = (calls, data, full, plan, 8, checkpoints, curves, progress, self.rounds)
        self.loop = Loop(*parts, stop=self.stop)

    def run(self, stop_at=None):
        """Train; stop at a step if one is given."""
        train, count = self.steps.train_step, [self.start]

        def noted(*batch):
            count[0] += 1
            if count[0] == stop_at:
                self.stop.request(signal.SIGTERM)
            return train(*batch)

        self.steps.train_step = noted
        self.loop.run(self.start)
        return self


@pytest.fixture
def few_batches(monkeypatch):
    """Estimate batch norms over a single batch, which takes less time."""
    monkeypatch.setattr("nac.training.rounds.REFIT_BATCHES", 1)
    monkeypatch.setattr("nac.training.loop.CALIBRATION_BATCHES", 1)


@pytest.mark.usefixtures("eagerly", "few_batches")
def test_a_job_that_is_stopped_between_two_rounds_ends_as_one_that_is_not(tmp_path):
    whole = Job(tmp_path / "whole").run()
    with pytest.raises(Interrupted):
        Job(tmp_path / "stopped").run(stop_at=3)
    rest = Job(tmp_path / "stopped")
    assert (rest.start, [entry.step for entry in rest.rounds.rounds]) == (3, [2])
    rest.run()
    assert [entry.step for entry in whole.rounds.rounds] == [2, 5]
    assert rest.rounds.rounds == whole.rounds.rounds
    assert rest.rounds.measured == whole.rounds.measured
    assert len([key for entry in whole.rounds.rounds for key in entry.removed]) == 3
    ours, theirs = ([*values(job.steps.weights), job.steps.average.vector] for job in (rest, whole))
    for first, second in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(first, second)


def test_a_job_with_rounds_needs_validation_images():
    value = {**training(), "pruning": write(pruning(SECOND))}
    text = input_error(check_job, parse_experiment(value, "job.json"))
    assert text.startswith("job.json: parameters.validation_share: expected more than 0")
    value["parameters"]["validation_share"] = 0.25
    check_job(parse_experiment(value, "job.json"))


# devices

TWO_REPLICAS = """
import json
import tensorflow as tf

from nac.training.strategies import make_strategy, set_determinism

mirrored = make_strategy("mirrored", 2)

import keras
from nac.config import KerasOptimizer
from nac.models import build_model
from nac.training.rounds import PruningRounds
from nac.training.steps import Steps
from nac.utils.records import to_json
from tests.builders import layer
from tests.models.small_networks import small
from tests.training.examples import SHAPE, recipe
from tests.training.test_rounds import Group, batches, pruning, zero

network = small(layer("1x1", "3x3", "1x3", inputs=[0]))
groups = Group(("1/Branch1", "1/Branch2", "1/Branch3"), 2), Group(("0-1",), 1)

def rounds(strategy, **changes):
    set_determinism("on", 0, strategy)
    with strategy.scope():
        model = build_model(network, SHAPE, branch_dropout=0.0)
        steps = Steps(model, recipe(**{"momentum": 0.9, "l2": 0.01} | changes), strategy, 4)
    steps.optimizer.learning_rate.assign(0.05)
    data = batches(steps)
    pruned = PruningRounds(steps, data, pruning(*groups, ranking="taylor"), 0)
    for start in (0, 2, 4):
        for images, labels in data.training(start, start + 2):
            steps.train(images, labels, tf.constant(0.5))
        if start < 4:
            pruned.run(start + 2)
    removed = [key for entry in pruned.rounds for key in entry.removed]
    return {
        "replicas": strategy.num_replicas_in_sync,
        "rounds": [to_json(entry) for entry in pruned.rounds],
        "zero": [zero(pruned._parts[key]) for key in removed],
    }

# Such an optimizer updates each variable by itself, not all of them as one vector.
separate = {"optimizer": KerasOptimizer("Lamb", ())}
one = tf.distribute.OneDeviceStrategy("CPU:0")
print(json.dumps([rounds(one), rounds(mirrored), rounds(mirrored, **separate)]))
"""


@pytest.fixture(scope="module")
def on_devices():
    """Return the rounds on one device, on two, and on two with another optimizer."""
    return printed_by(TWO_REPLICAS)


@pytest.mark.slow
def test_two_devices_decide_as_one(on_devices):
    one, two, _ = on_devices
    assert (one["replicas"], two["replicas"]) == (1, 2)
    for first, second in zip(one["rounds"], two["rounds"], strict=True):
        assert first["removed"] == second["removed"]
        assert second["loss"] == pytest.approx(first["loss"], rel=1e-4)
        assert second["missed"] == pytest.approx(first["missed"], abs=1e-5)
    assert sum(len(entry["removed"]) for entry in one["rounds"]) == 3


@pytest.mark.slow
def test_what_was_removed_is_zero_on_all_devices(on_devices):
    for result in on_devices:
        assert result["zero"] == [True] * 3
