"""The plan's arithmetic on numbers that are easily followed, and its counts on a small network."""

import doctest
import io
import json
import subprocess
import sys

import pytest
from PIL import Image

from tests.experiments import ROOT
from tools.scaling import machines
from tools.scaling.counts import Counts
from tools.scaling.machines import MICROSECOND, Machine, latency, transfer
from tools.scaling.plan import all_reduce, event_bytes, reading, step_time
from tools.scaling.preparing import HEIGHT, WIDTH, photo, photo_of
from tools.scaling.tables import counted, images, steps

MACHINE = Machine("2 x test", gpus=2, peak=6e12, share=0.5, nvlink=10e9, network=1e9)
"""Half of 6 TFLOP/s: a million multiply-adds per image are two microseconds."""

NETWORK = Counts(
    name="small",
    notation="8/1/6",
    parameters=1_000_000,
    multiply_adds=1_000_000_000,
    branches=6,
    gates=0,
    all_reduces=(4, 400, 4_000_000),
    checkpoint=12_000_000,
    point=1000,
)


class TestMachines:
    def test_the_examples_hold(self):
        assert doctest.testmod(machines).failed == 0

    def test_one_gpu_sums_nothing(self):
        assert latency(1, MACHINE) == 0.0
        assert transfer(1e6, 1, MACHINE) == 0.0

    def test_two_gpus_of_a_node_use_its_links(self):
        # Two hops: 3.6 + 2 * 0.47 microseconds. Each sends 2 * 1/2 of the bytes at 10 GB/s.
        assert latency(2, MACHINE) == pytest.approx(4.54 * MICROSECOND)
        assert transfer(1e9, 2, MACHINE) == pytest.approx(0.1)

    def test_two_nodes_use_the_network(self):
        # The ring: 3.6 + 4 hops of 0.47 * 1.8 + 2 of 2.7 = 12.4; the tree: 4.4 + 2 * (0.936 + 5).
        assert latency(4, MACHINE) == pytest.approx(12.384 * MICROSECOND)
        assert transfer(1e9, 4, MACHINE) == pytest.approx(1.5)

    def test_many_nodes_form_a_tree(self):
        assert latency(64, MACHINE) == pytest.approx((4.4 + 2 * (0.936 + 5 * 5.0)) * MICROSECOND)


class TestStep:
    def test_operations_are_six_per_multiply_add(self):
        assert step_time(NETWORK, MACHINE, 1, 100).arithmetic == pytest.approx(0.2)

    def test_on_one_gpu_a_step_is_what_it_computes(self):
        step = step_time(NETWORK, MACHINE, 1, 100)
        assert (step.seconds, step.efficiency) == (step.compute, 1.0)

    def test_gpus_share_the_images(self):
        assert step_time(NETWORK, MACHINE, 4, 400).arithmetic == pytest.approx(0.2)

    def test_a_few_images_take_as_long_as_starting_the_kernels(self):
        step = step_time(NETWORK, MACHINE, 1, 0)
        assert step.compute == step.launches == pytest.approx(130 * 5e-6)

    def test_all_reduces_follow_the_computation(self):
        step = step_time(NETWORK, MACHINE, 4, 400)
        assert step.gradient == pytest.approx(12.384e-6 + 1.5 * 4e-3)
        assert step.small == pytest.approx(2 * 12.384e-6 + 1.5 * 404e-9)
        assert step.seconds == pytest.approx(0.2 + step.gradient + step.small)
        assert step.images_per_second == pytest.approx(400 / step.seconds)

    def test_an_all_reduce_is_latency_and_transfer(self):
        assert all_reduce(1e9, 4, MACHINE) == latency(4, MACHINE) + transfer(1e9, 4, MACHINE)

    def test_overlap_hides_no_more_than_the_backward_pass_takes(self):
        busy, idle = (step_time(NETWORK, MACHINE, 4, images) for images in (400, 4))
        assert busy.hidden == busy.gradient
        assert idle.hidden == pytest.approx(2 / 3 * idle.compute)


class TestReading:
    def test_each_node_decodes_its_share_and_reads_everything(self):
        step = step_time(NETWORK, MACHINE, 4, 400)
        asked, speed = reading(step, MACHINE, images_per_core=100.0), step.images_per_second
        assert asked.images == pytest.approx(speed / 2)
        assert asked.cores == pytest.approx(speed / 200)
        assert asked.read == pytest.approx(speed * 115_439.6, rel=1e-5)
        assert asked.served == pytest.approx(2 * asked.read)

    def test_a_made_up_photo_is_as_large_as_one_of_imagenet(self):
        jpeg = photo_of(115_440)
        assert abs(len(jpeg) - 115_440) < 1000
        assert Image.open(io.BytesIO(jpeg)).size == (WIDTH, HEIGHT)

    def test_noise_makes_a_photo_larger(self):
        assert len(photo(0.0)) < len(photo(10.0)) < len(photo(40.0))


class TestTables:
    def test_what_is_counted(self):
        cells = counted([NETWORK]).splitlines()[-1].strip("| ").split(" | ")
        assert cells == [
            *("small", "8/1/6", "1,000,000", "1,000,000,000", "3", "2"),
            *("4.0", "0.4", "12", "0.1"),
        ]
        assert event_bytes(NETWORK) == 100 * 1000

    def test_the_batch_grows_or_stays(self):
        sizes = {
            growing: [line.split(" | ")[3] for line in steps([NETWORK], growing).splitlines()[2:5]]
            for growing in (True, False)
        }
        assert sizes == {True: ["256", "2,048", "16,384"], False: ["256", "256", "256"]}

    def test_there_is_a_row_for_each_kind_and_number_of_gpus(self):
        assert len(images(NETWORK, 100.0).splitlines()) == 2 + 2 * 3


COUNTING = """
import json
from dataclasses import asdict
from nac.config import load_experiment
from nac.construction.prior import prior
from tools.scaling.counts import counts
experiment = load_experiment("experiments/digits/construct.yaml")
network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
print(json.dumps(asdict(counts("digits", network, experiment, (8, 8, 1)))))
"""


@pytest.fixture(scope="module")
def digits():
    """Return the counts of the prior of the digits, of a process that divides its CPU."""
    command = [sys.executable, "-c", COUNTING]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Counts(**json.loads(answer.stdout))


@pytest.mark.slow
class TestCounts:
    """The prior of the digits has two layers of 24 channels, then two of 48, six branches each."""

    def test_all_reduces(self, digits):
        norms = [4 * channels for channels in (24, 24, 48, 48) for _ in range(4)]
        metrics = [4 * 5 * channels for channels in (24, 24, 48, 48)]
        others = [4 * (24 + 24 + 48 + 48), 4 * 67_335, 4, 4]  # Taylor terms, gradient, loss, right
        assert sorted(digits.all_reduces) == sorted([*norms, *metrics, *others])

    def test_bytes_of_a_checkpoint(self, digits):
        trained = 3 * 67_335  # weights, momentum, average
        measured = 5 * 144 + 2 * 24 + 144  # sums of channels, terms of branches, unit gates
        moving = 2 * 144
        counters = 5 * 8 + 8 + 4  # of five dropouts; steps and rate of the optimizer
        assert digits.checkpoint == 4 * (trained + measured + moving) + counters

    def test_a_point_has_a_value_for_each_branch_and_gate(self, digits):
        assert (digits.branches, digits.gates) == (24, 5)
        # Most of it is in the tags, of 30 to 40 bytes, and in the plugin's name.
        assert 100 < digits.point / (digits.branches + digits.gates + 4) < 200
