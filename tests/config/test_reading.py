"""Experiment files: defaults, AMLA's forms, and errors that name file, key and value."""

import pytest

from nac.config import (
    Augmentation,
    CosineDecay,
    ExponentialDecay,
    GradientDescent,
    KerasOptimizer,
    Momentum,
    OneCycle,
    Parameters,
    RMSProp,
    Training,
    load_experiment,
    parse_experiment,
)
from nac.config.policies import POLICIES
from nac.config.rankings import RANKINGS, Ranking
from tests.builders import CLASSIFIER, WIDENER, assert_says, input_error, layer, network, stem
from tests.config.examples import COSINE, ENVELOPENET, EXPONENTIAL, TRAINING, parsed


def error(**sections):
    return input_error(lambda: parsed(**sections))


def parameters(**values):
    return parsed(recipe="amla", parameters=values).parameters


def training(**values):
    return parsed(child_training={**TRAINING, **values}).recipe.training


def envelopenet(**values):
    return parsed(envelopenet={**ENVELOPENET, **values}).envelopenet


def final(child_training=TRAINING, parameters=None, **values):
    return parsed(
        parameters=parameters or {}, child_training=child_training, final_training=values
    ).final


# the whole file


def test_every_section_is_optional():
    experiment = parsed(recipe="amla")
    assert experiment.recipe.training is None
    assert experiment.final is None
    assert experiment.envelopenet is None
    assert experiment.stem is None
    assert experiment.classifier is None
    assert experiment.architecture is None


def test_a_yaml_file_is_loaded(tmp_path):
    path = tmp_path / "try.yaml"
    path.write_text("parameters: {steps: 3}\nchild_training: {lr: {type: exponential_decay}}\n")
    assert load_experiment(str(path)).parameters.steps == 3


def test_a_json_file_is_loaded(tmp_path):
    path = tmp_path / "try.json"
    path.write_text('{"parameters": {"steps": 3}}')
    assert load_experiment(str(path)).parameters.steps == 3


def test_an_error_names_the_file(tmp_path):
    path = tmp_path / "try.yaml"
    path.write_text("parameters: {steps: none}\n")
    text = input_error(load_experiment, str(path))
    assert_says(text, str(path), "parameters.steps", "integer >= 1", "received 'none'")


@pytest.mark.parametrize("value", [None, [], "parameters", 3])
def test_a_file_that_holds_no_mapping_is_an_error(value):
    text = input_error(parse_experiment, value, "try.yaml")
    assert_says(text, "try.yaml", "expected a mapping", f"received {value!r}")


def test_an_unknown_section_is_an_error_with_the_nearest():
    assert error(parameter={}) == "try.yaml: parameter: unknown key (did you mean 'parameters'?)"


@pytest.mark.parametrize("key", ["parameters", "augmentation", "envelopenet", "final_training"])
def test_a_section_that_is_no_mapping_is_an_error(key):
    assert_says(error(**{key: [1]}), f"try.yaml: {key}", "expected a mapping", "received [1]")


@pytest.mark.parametrize("value", [[1], "sgd", 3])
def test_a_child_training_that_is_no_mapping_is_an_error(value):
    text = error(child_training=value)
    assert_says(text, "try.yaml: child_training", "a mapping", f"received {value!r}")


@pytest.mark.parametrize("value", [[], "", 0, False])
def test_an_empty_child_training_of_another_type_is_an_error(value):
    assert_says(error(child_training=value), "try.yaml: child_training", "expected a mapping")


@pytest.mark.parametrize("value", [None, [], ""])
def test_a_false_child_training_beside_final_training_is_no_traceback(value):
    text = error(child_training=value, final_training={"steps": 3})
    assert_says(text, "try.yaml", "child_training", "expected a mapping")


# parameters


def test_parameters_have_defaults():
    assert parameters() == Parameters()


def test_parameters_are_read():
    assert parameters(
        arch_name="a",
        mode="train",
        algorithm="deterministic",
        dataset="cifar10",
        data_dir="/data",
        image_size=40,
        batch_size=50,
        gpus=[0, 1],
        steps=10,
        eval_interval=5,
        iterations=2,
        log_stats=False,
        seed=7,
    ) == Parameters(
        arch_name="a",
        mode="train",
        algorithm="deterministic",
        dataset="cifar10",
        data_dir="/data",
        image_size=40,
        batch_size=50,
        gpus=(0, 1),
        steps=10,
        eval_interval=5,
        iterations=2,
        log_stats=False,
        seed=7,
    )


