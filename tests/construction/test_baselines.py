import random
from collections import Counter
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nac.architecture.fixed_cells import parse_stem
from nac.architecture.network import Architecture, Widener
from nac.construction.baselines import (
    DRAWS,
    of_equal_cost,
    random_layers,
    random_network,
    reference_network,
    shuffled_network,
    ways,
    worst_case_policy,
)
from nac.construction.channels import with_channels
from nac.construction.prior import prior
from nac.utils.schema import Section
from tests import strategies
from tests.builders import WIDENER, architecture, assert_says, input_error, layer, policy, stem

THREE = (("Branch1", "1x1"), ("Branch2", "3x3"), ("Branch3", "5x5"))

# counting


@pytest.mark.parametrize(
    ("layers", "blocks", "expected"),
    [
        (0, 0, 1),
        (0, 1, 0),
        (1, 2, 3),  # two of three branches
        (2, 1, 0),  # a layer would be empty
        (2, 2, 9),  # 1+1: 3 * 3
        (2, 3, 18),  # 1+2 and 2+1: 3 * 3 each
        (2, 4, 15),  # 1+3, 3+1: 3 each; 2+2: 3 * 3
        (2, 6, 1),
        (2, 7, 0),
        (3, 4, 81),  # 2+1+1 in three orders: 3 * 3 * 3 each
    ],
)
def test_ways_are_counted(layers, blocks, expected):
    assert ways(layers, blocks, branches=3) == expected


def test_many_layers_are_counted_at_once():
    """Fifteen layers of six branches: all non-empty subsets, by their numbers of blocks."""
    assert sum(ways(15, blocks, 6) for blocks in range(91)) == 63**15


# drawing


def test_every_choice_is_equally_likely():
    """Two layers with four blocks of three branches in all: the 15 choices, 3000 draws."""
    subsets = [s for n in (1, 2, 3) for s in combinations(range(3), n)]
    choices = [pair for pair in product(subsets, subsets) if sum(map(len, pair)) == 4]
    generator = random.Random(0)
    drawn = Counter(tuple(map(tuple, random_layers(2, 4, 3, generator))) for _ in range(3000))
    assert set(drawn) == set(choices)
    expected = 3000 / 15
    statistic = sum((drawn[choice] - expected) ** 2 / expected for choice in choices)
    assert statistic < 36.12  # chi-square, 14 degrees of freedom, exceeded once in 1000


def test_the_last_layer_is_not_favoured():
    """Three layers with four blocks: each has the second block as often as the others."""
    generator = random.Random(1)
    doubles = Counter()
    for _ in range(3000):
        sizes = list(map(len, random_layers(3, 4, 3, generator)))
        doubles[sizes.index(2)] += 1
    statistic = sum((doubles[place] - 1000) ** 2 / 1000 for place in range(3))
    assert statistic < 13.82  # 2 degrees of freedom, exceeded once in 1000


def test_sources_are_drawn_uniformly():
    """Two of the three layers before a predecessor: three choices, 3000 draws."""
    network = architecture(*[layer("1x1")] * 4, layer("1x1", inputs=[3, 1]))
    generator = random.Random(2)
    drawn = Counter(random_network(network, policy(5), generator).sources(5) for _ in range(3000))
    assert set(drawn) == {(3, 2), (3, 1), (2, 1)}
    assert sum((count - 1000) ** 2 / 1000 for count in drawn.values()) < 13.82


# properties


@st.composite
def constructions(draw):
    """Return a network as construction leads to, with its policy."""
    step = draw(strategies.steps())
    cell = step.policy.envelopecell
    subsets = st.sets(st.integers(0, len(cell) - 1), min_size=1)
    network = list(step.architecture.network)
    for index, found in step.architecture.branch_layers():
        places = sorted(draw(subsets))
        sources = step.architecture.sources(index)
        inputs = None if sources is None else tuple(source for source in sources if source > 0)
        inputs = inputs and tuple(source for source in inputs if source < index - 1)
        branches = tuple(cell[place] for place in places)
        network[index - 1] = type(found)(branches, len(branches), inputs)
    value = Architecture(tuple(network), step.architecture.stem, step.architecture.classifier)
    return with_channels(value, step.policy), step.policy


