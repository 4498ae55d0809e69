"""The training loop, with fake steps that record their calls."""

import io
import signal

import numpy as np
import pytest
import tensorflow as tf

from nac.config import ExponentialDecay, OneCycle, Parameters, Recipe
from nac.construction.statistics import Round
from nac.data.images import Images, with_validation_split
from nac.display.display import PlainDisplay
from nac.tensorboard.curves import Curves
from nac.tensorboard.events import cut
from nac.training.averages import average_decay
from nac.training.calls import Calls
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import Score
from nac.training.loop import CALIBRATION_BATCHES, Batches, Loop
from nac.training.plan import Plan, TimedPlan
from nac.training.progress import Progress
from nac.training.retries import Retries
from nac.training.saving import write_model
from nac.utils.errors import JobError, LossError
from nac.utils.signals import Interrupted, StopRequest
from tests.builders import input_error
from tests.data.examples import OFF, numbered, only
from tests.tensorboard.event_files import scalars
from tests.training.examples import NETWORK, SHAPE, answers, make_steps, recipe, values

HALVING = ExponentialDecay(initial=0.8, decay=0.5, epochs_per_decay=1.0)


def images(train=8, test=6):
    """Return images whose labels, modulo 3, are their pixels."""
    split = [
        np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones(SHAPE, np.uint8)
        for count in (train, test)
    ]
    labels = [np.arange(count, dtype=np.int32) % 3 for count in (train, test)]
    return Images(split[0], labels[0], split[1], labels[1], classes=3)


class Job:
    """A loop over 8 training and 6 test images, 4 to a batch, with noted calls.

    Args:
        folder: Where it writes.
        steps: Number of steps.
        interval: Seconds between checkpoints.
        steps_per_call: Largest number of steps in a call.
        training: The recipe of the training.
        augmentation: What is done with training images.
        plan: By default one of a given number of steps.
        rounds: What it removes while it trains.
        retries: How often it may go back.
        **more: Other values of the ``parameters`` section.
    """

    def __init__(
        self,
        folder,
        steps=6,
        interval=1e9,
        steps_per_call=10,
        training=None,
        augmentation=OFF,
        plan=None,
        rounds=None,
        retries=0,
        **more,
    ):
        parameters = Parameters(**{"batch_size": 4, "steps": steps, **more})
        training = training or recipe(lr=HALVING)
        self.plan = plan or Plan(steps)
        self.steps = make_steps(training)
        self.calls = {"train": [], "calibrate": 0, "evaluate": 0, "flipped": 0}
        self.steps.train_step = self.train
        self.steps.calibrate = self.calibrate
        self.steps.evaluate = self.evaluate
        self.steps.evaluate_flipped = self.evaluate_flipped
        self.loss, self.at_step = 1.0, {}
        full = Recipe(parameters, training, augmentation)
        self.stream = io.StringIO()
        self.checkpoints = Checkpoints(folder / "checkpoints", self.steps, interval)
        self.start = self.checkpoints.restore()
        self.stop = StopRequest()
        self.retries = retries and Retries(self.checkpoints, self.steps.variables, retries, steps)
        self.calls_of_steps = Calls(self.steps, steps_per_call)
        self.loop = Loop(
            self.calls_of_steps,
            Batches(
                with_validation_split(images(), parameters.validation_share),
                full,
                self.steps.strategy,
            ),
            full,
            self.plan,
            8,
            self.checkpoints,
            Curves(folder, NETWORK, ranking=parameters.ranking),
            Progress("job", steps, None, PlainDisplay(self.stream)),
            rounds,
            self.retries or None,
            self.stop,
        )

    def ask_to_stop(self):
        self.stop.request(signal.SIGTERM)

    def train(self, _, labels, decay):
        rate = float(self.steps.optimizer.learning_rate)
        self.calls["train"].append((rate, float(decay), labels.numpy().tolist()))
        self.at_step.get(len(self.calls["train"]), lambda: None)()
        return tf.constant(self.loss), tf.constant(2.0)

    def calibrate(self, _):
        self.calls["calibrate"] += 1

    def evaluate(self, _, labels):
        self.calls["evaluate"] += 1
        return answers(labels, loss=3.0, correct=2)

    def evaluate_flipped(self, _, labels):
        self.calls["flipped"] += 1
        return answers(labels, loss=6.0, correct=1)

    def lengths(self):
        """Return the number of steps in each call of a run."""
        lengths, train = [], self.calls_of_steps.train

        def noted(batches, rates, decays):
            lengths.append(len(rates))
            return train(batches, rates, decays)

        self.calls_of_steps.train = noted
        self.loop.run(0)
        return lengths

    def rates(self):
        return [rate for rate, _, _ in self.calls["train"]]