@pytest.mark.parametrize(
    "key", ["image_size", "batch_size", "steps", "eval_interval", "iterations"]
)
@pytest.mark.parametrize("value", [0, -1, 2.5, "10", True, None])
def test_sizes_and_counts_are_positive_integers(key, value):
    text = error(parameters={key: value})
    assert_says(text, f"try.yaml: parameters.{key}", "integer >= 1", f"received {value!r}")


def test_a_seed_may_be_zero():
    assert parameters(seed=0).seed == 0


def test_a_negative_seed_is_an_error():
    assert_says(error(parameters={"seed": -1}), "parameters.seed", "integer >= 0", "received -1")


def test_an_unknown_parameter_is_an_error_with_the_nearest():
    text = error(parameters={"batchsize": 50})
    assert text == "try.yaml: parameters.batchsize: unknown key (did you mean 'batch_size'?)"


def test_an_unknown_mode_is_an_error_with_the_choices():
    text = error(parameters={"mode": "konstruct"})
    assert_says(text, "parameters.mode", "construct, train", "'konstruct'", "mean 'construct'")


@pytest.mark.parametrize("value", ["[]", [], "[ ]"])
def test_no_gpus_may_be_written_as_text(value):
    assert parameters(gpus=value).gpus == ()


def test_gpus_may_be_written_as_text():
    assert parameters(gpus="[0, 1]").gpus == (0, 1)


@pytest.mark.parametrize("value", ["0,1", "two", 2, [-1], ["0"], [True], None])
def test_gpus_of_another_type_are_an_error(value):
    text = error(parameters={"gpus": value})
    assert_says(text, "try.yaml: parameters.gpus", "list of GPU numbers", f"received {value!r}")


def test_too_many_gpus_are_an_error():
    text = error(parameters={"gpus": [0] * 1025})
    assert text == "try.yaml: parameters.gpus: expected at most 1024 GPUs, received 1025"


@pytest.mark.parametrize(
    ("key", "value", "most"),
    [
        ("image_size", 4097, 4096),
        ("batch_size", 2**20 + 1, 2**20),
        ("iterations", 1000, 999),
        ("seed", 2**53 + 1, 2**53),
    ],
)
def test_numbers_beyond_a_limit_are_an_error_that_names_it(key, value, most):
    text = error(parameters={key: value})
    assert_says(text, f"parameters.{key}", f"<= {most}", f"received {value}")


@pytest.mark.parametrize("name", ["../escaped", "/absolute", "..", "a\nb"])
def test_the_name_of_an_experiment_is_no_path(name):
    text = error(parameters={"arch_name": name})
    assert_says(text, "parameters.arch_name: expected a name", f"received {name!r}")


@pytest.mark.parametrize("key", ["exec", "gpu_usage", "train_dir"])
def test_a_key_of_amlas_scheduler_is_accepted_and_reported_as_unused(key):
    assert parsed(parameters={key: "anything"}).unused == (f"parameters.{key}",)


def test_amlas_maxwideners_is_accepted_and_reported_as_unused():
    experiment = parsed(envelopenet={**ENVELOPENET, "maxwideners": 2})
    assert experiment.unused == ("envelopenet.maxwideners",)


def test_unused_keys_are_those_of_both_sections():
    experiment = parsed(
        parameters={"exec": "localhost"}, envelopenet={**ENVELOPENET, "maxwideners": 2}
    )
    assert experiment.unused == ("parameters.exec", "envelopenet.maxwideners")


def test_a_key_without_effect_is_unknown_in_final_training():
    text = error(child_training=TRAINING, final_training={"exec": "localhost"})
    assert text == "try.yaml: final_training.exec: unknown key"


def test_nothing_is_unused_in_a_file_without_such_keys():
    assert parsed(parameters={"steps": 3}).unused == ()


def test_jobs_of_version_0_1_0_show_branches_by_their_mean_square():
    assert parameters(steps=3).ranking == "mean_square"


def test_the_ranking_that_is_shown_is_read():
    assert parameters(ranking="taylor").ranking == "taylor"


