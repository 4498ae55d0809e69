"""A restructured network starts from the weights of the trained one."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nac.architecture.branch_types import BRANCH_TYPES
from nac.architecture.json_form import architecture_from_dict
from nac.config import Experiment, Recipe
from nac.config.inheritance import Inheritance
from nac.models.cells import BranchCell
from nac.training.inheritance import inherit
from nac.training.new_cell import SHIFT, let_through
from nac.training.weights_file import write_weights
from nac.utils.errors import JobError
from tests.builders import CLASSIFIER, WIDENER, assert_says, layer
from tests.experiments import printed_by
from tests.models.small_networks import classifier, random_images, small
from tests.strategies import architecture_values
from tests.training.examples import IMAGES, LABELS, make_steps, recipe

TWO = layer("1x1", "3x3", outputs=4)  # channels 0 and 1 of Branch1, 2 and 3 of Branch2
ALONE = layer("1x1", outputs=4)  # channels 0 and 1 are old, 2 and 3 are new
SECOND = layer("5x5", outputs=2)


def randomized(steps):
    """Set all weights of a network, and its average, to random numbers; return the steps."""
    generator = np.random.default_rng(5)
    for variable in steps.model.weights:
        if variable.dtype == "float32":
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))
    steps.average.restart()
    return steps


def job(place, before, after, layers, weights="w.npz"):
    """Return a job in a directory that trains one network from the weights of another."""
    section = Inheritance(weights=weights, arch=before, layers=tuple(layers))
    return Experiment(
        source=str(place / "job.json"),
        recipe=Recipe(None, None, None),
        architecture=after,
        inherit=section,
    )


@pytest.fixture
def heir(tmp_path):
    """Return (name -> weight of the old network, steps of its heir)."""

    def make(before, after, layers, training=None, **options):
        old = randomized(make_steps(network=before, **options))
        write_weights(old, tmp_path / "w.npz")
        steps = make_steps(training, after, **options)
        inherit(steps, job(tmp_path, before, after, layers))
        return weights(old.model), steps

    return make


def weights(model):
    """Return path -> value of all variables of a network."""
    return {variable.path: variable.numpy() for variable in model.variables}


def outputs(model, size=4):
    """Return what a network answers to random images."""
    return model(random_images(size, *model.input_shape[1:]), training=False).numpy()


# nothing but the same network


@pytest.mark.slow
@settings(max_examples=6)
@given(architecture_values(), st.booleans())
def test_the_same_network_computes_exactly_the_same(tmp_path_factory, value, further):
    place = tmp_path_factory.mktemp("same")
    network = architecture_from_dict({**value, "classification_cell": CLASSIFIER})
    options = {"branch_gates": further, "batch_norm_scale": further}
    old = randomized(make_steps(network=network, **options))
    write_weights(old, place / "w.npz")
    new = make_steps(network=network, **options)
    inherit(new, job(place, network, network, range(1, len(network.network) + 1)))
    np.testing.assert_array_equal(outputs(new.model), outputs(old.model))


def test_layers_may_move(heir):
    before = small(TWO, WIDENER, {**TWO, "inputs": [1, 2]})
    old, new = heir(before, before, [1, 2, 3])
    assert weights(new.model)["layer03/skip/gate_1"] == old["layer03/skip/gate_1"]


# wider, narrower and pruned layers


def test_what_read_a_pruned_branch_reads_new_channels_with_zero(heir):
    old, new = heir(small(TWO, SECOND), small(ALONE, SECOND), [1, 2])
    now, was = weights(new.model), old["layer02/Branch1/conv/kernel"]
    kernel = now["layer02/Branch1/conv/kernel"]
    np.testing.assert_array_equal(kernel[:, :, :2], was[:, :, :2])
    assert not kernel[:, :, 2:].any()


def test_new_channels_of_a_kept_branch_stay_fresh(heir):
    old, new = heir(small(TWO, SECOND), small(ALONE, SECOND), [1, 2])
    fresh, now = weights(make_steps(network=small(ALONE, SECOND)).model), weights(new.model)
    for name in ("conv/kernel", "batch_norm/beta", "batch_norm/moving_variance"):
        path = f"layer01/Branch1/{name}"
        np.testing.assert_array_equal(now[path][..., :2], old[path])
        np.testing.assert_array_equal(now[path][..., 2:], fresh[path][..., 2:])


def test_a_separable_branch_keeps_the_filters_of_channels_that_are_left(heir):
    separable = layer("3x3sep", outputs=2)
    old, new = heir(small(TWO, separable), small(ALONE, separable), [1, 2])
    now = weights(new.model)
    filters, kernel = (f"layer02/Branch1/conv/{n}_kernel" for n in ("depthwise", "pointwise"))
    np.testing.assert_array_equal(now[filters][:, :, :2], old[filters][:, :, :2])
    np.testing.assert_array_equal(now[kernel][0, 0, :2], old[kernel][0, 0, :2])
    assert not now[kernel][0, 0, 2:].any()


def test_a_network_in_another_width_inherits_what_fits(heir):
    before = small(TWO, WIDENER, TWO, channels=4)
    wide = layer("1x1", "3x3", outputs=6)
    old, new = heir(before, small(wide, WIDENER, wide, channels=5), [1, 2, 3])
    now = weights(new.model)
    assert now["layer02/conv/kernel"].shape == (3, 3, 6, 5)
    first = now["layer02/conv/kernel"][:, :, [0, 1, 3, 4], :4]
    np.testing.assert_array_equal(first, old["layer02/conv/kernel"])
    np.testing.assert_array_equal(
        now["stem/Layer0_Branch0_conv2d/bias"][:4], old["stem/Layer0_Branch0_conv2d/bias"]
    )
    # The classifier's rows: of four old channels in six.
    dense = now["classifier/dense/kernel"]
    np.testing.assert_array_equal(dense[[0, 1, 3, 4]], old["classifier/dense/kernel"])
    assert not dense[[2, 5]].any()


def test_a_flattened_featuremap_has_rows_for_each_pixel(heir):
    flat = {**classifier(), "Layer0": {"Branch0": {"block": "flatten"}}}
    first, second = (small(one, classification_cell=flat) for one in (TWO, ALONE))
    old, new = heir(first, second, [1])
    now, was = (values["classifier/dense/kernel"] for values in (weights(new.model), old))
    now, was = now.reshape(64, 4, 3), was.reshape(64, 4, 3)
    np.testing.assert_array_equal(now[:, :2], was[:, :2])
    assert not now[:, 2:].any()


def test_layers_behind_the_first_of_a_classifier_are_inherited_whole(heir):
    mean, last = classifier(inputs=5).values()
    deep = {"Layer0": mean, "Layer1": {"A": {"block": "fc", "outputs": 5}}, "Layer2": last}
    old, new = heir(*(small(one, classification_cell=deep) for one in (TWO, ALONE)), [1])
    path = "classifier/dense/kernel"
    np.testing.assert_array_equal(weights(new.model)[path], old[path])


# skip connections


def test_the_rows_of_a_kept_skip_connection_and_its_gate_stay(heir):
    before = small(TWO, TWO, {**TWO, "inputs": [1, 0]})
    after = small(TWO, TWO, {**TWO, "inputs": [0]})
    old, new = heir(before, after, [1, 2, 3])
    now = weights(new.model)
    assert now["layer03/skip/gate_0"] == old["layer03/skip/gate_0"]
    kept = [0, 1, 2, 3, 8, 9, 10, 11]  # the direct input, and the stem behind four of layer 1
    expected = old["layer03/skip/kernel"][:, :, kept]
    np.testing.assert_array_equal(now["layer03/skip/kernel"], expected)
    np.testing.assert_array_equal(now["layer03/skip/bias"], old["layer03/skip/bias"])


def test_a_new_skip_connection_adds_nothing_at_first(heir):
    before = small(TWO, WIDENER, {**TWO, "inputs": []})
    after = small(TWO, TWO, WIDENER, {**TWO, "inputs": [2]})
    _, new = heir(before, after, [1, None, 2, 3])
    now = weights(new.model)
    assert not now["layer04/skip/kernel"][0, 0, 8:].any()
    assert 0.4 < now["layer04/skip/gate_2"] < 0.6  # as it is drawn


# new cells


def test_a_copy_has_the_mean_square_of_what_it_copies():
    cell = BranchCell([("A", "3x3"), ("B", "5x5sep")], outputs=4, sources=[7], dropout=0.0)
    direct = np.maximum(0.0, random_images(64, 16, 16, 4))
    inputs = [direct, random_images(64, 16, 16, 3, seed=1)]
    cell.build([array.shape for array in inputs])
    let_through(cell, (0, 2, 1, 3))
    copies = cell(inputs, training=True).numpy()
    assert np.mean(copies**2, axis=(0, 1, 2)) == pytest.approx([0.5] * 4, abs=0.02)
    for channel, copied in enumerate((0, 2, 1, 3)):
        pairs = copies[..., channel].ravel(), direct[..., copied].ravel()
        assert np.corrcoef(*pairs)[0, 1] > 0.9
        assert np.corrcoef(copies[..., channel].ravel(), inputs[1][..., 0].ravel())[0, 1] < 0.1


def test_a_new_cell_stands_where_its_predecessor_stood(heir):
    before, after = small(TWO), small(ALONE, layer("3x3", "1x1", outputs=4))
    old, new = heir(before, after, [1, None])
    now = weights(new.model)
    # Of the two branches each copies one of the two channels that are left.
    assert [now[f"layer02/{b}/batch_norm/beta"].tolist() for b in ("Branch1", "Branch2")] == [
        pytest.approx([SHIFT, 0.0])
    ] * 2
    dense = now["classifier/dense/kernel"]
    np.testing.assert_array_equal(dense[[0, 2]], old["classifier/dense/kernel"][:2])
    assert not dense[[1, 3]].any()


# what is around the weights


def test_the_average_and_the_training_start_from_inherited_weights(heir):
    network = small(TWO, SECOND)
    old, new = heir(network, network, [1, 2], recipe(0.9))
    new.optimizer.learning_rate.assign(0.0)
    new.train(IMAGES, LABELS, 0.5)
    averages = zip(new.model.trainable_variables, new.average.values(), strict=True)
    for variable, average in averages:
        np.testing.assert_allclose(variable.numpy(), old[variable.path], rtol=1e-6)
        np.testing.assert_allclose(average, old[variable.path], rtol=1e-6)


def test_weights_are_the_same_with_mixed_precision(heir):
    network = small(TWO, SECOND)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        old, new = heir(network, network, [1, 2], recipe(mixed_precision=True))
    finally:
        keras.config.set_dtype_policy("float32")
    path = "layer02/Branch1/conv/kernel"
    np.testing.assert_array_equal(weights(new.model)[path], old[path])


@pytest.fixture
def counted():
    """A branch type of a plugin, whose layers get other names in each network."""

    def grouped(size, filters, dtype):
        return keras.layers.Conv2D(filters, size, padding="same", groups=2, dtype=dtype)

    BRANCH_TYPES.register("grouped", grouped)
    yield layer("3x3grouped", outputs=4)
    BRANCH_TYPES.unregister("grouped")


def branch_kernel(model, index):
    """Return the kernel of the only branch of a layer."""
    return model.get_layer(f"layer0{index}").branches[0].convolution.kernel.numpy()


def test_a_layer_of_a_plugin_is_inherited_whole(tmp_path, counted):
    network = small(TWO, counted)
    old, new = randomized(make_steps(network=network)), make_steps(network=network)
    write_weights(old, tmp_path / "w.npz")
    inherit(new, job(tmp_path, network, network, [1, 2]))
    np.testing.assert_array_equal(branch_kernel(new.model, 2), branch_kernel(old.model, 2))


def test_or_not_at_all(heir, counted):
    after = small(ALONE, counted)
    _, new = heir(small(TWO, counted), after, [1, 2])
    np.testing.assert_array_equal(
        branch_kernel(new.model, 2), branch_kernel(make_steps(network=after).model, 2)
    )


def test_weights_of_another_network_are_refused(tmp_path):
    network = small(TWO, SECOND)
    write_weights(make_steps(network=small(ALONE, SECOND)), tmp_path / "w.npz")
    with pytest.raises(JobError) as caught:
        inherit(make_steps(network=network), job(tmp_path, network, network, [1, 2]))
    assert_says(
        str(caught.value),
        f"{tmp_path}/w.npz: layer01/Branch2/conv: expected 1 arrays, received 0",
    )


def test_the_line_for_people_says_where_the_weights_are_from(tmp_path):
    network = small(TWO, SECOND)
    write_weights(make_steps(network=network), tmp_path / "w.npz")
    told = inherit(
        make_steps(network=network), job(tmp_path / "1", network, network, [1, 2], "../w.npz")
    )
    assert told == f"starts from the weights of 4/2/2 in {tmp_path}/w.npz"


MIRRORED = """
import json
import pathlib
import numpy as np