@pytest.mark.usefixtures("eagerly")
class TestLoop:
    def test_it_trains_each_step_with_its_rate(self, tmp_path):
        job = Job(tmp_path, steps=5)
        job.loop.run(0)
        # Two steps to an epoch.
        assert job.rates() == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2])

    def test_an_epoch_of_the_schedule_is_that_of_one_tower(self, tmp_path):
        job = Job(tmp_path, steps=5, batch_size=2, gpus=(0, 1))
        job.loop.run(0)
        # 8 images // 2 are four steps, though a step takes 4 images.
        assert job.rates() == pytest.approx([0.8, 0.8, 0.8, 0.8, 0.4])

    def test_it_averages_each_step_with_its_decay(self, tmp_path):
        job = Job(tmp_path, steps=3)
        job.loop.run(0)
        decays = [decay for _, decay, _ in job.calls["train"]]
        assert decays == pytest.approx([average_decay(step) for step in range(3)])

    def test_the_average_extends_over_a_share_of_the_steps(self, tmp_path):
        job = Job(tmp_path, steps=40, training=recipe(lr=HALVING, average_share=0.05))
        job.loop.run(0)
        # Over 2 steps: (1 + 8) / (10 + 8) is the first decay that is not below 1 - 1/2.
        decays = [decay for _, decay, _ in job.calls["train"]]
        assert decays[7:10] == pytest.approx([8 / 17, 0.5, 0.5])
        assert decays[-1] == pytest.approx(0.5)

    def test_a_one_cycle_schedule_ends_with_the_job(self, tmp_path):
        job = Job(tmp_path, steps=5, training=recipe(lr=OneCycle(peak=1.0, warmup=0.5)))
        job.loop.run(0)
        # The middles of the steps are at 0.1, 0.3, 0.5, 0.7 and 0.9 of the job.
        assert job.rates() == pytest.approx([0.2, 0.6, 1.0, 0.6, 0.2])

    def test_the_peak_of_one_cycle_is_that_of_the_global_batch(self, tmp_path):
        lr = OneCycle(peak=1.0, batch_size=8, warmup=0.5)
        job = Job(tmp_path, steps=1, training=recipe(lr=lr), batch_size=2, gpus=(0, 1))
        job.loop.run(0)
        assert job.rates() == pytest.approx([0.5])  # 4 of 8 images

    def test_resumed_it_goes_on_with_rates_and_batches(self, tmp_path):
        whole, rest = Job(tmp_path / "whole", steps=5), Job(tmp_path / "rest", steps=5)
        whole.loop.run(0)
        rest.loop.run(3)
        assert rest.calls["train"] == whole.calls["train"][3:]

    def test_it_evaluates_all_test_images_at_the_end(self, tmp_path):
        job = Job(tmp_path, steps=2)
        assert job.loop.run(0).score == Score(accuracy=4.0 / 6.0, loss=6.0 / 6.0, images=6)
        assert job.calls["evaluate"] == 2

    @pytest.mark.parametrize(("interval", "evaluations"), [(None, 1), (2, 3), (4, 2), (6, 1)])
    def test_it_evaluates_at_the_interval_and_at_the_end(self, tmp_path, interval, evaluations):
        job = Job(tmp_path, steps=6, eval_interval=interval)
        job.loop.run(0)
        assert job.stream.getvalue().count("test accuracy") == evaluations
        assert job.calls["calibrate"] == evaluations * CALIBRATION_BATCHES

    def test_it_evaluates_with_the_averages_and_trains_with_the_weights(self, tmp_path):
        job = Job(tmp_path, steps=4, eval_interval=2)
        weight = job.steps.weights[0]
        weight.assign(np.full(weight.shape, 7.0))
        job.steps.average.vector.assign(np.full(job.steps.average.vector.shape, 5.0))
        seen = []

        def evaluate(_, labels):
            seen.append(weight.numpy().max())
            return answers(labels, loss=0.0, correct=0)

        job.steps.evaluate = evaluate
        job.at_step[3] = lambda: seen.append(weight.numpy().max())
        job.loop.run(0)
        assert seen == [5.0, 5.0, 7.0, 5.0, 5.0]

    def test_without_a_validation_split_there_is_no_validation_score(self, tmp_path):
        assert Job(tmp_path, steps=2).loop.run(0).validation is None

    def test_with_a_validation_split_test_images_are_scored_once_at_the_end(self, tmp_path):
        job = Job(tmp_path, steps=6, eval_interval=2, validation_share=0.5)
        outcome = job.loop.run(0)
        text = job.stream.getvalue()
        assert (text.count("validation accuracy"), text.count("test accuracy")) == (3, 1)
        # 2 of 3, 3 and 2 images of each class are 1 + 1 + 1 held out: 2 hits of 3 in one batch.
        assert outcome.validation == Score(accuracy=2.0 / 3.0, loss=3.0 / 3.0, images=3)
        assert outcome.score == Score(accuracy=4.0 / 6.0, loss=6.0 / 6.0, images=6)

    def test_test_images_are_left_alone_if_they_are_not_to_be_scored(self, tmp_path):
        job = Job(tmp_path, steps=2, validation_share=0.5, score_test=False)
        outcome = job.loop.run(0)
        assert "test" not in job.stream.getvalue()
        assert outcome.score == outcome.validation

    def test_mirror_images_are_scored_once_at_the_end_if_asked_for(self, tmp_path):
        job = Job(tmp_path, eval_interval=2, score_flipped=True, augmentation=only(flip=True))
        outcome = job.loop.run(0)
        assert outcome.flipped == Score(accuracy=2.0 / 6.0, loss=12.0 / 6.0, images=6)
        assert outcome.score == Score(accuracy=4.0 / 6.0, loss=6.0 / 6.0, images=6)
        assert job.stream.getvalue().count("with mirror images\n") == 1

    @pytest.mark.parametrize(("asked", "flip"), [(True, False), (False, True)])
    def test_mirror_images_are_not_scored_unless_asked_for_and_trained_with(
        self, tmp_path, asked, flip
    ):
        job = Job(tmp_path, steps=2, score_flipped=asked, augmentation=only(flip=flip))
        assert job.loop.run(0).flipped is None
        assert job.calls["flipped"] == 0

    def test_mirror_images_are_of_the_split_that_is_scored(self, tmp_path):
        job = Job(
            tmp_path,
            steps=2,
            validation_share=0.5,
            score_test=False,
            score_flipped=True,
            augmentation=only(flip=True),
        )
        assert job.loop.run(0).flipped.images == 3

    def test_for_mirror_images_batch_norm_is_not_calibrated_again(self, tmp_path):
        job = Job(tmp_path, steps=2, score_flipped=True, augmentation=only(flip=True))
        job.loop.run(0)
        assert job.calls["calibrate"] == CALIBRATION_BATCHES

    def test_with_nothing_left_to_train_it_evaluates(self, tmp_path):
        job = Job(tmp_path, steps=3)
        assert job.loop.run(3).score.accuracy == 4.0 / 6.0
        assert job.calls["train"] == []

    def test_the_training_loss_is_that_of_the_last_steps(self, tmp_path):
        job = Job(tmp_path, steps=200)
        job.at_step[100] = lambda: setattr(job, "loss", 5.0)
        assert job.loop.run(0).training_loss == 5.0

    @pytest.mark.parametrize("ranking", ["taylor", "weight_norm"])
    def test_it_writes_the_ranking_that_decides(self, tmp_path, ranking):
        Job(tmp_path, steps=5, ranking=ranking).loop.run(0)
        branches = {tag for tag, _ in scalars(tmp_path / "train") if "Branch" in tag}
        expected = {f"{ranking}_stage1/layer01/Branch{n}" for n in ("1_1x1", "2_3x3")}
        assert branches == expected

    def test_a_loss_that_is_not_finite_ends_it(self, tmp_path):
        job = Job(tmp_path, steps=200)
        job.at_step[5] = lambda: setattr(job, "loss", np.nan)
        with pytest.raises(JobError, match="the loss is nan at step 5;"):
            job.loop.run(0)

    def test_it_says_where_an_evaluation_is(self, tmp_path):
        job = Job(tmp_path, steps=2)
        job.loop.run(0)
        expected = "job  step 2/2  test accuracy 0.6667  test loss 1.0000\n"
        assert job.stream.getvalue().endswith(expected)

    def test_it_saves_when_a_checkpoint_is_due(self, tmp_path):
        job = Job(tmp_path, steps=3, interval=0.0)
        job.loop.run(0)
        saved = sorted(path.name for path in (tmp_path / "checkpoints").glob("*.index"))
        assert saved == ["ckpt-2.index", "ckpt-3.index"]

    def test_it_saves_before_an_evaluation_if_the_newest_checkpoint_is_old(self, tmp_path, clock):
        job = Job(tmp_path, steps=6, eval_interval=3)
        job.at_step[5] = lambda: setattr(clock, "seconds", clock.seconds + 5.0)
        job.loop.run(0)
        saved = [path.name for path in (tmp_path / "checkpoints").glob("*.index")]
        assert saved == ["ckpt-6.index"]

    def test_a_call_ends_where_something_is_due(self, tmp_path, clock):
        job = Job(tmp_path, steps=25, eval_interval=7, steps_per_call=6)
        # The first call compiles, the second one shows the time of a step. Then evaluations are
        # due after 7, 14 and 21 steps, and a point for TensorBoard after 20.
        assert job.lengths() == [1, 1, 5, 6, 1, 6, 1, 4]

    def test_a_call_ends_where_a_state_to_go_back_to_is_kept(self, tmp_path, clock):
        job = Job(tmp_path, steps=55, retries=1, steps_per_call=30)
        assert job.lengths() == [1, 1, 18, 20, 10, 5]
        assert job.retries.go_back(LossError("nan", 55)).endswith(
            "after step 50 with 0.5 times the learning rate"
        )

    def test_slow_steps_have_shorter_calls(self, tmp_path, clock):
        job = Job(tmp_path, steps=7)
        for step in range(1, 8):
            job.at_step[step] = lambda: setattr(clock, "seconds", clock.seconds + 0.2)
        assert job.lengths() == [1, 1, 2, 2, 1]

    def test_a_checkpoint_has_the_progress(self, tmp_path):
        job = Job(tmp_path, steps=8, steps_per_call=1)
        job.at_step[3] = job.ask_to_stop
        with pytest.raises(Interrupted):
            job.loop.run(0)
        job.checkpoints.restore()
        assert job.checkpoints.progress.numpy() == 0.375

    def test_asked_to_stop_it_saves_and_ends(self, tmp_path):
        job = Job(tmp_path)
        job.at_step[2] = job.ask_to_stop
        with pytest.raises(Interrupted) as error:
            job.loop.run(0)
        assert error.value.number == signal.SIGTERM
        assert job.checkpoints.restore() == 2
        line = "job  SIGTERM: ended after step 2, a checkpoint is kept\n"
        assert job.stream.getvalue().endswith(line)

    def test_asked_to_stop_at_the_last_step_it_leaves_the_evaluation_to_the_next_process(
        self, tmp_path
    ):
        job = Job(tmp_path, steps=2)
        job.at_step[2] = job.ask_to_stop
        with pytest.raises(Interrupted):
            job.loop.run(0)
        rest = Job(tmp_path, steps=2)
        assert rest.loop.run(rest.start).score.accuracy == 4.0 / 6.0
        assert (job.calls["evaluate"], rest.calls["train"]) == (0, [])

    @pytest.mark.parametrize("stopped_after", [7, 20, 30, 39, 40])
    def test_a_stopped_job_has_the_training_loss_and_points_of_one_that_was_not(
        self, tmp_path, stopped_after
    ):
        """The loss of a step is its number; there are points after 20 and 40 steps."""

        def job(folder):
            job = Job(folder, steps=40, steps_per_call=1, eval_interval=20)
            count = [job.start]

            def train(*_):
                count[0] += 1
                if count[0] == stopped_after and folder.name == "stopped":
                    job.ask_to_stop()
                return tf.constant(float(count[0])), tf.constant(2.0)

            job.steps.train_step = train
            return job

        whole = job(tmp_path / "whole").loop.run(0)
        with pytest.raises(Interrupted):
            job(tmp_path / "stopped").loop.run(0)
        (tmp_path / "stopped").rename(tmp_path / "resumed")
        for folder in ("train", "test"):
            cut(tmp_path / "resumed" / folder, stopped_after)
        rest = job(tmp_path / "resumed")
        assert rest.start == stopped_after
        assert rest.loop.run(rest.start).training_loss == whole.training_loss == 30.5
        for folder in ("train", "test"):
            expected = scalars(tmp_path / "whole" / folder)
            found = scalars(tmp_path / "resumed" / folder)
            assert list(found) == list(expected)
            speed = "images_per_second"
            assert {k: v for k, v in found.items() if k[0] != speed} == {
                k: v for k, v in expected.items() if k[0] != speed
            }

    def test_a_job_that_went_back_trains_at_half_the_rate(self, tmp_path):
        job = Job(tmp_path, steps=3, retries=1)
        job.retries.keep(0, 0.0, 0.0)
        job.retries.go_back(LossError("nan", 2))
        again = Job(tmp_path, steps=3, retries=1)
        again.loop.run(again.start)
        assert again.rates() == pytest.approx([0.4, 0.4, 0.2])

    def test_a_saved_model_has_the_averages(self, tmp_path):
        job = Job(tmp_path)
        job.steps.average.vector.assign(np.full(job.steps.average.vector.shape, 0.25))
        before = values(job.steps.weights)
        write_model(job.steps, tmp_path / "net.keras")
        loaded = tf.keras.models.load_model(tmp_path / "net.keras")
        assert {v.numpy().max() for v in loaded.trainable_variables} == {0.25}
        for weight, value in zip(job.steps.weights, before, strict=True):
            np.testing.assert_array_equal(weight.numpy(), value)

    def test_a_saved_model_leaves_no_other_file(self, tmp_path):
        job = Job(tmp_path / "job")
        (tmp_path / "models").mkdir()
        write_model(job.steps, tmp_path / "models" / "net.keras")
        assert [path.name for path in (tmp_path / "models").iterdir()] == ["net.keras"]


