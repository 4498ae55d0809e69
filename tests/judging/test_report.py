"""Judged branches, and the table of rankings."""

from types import SimpleNamespace

from nac.judging.report import judged_branches, judgement_text
from tests.builders import WIDENER, architecture, layer


def score(loss, accuracy):
    return SimpleNamespace(loss=loss, accuracy=accuracy)


def row(*stages, mean, deviation=None):
    return {"stages": list(stages), "mean": mean, "deviation": deviation}


def judgement(agreement, seeds=("0",), recalibrate=False):
    return {
        "iteration": 1,
        "notation": "8/1-1/2",
        "dataset": "digits",
        "recalibrate": recalibrate,
        "agreement": agreement,
        "seeds": {seed: {"images": 1234, "branches": [{}, {}]} for seed in seeds},
    }


def test_a_judged_branch():
    network = architecture(layer("1x1"), WIDENER, layer("3x3sep"))
    metrics = {"mean_square": 0.5, "random": 0.25}
    statistics = {
        "featuremaps": {
            "1/Branch1": {"mean_square": 1.0},
            "3/Branch1": {**metrics, "images": 9},
        }
    }
    without = {(1, "Branch1"): score(2.5, 0.5), (3, "Branch1"): score(2.0, 0.875)}
    assert judged_branches(network, statistics, score(2.25, 0.75), without)[1] == {
        "layer": 3,
        "branch": "Branch1",
        "block": "3x3sep",
        "stage": 2,
        "loss_increase": -0.25,
        "accuracy_loss": -0.125,
        "metrics": metrics,
    }


def test_the_whole_text_best_ranking_first():
    found = {
        "random": row(None, None, mean=None),
        "mean_square": row(-0.5, 0.25, mean=-0.125),
        "taylor": row(1.0, 0.5, mean=0.75),
    }
    assert judgement_text(judgement(found)) == (
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
    text = judgement_text(judgement({"mean": row(0.5, mean=0.5, deviation=0.125)}, ("0", "3")))
    assert "seed 0, 3\n" in text
    assert text.splitlines()[-3].split() == ["ranking", "stage", "1", "mean", "deviation"]
    assert text.splitlines()[-1].split() == ["mean", "0.500", "0.500", "0.125"]


def test_recalibration_is_named():
    assert "re-estimated" in judgement_text(judgement({}, recalibrate=True))
