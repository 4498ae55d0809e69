"""The trainings in which proposed networks are compared, with jobs that train nothing."""

import json
import sys
import threading
from collections import deque
from contextlib import ExitStack
from pathlib import Path

import pytest

from nac.config import parse_experiment
from nac.construction.prior import prior
from nac.display.display import PlainDisplay
from nac.runs import jobs, tournament
from nac.runs.jobs import JobRunner
from nac.runs.tournament import Choice, Rung, choose, read_choice
from nac.utils.errors import NacError
from tests.builders import input_error
from tests.experiments import small
from tests.results import job_result

FAKE_JOB = str(Path(__file__).parent.parent / "fake_job.py")
NAMES = ("taylor", "weight_norm", "random1", "random2")
LOSSES = {"taylor": 0.5, "weight_norm": 0.25, "random1": 0.375, "random2": 0.75}


def chosen(place, runners, names=NAMES, arguments=("--strategy=one",), display=None, **parameters):
    """Let trainings choose between networks of these names, which are all the same."""
    experiment = parse_experiment(small(parameters={"steps": 40, **parameters}), "experiment.yaml")
    network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    children = dict.fromkeys(names, network)
    return choose(experiment, children, experiment.recipe, place, runners, arguments, display)


class Runner:
    """Stands in for a runner of jobs, and notes what it runs.

    Args:
        losses: Name of a network -> its loss, or the losses of its trainings in order.
        ready: Called in each job.
    """

    def __init__(self, losses=LOSSES, ready=lambda: None):
        self.losses, self.ready, self.jobs, self.arguments = losses, ready, [], []

    def run(self, job, place, arguments):
        self.ready()
        rung, name = int(place.parent.name.removeprefix("rung")), place.name
        self.jobs.append((rung, name, job.parameters.steps))
        self.arguments.append((job, arguments))
        loss = self.losses[name]
        return job_result(late_training_loss=loss[rung - 1] if isinstance(loss, list) else loss)


def test_half_of_the_networks_train_twice_as_long(tmp_path):
    runner = Runner()
    chosen(tmp_path, [runner])
    first = [(1, name, 10) for name in NAMES]
    assert runner.jobs == [*first, (2, "weight_norm", 20), (2, "random1", 20)]


def test_the_last_rung_decides(tmp_path):
    runner = Runner({**LOSSES, "weight_norm": [0.25, 0.25], "random1": [0.375, 0.125]})
    assert chosen(tmp_path, [runner]).winner == "random1"


def test_the_choice_says_how_it_was_made(tmp_path):
    expected = Choice(
        winner="weight_norm",
        networks=dict.fromkeys(NAMES, "6/1-1/3"),
        rungs=(Rung(10, LOSSES), Rung(20, {"weight_norm": 0.25, "random1": 0.375})),
    )
    assert chosen(tmp_path, [Runner()]) == expected
    assert read_choice(tmp_path) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["choice.json"]


def test_each_rung_has_a_line_the_best_first(tmp_path, capsys):
    chosen(tmp_path, [Runner()], display=PlainDisplay())
    assert capsys.readouterr().out.splitlines() == [
        "  rung 1: weight_norm 0.2500, random1 0.3750, taylor 0.5000, random2 0.7500",
        "  rung 2: weight_norm 0.2500, random1 0.3750",
        "  chosen: weight_norm",
    ]


def test_a_choice_that_was_made_stays(tmp_path):
    made = chosen(tmp_path, [Runner()])
    assert chosen(tmp_path, []) == made


def test_only_the_loss_is_measured(tmp_path):
    runner = Runner()
    chosen(tmp_path, [runner], arguments=("--strategy=one",))
    for job, arguments in runner.arguments:
        assert job.parameters.log_stats is False
        assert job.pruning is None
        assert arguments == ("--strategy=one",)


def test_a_training_takes_steps_whatever_seconds_the_iteration_had(tmp_path):
    runner = Runner()
    chosen(tmp_path, [runner], seconds=60.0)
    assert {job.parameters.seconds for job, _ in runner.arguments} == {None}


def test_a_training_has_at_least_one_step(tmp_path):
    runner = Runner()
    chosen(tmp_path, [runner], steps=1)
    assert {steps for _, _, steps in runner.jobs} == {1}


def test_runners_work_side_by_side(tmp_path):
    """Each job waits for another one: one at a time would never end."""
    together = threading.Barrier(2)
    runners = [Runner(ready=lambda: together.wait(timeout=10)) for _ in range(2)]
    assert chosen(tmp_path, runners).winner == "weight_norm"
    first, second = (runner.jobs for runner in runners)
    assert (len(first), len(second)) == (3, 3)
    assert {name for _, name, _ in first + second} == set(NAMES)


