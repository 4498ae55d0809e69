import json
from dataclasses import replace

import pytest

from nac.comparison.conclusions import differences_of, network_result, rank_of
from nac.comparison.networks import Network
from nac.comparison.result import NetworkResult, Rank, read_comparisons, write_comparison
from nac.comparison.significance import Difference
from nac.comparison.statement import statement as statement_of
from nac.comparison.table import as_csv, comparison_text
from nac.utils.errors import InputError
from tests.builders import architecture, layer
from tests.results import comparison_result, job_result, rival_entry
from tests.results import network_result as compared


def entry(name, *accuracies, seeds=None, **changes):
    kind = "random" if name.startswith("random") else name
    by_seed = {s: job_result(a, **changes) for s, a in enumerate(accuracies) if a is not None}
    return network_result(Network(name, kind, None), by_seed, seeds or range(len(accuracies)))


def statement(*entries, equal=None):
    return statement_of(differences_of(entries), entries, equal)


def test_an_entry_has_all_of_a_network():
    by_seed = {
        0: job_result(0.25, seconds=10.0, images_per_second=300.0),
        1: job_result(0.75, seconds=20.0, images_per_second=100.0),
    }
    network = Network("random03", "random", None)
    assert network_result(network, by_seed, [0, 1, 2]) == NetworkResult(
        name="random03",
        kind="random",
        notation="6/3-3/3",
        parameters=1000,
        flops=20000,
        accuracies={0: 0.25, 1: 0.75},
        mean=0.5,
        deviation=pytest.approx(0.353553, abs=1e-6),
        seconds=15.0,
        failed=(2,),
        images_per_second=200.0,
    )


def test_an_entry_without_results_has_the_notation_of_its_architecture():
    prior = Network("prior", "prior", architecture(layer("1x1")))
    found = network_result(prior, {}, [0, 1])
    assert found.notation == "8/1/1"
    assert (found.mean, found.accuracies, found.failed) == (None, {}, (0, 1))


def test_rank_and_differences_are_for_machines():
    entries = [
        entry("constructed", 0.75, 0.75),
        entry("prior", 0.5, 0.5),
        entry("random00", 0.5, 0.5),
        entry("random01", 1.0, 1.0),
    ]
    assert rank_of(entries) == Rank(rank=2, of=3, random=2)
    assert differences_of(entries) == (
        Difference("random", mean=0.0, low=-0.25, high=0.25, networks=2, seeds=2),
        Difference("prior", mean=0.25, low=0.25, high=0.25, networks=1, seeds=2),
    )


def test_without_random_networks_there_is_no_rank():
    assert rank_of([entry("constructed", 0.5), entry("prior", 0.5)]) is None


def test_a_failed_random_network_does_not_count():
    networks = [
        entry("constructed", 0.5),
        entry("random00", 0.25),
        entry("random01", None, seeds=[0]),
    ]
    assert rank_of(networks) == Rank(rank=1, of=2, random=1)
    assert "missing: random01 seed 0." in statement(*networks)


def test_a_difference_whose_interval_is_above_zero_is_a_win():
    five = [0.5] * 5
    assert statement(
        entry("constructed", *[0.75] * 5), entry("random00", *five), entry("random01", *five)
    ) == (
        "constructed beats the mean of 2 random networks by 25.00 points, 95% interval"
        " [25.00, 25.00] (bootstrap over networks and seeds); better than 2 of 2."
    )


def test_a_difference_whose_interval_is_below_zero_is_a_loss():
    text = statement(entry("constructed", *[0.5] * 5), entry("prior", *[0.75] * 5))
    assert "constructed falls behind the prior by 25.00 points" in text
    assert "(bootstrap over seeds)" in text


def test_a_difference_whose_interval_holds_zero_is_not_distinguishable():
    ours, theirs = [0.5, 0.75, 0.5, 0.75], [0.75, 0.5, 0.75, 0.5]
    text = statement(entry("constructed", *ours, 0.5), entry("worst_case", *theirs, 0.5))
    assert "is not distinguishable from the worst case: difference +0.00 points" in text
    # Sums of -5 and -4 quarters of a point, over 5, come in 1.0% and 2.6% of the draws.
    assert "interval [-20.00, 20.00]" in text


def test_against_a_single_network_few_seeds_claim_nothing():
    text = statement(entry("constructed", *[0.75] * 4), entry("prior", *[0.5] * 4))
    assert "beats" not in text
    assert "differs from the prior by +25.00 points, with too few seeds to call it" in text