def test_an_unknown_ranking_to_show_is_an_error():
    text = error(parameters={"ranking": "tailor"})
    assert_says(text, "try.yaml: parameters.ranking: expected one of mean_square", "'taylor'?")


# child_training


def test_training_has_defaults():
    assert training() == Training(
        lr=ExponentialDecay(0.1, 0.999, 2.0),
        optimizer=GradientDescent(),
        clip_norm=None,
        l2=0.0,
        branch_dropout=0.2,
    )


def test_training_is_read():
    assert training(
        optimizer={"type": "momentum", "momentum": 0.8},
        lr={**EXPONENTIAL, "initial": 0.04, "decay": 0.9, "epochs_per_decay": 1},
        gradient_clipping={"type": "norm", "value": 5},
        regularization={"type": "l2", "value": 3e-4},
        branch_dropout=0,
    ) == Training(
        lr=ExponentialDecay(0.04, 0.9, 1.0),
        optimizer=Momentum(0.8),
        clip_norm=5.0,
        l2=3e-4,
        branch_dropout=0.0,
    )


def test_momentum_is_09_unless_given():
    assert training(optimizer={"type": "momentum"}).optimizer == Momentum(0.9)


def test_gradient_descent_has_no_momentum():
    assert training(optimizer={"type": "sgd"}).optimizer == GradientDescent()


def test_rmsprop_has_defaults():
    assert training(optimizer={"type": "rms"}).optimizer == RMSProp(0.0, 0.9, 1e-10)


def test_rmsprop_is_read():
    section = {"type": "rms", "momentum": 0.5, "decay": 0.8, "epsilon": 1e-3}
    assert training(optimizer=section).optimizer == RMSProp(0.5, 0.8, 1e-3)


def test_an_unknown_optimizer_is_an_error_with_the_choices():
    text = error(child_training={**TRAINING, "optimizer": {"type": "adam"}})
    assert text == (
        "try.yaml: child_training.optimizer.type: expected one of momentum, sgd, rms, keras,"
        " received 'adam'"
    )


def test_an_optimizer_of_keras_keeps_its_arguments():
    section = {
        "type": "keras",
        "class_name": "AdamW",
        "weight_decay": 0.004,
        "amsgrad": True,
        "exclude_layers": ["head", "stem"],
    }
    assert training(optimizer=section).optimizer == KerasOptimizer(
        "AdamW",
        (("weight_decay", 0.004), ("amsgrad", True), ("exclude_layers", ["head", "stem"])),
    )


def test_an_optimizer_of_keras_needs_its_class():
    text = error(child_training={**TRAINING, "optimizer": {"type": "keras"}})
    assert text == "try.yaml: child_training.optimizer.class_name: missing"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("learning_rate", "child_training.lr sets it"),
        ("clipnorm", "child_training.gradient_clipping clips"),
        ("use_ema", "weights are always averaged"),
    ],
)
def test_an_argument_that_another_key_decides_is_an_error(name, reason):
    section = {"type": "keras", "class_name": "AdamW", name: 1}
    text = error(child_training={**TRAINING, "optimizer": section})
    assert text == (
        f"try.yaml: child_training.optimizer.{name}: expected no such key, as {reason}, received 1"
    )


def test_momentum_for_plain_gradient_descent_is_an_error():
    text = error(child_training={**TRAINING, "optimizer": {"type": "sgd", "momentum": 0.9}})
    assert_says(text, "child_training.optimizer.momentum", "unknown key")


def test_a_cosine_schedule_is_read():
    assert training(lr=COSINE).lr == CosineDecay(max=0.05, min=0.001, T_0=10, T_mul=1)


def test_a_one_cycle_schedule_has_defaults():
    assert training(lr={"type": "one_cycle", "peak": 0.5}).lr == OneCycle(
        peak=0.5, batch_size=None, warmup=0.2, decay="linear"
    )


def test_a_one_cycle_schedule_is_read():
    lr = {"type": "one_cycle", "peak": 1, "batch_size": 512, "warmup": 0, "decay": "cosine"}
    assert training(lr=lr).lr == OneCycle(1.0, 512, 0.0, "cosine")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("peak", 0, "a number > 0"),
        ("batch_size", 0, "an integer >= 1"),
        ("warmup", 0.95, "a number >= 0 and <= 0.9"),
        ("decay", "linaer", "one of linear, cosine"),
    ],
)
def test_a_value_of_a_one_cycle_schedule_out_of_its_bounds_is_an_error(key, value, expected):
    lr = {"type": "one_cycle", "peak": 0.1, key: value}
    text = error(child_training={"lr": lr})
    assert_says(text, f"child_training.lr.{key}: expected {expected}", f"received {value!r}")