def test_losses_stand_in_the_order_of_the_networks_whichever_ends_first(tmp_path):
    """The first job ends after the second one."""
    ended = threading.Event()

    class FirstIsSlow(Runner):
        def run(self, job, place, arguments):
            if place.name == "taylor":
                ended.wait(timeout=10)
            result = super().run(job, place, arguments)
            ended.set()
            return result

    made = chosen(tmp_path, [FirstIsSlow(), FirstIsSlow()], names=("taylor", "random1"))
    assert list(made.rungs[0].losses) == ["taylor", "random1"]


def test_a_training_without_a_curve_is_one_line(tmp_path):
    with pytest.raises(NacError, match=r"rung1/taylor: expected a curve of the training loss"):
        chosen(tmp_path, [Runner(dict.fromkeys(NAMES))])


# the file


def test_without_a_choice_it_is_said_that_it_is_not_finished(tmp_path):
    assert input_error(read_choice, tmp_path) == (
        f"{tmp_path}/choice.json: no such file; the tournament of this iteration is not finished"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"winner": 3}, "winner: expected a string, received 3"),
        ({"networks": []}, "networks: expected a mapping, received []"),
        ({"rungs": [{"steps": 3}]}, "rungs[0].losses: missing"),
        ({"version": 2}, "version: expected 1, the only one that this version of nac reads"),
    ],
)
def test_a_damaged_choice_is_one_line_with_file_and_key(tmp_path, change, message):
    chosen(tmp_path, [Runner()])
    path = tmp_path / "choice.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert input_error(read_choice, tmp_path).startswith(f"{path}: {message}")


# failures and repetition, with processes


class Place:
    """A directory, the working directory, in which fake jobs run as planned."""

    def __init__(self, directory):
        self.directory = directory
        self.plan({})

    def plan(self, what):
        """Say what jobs do; otherwise they have the losses above."""
        losses = {f"rung{rung}/{name}": LOSSES[name] for rung in (1, 2) for name in NAMES}
        (self.directory / "plan.json").write_text(json.dumps(losses | what))

    def chosen(self, iteration="000", workers=1):
        with ExitStack() as stack:
            runners = [
                stack.enter_context(JobRunner(deque(), self.directory / "decoded", beside=True))
                for _ in range(workers)
            ]
            return chosen(self.directory / iteration, runners)

    def started(self):
        """Return the jobs that were started, and forget them."""
        path = self.directory / "started.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]


@pytest.fixture
def place(tmp_path, monkeypatch):
    def command(path, arguments):
        return [sys.executable, "-S", FAKE_JOB, f"--job={path}"]

    monkeypatch.setattr(jobs, "job_command", command)
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path)


FIRST_RUNG = [f"rung1/{name}" for name in NAMES]
SECOND_RUNG = ["rung2/weight_norm", "rung2/random1"]


def test_each_training_is_a_job_of_its_own(place):
    assert place.chosen().winner == "weight_norm"
    assert place.started() == FIRST_RUNG + SECOND_RUNG
    directory = place.directory / "000" / "children" / "rung2" / "weight_norm"
    assert json.loads((directory / "job.json").read_text())["parameters"]["steps"] == 20


def test_two_runners_give_the_same_choice(place):
    alone = place.chosen("000")
    place.started()
    assert place.chosen("001", workers=2) == alone
    started = place.started()
    assert sorted(started[:4]) == sorted(FIRST_RUNG)
    assert sorted(started[4:]) == sorted(SECOND_RUNG)


def test_a_training_that_fails_ends_it_with_its_name(place):
    place.plan({"rung1/weight_norm": "fail"})
    with pytest.raises(NacError) as failure:
        place.chosen()
    first, *_ = str(failure.value).splitlines()
    where = place.directory / "000" / "children" / "rung1" / "weight_norm"
    assert first == f"job {where} failed with exit code 3. The end of its log:"
    assert not (place.directory / "000" / "choice.json").exists()


def test_the_others_of_a_rung_are_trained_before_it_ends(place):
    place.plan({"rung1/taylor": "fail"})
    with pytest.raises(NacError, match="rung1/taylor"):
        place.chosen()
    assert place.started() == FIRST_RUNG


@pytest.mark.parametrize("failed", ["rung1/weight_norm", "rung2/random1"])
def test_repeated_it_trains_only_what_is_not_done(place, failed):
    place.plan({failed: "fail"})
    with pytest.raises(NacError, match=failed):
        place.chosen()
    place.started()
    place.plan({})
    assert place.chosen().winner == "weight_norm"
    assert place.started() == [failed, *(SECOND_RUNG if failed in FIRST_RUNG else [])]


def test_killed_before_the_choice_is_written_it_trains_nothing_again(place, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(tournament, "write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            place.chosen()
    assert len(place.started()) == 6
    assert place.chosen().winner == "weight_norm"
    assert place.started() == []
