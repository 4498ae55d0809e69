"""Failures of disk and memory within a job, as one line each."""

import errno
import os

import pytest
import tensorflow as tf

from nac.config import parse_experiment
from nac.training.failures import explained_failures
from nac.utils.errors import JobError, SystemRefusal
from tests.experiments import training

EXPERIMENT = parse_experiment(training(), "e.yaml")
ANEW = "when that is mended, the same command begins this job anew"


def line_of(error, directory):
    with pytest.raises(JobError) as failure, explained_failures(EXPERIMENT, directory):
        raise error
    return str(failure.value)


def exhausted(text):
    return tf.errors.ResourceExhaustedError(None, None, text)


def test_a_checkpoint_that_does_not_fit_on_the_disk_is_named(tmp_path):
    text = (
        "{{function_node __wrapped__SaveV2_device_/job:localhost}} "
        f"{tmp_path}/checkpoints/ckpt-3_temp/part-0-of-1.data.tempstate17; No space left on device"
        " [Op:SaveV2]"
    )
    assert line_of(exhausted(text), tmp_path) == (
        f"{tmp_path}/checkpoints/ckpt-3: cannot be written: No space left on device; {ANEW}"
    )


def test_the_newest_checkpoint_that_is_kept_is_named(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    for step in (9, 10):
        (tmp_path / "checkpoints" / f"ckpt-{step}.index").write_text("")
    line = line_of(SystemRefusal("model.keras: cannot be written: full"), tmp_path)
    assert line == (
        "model.keras: cannot be written: full; when that is mended, the same command goes on at the"
        " checkpoint after step 10"
    )


def test_a_file_that_python_cannot_write_is_named(tmp_path):
    refusal = OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), "a/log.txt")
    expected = f"a/log.txt: cannot be read or written: Disk quota exceeded; {ANEW}"
    assert line_of(refusal, tmp_path) == expected


@pytest.mark.parametrize(
    "error",
    [
        exhausted("OOM when allocating tensor with shape[512,64,224,224] on GPU:0"),
        tf.errors.InternalError(None, None, "failed: CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
        MemoryError(),
    ],
)
def test_a_lack_of_memory_says_what_to_set(tmp_path, error):
    line = line_of(error, tmp_path)
    assert line.startswith("memory ran out while 6/2-1/2 was trained with parameters.batch_size 16")
    assert "a smaller parameters.batch_size" in line


@pytest.mark.parametrize(
    "error", [tf.errors.InvalidArgumentError(None, None, "shapes differ"), KeyError("a bug")]
)
def test_any_other_failure_stays_what_it_is(tmp_path, error):
    with pytest.raises(type(error)), explained_failures(EXPERIMENT, tmp_path):
        raise error


def test_a_pipe_that_nobody_reads_is_no_failure_of_the_disk(tmp_path):
    with pytest.raises(BrokenPipeError), explained_failures(EXPERIMENT, tmp_path):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
