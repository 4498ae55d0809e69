"""Networks in the largest width that a budget allows."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nac.architecture.fixed_cells import parse_classifier, stem_channels
from nac.architecture.network import Architecture, BranchLayer
from nac.construction.channels import with_channels
from nac.construction.costs import count
from nac.construction.width import Limit, amount, check_possible, fullness, scaled, sized
from nac.utils.schema import Section
from tests import strategies
from tests.builders import (
    CLASSIFIER,
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    policy,
)

FIXED_CLASSIFIER = parse_classifier(Section(CLASSIFIER, "net.json"))


def complete(of: Architecture) -> Architecture:
    return replace(of, classifier=FIXED_CLASSIFIER)


def parameters(of: Architecture) -> int:
    return count(complete(of), (8, 8, 1)).parameters


def flops(of: Architecture) -> int:
    return count(complete(of), (8, 8, 1)).flops


def limit(most: float) -> Limit:
    return Limit("parameters", parameters, most)


TWO_STAGES = architecture(*[layer("1x1", "3x3")] * 3, WIDENER, *[layer("1x1", "3x3")] * 3)
RULES = policy(3, 3)


def test_a_network_costs_at_most_what_is_allowed_and_at_most_three_percent_less():
    for most in range(5_000, 200_000, 15_000):
        cost = parameters(scaled(TWO_STAGES, RULES, [limit(most)]))
        assert 0.97 * most <= cost <= most


def test_the_tightest_of_several_limits_rules():
    many, few = limit(50_000), Limit("flops", flops, 1e6)
    network = scaled(TWO_STAGES, RULES, [many, few])
    assert 0.97e6 <= flops(network) <= 1e6
    assert network == scaled(TWO_STAGES, RULES, [few])


def test_layers_and_stem_keep_their_proportions_up_to_rounding():
    network = scaled(TWO_STAGES, RULES, [limit(300_000)])
    channels = stem_channels(network.stem)
    widths = [layer.outputs for _, layer in network.branch_layers()]
    assert all(abs(width - channels) <= 4 for width in widths[:3])
    assert all(abs(width - 2 * channels) <= 6 for width in widths[3:])


def test_inner_layers_under_parameter_limits_are_narrower():
    limited = policy(3, 3, parameter_limits=(True, False))
    widths = [
        layer.outputs for _, layer in scaled(TWO_STAGES, limited, [limit(300_000)]).branch_layers()
    ]
    # 0.41 of the target by the formula for three layers
    assert all(0.38 < width / widths[2] < 0.45 for width in widths[:2])


def test_the_channels_that_a_network_had_do_not_matter():
    wide = architecture(*[layer("1x1", "3x3", outputs=90)] * 3, channels=90)
    narrow = architecture(*[layer("1x1", "3x3")] * 3, channels=2)
    limits = [limit(20_000)]
    assert scaled(wide, policy(3), limits) == scaled(narrow, policy(3), limits)


def test_the_least_that_is_possible_is_one_channel_per_branch():
    narrow = architecture(*[layer("1x1", "3x3", outputs=2)] * 3, channels=1)
    least = parameters(narrow)
    assert scaled(narrow, policy(3), [limit(least)]) == narrow
    text = input_error(scaled, narrow, policy(3), [limit(least - 1)])
    assert_says(text, f"budget.parameters: expected at least {least}", f"received {least - 1}")


def test_the_limit_that_is_impossible_is_named():
    text = input_error(scaled, TWO_STAGES, RULES, [limit(1_000_000), Limit("flops", flops, 10)])
    assert_says(text, "budget.flops: expected at least", "1/3-3/2", "received 10")


def test_a_limit_that_no_width_exceeds_is_one_line():
    text = input_error(scaled, TWO_STAGES, RULES, [Limit("cost", lambda _: 1, 2.0)])
    assert_says(text, "budget: expected a limit that networks of 65,536 channels exceed")


def test_a_network_of_other_stages_does_not_fit():
    assert_says(input_error(check_possible, TWO_STAGES, policy(3), []), "expected 1 stages")


def test_without_limits_the_stem_sets_the_width():
    assert sized(TWO_STAGES, RULES) == with_channels(TWO_STAGES, RULES)


def test_the_share_of_a_limit_is_that_of_the_tightest():
    half, all_of_it = (Limit("cost", lambda _: 6, most) for most in (12, 6))
    assert fullness(TWO_STAGES, [half, all_of_it]) == 1.0


def test_amounts_are_rounded_up_to_hundredths():
    assert [amount(98_412), amount(20.863), amount(0.5)] == ["98,412", "20.87", "0.50"]


def test_a_limit_says_what_a_network_costs():
    layers = Limit("layers", lambda network: len(network.network), 12)
    assert layers.stated(TWO_STAGES) == "7 of 12 layers"
    assert replace(layers, unit="cells").stated(TWO_STAGES) == "7 of 12 cells"


def least_parameters(network: Architecture, rules) -> float:
    """Return the parameters of the narrowest network, which the message of an error says."""
    text = input_error(check_possible, network, rules, [limit(0.5)])
    return float(text.split("at least ")[1].split(", what")[0].replace(",", ""))


@st.composite
def constructions(draw: st.DrawFn):
    """Return a network, the rule for its channels, and how much wider than one channel it is."""
    step = draw(strategies.steps())
    return step.architecture, step.policy, draw(st.floats(1.0, 300.0))


FEW = settings(max_examples=10, deadline=None)


@FEW
@given(constructions())
def test_it_never_exceeds_a_limit(drawn):
    network, rules, factor = drawn
    most = least_parameters(network, rules) * factor
    assert parameters(scaled(network, rules, [limit(most)])) <= most


@FEW
@given(constructions())
def test_scaling_again_changes_nothing(drawn):
    network, rules, factor = drawn
    assume(len(network.stem[0].blocks) == 1)
    limits = [limit(least_parameters(network, rules) * factor)]
    once = scaled(network, rules, limits)
    assert scaled(once, rules, limits) == once


@FEW
@given(constructions(), st.floats(1.0, 3.0))
def test_a_larger_limit_never_gives_a_smaller_network(drawn, growth):
    network, rules, factor = drawn
    most = least_parameters(network, rules) * factor
    small, large = (scaled(network, rules, [limit(m)]) for m in (most, most * growth))
    assert parameters(small) <= parameters(large)


@FEW
@given(constructions())
def test_only_widths_change(drawn):
    network, rules, factor = drawn
    wide = scaled(network, rules, [limit(least_parameters(network, rules) * factor)])
    assert [shape(entry) for entry in wide.network] == [shape(entry) for entry in network.network]
    assert wide.classifier == network.classifier


def shape(entry):
    return replace(entry, outputs=0) if isinstance(entry, BranchLayer) else entry
