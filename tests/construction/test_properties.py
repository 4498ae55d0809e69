"""Properties of every restructuring, for any network, measurements and policy."""

import copy
import json
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nac.architecture.json_form import (
    architecture_from_dict,
    architecture_to_dict,
    architecture_to_json,
    parse_architecture,
)
from nac.architecture.network import ALL, BranchLayer, Notation
from nac.construction.restructure import decide, restructure
from nac.construction.statistics import Statistics
from tests import strategies


def following(step):
    return restructure(step.architecture, step.statistics, step.policy)


def new_numbers(before, after):
    """Return old index -> new index: stages keep their layers, new ones stand at their ends."""
    numbers = {0: 0}
    for old, new in zip(before.stages, after.stages, strict=True):
        numbers.update(zip(old, new, strict=False))
    wideners = (
        [index for index in range(1, len(of.network) + 1) if index not in sum(of.stages, ())]
        for of in (before, after)
    )
    return numbers | dict(zip(*wideners, strict=True))


def added(before, after):
    """Return the new indices of new layers."""
    return sorted(set(range(1, len(after.network) + 1)) - set(new_numbers(before, after).values()))


def growing(step):
    """Return the stages that may grow and are below their limit."""
    limits = zip(
        step.architecture.stages,
        step.policy.construction,
        step.policy.max_layers_per_stage,
        strict=True,
    )
    return [
        number for number, (stage, may, limit) in enumerate(limits) if may and len(stage) < limit
    ]


def branch_names(of, index):
    return [name for name, _ in of.layer(index).branches]


def gone(step, after, stage):
    """Return the branches of a stage that are no longer there."""
    numbers = new_numbers(step.architecture, after)
    return [
        (index, name)
        for index, name in step.architecture.branches()
        if index in stage and name not in branch_names(after, numbers[index])
    ]


@given(strategies.steps())
def test_no_layer_loses_its_last_branch(step):
    assert all(layer.branches for _, layer in following(step).branch_layers())


@given(strategies.steps())
def test_no_branch_appears_in_an_old_layer(step):
    after = following(step)
    numbers = new_numbers(step.architecture, after)
    for index, layer in step.architecture.branch_layers():
        kept = after.layer(numbers[index]).branches
        assert kept == tuple(branch for branch in layer.branches if branch in kept)


@given(strategies.steps())
def test_sources_precede_their_layer(step):
    for source, destination in following(step).skip_connections():
        assert 0 <= source < destination


@given(strategies.steps())
def test_no_source_is_doubled(step):
    connections = Counter(following(step).skip_connections())
    assert set(connections.values()) <= {1}


@given(strategies.steps())
def test_the_number_of_stages_never_changes(step):
    assert len(following(step).stages) == len(step.architecture.stages)


@given(strategies.steps())
def test_exactly_the_growing_stages_grow_and_by_one_layer(step):
    sizes = [len(stage) for stage in step.architecture.stages]
    grown = growing(step)
    expected = [size + (number in grown) for number, size in enumerate(sizes)]
    assert [len(stage) for stage in following(step).stages] == expected


@given(strategies.steps())
def test_stages_never_exceed_their_limits_however_often_they_are_restructured(step):
    network = step.architecture
    for _ in range(4):
        statistics = Statistics(
            dict.fromkeys(network.branches(), 1.0), dict.fromkeys(network.skip_connections(), 1.0)
        )
        network = restructure(network, statistics, step.policy)
    limits = zip(network.stages, step.policy.max_layers_per_stage, strict=True)
    assert all(len(stage) <= limit for stage, limit in limits)


