"""What the parts of a step cost on the device at hand."""

import itertools

import pytest

from nac.construction.network_parts import step_parts
from nac.construction.step_parts import KINDS
from nac.training import block_times
from nac.training.block_times import pieces, shortest_seconds
from nac.training.calibration import LARGE, LRN, SMALL, Calibration, network, plain
from nac.training.strategies import make_strategy
from tests.experiments import printed_by

TINY = Calibration(4, 2, network(6, 2, LRN))


def parts_of(calibration):
    return step_parts(calibration.architecture, calibration.image_shape, calibration.batch_size)


@pytest.mark.parametrize("networks", [SMALL, LARGE], ids=["small", "large"])
def test_each_kind_of_part_is_measured(networks):
    assert {part.kind for each in networks for part in parts_of(each)} == set(KINDS)


@pytest.fixture(scope="module")
def measured():
    """Return the pieces of a tiny network, which are not compiled yet."""
    return list(pieces(TINY, make_strategy("one")))


def test_the_whole_step_is_a_piece(measured):
    parts, _ = measured[-1]
    assert parts == parts_of(TINY)


def test_each_part_but_the_update_is_in_one_layer(measured):
    of_layers = [part for parts, _ in measured[:-1] for part in parts]
    once = [part for part in parts_of(TINY) if part.kind not in ("update", "step")]
    assert sorted(of_layers, key=repr) == sorted(once, key=repr)


def test_a_network_made_by_hand_is_taken_apart_too():
    made = Calibration(8, 2, plain(0.1))
    *layers, _ = pieces(made, make_strategy("one"))
    of_layers = [part for parts, _ in layers for part in parts]
    once = [part for part in parts_of(made) if part.kind not in ("update", "step")]
    assert sorted(of_layers, key=repr) == sorted(once, key=repr)


class TestWork:
    @pytest.fixture
    def built(self, monkeypatch):
        """Return the tiny network, and what does each of its layers and its step."""
        models = []
        build = block_times.build_model
        monkeypatch.setattr(
            block_times, "build_model", lambda *args: models.append(build(*args)) or models[0]
        )
        works = [work for _, work in pieces(TINY, make_strategy("one"))]
        (model,) = models
        names = [layer.name for layer in model.layers[1:]]
        return model, dict(zip([*names, "step"], works, strict=True))

    def test_a_layer_is_trained_as_often_as_wanted(self, built):
        model, works = built
        works["layer01"](3)
        measured = model.get_layer("layer01").featuremap_metrics.results()
        assert [branch["images"] for branch in measured] == [3 * TINY.batch_size] * 2

    def test_steps_may_be_more_than_a_call_has(self, built):
        model, works = built
        works["step"](block_times.MOST_STEPS + 2)
        assert int(model.get_layer("layer01").dropout.calls.numpy()) == block_times.MOST_STEPS + 2


class TestShortestSeconds:
    @pytest.fixture
    def clock(self, monkeypatch):
        """Return a clock that only works advance."""
        now = [0.0]
        monkeypatch.setattr(block_times.time, "perf_counter", lambda: now[0])
        return now

    def test_the_shortest_time_of_doing_it_once_counts(self, clock):
        durations = itertools.chain([9.0, 5.0, 4.0, 2.0], itertools.repeat(3.0))

        def work(times):
            clock[0] += times * next(durations)

        assert shortest_seconds([work]) == [2.0]

    def test_what_is_quick_is_done_more_often(self, clock):
        asked = []

        def work(times):
            asked.append(times)
            clock[0] += times * block_times.ROUND_SECONDS / 4

        shortest_seconds([work])
        assert asked == [1, 1] + [4] * block_times.ROUNDS

    def test_works_take_turns(self, clock):
        order = []

        def named(name):
            def work(times):
                order.append(name)
                clock[0] += 1.0

            return work

        shortest_seconds([named("a"), named("b")])
        assert order == ["a", "b"] * (2 + block_times.ROUNDS)


@pytest.mark.slow
def test_a_device_is_measured():
    device, costs = printed_by(
        "import json\n"
        "from nac.training import block_times\n"
        "from nac.training.calibration import LRN, Calibration, network\n"
        "from nac.utils.records import to_json\n"
        "block_times.SMALL = (Calibration(4, 2, network(6, 1, LRN)),)\n"
        "block_times.ROUNDS = 1\n"
        "device, costs = block_times.measured_costs(True, 'float32')\n"
        "print(json.dumps([device, {kind: to_json(cost) for kind, cost in costs.items()}]))"
    )
    assert device
    assert set(costs) == set(KINDS)
    assert all(value >= 0 for cost in costs.values() for value in cost.values())
    assert sum(sum(cost.values()) for cost in costs.values()) > 0