def test_one_seed_claims_nothing():
    text = statement(entry("constructed", 0.75), entry("random00", 0.5))
    assert "beats" not in text
    assert "differs from one random network by +25.00 points, with one seed" in text
    assert "With one seed there is no interval" in text


@pytest.mark.parametrize(("seeds", "rough"), [(2, True), (4, True), (5, False)])
def test_few_seeds_make_a_rough_interval(seeds, rough):
    text = statement(entry("constructed", *[0.75] * seeds), entry("prior", *[0.5] * seeds))
    assert (f"With {seeds} seeds the interval is rough" in text) == rough


def handmade(*accuracies):
    """Return entries of the three networks made by hand, each with a value for all of 5 seeds."""
    names = ("plain_cnn", "resnet", "mobilenet_v2")
    return [entry(name, *[value] * 5) for name, value in zip(names, accuracies, strict=True)]


def test_the_constructed_network_may_be_ahead_of_the_best_made_by_hand():
    ours = entry("constructed", *[0.75] * 5)
    text = statement(ours, *handmade(0.25, 0.5, 0.125), equal="parameters")
    assert text.startswith(
        "At equal parameters constructed is 25.00 points ahead of the ResNet, the best of 3"
        " networks made by hand, 95% interval [25.00, 25.00]."
    )


def test_the_best_made_by_hand_may_be_ahead():
    ours = entry("constructed", *[0.5] * 5)
    text = statement(ours, *handmade(0.25, 0.5, 0.75), equal="flops")
    assert text.startswith(
        "At equal FLOPs MobileNetV2, the best of 3 networks made by hand, is 25.00 points ahead of"
        " constructed, 95% interval [25.00, 25.00]."
    )


def test_an_interval_around_zero_says_that_either_may_be_better():
    ours = entry("constructed", *[0.5, 0.75, 0.5, 0.75, 0.75])
    text = statement(ours, entry("resnet", *[0.75, 0.5, 0.75, 0.5, 0.5]), equal="parameters")
    # Five draws from -25, 25, -25, 25, 25 points: all negative in 0.4^5 = 1.0% of the draws.
    assert text.startswith(
        "At equal parameters constructed is 5.00 points ahead of the ResNet, 95% interval"
        " [-15.00, 25.00], which includes 0: either may be better."
    )


def test_who_is_ahead_is_said_with_doubt_from_few_seeds():
    ours, theirs = entry("constructed", 0.75, 0.75), entry("plain_cnn", 0.5, 0.5)
    assert "[25.00, 25.00], from too few seeds to call it." in statement(
        ours, theirs, equal="parameters"
    )


def test_one_seed_says_who_is_ahead_without_an_interval():
    text = statement(entry("constructed", 0.5), entry("plain_cnn", 0.75), equal="parameters")
    assert text.startswith(
        "At equal parameters the plain CNN is 25.00 points ahead of constructed, with one seed."
    )


def test_equal_means_are_level():
    text = statement(entry("constructed", *[0.5] * 5), *handmade(0.5, 0.25, 0.25), equal="flops")
    assert text.startswith("At equal FLOPs constructed and the plain CNN, the best of 3")
    assert "made by hand, are level, 95% interval [0.00, 0.00]" in text


def test_if_no_network_made_by_hand_has_a_result_none_is_ahead():
    text = statement(entry("constructed", 0.5), entry("prior", 0.25), equal="parameters")
    assert "At equal" not in text


def test_the_number_of_images_says_how_fine_an_accuracy_can_be():
    networks = [entry("constructed", 0.75, scored_images=400), entry("random00", 0.5)]
    assert "One of the 400 images is 0.25 points" in statement(*networks)


def test_nothing_to_compare_is_said():
    text = statement(entry("constructed", None, seeds=[0]), entry("random00", 0.5))
    assert text.startswith("Nothing can be said")
    assert "constructed seed 0" in text


def test_rows_for_machines_have_a_network_and_a_seed_each():
    result = comparison_result(entry("constructed", 0.75), entry("random00", None, seeds=[0]))
    trained = job_result(0.75, images_per_second=400.0)
    assert as_csv(result, {"constructed": {0: trained}, "random00": {}}) == (
        "network,kind,seed,accuracy,loss,parameters,flops,seconds,images_per_second\n"
        "constructed,constructed,0,0.75,0.5,1000,20000,10.0,400.0\n"
    )