@given(strategies.steps())
def test_a_growing_stage_loses_as_many_branches_as_the_limit_and_its_layers_allow(step):
    after = following(step)
    for number in growing(step):
        stage = step.architecture.stages[number]
        layers = [step.architecture.layer(index) for index in stage]
        branches = sum(len(layer.branches) for layer in layers)
        removable = branches - len(layers)
        limit = max(1, min(step.policy.max_filter_prune, branches // 3))
        assert len(gone(step, after, stage)) == min(limit, removable)


@given(strategies.steps())
def test_a_stage_that_does_not_grow_loses_no_branch(step):
    after = following(step)
    for number, stage in enumerate(step.architecture.stages):
        if number not in growing(step):
            assert gone(step, after, stage) == []


@given(strategies.steps())
def test_no_pruned_branch_is_better_than_a_kept_one_that_could_have_gone(step):
    after = following(step)
    numbers = new_numbers(step.architecture, after)
    sign = -1 if step.policy.worst_case else 1
    for stage in step.architecture.stages:
        pruned = gone(step, after, stage)
        spare = [
            (index, name)
            for index in stage
            for name in branch_names(after, numbers[index])
            if len(branch_names(after, numbers[index])) > 1
        ]
        worst_kept = min((sign * step.statistics.metrics[key] for key in spare), default=1e9)
        assert all(sign * step.statistics.metrics[key] <= worst_kept for key in pruned)


@given(strategies.steps())
def test_new_layers_are_whole_envelope_cells(step):
    after = following(step)
    for index in added(step.architecture, after):
        assert after.layer(index).branches == step.policy.envelopecell


@given(strategies.steps())
def test_new_layers_have_every_source_before_their_predecessor_but_the_stem(step):
    after = following(step)
    for index in added(step.architecture, after):
        expected = list(range(1, index - 1))[::-1] if step.policy.skip else None
        sources = after.sources(index)
        assert sources == (expected if expected is None else tuple(expected))


@given(strategies.steps())
def test_a_layer_with_gates_keeps_half_or_all_and_gets_each_new_layer_before_it(step):
    after = following(step)
    numbers = new_numbers(step.architecture, after)
    newcomers = added(step.architecture, after)
    for index, _ in step.architecture.branch_layers():
        old = step.architecture.sources(index)
        if not old:
            continue
        number = (len(old) + 1) // 2 if step.policy.prune_skips else len(old)
        kept = after.sources(numbers[index])[:number]
        rest = after.sources(numbers[index])[len(kept) :]
        assert set(kept) <= {numbers[source] for source in old}
        assert rest == tuple(new for new in newcomers if new < numbers[index])


@given(strategies.steps())
def test_no_pruned_gate_is_larger_than_a_kept_one(step):
    pruning = replace(step.policy, prune_skips=True)
    kept = decide(step.architecture, step.statistics, pruning).kept_skips
    for index, sources in kept.items():
        gates = {s: step.statistics.gates[s, index] for s in step.architecture.sources(index)}
        ranked = [gates[source] for source in sources]
        assert ranked == sorted(ranked, reverse=True)
        assert all(gates[s] <= ranked[-1] for s in gates if s not in sources)


@given(strategies.steps())
def test_a_layer_without_gates_stays_without(step):
    after = following(step)
    numbers = new_numbers(step.architecture, after)
    for index, _ in step.architecture.branch_layers():
        if not step.architecture.sources(index):
            assert after.sources(numbers[index]) == step.architecture.sources(index)


@given(strategies.steps())
def test_the_last_layer_of_each_stage_has_the_target_channels(step):
    after = following(step)
    first = after.notation.channels
    for number, stage in enumerate(after.stages):
        if stage:
            assert after.layer(stage[-1]).outputs == first * 2**number


@given(strategies.steps())
def test_every_layer_has_a_channel_for_each_branch(step):
    for _, layer in following(step).branch_layers():
        assert layer.outputs >= len(layer.branches)


@given(strategies.steps())
def test_restructuring_is_deterministic(step):
    assert following(step) == following(copy.deepcopy(step))


@given(strategies.steps())
def test_restructuring_changes_nothing_that_it_was_given(step):
    before = json.dumps(architecture_to_dict(step.architecture)), copy.deepcopy(step.statistics)
    following(step)
    assert (json.dumps(architecture_to_dict(step.architecture)), step.statistics) == before


@given(strategies.steps(), st.sampled_from([2.0, 0.5, 64.0]))
def test_only_the_ranks_of_the_metrics_matter(step, factor):
    scaled = {key: factor * metric for key, metric in step.statistics.metrics.items()}
    statistics = Statistics(scaled, step.statistics.gates)
    assert restructure(step.architecture, statistics, step.policy) == following(step)


@given(strategies.steps())
def test_a_restructured_network_is_valid(step):
    after = following(step)
    assert architecture_from_dict(architecture_to_dict(after)) == after


@given(strategies.architecture_values())
def test_parsing_what_was_printed_is_the_identity(value):
    parsed = architecture_from_dict(value)
    assert parse_architecture(architecture_to_json(parsed)) == parsed


@given(strategies.architecture_values())
def test_printing_what_was_parsed_is_canonical(value):
    text = architecture_to_json(architecture_from_dict(value))
    assert architecture_to_json(parse_architecture(text)) == text


@given(strategies.architecture_values())
def test_printing_loses_nothing_that_was_written(value):
    """Only the null of an absent list and the order of keys may differ."""
    for entry in value["network"]:
        if entry.get("inputs", ALL) is None:
            del entry["inputs"]
    assert json.loads(architecture_to_json(architecture_from_dict(value))) == value


@given(strategies.architecture_values())
def test_every_layer_is_in_one_stage_or_is_a_widener(value):
    parsed = architecture_from_dict(value)
    layers = [i for i, layer in enumerate(parsed.network, 1) if isinstance(layer, BranchLayer)]
    assert [index for stage in parsed.stages for index in stage] == layers


@given(strategies.notations)
def test_a_notation_survives_its_text(notation):
    assert Notation.parse(str(notation)) == notation
