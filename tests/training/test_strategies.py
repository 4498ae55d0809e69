"""Devices and strategies, seeds and determinism."""

import types

import pytest
import tensorflow as tf

from nac.training import strategies
from nac.training.strategies import describe_devices, make_strategy, set_determinism
from tests.builders import input_error


@pytest.fixture
def devices(monkeypatch):
    """Return a function that sets the visible devices; strategies become their description."""
    for kind in ("MirroredStrategy", "OneDeviceStrategy"):
        monkeypatch.setattr(tf.distribute, kind, lambda devices, kind=kind: (kind, devices))

    def set_devices(*names):
        monkeypatch.setattr(strategies, "_visible_devices", lambda: list(names))

    return set_devices


class TestMakeStrategy:
    def test_an_unknown_kind_is_an_error(self):
        assert input_error(make_strategy, "mirored") == (
            "--strategy: expected one of auto, one, mirrored, multi_worker, received 'mirored'"
        )

    def test_one_is_the_first_device(self, devices):
        devices("GPU:0", "GPU:1")
        assert make_strategy("one") == ("OneDeviceStrategy", "GPU:0")

    def test_mirrored_is_all_devices(self, devices):
        devices("GPU:0", "GPU:1")
        assert make_strategy("mirrored") == ("MirroredStrategy", ["GPU:0", "GPU:1"])

    def test_mirrored_may_have_a_single_device(self, devices):
        devices("CPU:0")
        assert make_strategy("mirrored") == ("MirroredStrategy", ["CPU:0"])

    def test_auto_is_mirrored_where_there_are_several(self, devices):
        devices("GPU:0", "GPU:1")
        assert make_strategy("auto") == ("MirroredStrategy", ["GPU:0", "GPU:1"])

    @pytest.mark.parametrize("device", ["GPU:0", "CPU:0"])
    def test_auto_is_one_where_there_is_one(self, devices, device):
        devices(device)
        assert make_strategy() == ("OneDeviceStrategy", device)

    def test_without_gpus_the_cpu_is_the_device(self, monkeypatch):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: [])
        strategy = make_strategy()
        assert strategy.num_replicas_in_sync == 1
        assert "CPU" in strategy.extended.worker_devices[0]


def stand_in(*devices):
    extended = types.SimpleNamespace(worker_devices=devices)
    return types.SimpleNamespace(extended=extended, num_replicas_in_sync=len(devices))


class TestDescribeDevices:
    def test_one_cpu(self):
        assert describe_devices(stand_in("/device:CPU:0")) == "CPU"

    def test_parts_of_a_cpu_are_counted(self):
        assert describe_devices(stand_in("/device:CPU:0", "/device:CPU:1")) == "2 x CPU"

    def test_gpus_have_their_name(self, monkeypatch):
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda _: ["gpu"])
        monkeypatch.setattr(
            tf.config.experimental, "get_device_details", lambda _: {"device_name": "Tesla V100"}
        )
        assert describe_devices(stand_in("/device:GPU:0", "/device:GPU:1")) == "2 x Tesla V100"


CPU, GPU = stand_in("/device:CPU:0"), stand_in("/device:GPU:0")


class TestSetDeterminism:
    @pytest.fixture
    def calls(self, monkeypatch):
        """Return a list that grows when operations are made reproducible."""
        calls = []
        monkeypatch.setattr(
            tf.config.experimental, "enable_op_determinism", lambda: calls.append("on")
        )
        return calls

    @pytest.mark.parametrize(
        ("wanted", "strategy", "expected"),
        [
            ("on", CPU, ["on"]),
            ("on", GPU, ["on"]),
            ("off", CPU, []),
            ("off", GPU, []),
            ("auto", CPU, ["on"]),
            ("auto", GPU, []),
        ],
        ids=["on-cpu", "on-gpu", "off-cpu", "off-gpu", "auto-cpu", "auto-gpu"],
    )
    def test_auto_is_on_for_cpus_alone(self, calls, wanted, strategy, expected):
        set_determinism(wanted, 0, strategy)
        assert calls == expected

    def test_auto_is_off_for_xla(self, calls):
        set_determinism("auto", 0, CPU, jit_compile=True)
        assert calls == []

    def test_xla_cannot_be_asked_for_it(self, calls):
        assert input_error(set_determinism, "on", 0, CPU, True) == (
            "--deterministic=on: not with --jit_compile, as XLA has no deterministic gradient of"
            " max-pooling"
        )

    def test_weights_follow_the_seed(self, calls):
        def kernel(seed):
            set_determinism("off", seed, CPU)
            layer = tf.keras.layers.Dense(3)
            layer.build((None, 2))
            return layer.kernel.numpy().tolist()

        assert kernel(1) == kernel(1) != kernel(2)