def test_a_one_cycle_schedule_needs_its_peak():
    text = error(child_training={"lr": {"type": "one_cycle"}})
    assert text == "try.yaml: child_training.lr.peak: missing"


def test_a_missing_schedule_is_an_error():
    assert error(child_training={"optimizer": {"type": "sgd"}}) == (
        "try.yaml: child_training.lr: missing (`recipe: modern` has one)"
    )


@pytest.mark.parametrize("key", ["max", "min", "T_0"])
def test_a_cosine_schedule_needs_its_bounds_and_period(key):
    lr = {name: value for name, value in COSINE.items() if name != key}
    assert error(child_training={"lr": lr}) == f"try.yaml: child_training.lr.{key}: missing"


def test_a_cosine_schedule_that_rises_is_an_error():
    text = error(child_training={"lr": {**COSINE, "min": 0.5}})
    assert_says(text, "child_training.lr", "0.5", "0.05")


def test_a_key_of_the_other_schedule_is_unknown():
    text = error(child_training={"lr": {**EXPONENTIAL, "T_0": 10}})
    assert_says(text, "child_training.lr.T_0", "unknown key")


def test_an_unknown_schedule_is_an_error_with_the_choices():
    text = error(child_training={"lr": {"type": "cosine"}})
    assert_says(text, "child_training.lr.type", "cosine_decay, one_cycle", "'cosine'")


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"lr": {**EXPONENTIAL, "initial": 0}}, "lr.initial: expected a number > 0"),
        ({"lr": {**EXPONENTIAL, "decay": 1.1}}, "lr.decay: expected a number > 0 and <= 1"),
        ({"optimizer": {"type": "momentum", "momentum": 2}}, "optimizer.momentum: expected"),
        ({"gradient_clipping": {"type": "norm", "value": 0}}, "gradient_clipping.value: expected"),
        ({"regularization": {"type": "l1", "value": 1}}, "regularization.type: expected l2"),
        ({"branch_dropout": 1}, "branch_dropout: expected a number >= 0 and <= 0.99"),
        ({"weight_decay": -0.1}, "weight_decay: expected a number >= 0"),
        ({"average_share": 1.5}, "average_share: expected a number >= 0 and <= 1"),
        ({"batch_norm_scale": 1}, "batch_norm_scale: expected true or false"),
    ],
)
def test_a_value_out_of_its_bounds_is_an_error(section, expected):
    text = error(child_training={**TRAINING, **section})
    assert_says(text, f"try.yaml: child_training.{expected}", "received")


def test_label_smoothing_is_read():
    assert training(label_smoothing={"value": 0.1}).label_smoothing == 0.1


def test_label_smoothing_is_a_share():
    text = error(child_training={**TRAINING, "label_smoothing": {"value": 1.5}})
    assert_says(text, "child_training.label_smoothing.value: expected a number >= 0 and <= 1")


# augmentation


def test_augmentation_is_amlas_unless_given():
    assert parsed(recipe="amla").recipe.augmentation == Augmentation(
        crop=True, flip=True, brightness=63.0, contrast=(0.2, 1.8), standardize=True
    )


def test_augmentation_is_read():
    section = {"crop": False, "flip": False, "brightness": 10, "contrast": [1, 2]}
    assert parsed(recipe="amla", augmentation=section).recipe.augmentation == Augmentation(
        crop=False, flip=False, brightness=10.0, contrast=(1.0, 2.0), standardize=True
    )


def test_a_crop_may_be_of_images_padded_by_reflection():
    assert parsed(augmentation={"crop": "reflect"}).recipe.augmentation.crop == "reflect"


def test_another_kind_of_crop_is_an_error_that_knows_the_nearest():
    text = error(augmentation={"crop": "reflekt"})
    assert_says(text, "try.yaml: augmentation.crop", "'reflekt'", "did you mean 'reflect'?")


