"""Hypothesis strategies: architectures, what was measured of them, policies, experiments.

They draw the JSON forms, so that a test starts where a user's file starts.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture, Notation
from nac.config import EnvelopeNet
from nac.config.rankings import RANKINGS
from nac.construction.statistics import Statistics, parse_statistics
from tests.builders import CLASSIFIER, stem

BLOCKS = ("1x1", "3x3", "3x3sep", "5x5", "5x5sep", "7x7", "7x7sep")
MOST_BRANCHES = 5
# Few values often meet, so that ties are common; few are special.
METRICS = st.one_of(st.sampled_from([0.0, 0.5, 1.0, 2.0]), st.floats(0, 1e6))
GATES = st.one_of(st.sampled_from([-0.9, -0.5, 0.0, 0.1, 0.5]), st.floats(-2, 2))

stems = st.lists(st.integers(16, 40), min_size=1, max_size=2).map(lambda widths: stem(*widths))


def branches() -> st.SearchStrategy[dict[str, str]]:
    """Return branches with unlike names, in any order."""
    names = st.integers(0, 12).map(lambda number: f"Branch{number}")
    blocks = st.sampled_from(BLOCKS)
    return st.dictionaries(names, blocks, min_size=1, max_size=MOST_BRANCHES)


@st.composite
def layers(draw: st.DrawFn, index: int) -> dict[str, Any]:
    """Return the layer of an index; its inputs are absent, null, "all", or a list."""
    listed = st.lists(st.integers(0, index - 1), unique=True)
    inputs = draw(st.one_of(st.sampled_from(["absent", None, "all", []]), listed))
    outputs = draw(st.integers(MOST_BRANCHES, 64))
    layer = {"outputs": outputs, "filters": draw(branches())}
    return layer if inputs == "absent" else {**layer, "inputs": inputs}


@st.composite
def architecture_values(draw: st.DrawFn) -> dict[str, Any]:
    """Return the JSON form of an architecture with a stem; stages may be empty."""
    sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3).filter(lambda s: s != [0]))
    network: list[dict[str, Any]] = []
    for number, size in enumerate(sizes):
        network += [{"widener": {}}] if number else []
        for _ in range(size):
            network.append(draw(layers(len(network) + 1)))
    value = {"network": network, "type": "macro", "init_cell": draw(stems)}
    return {**value, "classification_cell": CLASSIFIER} if draw(st.booleans()) else value


@st.composite
def statistics_values(draw: st.DrawFn, of: Architecture) -> dict[str, Any]:
    """Return the content of a statistics.json about an architecture."""
    return {
        "featuremaps": {
            f"{index}/{name}": {"mean_square": draw(METRICS)} for index, name in of.branches()
        },
        "gates": {f"{start}-{end}": draw(GATES) for start, end in of.skip_connections()},
    }


@st.composite
def policies(draw: st.DrawFn, of: Architecture) -> EnvelopeNet:
    """Return a policy for an architecture: a stage is at its limit, or up to two below."""
    sizes = [len(stage) for stage in of.stages]
    yes_or_no = st.tuples(*[st.booleans()] * len(sizes))
    cell = sorted(draw(st.sets(st.sampled_from(BLOCKS), min_size=1, max_size=MOST_BRANCHES)))
    return EnvelopeNet(
        layers_per_stage=tuple(sizes),
        max_layers_per_stage=tuple(size + draw(st.integers(0, 2)) for size in sizes),
        construction=draw(yes_or_no),
        parameter_limits=draw(yes_or_no),
        max_filter_prune=draw(st.integers(1, 6)),
        envelopecell=tuple((f"Branch{number}", block) for number, block in enumerate(cell)),
        skip=draw(st.booleans()),
        worst_case=draw(st.booleans()),
        prune_skips=draw(st.booleans()),
    )


@dataclass(frozen=True)
class Step:
    """All that one restructuring is given."""

    architecture: Architecture
    statistics: Statistics
    policy: EnvelopeNet


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Return an architecture, measurements and a policy that fit each other."""
    architecture = architecture_from_dict(draw(architecture_values()))
    statistics = parse_statistics(draw(statistics_values(architecture)), architecture)
    return Step(architecture, statistics, draw(policies(architecture)))


notations = st.builds(
    Notation,
    st.integers(0, 2048),
    st.lists(st.integers(0, 30), min_size=1, max_size=5).map(tuple),
    st.integers(0, 12),
)


