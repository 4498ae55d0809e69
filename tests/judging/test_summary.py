"""Judgements of several data sets in one table."""

from nac.judging.summary import read_judgements, summary_text
from nac.utils.files import write_json
from tests.builders import assert_says, input_error


def row(*stages):
    return {"stages": list(stages), "mean": sum(stages) / len(stages)}


def judgement(dataset, *trainings):
    seeds = {str(seed): {"agreement": one} for seed, one in enumerate(trainings)}
    return {"dataset": dataset, "seeds": seeds}


def test_rankings_are_averaged_over_all_trainings_best_first():
    first = judgement(
        "digits",
        {"mean_square": row(0.0, 0.5), "taylor": row(0.5, 1.0)},
        {"mean_square": row(0.5, 0.5), "taylor": row(1.0, 1.0)},
    )
    second = judgement("flowers", {"mean_square": row(-0.75), "taylor": row(0.5)})
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
    text = summary_text([judgement("digits", one), judgement("digits", other)])
    assert text.splitlines()[-1].split() == ["branch_gate", "0.500", "0.500", "-"]


def test_all_judgements_of_a_run_are_read(tmp_path):
    for iteration in ("001", "000"):
        write_json(tmp_path / "judge" / iteration / "judgement.json", {"iteration": iteration})
    found = read_judgements([tmp_path])
    assert [judgement["iteration"] for judgement in found] == ["000", "001"]


def test_a_run_that_was_not_judged_is_named(tmp_path):
    assert_says(input_error(read_judgements, [tmp_path]), f"{tmp_path}/judge: no judgement.json")