@pytest.mark.parametrize("value", [-0.1, 1.1, "half", True])
def test_erasing_is_a_share_of_the_images(value):
    text = error(augmentation={"erasing": value})
    assert_says(text, "augmentation.erasing: expected a number >= 0 and <= 1", f"{value!r}")


def test_brightness_and_contrast_may_be_off():
    section = {"brightness": False, "contrast": False}
    augmentation = parsed(augmentation=section).recipe.augmentation
    assert (augmentation.brightness, augmentation.contrast) == (0.0, None)


@pytest.mark.parametrize("value", [True, -1, "63", [63]])
def test_brightness_is_a_number_or_false(value):
    text = error(augmentation={"brightness": value})
    assert_says(text, "augmentation.brightness", "number >= 0 or false", f"received {value!r}")


@pytest.mark.parametrize("value", [True, 0.5, [1.8, 0.2], [0, 1], [1], [1, 2, 3], ["1", "2"]])
def test_contrast_is_a_rising_pair_or_false(value):
    text = error(augmentation={"contrast": value})
    assert_says(text, "augmentation.contrast", "[lowest, highest] or", f"received {value!r}")


# final_training


def test_final_training_inherits_what_it_does_not_say():
    recipe = final(parameters={"batch_size": 50, "steps": 10}, steps=99)
    assert (recipe.parameters.batch_size, recipe.parameters.steps) == (50, 99)


def test_final_training_replaces_a_part_of_the_recipe_as_a_whole():
    child = {**TRAINING, "regularization": {"type": "l2", "value": 0.5}}
    recipe = final(child, lr=COSINE)
    assert recipe.training.lr == CosineDecay(0.05, 0.001, 10)
    assert recipe.training.l2 == 0.5


def test_final_training_collects_no_metrics_unless_asked():
    assert final(parameters={"log_stats": True}).parameters.log_stats is False
    assert final(log_stats=True).parameters.log_stats is True


def test_final_training_leaves_the_iterations_recipe_alone():
    experiment = parsed(
        parameters={"steps": 10}, child_training=TRAINING, final_training={"steps": 99}
    )
    assert experiment.parameters.steps == 10


def test_final_training_keeps_the_augmentation():
    experiment = parsed(
        child_training=TRAINING, augmentation={"flip": False}, final_training={"steps": 99}
    )
    assert experiment.final.augmentation.flip is False


def test_final_training_without_any_schedule_is_an_error():
    text = error(recipe="amla", final_training={"steps": 99})
    assert text == "try.yaml: final_training.lr: missing"


def test_an_error_in_final_training_names_it():
    text = error(child_training=TRAINING, final_training={"steps": 0})
    assert_says(text, "try.yaml: final_training.steps", "integer >= 1", "received 0")


def test_an_unknown_key_of_final_training_is_an_error():
    text = error(child_training=TRAINING, final_training={"regularisation": {}})
    assert_says(text, "try.yaml: final_training.regularisation", "did you mean 'regularization'")


def test_the_nearest_key_of_final_training_may_be_a_parameter():
    text = error(child_training=TRAINING, final_training={"batchsize": 50})
    assert_says(text, "final_training.batchsize", "did you mean 'batch_size'")


# envelopenet


def test_an_envelopenet_has_defaults():
    policy = envelopenet()
    assert policy.construction == (True, True)
    assert policy.parameter_limits == (False, False)
    assert policy.skip is False
    assert policy.worst_case is False
    assert policy.prune_skips is True
    assert policy.ranking == "mean_square"
    assert policy.policy == "weakest"
    assert policy.prune_share is None
    assert policy.prune_all_stages is False
    assert (policy.rounds, policy.candidates) == (4, 6)
    assert (policy.children, policy.proposals) == (4, ("taylor", "weight_norm"))


@pytest.mark.parametrize("name", RANKINGS)
def test_each_ranking_can_be_chosen(name):
    assert envelopenet(ranking=name).ranking == name


def test_an_unknown_ranking_is_an_error_that_knows_the_nearest():
    text = error(envelopenet={**ENVELOPENET, "ranking": "tailor"})
    assert_says(text, "try.yaml: envelopenet.ranking", "received 'tailor'", "'taylor'?")


