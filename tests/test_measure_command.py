"""``nac measure``: what blocks cost, measured once."""

import signal
import subprocess
from dataclasses import replace

import pytest

from nac import measure
from nac.construction.step_parts import KINDS
from nac.construction.step_time import KindCost
from nac.runs.block_times import times_path
from tests.builders import assert_says
from tests.experiments import command, environment
from tests.runs.block_times import A_MS, kept_in
from tests.test_compare_command import ended
from tests.test_construct_command import children_of
from tests.test_train_command import wait_for


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return an empty cache directory, which is that of the user for the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def _default_flags():
    """Forget the flags of earlier tests."""
    measure.FLAGS.unparse_flags()


@pytest.fixture
def measured(monkeypatch):
    """Replace the measurement by one that lists the policies it was asked for."""
    asked = []
    monkeypatch.setattr(measure, "measured", lambda policy: asked.append(policy) or A_MS)
    return asked


def test_what_was_measured_is_kept(cache, measured, capfd):
    measure.run([])
    measure.run([])
    assert measured == ["float32"]
    assert capfd.readouterr().out.splitlines()[-1] == f"kept in {times_path()}"


def test_it_is_measured_again_if_that_is_wanted(cache, measured):
    kept_in(cache)
    measure.run(["--again"])
    assert measured == ["float32"]


def test_each_precision_is_measured_by_itself(cache, measured):
    kept_in(cache)
    measure.run(["--dtype_policy=mixed_bfloat16"])
    assert measured == ["mixed_bfloat16"]


def test_a_damaged_file_is_measured_anew(cache, measured, capfd):
    kept_in(cache).write_text("{")
    measure.run([])
    assert measured == ["float32"]
    assert_says(capfd.readouterr().err, "note:", "measured again")


def test_the_table_has_milliseconds_and_speed_of_layers():
    dense = KindCost(start=0.5, multiply_add=0.01)
    changed = {"dense": dense, "normalization": KindCost(), "update": KindCost(start=100.0)}
    times = replace(A_MS, merged=False, together={**A_MS.together, **changed})
    (row,) = [line for line in measure.text(times).splitlines() if line.startswith("3x3 ")]
    # 64 x 8 x 8 pixels. 6x2 of 12: 6 convolutions of 9 x 16 x 8; 1x12: one of 9 x 16 x 16;
    # 6x8 of 48: 6 of 9 x 48 x 8; 1x48: one of 9 x 48 x 48.
    ms = [6 * 0.5 + 0.01 * 28.3116, 0.5 + 0.01 * 9.4372, 3 + 0.01 * 84.9347, 0.5 + 0.01 * 84.9347]
    operations = [0.0318505, 0.0318505, 0.509608, 0.509608]  # billions: 6 x 4096 x 9 x 12 x 12
    expected = [f"{value:.2f}" for value in ms]
    expected += [f"{1e3 * count / value:.1f}" for count, value in zip(operations, ms, strict=True)]
    assert row.split() == ["3x3", *expected]


def test_the_device_is_named(capfd):
    assert measure.text(A_MS).startswith("a device, 2 cores, TensorFlow 2.21.0, float32\n")


class TestMeasured:
    @pytest.fixture
    def processes(self, monkeypatch):
        """Replace the processes that measure; return how they were asked."""
        asked = []

        def use(device):
            def measure_in(apart, policy):
                asked.append((apart, policy))
                return device, dict.fromkeys(KINDS, KindCost(start=1.0 + apart))

            monkeypatch.setattr(measure, "_in_a_process", measure_in)
            return asked

        return use

    def test_a_cpu_is_measured_with_cores_together_and_apart(self, processes):
        asked = processes("CPU")
        times = measure.measured("float32")
        assert asked == [(False, "float32"), (True, "float32")]
        assert (times.together["lrn"].start, times.apart["lrn"].start) == (1.0, 2.0)
        assert (times.merged, times.device) == (True, measure.cpu_name())

    def test_a_gpu_has_no_cores(self, processes):
        asked = processes("Tesla V100")
        times = measure.measured("mixed_float16")
        assert asked == [(False, "mixed_float16")]
        assert (times.device, times.apart, times.merged) == ("Tesla V100", None, False)
        assert times.dtype_policy == "mixed_float16"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_signal_ends_it_with_the_process_that_measures(cache, number, code):
    process = subprocess.Popen(
        command("measure", "--again"),
        cwd=cache,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # One measures, and Python starts another one that cleans up after it.
    wait_for(lambda: len(children_of(process.pid)) == 2)
    children = children_of(process.pid)
    process.send_signal(number)
    assert process.wait(60) == code
    wait_for(lambda: all(map(ended, children)), 30)
