"""What is said when memory ran out."""

import resource
from types import SimpleNamespace

import pytest

from nac.config import parse_experiment
from nac.runs import memory
from nac.runs.data_checks import step_bytes
from nac.runs.memory import memory_line
from nac.runs.memory_saving import MemorySaving
from tests.experiments import training


@pytest.fixture
def machine(monkeypatch):
    peaks = {resource.RUSAGE_SELF: 300 * 1024, resource.RUSAGE_CHILDREN: 500 * 1024}
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory, "memory_bytes", lambda: 512 * 2**20)
    monkeypatch.setattr(
        memory.resource, "getrusage", lambda who: SimpleNamespace(ru_maxrss=peaks[who])
    )


def test_the_line_has_network_batch_memory_and_what_to_set(machine):
    experiment = parse_experiment(training(parameters={"batch_size": 4096}), "e.yaml")
    # An image, the stem and two layers of 6 channels, and the widener and a layer of 12 in 4x4.
    values = 64 + 3 * 6 * 64 + 2 * 12 * 16
    needed = values * 3 * 4 * 4096
    assert step_bytes(experiment.architecture, (8, 8, 1), 4096) == needed == 75 * 2**20
    assert memory_line(experiment) == (
        "memory ran out while 6/2-1/2 was trained with parameters.batch_size 4096: the process"
        " occupied up to 300 MiB (measured), a step alone needs about 75 MiB (estimated), there"
        " are 512 MiB; --recompute, --micro_batch, a smaller parameters.batch_size or"
        " parameters.image_size, a stem of larger stride or fewer channels (init_cell) need less"
    )


def test_a_job_that_saves_memory_needs_less_and_is_told_what_saves_more(machine):
    experiment = parse_experiment(training(parameters={"batch_size": 4096}), "e.yaml")
    text = memory_line(experiment, saving=MemorySaving(recompute=True))
    assert "was trained with parameters.batch_size 4096 and --recompute:" in text
    assert "a step alone needs about 25 MiB (estimated)" in text  # a third of 75
    assert "; --micro_batch, a smaller parameters.batch_size" in text


def test_on_a_gpu_its_own_memory_counts(machine, monkeypatch):
    monkeypatch.setattr(memory, "visible_gpus", lambda: ["0"])
    monkeypatch.setattr(memory, "gpu_memory_bytes", lambda: 16384 * 2**20)
    text = memory_line(parse_experiment(training(), "e.yaml"))
    assert "the GPU has 16,384 MiB" in text
    assert "process" not in text


def test_a_driver_tells_the_memory_of_its_jobs(machine):
    experiment = parse_experiment(training(), "e.yaml")
    assert "occupied up to 500 MiB" in memory_line(experiment, children=True)


def test_a_data_set_whose_shape_is_unknown_has_no_estimate(machine):
    experiment = parse_experiment(training(parameters={"dataset": "folder:none"}), "e.yaml")
    assert "estimated" not in memory_line(experiment)