from nac.training.strategies import make_strategy, set_determinism

mirrored = make_strategy("mirrored", 2)

from nac.models import build_model
from nac.training.inheritance import inherit
from nac.training.steps import Steps
from nac.training.weights_file import write_weights
from tests.models.small_networks import small
from tests.training.examples import SHAPE, make_steps, recipe
from tests.training.test_inheritance import ALONE, SECOND, TWO, job, randomized

place, before, after = pathlib.Path(PLACE), small(TWO, SECOND), small(ALONE, SECOND)

def heir(strategy):
    set_determinism("on", 0, strategy)
    with strategy.scope():
        steps = Steps(build_model(after, SHAPE), recipe(), strategy, 4)
    inherit(steps, job(place, before, after, [1, 2]))
    return steps

write_weights(randomized(make_steps(network=before)), place / "w.npz")
steps = heir(mirrored), heir(make_strategy("one", 2))
pairs = zip(*(each.model.trainable_variables for each in steps))
print(json.dumps({
    "weights": all((a.numpy() == b.numpy()).all() for a, b in pairs),
    "average": bool((steps[0].average.vector.numpy() == steps[1].average.vector.numpy()).all()),
    "replicas": steps[0].strategy.num_replicas_in_sync,
}))
"""


@pytest.mark.slow
def test_replicas_inherit_what_one_device_does(tmp_path):
    script = MIRRORED.replace("PLACE", repr(str(tmp_path)))
    assert printed_by(script) == {"weights": True, "average": True, "replicas": 2}
