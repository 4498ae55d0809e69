"""Checkpoints contain everything that the next step depends on."""

import numpy as np
import pytest
import tensorflow as tf

from nac.training.checkpoints import Checkpoints
from nac.utils.errors import JobError
from tests.builders import layer
from tests.models.small_networks import small
from tests.training.examples import make_steps, recipe

NETWORK = small(layer("1x1", "3x3sep", inputs=[]), layer("3x3", inputs=[0]))


def all_variables(steps):
    """Return every variable of a training by a name."""
    named = {f"model {v.path}": v.value for v in steps.model.variables}
    named |= {f"optimizer {v.path} {i}": v.value for i, v in enumerate(steps.optimizer.variables)}
    return named | {"average": steps.average.vector}


def fill(steps, seed):
    """Give every variable numbers that are like no others."""
    generator = np.random.default_rng(seed)
    for variable in all_variables(steps).values():
        values = generator.uniform(1.0, 1000.0, variable.shape)
        variable.assign(values.astype(variable.dtype.as_numpy_dtype))


def contents(steps):
    return {name: variable.numpy().tobytes() for name, variable in all_variables(steps).items()}


def names(folder):
    """Return the names of all checkpoints that a folder has an index of."""
    return sorted(path.name for path in folder.glob("*.index"))


def made(interval=60.0, folder=None):
    steps = make_steps(recipe(momentum=0.9), NETWORK)
    return steps, Checkpoints(folder, steps, interval)


@pytest.fixture
def saved(tmp_path):
    """Return steps with a checkpoint after step 7, and what it holds."""
    steps, checkpoints = made(folder=tmp_path)
    fill(steps, 1)
    checkpoints.save(7, 1.25, 0.375)
    return steps, checkpoints, contents(steps)


def test_without_a_checkpoint_a_job_begins_at_step_0(tmp_path):
    steps, checkpoints = made(folder=tmp_path)
    before = contents(steps)
    assert checkpoints.restore() == 0
    assert contents(steps) == before


def test_every_variable_is_restored_exactly(saved):
    steps, checkpoints, expected = saved
    fill(steps, 2)
    assert not set(contents(steps).items()) & set(expected.items())
    checkpoints.restore()
    assert contents(steps) == expected


def test_every_variable_is_restored_in_another_network_of_the_same_architecture(saved, tmp_path):
    other, checkpoints = made(folder=tmp_path)
    checkpoints.restore()
    assert contents(other) == saved[2]


def test_step_seconds_and_progress_are_restored(saved, tmp_path):
    _, checkpoints = made(folder=tmp_path)
    assert checkpoints.restore() == 7
    assert checkpoints.seconds.numpy() == 1.25
    assert checkpoints.progress.numpy() == 0.375


def test_what_rounds_did_is_restored(tmp_path):
    steps = make_steps(recipe(momentum=0.9), NETWORK)
    logs = [tf.Variable("{}", trainable=False) for _ in range(2)]
    logs[0].assign('{"rounds": []}')
    Checkpoints(tmp_path, steps, 60.0, logs[0]).save(7, 1.25, 0.375)
    Checkpoints(tmp_path, steps, 60.0, logs[1]).restore()
    assert logs[1].numpy() == b'{"rounds": []}'


def test_a_checkpoint_without_rounds_is_not_that_of_a_job_with_them(saved, tmp_path):
    steps, _, _ = saved
    checkpoints = Checkpoints(tmp_path, steps, 60.0, tf.Variable("{}", trainable=False))
    with pytest.raises(JobError, match="not a checkpoint of this job"):
        checkpoints.restore()


def test_the_newest_checkpoint_is_restored(saved):
    steps, checkpoints, _ = saved
    fill(steps, 2)
    checkpoints.save(9, 2.0, 0.5)
    expected = contents(steps)
    fill(steps, 3)
    assert checkpoints.restore() == 9
    assert contents(steps) == expected


def test_two_checkpoints_are_kept(saved, tmp_path):
    _, checkpoints, _ = saved
    for step in (8, 9):
        checkpoints.save(step, 2.0, 0.5)
    assert names(tmp_path) == ["ckpt-8.index", "ckpt-9.index"]