seeds = st.integers(0, 1000)
skips = st.sampled_from(["random", "constructed", "all", "none"])


def drawn(construction, seed, kind="random"):
    return random_network(*construction, random.Random(seed), kind)


def blocks(network, stage):
    return sum(len(network.layer(index).branches) for index in stage)


@given(constructions(), seeds)
def test_stages_have_as_many_layers(construction, seed):
    assert drawn(construction, seed).stages == construction[0].stages


@given(constructions(), seeds)
def test_stages_have_as_many_blocks(construction, seed):
    constructed, network = construction[0], drawn(construction, seed)
    for stage in constructed.stages:
        assert blocks(network, stage) == blocks(constructed, stage)


@given(constructions(), seeds)
def test_each_layer_is_a_part_of_the_envelope_cell_in_its_order(construction, seed):
    cell = construction[1].envelopecell
    for _, found in drawn(construction, seed).branch_layers():
        assert found.branches
        assert found.branches == tuple(branch for branch in cell if branch in found.branches)


@given(constructions(), seeds, skips)
def test_channels_are_the_rules(construction, seed, kind):
    network = drawn(construction, seed, kind)
    assert with_channels(network, construction[1]) == network
    for stage in network.stages:
        for index in stage:
            assert network.layer(index).outputs == construction[0].layer(index).outputs


@given(constructions(), seeds)
def test_layers_have_as_many_sources_before_their_predecessor_nearest_first(construction, seed):
    network = drawn(construction, seed)
    for index, _ in network.branch_layers():
        before, sources = construction[0].sources(index), network.sources(index)
        if before is None:
            assert sources is None
        else:
            assert len(sources) == len(before)
            assert sorted(set(sources), reverse=True) == list(sources)
            assert all(1 <= source <= index - 2 for source in sources)


@given(constructions(), seeds, skips)
def test_a_seed_gives_one_network(construction, seed, kind):
    assert drawn(construction, seed, kind) == drawn(construction, seed, kind)


@given(constructions(), seeds, skips)
def test_cells_and_wideners_stay(construction, seed, kind):
    constructed, network = construction[0], drawn(construction, seed, kind)
    assert (network.stem, network.classifier) == (constructed.stem, constructed.classifier)
    places = [[isinstance(x, Widener) for x in of.network] for of in (constructed, network)]
    assert places[0] == places[1]


# skips and errors

FIVE = (layer("1x1"), layer("1x1", inputs=[]), layer("3x3", inputs=[]), layer("1x1", inputs=[1]))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("constructed", [None, (), (), (1,)]),
        ("all", [None, (), (1,), (2, 1)]),
        ("none", [None, None, None, None]),
    ],
)
def test_skips_may_be_chosen(kind, expected):
    network = random_network(architecture(*FIVE), policy(4), random.Random(0), kind)
    assert [network.sources(index) for index in range(1, 5)] == expected


def test_an_empty_list_of_sources_stays_empty():
    network = random_network(architecture(*FIVE), policy(4), random.Random(0))
    assert network.sources(3) == ()


def test_a_full_stage_has_one_choice():
    network = architecture(layer("1x1", "3x3"), WIDENER, layer("1x1", "3x3", outputs=16))
    assert random_network(network, policy(1, 1), random.Random(0)) == network


def test_seeds_differ():
    network = architecture(*[layer("1x1")] * 9)
    drawn = {random_network(network, policy(9), random.Random(seed)) for seed in range(5)}
    assert len(drawn) > 1


def test_more_blocks_than_the_envelope_allows_are_refused():
    network = architecture(layer("1x1", "3x3", "5x5"))
    text = input_error(random_network, network, policy(1), random.Random(0))
    assert_says(text, "expected 1 to 2 blocks", "received 3")


def test_an_unknown_kind_of_skips_is_refused():
    text = input_error(random_network, architecture(*FIVE), policy(4), random.Random(0), "some")
    assert_says(text, "skips: expected one of random, constructed, all, none", "'some'")


# worst case and reference


