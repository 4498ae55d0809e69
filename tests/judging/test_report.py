"""From scores to a judgement, and its table of rankings."""

from dataclasses import replace

from nac.config import parse_experiment
from nac.judging.report import judge, judged_training, judgement_text
from nac.judging.result import Agreement, MeanAgreement
from nac.judging.worth import Worth
from nac.training.evaluation import Score
from tests.builders import WIDENER, architecture, layer
from tests.experiments import training
from tests.judging.judgements import BRANCH, judgement
from tests.results import job_result

EXPERIMENT = parse_experiment(training(), "job.json")
JOB = replace(EXPERIMENT, architecture=architecture(layer("1x1"), WIDENER, layer("3x3sep")))


def row(*stages, mean, deviation=None):
    return MeanAgreement(stages, mean, deviation)


def score(loss, accuracy):
    return Score(accuracy=accuracy, loss=loss, images=8)


WORTH = Worth(
    images=8,
    complete=score(2.25, 0.75),
    without={(1, "Branch1"): score(2.5, 0.5), (3, "Branch1"): score(2.0, 0.875)},
)
RESULT = job_result(
    featuremaps={
        "1/Branch1": {"mean_square": 1.0, "images": 9},
        "3/Branch1": {"mean_square": 0.5, "random": 0.25, "images": 9},
    }
)


def test_a_judged_training():
    judged = judged_training(JOB, RESULT, WORTH)
    assert judged.branches[1] == BRANCH
    assert (judged.images, judged.loss, judged.accuracy) == (8, 2.25, 0.75)
    # A stage with one branch has no order; by random the first branch was not measured.
    assert judged.agreement == {"mean_square": Agreement((None, None), None)}


def test_a_judgement_tells_what_was_judged_and_how():
    trainings = {5: judged_training(JOB, RESULT, WORTH)}
    judged = judge("it", 2, JOB, recalibrate=True, trainings=trainings)
    assert (judged.run, judged.iteration, judged.notation) == ("it", 2, "8/1-1/1")
    assert (judged.dataset, judged.recalibrate, list(judged.seeds)) == ("digits", True, [5])
    assert judged.agreement == {"mean_square": row(None, None, mean=None)}


def test_the_whole_text_best_ranking_first():
    mean = {
        "random": row(None, None, mean=None),
        "mean_square": row(-0.5, 0.25, mean=-0.125),
        "taylor": row(1.0, 0.5, mean=0.75),
    }
    assert judgement_text(judgement({}, mean=mean)) == (
        "8/1-1/2 on digits, iteration 1, seed 0\n"
        "Kendall's tau of each ranking with the loss increase on 1,234 validation images without"
        " a branch; 2 branches\n"
        "\n"
        "ranking      stage 1  stage 2    mean\n"
        "-----------  -------  -------  ------\n"
        "taylor         1.000    0.500   0.750\n"
        "mean_square   -0.500    0.250  -0.125\n"
        "random             -        -       -"
    )


def test_several_seeds_have_a_deviation():
    mean = {"mean": row(0.5, mean=0.5, deviation=0.125)}
    text = judgement_text(judgement({}, {}, mean=mean))
    assert "seed 0, 1\n" in text
    assert text.splitlines()[-3].split() == ["ranking", "stage", "1", "mean", "deviation"]
    assert text.splitlines()[-1].split() == ["mean", "0.500", "0.500", "0.125"]


def test_a_judgement_by_retraining_says_what_a_branch_is_worth():
    mean = {
        "silenced": row(0.75, mean=0.75, deviation=0.25),
        "retrained with another seed": row(0.5, mean=0.5),
    }
    found = judgement({}, {}, mean=mean, increases=[(0.1, 0.2), (0.1, 0.2)], retrained_of=6)
    assert judgement_text(found) == (
        "8/1-1/2 on digits, iteration 1, seed 0, 1\n"
        "Kendall's tau of each ranking with the worth of a branch: the loss on 1,234 validation"
        " images\n"
        "of the network trained without it, minus that of the complete network, mean over seeds;\n"
        "2 of 6 branches, 6 trainings\n"
        "silenced: loss increase without the branch and without training, batch norms"
        " re-estimated\n"
        "retrained with another seed: the worth by one seed with that by another; noise keeps it"
        " below 1\n"
        "\n"
        "ranking                      stage 1   mean  deviation\n"
        "---------------------------  -------  -----  ---------\n"
        "silenced                       0.750  0.750      0.250\n"
        "retrained with another seed    0.500  0.500          -"
    )


def test_seeds_that_were_retrained_are_compared():
    judged = judgement({}, {}, increases=[(0.1, 0.2), (0.3, 0.5)])
    found = judge("it", 0, JOB, recalibrate=True, trainings=judged.seeds, retrained_of=6)
    assert found.agreement == {"retrained with another seed": row(None, 1.0, mean=1.0)}
    assert found.retrained_of == 6


def test_recalibration_is_named():
    assert "re-estimated" in judgement_text(judgement({}, recalibrate=True))