def timed(folder, clock, seconds, step_seconds, expected=10, **more):
    """Return a job that may take some seconds from now on, whose steps let the clock go on.

    Args:
        folder: Where it writes.
        clock: The clock.
        seconds: Seconds that it may take.
        step_seconds: Duration of a step; a function of the number of steps before it.
        expected: Number of steps that the plan expects.
        **more: Other arguments of the job.
    """
    start = clock.seconds
    plan = TimedPlan(expected, seconds, 0, lambda: clock.seconds - start)
    job = Job(folder, expected, plan=plan, **more)

    class AtEachStep:
        def get(self, count, default):
            duration = step_seconds(count - 1)
            return lambda: setattr(clock, "seconds", clock.seconds + duration)

    job.at_step = AtEachStep()
    return job


@pytest.mark.usefixtures("eagerly")
class TestTimedLoop:
    @pytest.mark.parametrize("expected", [10, 500])
    def test_it_takes_as_many_steps_as_fit(self, tmp_path, clock, expected):
        job = timed(tmp_path, clock, 63.0, lambda _: 1.0, expected)
        # A step to compile, which the evaluation needs too, and 2 seconds for the results.
        assert job.loop.run(0).steps == 60
        assert len(job.calls["train"]) == 60

    def test_it_ends_in_time_if_the_machine_gets_slower(self, tmp_path, clock):
        job = timed(tmp_path, clock, 100.0, lambda step: 0.5 if step < 60 else 2.0, 200)
        start = clock.seconds
        job.loop.run(0)
        assert 90.0 <= clock.seconds - start <= 100.0
        assert job.plan.progress == 1.0

    def test_the_schedule_ends_with_the_job(self, tmp_path, clock):
        training = recipe(lr=OneCycle(peak=1.0, warmup=0.0))
        job = timed(tmp_path, clock, 63.0, lambda _: 1.0, 10, training=training)
        job.loop.run(0)
        rates = job.rates()
        assert rates == sorted(rates, reverse=True)
        assert rates[0] > 0.9
        assert rates[-1] < 0.02

    def test_the_last_step_is_evaluated(self, tmp_path, clock):
        job = timed(tmp_path, clock, 23.0, lambda _: 1.0)
        job.loop.run(0)
        assert job.stream.getvalue().endswith(
            "job  step 20/20  test accuracy 0.6667  test loss 1.0000\n"
        )

    def test_evaluations_take_time_from_the_steps(self, tmp_path, clock):
        job = timed(tmp_path, clock, 83.0, lambda _: 1.0, eval_interval=20)
        evaluate = job.steps.evaluate

        def slow(*batch):
            clock.seconds += 5.0
            return evaluate(*batch)

        job.steps.evaluate = slow
        # Two batches each after 20 and after 40 steps take the time of 20 of 80 steps, but do not
        # count as slow steps.
        assert job.loop.run(0).steps == 60

    def test_a_stopped_job_goes_on_and_ends_in_time(self, tmp_path, clock):
        def step(number):
            if number == 30:
                job.ask_to_stop()
            return 1.0

        job = timed(tmp_path, clock, 63.0, step, steps_per_call=1)
        with pytest.raises(Interrupted):
            job.loop.run(0)
        rest = timed(tmp_path, clock, 63.0 - 31.0, lambda _: 1.0)
        rest.plan.resume(rest.start, float(rest.checkpoints.progress.numpy()))
        # As without the stop, but a step takes the time to compile once more.
        assert rest.loop.run(rest.start).steps == 60
        assert rest.plan.progress == 1.0