def test_the_table_sums_up_the_random_networks():
    networks = [
        entry("constructed", 0.75, 0.5),
        entry("prior", None, None, seeds=[0, 1]),
        entry("random00", 0.25, 0.25, seconds=20.0, images_per_second=300.0),
        entry("random01", 0.5, None, seeds=[0, 1], seconds=40.0),
    ]
    result = comparison_result(*networks, rank=rank_of(networks))
    lines = comparison_text(result).splitlines()
    assert lines[0] == "test accuracy on digits"
    assert [line.split() for line in lines[4:6]] == [
        ["constructed", "1,000", "20,000", "0.6250", "0.1768", "0.5000", "0.7500", "2", "10", "-"],
        [
            *("random", "(2)", "1,000", "20,000", "0.3750", "0.1768", "0.2500", "0.5000", "1-2"),
            *("30", "300"),
        ],
    ]
    assert lines[7] == "rank of the constructed network: 1 of 3"
    assert lines[8] == "It is better."


RESULT = comparison_result(compared("constructed", 0.75, 0.5), compared("random00", failed=(0, 1)))


def test_a_result_is_read_as_it_was_written(tmp_path):
    write_comparison(tmp_path / "comparison", RESULT)
    assert read_comparisons(tmp_path) == {tmp_path / "comparison": RESULT}


def test_comparisons_on_test_and_on_validation_images_are_both_read(tmp_path):
    validation = comparison_result(split="validation")
    write_comparison(tmp_path / "comparison_validation", validation)
    write_comparison(tmp_path / "comparison", RESULT)
    assert list(read_comparisons(tmp_path).values()) == [RESULT, validation]


def test_rivals_are_read_as_they_were_written(tmp_path):
    rivals = (rival_entry("keras_tuner", 0.5, 0.75), rival_entry("autokeras", failed={0: "boom"}))
    result = replace(RESULT, rivals=rivals, run_seconds=61.5)
    write_comparison(tmp_path / "comparison", result)
    assert read_comparisons(tmp_path) == {tmp_path / "comparison": result}


def test_a_result_from_before_there_were_rivals_is_read(tmp_path):
    write_comparison(tmp_path / "comparison", RESULT)
    path = tmp_path / "comparison" / "comparison.json"
    value = json.loads(path.read_text())
    del value["rivals"]
    assert "run_seconds" not in value
    path.write_text(json.dumps(value))
    assert list(read_comparisons(tmp_path).values()) == [RESULT]


def test_a_result_of_version_0_1_0_is_read(tmp_path):
    write_comparison(tmp_path / "comparison", RESULT)
    path = tmp_path / "comparison" / "comparison.json"
    value = json.loads(path.read_text())
    del value["version"]
    path.write_text(json.dumps(value))
    assert list(read_comparisons(tmp_path).values()) == [RESULT]


def test_unknown_values_are_null_in_the_file(tmp_path):
    write_comparison(tmp_path / "comparison", comparison_result(compared("prior"), rank=None))
    value = json.loads((tmp_path / "comparison" / "comparison.json").read_text())
    assert (value["rank"], value["networks"][0]["mean"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": [{}]}, r"networks\[0\]\.name: missing"),
        ({"seeds": 2}, "seeds: expected a list, received 2"),
        ({"statement": None}, "statement: expected a string, received None"),
    ],
)
def test_a_damaged_result_is_one_line_with_file_and_key(tmp_path, change, message):
    write_comparison(tmp_path / "comparison", RESULT)
    path = tmp_path / "comparison" / "comparison.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=f"^{path}: {message}$"):
        read_comparisons(tmp_path)


def test_an_unknown_kind_of_network_is_named(tmp_path):
    write_comparison(tmp_path / "comparison", comparison_result(compared("unheard of", 0.5)))
    with pytest.raises(InputError, match=r"comparison\.json: networks\[0\]\.kind: expected one of"):
        read_comparisons(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "../escaped"}, r"networks\[0\]\.name: expected a name without slashes"),
        ({"name": "x" * 300}, r"networks\[0\]\.name: expected a name of at most 100 bytes"),
        ({"seconds": float("inf")}, "expected finite numbers"),
        ({"deviation": -0.5}, r"networks\[0\]\.deviation: expected a number >= 0, received -0\.5"),
    ],
)
def test_networks_that_no_comparison_writes_are_refused(tmp_path, change, message):
    bad = replace(compared("constructed", 0.5), **change)
    write_comparison(tmp_path / "comparison", comparison_result(bad))
    with pytest.raises(InputError, match=message):
        read_comparisons(tmp_path)