def _optional(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a mapping in which each key may be absent."""
    return st.fixed_dictionaries({}, optional=values)


_counts = st.integers(1, 999)
_positive = st.floats(1e-6, 1.0)

_schedules = st.one_of(
    _optional(initial=_positive, decay=_positive, epochs_per_decay=_positive).map(
        lambda values: {"type": "exponential_decay", **values}
    ),
    st.builds(
        lambda low, high, period, factor: {
            "type": "cosine_decay",
            "max": max(low, high),
            "min": min(low, high),
            "T_0": period,
            "T_mul": factor,
        },
        _positive,
        _positive,
        _counts,
        st.integers(1, 3),
    ),
    st.fixed_dictionaries(
        {"type": st.just("one_cycle"), "peak": _positive},
        optional={
            "batch_size": _counts,
            "warmup": st.floats(0, 0.9),
            "decay": st.sampled_from(["linear", "cosine"]),
        },
    ),
)

_training_parts = {
    "optimizer": st.sampled_from(
        [
            {"type": "sgd"},
            {"type": "momentum"},
            {"type": "momentum", "momentum": 0.5},
            {"type": "rms", "decay": 0.8},
            {"type": "keras", "class_name": "AdamW", "weight_decay": 0.004, "amsgrad": True},
        ]
    ),
    "gradient_clipping": _positive.map(lambda value: {"type": "norm", "value": value}),
    "regularization": _positive.map(lambda value: {"type": "l2", "value": value}),
    "branch_dropout": st.floats(0, 0.99),
    "weight_decay": st.floats(0, 1),
    "label_smoothing": st.floats(0, 1).map(lambda value: {"value": value}),
    "batch_norm_scale": st.booleans(),
    "average_share": st.floats(0, 1),
}

_shared_parameters = {
    "steps": _counts,
    "eval_interval": _counts,
    "batch_size": _counts,
    "image_size": _counts,
    "log_stats": st.booleans(),
    "branch_gates": st.booleans(),
    "score_flipped": st.booleans(),
    "seconds": _positive,
    "seed": st.integers(0, 99),
}

_parameters = _optional(
    arch_name=st.sampled_from(["a", "b c"]),
    mode=st.sampled_from(["construct", "train"]),
    algorithm=st.sampled_from(["envelopenet", "deterministic"]),
    dataset=st.just("cifar10"),
    data_dir=st.just("/data"),
    gpus=st.one_of(st.lists(st.integers(0, 7)), st.just("[]")),
    iterations=_counts,
    **_shared_parameters,
)

_budgets = _optional(
    parameters=_counts, flops=_positive, size_kib=_positive, step_ms=_positive, minutes=_positive
)

_augmentations = _optional(
    crop=st.sampled_from([True, False, "reflect"]),
    flip=st.booleans(),
    erasing=st.floats(0, 1),
    brightness=st.sampled_from([False, 0, 63, 10.5]),
    contrast=st.sampled_from([False, [0.2, 1.8], [1, 1]]),
    standardize=st.booleans(),
    min_epochs=st.floats(0, 10),
)

_envelopenets = st.fixed_dictionaries(
    {
        "stages": st.just(2),
        "layers_per_stage": st.lists(st.integers(1, 3), min_size=2, max_size=4),
        "max_layers_per_stage": st.lists(st.integers(3, 9), min_size=2, max_size=4),
        "max_filter_prune": st.integers(1, 9),
        "envelopecell": branches(),
    },
    optional={
        "construction": st.lists(st.booleans(), min_size=2, max_size=4),
        "parameter_limits": st.lists(st.booleans(), min_size=2, max_size=4),
        "skip": st.booleans(),
        "worst_case": st.booleans(),
        "prune_skips": st.booleans(),
        "ranking": st.sampled_from(list(RANKINGS)),
        "policy": st.sampled_from(["weakest", "rounds", "tournament"]),
        "prune_share": _positive,
        "prune_all_stages": st.booleans(),
        "rounds": st.integers(1, 9),
        "candidates": st.integers(1, 9),
        "children": st.integers(2, 9),
        "proposals": st.lists(st.sampled_from(["rounds", *RANKINGS]), max_size=4),
    },
)

_keys = st.sampled_from(["1/Branch1", "1/Branch2", "3/Branch1", "0-2", "1-3"])

_groups = st.lists(_keys).flatmap(
    lambda members: st.fixed_dictionaries(
        {"members": st.just(members), "remove": st.integers(0, len(members))}
    )
)

_prunings = st.fixed_dictionaries(
    {
        "rounds": st.integers(1, 9),
        "begin": st.floats(0, 0.5),
        "end": st.floats(0.5, 1),
        "candidates": st.integers(1, 9),
        "ranking": st.sampled_from(list(RANKINGS)),
        "images": _counts,
        "groups": st.lists(_groups, max_size=3),
    },
    optional={"strongest": st.booleans()},
)


@st.composite
def experiments(draw: st.DrawFn) -> dict[str, Any]:
    """Return the content of an experiment file: a construction, or an architecture to train."""
    training = st.fixed_dictionaries({"lr": _schedules}, optional=_training_parts)
    value = draw(_optional(parameters=_parameters, augmentation=_augmentations))
    value["child_training"] = draw(training)
    if draw(st.booleans()):
        value["final_training"] = draw(
            _optional(lr=_schedules, **_training_parts, **_shared_parameters)
        )
    if draw(st.booleans()):
        value |= draw(_optional(pruning=_prunings))
        return {**value, "arch": draw(architecture_values())}
    value |= draw(_optional(budget=_budgets))
    return {**value, "envelopenet": draw(_envelopenets), "init_cell": draw(stems)}