def test_a_ranking_registered_after_the_import_can_be_chosen(monkeypatch):
    monkeypatch.setattr(RANKINGS, "_entries", dict(RANKINGS._entries))
    RANKINGS.register("mine", Ranking("one per parameter", lambda entry: 1 / entry["parameters"]))
    assert envelopenet(ranking="mine").ranking == "mine"


@pytest.mark.parametrize("name", POLICIES)
def test_each_policy_can_be_chosen(name):
    assert envelopenet(policy=name).policy == name


def test_an_unknown_policy_is_an_error_that_knows_the_nearest():
    text = error(envelopenet={**ENVELOPENET, "policy": "weakes"})
    assert_says(text, "try.yaml: envelopenet.policy: expected one of weakest", "'weakest'?")


def test_a_policy_is_a_string():
    text = error(envelopenet={**ENVELOPENET, "policy": 3})
    assert text == "try.yaml: envelopenet.policy: expected a string, received 3"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prune_share", 0.5),
        ("prune_all_stages", True),
        ("rounds", 1),
        ("candidates", 1),
        ("children", 2),
    ],
)
def test_what_a_policy_needs_is_read(key, value):
    assert getattr(envelopenet(**{key: value}), key) == value


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("prune_share", 0, "a number > 0 and <= 1"),
        ("prune_share", 1.5, "a number > 0 and <= 1"),
        ("prune_share", "half", "a number > 0 and <= 1"),
        ("prune_share", None, "a number > 0 and <= 1"),
        ("prune_all_stages", 1, "true or false"),
        ("rounds", 0, "an integer >= 1"),
        ("candidates", 2.5, "an integer >= 1"),
        ("children", 1, "an integer >= 2"),
        ("proposals", "taylor", "a list of names"),
        ("proposals", ["taylor", 3], "a list of names"),
    ],
)
def test_a_wrong_value_of_what_a_policy_needs_is_one_line(key, value, expected):
    text = error(envelopenet={**ENVELOPENET, key: value})
    assert text == f"try.yaml: envelopenet.{key}: expected {expected}, received {value!r}"


def test_proposals_are_rankings_and_rounds_in_their_order():
    names = ["rounds", "nonzero", "taylor"]
    assert envelopenet(proposals=names).proposals == ("rounds", "nonzero", "taylor")


def test_a_proposal_that_is_named_twice_counts_once():
    assert envelopenet(proposals=["taylor", "mean", "taylor"]).proposals == ("taylor", "mean")


def test_there_may_be_no_proposals_but_random_ones():
    assert envelopenet(proposals=[]).proposals == ()


def test_an_unknown_proposal_is_an_error_that_knows_the_nearest():
    text = error(envelopenet={**ENVELOPENET, "proposals": ["taylor", "weightnorm"]})
    assert_says(text, "try.yaml: envelopenet.proposals: expected one of", "'weight_norm'?")


def test_branches_have_no_gates_unless_asked_for():
    assert parsed().parameters.branch_gates is False
    assert parsed(parameters={"branch_gates": True}).parameters.branch_gates is True


def test_the_final_network_has_branch_gates_as_the_others_unless_it_says_otherwise():
    assert final(parameters={"branch_gates": True}).parameters.branch_gates is True
    assert (
        final(parameters={"branch_gates": True}, branch_gates=False).parameters.branch_gates
        is False
    )


def test_the_rest_of_longer_lists_is_not_used():
    policy = envelopenet(layers_per_stage=[1, 2, 7], construction=[True, False, False, True])
    assert policy.layers_per_stage == (1, 2)
    assert policy.construction == (True, False)


def test_the_envelope_cell_stands_in_natural_order():
    cell = {"Branch10": "1x1", "Branch9": "3x3"}
    assert envelopenet(envelopecell=cell).envelopecell == (("Branch9", "3x3"), ("Branch10", "1x1"))


def test_stages_are_counted():
    assert envelopenet().stages == 2


@pytest.mark.parametrize(
    "key",
    ["stages", "layers_per_stage", "max_layers_per_stage", "max_filter_prune", "envelopecell"],
)
def test_an_envelopenet_needs_its_keys(key):
    section = {name: value for name, value in ENVELOPENET.items() if name != key}
    assert error(envelopenet=section) == f"try.yaml: envelopenet.{key}: missing"


