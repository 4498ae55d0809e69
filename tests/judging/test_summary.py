"""Judgements of several data sets in one table."""

from nac.judging.result import Agreement
from nac.judging.summary import summary_text
from tests.judging.judgements import judgement


def row(*stages):
    return Agreement(stages, sum(stages) / len(stages))


def test_rankings_are_averaged_over_all_trainings_best_first():
    first = judgement(
        {"mean_square": row(0.0, 0.5), "taylor": row(0.5, 1.0)},
        {"mean_square": row(0.5, 0.5), "taylor": row(1.0, 1.0)},
    )
    second = judgement({"mean_square": row(-0.75), "taylor": row(0.5)}, dataset="flowers")
    # taylor: means 0.75, 1.0 and 0.5; mean_square: 0.25, 0.5 and -0.75.
    assert summary_text([first, second]) == (
        "Kendall's tau of each ranking with the loss increase without a branch, by data set and"
        " stage: 2 judgements, 3 trainings\n"
        "\n"
        "ranking      digits 1  digits 2  flowers 1   mean  deviation\n"
        "-----------  --------  --------  ---------  -----  ---------\n"
        "taylor          0.750     1.000      0.500  0.750      0.250\n"
        "mean_square     0.250     0.500     -0.750  0.000      0.661"
    )


def test_a_ranking_counts_where_it_is_known():
    one, other = {"taylor": row(1.0), "branch_gate": row(0.5)}, {"taylor": row(0.5)}
    text = summary_text([judgement(one), judgement(other)])
    assert text.splitlines()[-1].split() == ["branch_gate", "0.500", "0.500", "-"]


def test_a_stage_without_a_tau_does_not_count():
    text = summary_text([judgement({"taylor": Agreement((None, 0.5), 0.5)})])
    assert text.splitlines()[-1].split() == ["taylor", "-", "0.500", "0.500", "-"]


def test_judgements_by_retraining_have_a_table_of_their_own():
    silenced = judgement({"taylor": row(1.0)})
    retrained = judgement(
        {"taylor": row(0.0, 0.5), "silenced": row(0.5, 0.5)},
        {"taylor": row(0.5, 0.5), "silenced": row(1.0, 0.5)},
        increases=[(0.1, 0.2), (0.3, 0.2)],
        retrained_of=6,
    )
    # Both branches are in stage 2, and the two seeds have them in opposite orders.
    assert summary_text([retrained, silenced]) == (
        "Kendall's tau of each ranking with the loss increase without a branch, by data set and"
        " stage: 1 judgements, 1 trainings\n"
        "\n"
        "ranking  digits 1   mean  deviation\n"
        "-------  --------  -----  ---------\n"
        "taylor      1.000  1.000          -\n"
        "\n"
        "Kendall's tau of each ranking with the loss increase of a network trained without a"
        " branch, by data set and stage: 1 judgements, 2 trainings\n"
        "\n"
        "ranking                      digits 1  digits 2    mean  deviation\n"
        "---------------------------  --------  --------  ------  ---------\n"
        "silenced                        0.750     0.500   0.625      0.177\n"
        "taylor                          0.250     0.500   0.375      0.177\n"
        "retrained with another seed         -    -1.000  -1.000          -"
    )