class Rounds:
    """Rounds of pruning that remove nothing but note when they are.

    Args:
        shares: Shares of the job before each of them.
        each: Called in each round.
    """

    def __init__(self, *shares, each=lambda: None):
        self.shares, self.each, self.rounds = shares, each, []

    def next_share(self):
        left = self.shares[len(self.rounds) :]
        return left[0] if left else None

    def due(self, progress):
        return sum(progress >= share - 1e-9 for share in self.shares) > len(self.rounds)

    def run(self, step):
        self.each()
        self.rounds.append(step)
        return Round(step, 1.0, {"1/Branch1": 0.5}, ("1/Branch1",) if step < 8 else ())


@pytest.mark.usefixtures("eagerly")
class TestRounds:
    def test_they_are_at_their_shares_of_the_job(self, tmp_path):
        rounds = Rounds(0.4, 0.55, 0.7)
        Job(tmp_path, steps=10, rounds=rounds).loop.run(0)
        assert rounds.rounds == [4, 6, 7]

    def test_a_call_ends_where_a_round_is_due(self, tmp_path, clock):
        job = Job(tmp_path, steps=12, rounds=Rounds(0.5, 0.75))
        assert job.lengths() == [1, 1, 4, 3, 3]

    def test_each_has_a_line(self, tmp_path):
        job = Job(tmp_path, steps=10, rounds=Rounds(0.4, 0.8))
        job.loop.run(0)
        lines = [line for line in job.stream.getvalue().splitlines() if "round" in line]
        assert lines == [
            "job  step 4/10  round 1: removed 1/Branch1",
            "job  step 8/10  round 2: removed nothing",
        ]

    def test_batch_norm_is_calibrated_anew_after_a_round(self, tmp_path):
        """Here the round is at the same step as an evaluation."""
        calibrated = []
        rounds = Rounds(0.5, each=lambda: calibrated.append(job.calls["calibrate"]))
        job = Job(tmp_path, steps=8, eval_interval=4, rounds=rounds)
        job.loop.run(0)
        assert calibrated == [0]
        assert job.calls["calibrate"] == 2 * CALIBRATION_BATCHES

    def test_rounds_that_are_due_at_once_have_a_step_between_them(self, tmp_path):
        rounds = Rounds(0.4, 0.41, 0.42)
        Job(tmp_path, steps=10, rounds=rounds).loop.run(0)
        assert rounds.rounds == [4, 5, 6]

    def test_a_job_of_few_steps_does_all_of_them(self, tmp_path):
        rounds = Rounds(0.4, 0.5, 0.6, 0.7)
        job = Job(tmp_path, steps=3, rounds=rounds)
        job.loop.run(0)
        assert rounds.rounds == [2, 3, 3, 3]
        assert job.stream.getvalue().splitlines()[-1].startswith("job  step 3/3  test accuracy")

    def test_a_timed_job_has_them_at_their_shares_of_its_time(self, tmp_path, clock):
        rounds = Rounds(0.4, 0.75)
        job = timed(tmp_path, clock, 83.0, lambda _: 1.0, rounds=rounds)
        # 80 steps fit: all but a step to compile the evaluation and 2 seconds to write.
        assert job.loop.run(0).steps == 80
        first, second = rounds.rounds
        assert 30 <= first <= 34
        assert 59 <= second <= 62

    def test_they_take_time_from_the_steps_of_a_timed_job(self, tmp_path, clock):
        def slow():
            clock.seconds += 10.0

        rounds = Rounds(0.4, 0.75, each=slow)
        job = timed(tmp_path, clock, 83.0, lambda _: 1.0, rounds=rounds)
        # They take the time of 20 of 80 steps, but do not count as slow steps.
        assert job.loop.run(0).steps == 60
        assert len(rounds.rounds) == 2

    def test_a_timed_job_that_has_to_end_early_does_all_of_them(self, tmp_path, clock):
        def step(number):
            return 1.0 if number < 20 else 60.0

        rounds = Rounds(0.4, 0.5, 0.75)
        steps = timed(tmp_path, clock, 83.0, step, rounds=rounds).loop.run(0).steps
        assert steps < 30
        assert rounds.rounds[-1] == steps
        assert len(rounds.rounds) == 3


class TestBatches:
    def test_the_replicas_must_share_a_batch_equally(self):
        strategy = type("Stub", (), {"num_replicas_in_sync": 3})()
        full = Recipe(Parameters(batch_size=4), recipe(), OFF)
        assert input_error(Batches, numbered(8), full, strategy) == (
            "parameters.batch_size: expected a global batch that 3 devices can share equally,"
            " received 4"
        )

    def test_the_global_batch_counts_all_gpus_of_the_experiment(self):
        strategy = tf.distribute.OneDeviceStrategy("CPU:0")
        full = Recipe(Parameters(batch_size=2, gpus=(0, 1, 2)), recipe(), OFF)
        (batch,) = Batches(numbered(8), full, strategy).training(0, 1)
        assert batch[1].shape == (6,)