@pytest.mark.parametrize(
    "key", ["layers_per_stage", "max_layers_per_stage", "construction", "parameter_limits"]
)
def test_a_list_shorter_than_the_stages_is_an_error(key):
    value = [9] if "layers" in key else [True]
    text = error(envelopenet={**ENVELOPENET, key: value})
    assert_says(text, f"try.yaml: envelopenet.{key}", "each of 2 stages", f"received {value}")


@pytest.mark.parametrize("value", [[0, 1], [1, 2.0], 3, ["1", "2"]])
def test_layers_per_stage_are_positive_integers(value):
    text = error(envelopenet={**ENVELOPENET, "layers_per_stage": value})
    assert_says(text, "envelopenet.layers_per_stage", "integers >= 1", f"received {value!r}")


def test_construction_is_a_list_of_booleans():
    text = error(envelopenet={**ENVELOPENET, "construction": [1, 0]})
    assert_says(text, "envelopenet.construction", "list of true or false", "received [1, 0]")


def test_an_envelopenet_that_prunes_nothing_is_an_error():
    text = error(envelopenet={**ENVELOPENET, "max_filter_prune": 0})
    assert_says(text, "envelopenet.max_filter_prune", "an integer >= 1", "received 0")


def test_a_prior_above_the_limit_of_a_growing_stage_is_an_error():
    text = error(envelopenet={**ENVELOPENET, "max_layers_per_stage": [3, 1]})
    assert_says(text, "envelopenet.max_layers_per_stage", "[1, 2]", "received [3, 1]")


def test_gains_cannot_be_told_of_networks_that_inherit():
    text = error(envelopenet={**ENVELOPENET, "inherit": True, "min_gain": 0.01})
    assert_says(text, "envelopenet.min_gain: expected no such key with inherit: true", "0.01")


def test_the_limit_of_a_stage_that_does_not_grow_does_not_matter():
    policy = envelopenet(max_layers_per_stage=[3, 1], construction=[True, False])
    assert policy.max_layers_per_stage == (3, 1)


def test_an_empty_envelope_cell_is_an_error():
    text = error(envelopenet={**ENVELOPENET, "envelopecell": {}})
    assert_says(text, "envelopenet.envelopecell", "empty cell", "at least one branch")


def test_an_unknown_block_in_the_envelope_cell_is_an_error():
    text = error(envelopenet={**ENVELOPENET, "envelopecell": {"Branch1": "3x3spe"}})
    assert_says(text, "envelopenet.envelopecell.Branch1", "'3x3spe'", "did you mean '3x3sep'")


def test_an_unknown_key_of_the_envelopenet_is_an_error_with_the_nearest():
    text = error(envelopenet={**ENVELOPENET, "skips": True})
    assert text == "try.yaml: envelopenet.skips: unknown key (did you mean 'skip'?)"


# cells and architecture


def test_the_cells_are_read():
    experiment = parsed(init_cell=stem(8), classification_cell=CLASSIFIER)
    assert experiment.stem[0].blocks[0].option("outputs") == 8
    assert experiment.classifier[-1].blocks[0].option("outputs") == 10


def test_the_architecture_takes_the_cells_beside_it():
    experiment = parsed(
        arch=network(layer("3x3"), WIDENER), init_cell=stem(8), classification_cell=CLASSIFIER
    )
    assert experiment.architecture.stem == experiment.stem
    assert experiment.architecture.classifier == experiment.classifier


def test_an_error_in_the_architecture_names_the_layer():
    text = error(arch=network(layer("3x3"), layer("3x3", inputs=[2])), init_cell=stem(8))
    assert_says(text, "try.yaml: arch: layer 2: inputs", "received 2")


def test_an_architecture_that_is_no_mapping_is_an_error():
    assert_says(error(arch=[1]), "try.yaml: arch", "expected a mapping", "received [1]")


def test_final_training_may_hold_out_less():
    experiment = final(parameters={"validation_share": 0.2}, validation_share=0.0)
    assert experiment.parameters.validation_share == 0.0


def test_something_must_be_scored():
    text = error(parameters={"score_test": False})
    assert_says(text, "parameters.score_test", "expected true", "received false")


def test_a_file_may_have_the_version_that_runs_write():
    assert parsed(version=1) == parsed()


def test_a_file_of_another_version_is_refused():
    text = input_error(parse_experiment, {"version": 2}, "e.yaml")
    assert text.startswith("e.yaml: version: expected 1, the only one that this version of nac")