def test_a_checkpoint_of_another_network_is_refused(saved, tmp_path):
    other = make_steps(recipe(momentum=0.9), small(layer("1x1"), layer("3x3", inputs=[0])))
    checkpoints = Checkpoints(tmp_path, other, 60.0)
    with pytest.raises(JobError, match="not a checkpoint of this job"):
        checkpoints.restore()


def cut_short(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut_short, flip_a_bit, remove])
@pytest.mark.parametrize("part", ["index", "data-00000-of-00001"])
def test_after_a_damaged_checkpoint_the_one_before_it_is_restored(saved, tmp_path, part, damage):
    steps, checkpoints, expected = saved
    fill(steps, 2)
    checkpoints.save(9, 2.0, 0.5)
    damage(tmp_path / f"ckpt-9.{part}")
    other, checkpoints = made(folder=tmp_path)
    assert checkpoints.restore() == 7
    assert contents(other) == expected
    (note,) = checkpoints.notes
    assert note.startswith(f"note: {tmp_path / 'ckpt-9'} cannot be used (")


def test_if_all_checkpoints_are_damaged_the_job_begins_at_step_0(saved, tmp_path):
    cut_short(tmp_path / "ckpt-7.index")
    other, checkpoints = made(folder=tmp_path)
    before = contents(other)
    assert (checkpoints.restore(), checkpoints.restored) == (0, False)
    assert contents(other) == before
    assert len(checkpoints.notes) == 1


def test_a_damaged_checkpoint_makes_room_for_the_next_one(saved, tmp_path):
    _, checkpoints, _ = saved
    checkpoints.save(9, 2.0, 0.5)
    cut_short(tmp_path / "ckpt-9.index")
    _, checkpoints = made(folder=tmp_path)
    checkpoints.restore()
    checkpoints.save(8, 2.0, 0.5)
    assert names(tmp_path) == ["ckpt-7.index", "ckpt-8.index"]


def test_what_a_killed_save_left_is_removed(saved, tmp_path):
    (tmp_path / "ckpt-9_temp").mkdir()
    made(folder=tmp_path)[1].restore()
    assert not (tmp_path / "ckpt-9_temp").exists()


def test_checkpoints_beside_others_have_the_same_variables(saved, tmp_path):
    steps, checkpoints, _ = saved
    beside = checkpoints.beside("retry", most=3)
    fill(steps, 2)
    expected = contents(steps)
    beside.save(5, 1.0, 0.25)
    fill(steps, 3)
    assert (beside.restore(), contents(steps)) == (5, expected)
    assert names(tmp_path) == ["ckpt-7.index"]


def test_a_checkpoint_that_is_not_accepted_is_not_restored(saved):
    _, checkpoints, _ = saved
    checkpoints.save(9, 2.0, 0.5)
    assert checkpoints.restore(lambda step: step != 9) == 7


def test_checkpoints_after_a_step_are_removed(saved, tmp_path):
    _, checkpoints, _ = saved
    checkpoints.save(9, 2.0, 0.5)
    checkpoints.remove_after(7)
    assert names(tmp_path) == ["ckpt-7.index"]


def test_a_checkpoint_is_due_after_the_interval(tmp_path, clock):
    _, checkpoints = made(interval=60.0, folder=tmp_path)
    clock.seconds += 59.0
    assert not checkpoints.due()
    clock.seconds += 1.0
    assert checkpoints.due()


def test_before_long_work_a_checkpoint_is_due_after_5_seconds(tmp_path, clock):
    _, checkpoints = made(interval=60.0, folder=tmp_path)
    clock.seconds += 4.9
    assert not checkpoints.due(before_long_work=True)
    clock.seconds += 0.1
    assert checkpoints.due(before_long_work=True)


def test_after_a_save_the_interval_begins_anew(tmp_path, clock):
    _, checkpoints = made(interval=60.0, folder=tmp_path)
    clock.seconds += 60.0
    checkpoints.save(1, 60.0, 0.5)
    assert not checkpoints.due()