def test_the_worst_case_prunes_the_strongest_and_no_skips():
    changed = worst_case_policy(policy(1, skip=True))
    assert changed == policy(1, skip=True, worst_case=True, prune_skips=False)


def test_the_reference_has_pairs_of_3x3_layers_with_a_skip_around_each():
    cell = parse_stem(Section(stem(8), "stem"))
    network = reference_network(policy(1, 1, envelopecell=THREE), cell, None)
    assert [len(stage) for stage in network.stages] == [6, 6]
    assert {entry.branches for _, entry in network.branch_layers()} == {(("Branch1", "3x3"),)}
    assert [entry.outputs for _, entry in network.branch_layers()] == [8] * 6 + [16] * 6
    # Layers 1 to 6, widener 7, layers 8 to 13; pairs enter at 0, 2, 4 and 7, 9, 11.
    assert network.skip_connections() == [(0, 3), (2, 5), (4, 8), (7, 10), (9, 12)]
    without = [index for index, entry in network.branch_layers() if entry.inputs is None]
    assert without == [1, 2, 4, 6, 9, 11, 13]


def test_the_reference_has_as_many_stages_as_the_policy_and_no_parameter_limits():
    cell = parse_stem(Section(stem(8), "stem"))
    limited = policy(1, 1, 1, parameter_limits=(True,) * 3)
    network = reference_network(limited, cell, None)
    assert len(network.stages) == len(prior(limited, cell, None).stages)
    assert {network.layer(index).outputs for index in network.stages[2]} == {32}


def test_a_tournament_has_no_worst_case():
    assert worst_case_policy(policy(1, policy="tournament")).policy == "weakest"


def test_the_trainings_of_the_worst_case_start_from_scratch():
    assert not worst_case_policy(policy(1, inherit=True)).inherit


def test_pruning_in_rounds_has_one():
    assert worst_case_policy(policy(1, policy="rounds")).policy == "rounds"


# shuffled branches


def shuffles(settings):
    constructed = architecture(layer("1x1"), layer("1x1", "3x3", inputs=[]), WIDENER, layer("3x3"))
    generator = random.Random(0)
    return constructed, [shuffled_network(constructed, settings, generator) for _ in range(30)]


def test_a_shuffled_network_keeps_the_number_of_branches_of_each_layer():
    _, drawn = shuffles(policy(2, 1, envelopecell=THREE))
    sizes = {tuple(len(part.branches) for _, part in each.branch_layers()) for each in drawn}
    assert sizes == {(1, 2, 1)}


def test_a_shuffled_network_keeps_its_skip_connections():
    constructed, drawn = shuffles(policy(2, 1, envelopecell=THREE))
    inputs = {tuple(each.sources(index) for index in (1, 2, 4)) for each in drawn}
    assert inputs == {tuple(constructed.sources(index) for index in (1, 2, 4))}


def test_all_branches_of_the_cell_are_drawn_in_their_order():
    _, drawn = shuffles(policy(2, 1, envelopecell=THREE))
    assert {each.layer(1).branches for each in drawn} == {(branch,) for branch in THREE}
    assert {each.layer(2).branches for each in drawn} == set(combinations(THREE, 2))


# equal cost


def outputs(network):
    return network.layer(1).outputs


def wide(width):
    return architecture(layer("1x1", outputs=width))


def test_the_first_network_within_three_percent_is_taken():
    drawn = iter([wide(90), wide(103), wide(100)])
    found = of_equal_cost(lambda: next(drawn), wide(100), [outputs])
    assert outputs(found) == 103


def test_all_costs_count():
    drawn = iter([wide(100), wide(101)])
    found = of_equal_cost(lambda: next(drawn), wide(100), [outputs, lambda n: 1 + outputs(n) % 2])
    assert outputs(found) == 100


def test_if_no_network_costs_as_much_the_closest_one_is_taken():
    drawn = iter([wide(50), wide(80), *[wide(300)] * DRAWS])
    assert outputs(of_equal_cost(lambda: next(drawn), wide(100), [outputs])) == 80


def test_without_costs_the_first_network_is_taken():
    assert outputs(of_equal_cost(lambda: wide(7), wide(100), [])) == 7
