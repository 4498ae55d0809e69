"""Reading and writing architectures as JSON: errors and the canonical form."""

import json

import pytest

from nac.architecture.json_form import (
    architecture_from_dict,
    architecture_to_dict,
    architecture_to_json,
    load_architecture,
    parse_architecture,
    parse_block,
)
from nac.architecture.network import Auxiliary, Widener, Widener2
from tests.builders import CLASSIFIER, WIDENER, assert_says, input_error, layer, network, stem


def inputs_of(value, index=3):
    """Return what is parsed of a layer's ``inputs``, at the given index."""
    before = [layer("3x3")] * (index - 1)
    parsed = architecture_from_dict(network(*before, layer("3x3", inputs=value)))
    return parsed.layer(index).inputs


def error(*layers, **more):
    return input_error(architecture_from_dict, network(*layers, **more), "net.json")


def error_in_second(value):
    """Return the message about a network whose second layer is ``value``."""
    return error(layer("3x3"), value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("1x1", (1, 1, "")), ("3x3", (3, 3, "")), ("5x5sep", (5, 5, "sep")), ("7x1", (7, 1, ""))],
)
def test_a_block_name_is_split(name, parts):
    assert parse_block(name) == parts


@pytest.mark.parametrize("name", ["3x3spe", "3x", "x3", "0x3", "3x3 ", "3X3", "33", "", None, 3])
def test_another_name_is_no_block(name):
    assert parse_block(name) is None


def test_branches_stand_in_natural_order_of_their_names():
    value = {"filters": {"Branch10": "1x1", "Branch9": "3x3"}, "outputs": 2}
    parsed = architecture_from_dict(network(value))
    assert parsed.layer(1).branches == (("Branch9", "3x3"), ("Branch10", "1x1"))


def test_the_order_of_branches_does_not_depend_on_the_file():
    one = {"Branch01": "1x1", "Branch1": "3x3"}
    other = {"Branch1": "3x3", "Branch01": "1x1"}
    first, second = (
        architecture_from_dict(network({"filters": filters, "outputs": 2}))
        for filters in (one, other)
    )
    assert first == second


def test_a_widener_is_parsed():
    assert architecture_from_dict(network(layer("3x3"), WIDENER)).layer(2) == Widener()


@pytest.mark.parametrize(
    ("value", "inputs"), [(None, None), ([], ()), ([1], (1,)), ([2, 0, 1], (2, 0, 1))]
)
def test_inputs_are_kept_as_listed(value, inputs):
    assert inputs_of(value) == inputs


def test_inputs_may_be_all():
    assert inputs_of("all") == "all"


def test_absent_inputs_are_none():
    assert architecture_from_dict(network(layer("3x3"))).layer(1).inputs is None


def test_cells_are_optional():
    parsed = architecture_from_dict(network(layer("3x3")))
    assert (parsed.stem, parsed.classifier) == (None, None)


def test_an_unknown_block_is_an_error():
    assert_says(
        error_in_second(layer("1x1", "3x3spe")),
        "net.json: layer 2: filters.Branch2",
        "unknown block '3x3spe'",
        "expected NxM",
        "did you mean '3x3sep'",
    )


def test_a_block_that_is_no_text_is_an_error():
    text = error_in_second({"filters": {"Branch1": 3}, "outputs": 8})
    assert_says(text, "net.json: layer 2: filters.Branch1", "unknown block 3", "expected NxM")


def test_an_empty_cell_is_an_error():
    text = error_in_second({"filters": {}, "outputs": 8})
    assert_says(text, "net.json: layer 2: filters", "empty cell", "at least one branch")


@pytest.mark.parametrize("name", ["1", "Branch 1", "Branch/1", "Branch-1", ""])
def test_a_branch_name_that_could_not_be_a_key_is_an_error(name):
    text = error_in_second({"filters": {name: "3x3"}, "outputs": 8})
    assert_says(text, "net.json: layer 2: filters", "branch names of letters", f"{name!r}")


@pytest.mark.parametrize("source", [2, 3, -1])
def test_a_source_that_is_not_before_its_layer_is_an_error(source):
    text = error_in_second(layer("3x3", inputs=[0, source]))
    assert_says(text, "net.json: layer 2: inputs", "from 0", "to 1", f"received {source}")


def test_a_source_listed_twice_is_an_error():
    text = error_in_second(layer("3x3", inputs=[1, 0, 1]))
    assert_says(text, "net.json: layer 2: inputs", "source 1", "twice")


@pytest.mark.parametrize("value", ["al", 1, ["1"], [True], [1.0], {}])
def test_inputs_of_another_type_are_an_error(value):
    text = error_in_second(layer("3x3", inputs=value))
    assert_says(text, "layer 2: inputs", "list of layer indices or 'all'", f"received {value!r}")


def test_fewer_outputs_than_branches_are_an_error():
    text = error_in_second(layer("1x1", "3x3", "5x5", outputs=2))
    assert_says(text, "net.json: layer 2: outputs", "each of 3 branches", "received 2")


def test_as_many_outputs_as_branches_are_enough():
    assert architecture_from_dict(network(layer("1x1", "3x3", outputs=2))).layer(1).channels == 2


@pytest.mark.parametrize("value", [0, "64", 6.4, None])
def test_outputs_of_another_type_are_an_error(value):
    text = error_in_second({"filters": {"Branch1": "3x3"}, "outputs": value})
    assert_says(text, "layer 2: outputs", "expected an integer >= 1", f"received {value!r}")


def test_missing_outputs_are_an_error():
    text = error_in_second({"filters": {"Branch1": "3x3"}})
    assert text == "net.json: layer 2: outputs: missing"


def test_an_unknown_key_of_a_layer_is_an_error_with_the_nearest():
    text = error_in_second(layer("3x3", input=[0]))
    assert text == "net.json: layer 2: input: unknown key (did you mean 'inputs'?)"


def test_an_unknown_kind_of_layer_is_an_error():
    text = error_in_second({"narrower": {}})
    assert_says(text, "net.json: layer 2", "filters", "widener", "received narrower")


def test_a_layer_of_two_kinds_is_an_error():
    text = error_in_second({**layer("3x3"), **WIDENER})
    assert_says(text, "net.json: layer 2", "expected one of filters, widener", "received filters")


@pytest.mark.parametrize("value", [None, "widener", [], 3])
def test_a_layer_that_is_no_mapping_is_an_error(value):
    text = error_in_second(value)
    assert_says(text, "net.json: layer 2", "expected a mapping", f"received {value!r}")


def test_a_widener_has_no_options():
    text = error_in_second({"widener": {"stride": 2}})
    assert_says(text, "net.json: layer 2: widener.stride", "unknown key")


def test_an_empty_network_is_an_error():
    assert_says(error(), "net.json: network", "at least one layer", "received none")


def test_a_network_of_too_many_layers_is_an_error():
    text = error(*[WIDENER] * 501)
    assert_says(text, "net.json: network", "at most 500 layers", "received 501")


@pytest.mark.parametrize("value", [{}, "3x3", None])
def test_a_network_that_is_no_list_is_an_error(value):
    text = input_error(architecture_from_dict, {"type": "macro", "network": value}, "net.json")
    assert_says(text, "net.json: network", "expected a list of layers", f"received {value!r}")


@pytest.mark.parametrize("key", ["type", "network"])
def test_a_missing_section_is_an_error(key):
    value = network(layer("3x3"))
    del value[key]
    assert input_error(architecture_from_dict, value, "net.json") == f"net.json: {key}: missing"


def test_an_unknown_type_is_an_error_with_the_nearest():
    text = error(layer("3x3"), type="marco")
    assert_says(text, "net.json: type", "received 'marco'", "did you mean 'macro'")


def test_an_unknown_section_is_an_error_with_the_nearest():
    text = error(layer("3x3"), init_cells=stem(8))
    assert text == "net.json: init_cells: unknown key (did you mean 'init_cell'?)"


def test_an_error_in_a_cell_names_its_place():
    text = error(layer("3x3"), init_cell={"Layer0": {"Branch0": {"block": "conv2d"}}})
    assert text == "net.json: init_cell.Layer0.Branch0.kernel_size: missing"


FULL = network(
    layer("1x1", "5x5sep", inputs=[]),
    WIDENER,
    layer("3x3", inputs=[1, 0]),
    layer("3x3", outputs=16),
    layer("3x3", inputs="all"),
    init_cell=stem(8),
    classification_cell=CLASSIFIER,
)


def test_every_kind_of_entry_survives_its_json():
    assert architecture_to_dict(architecture_from_dict(FULL)) == FULL


def test_canonical_json_has_one_line_per_layer_and_fixed_order():
    value = network(layer("3x3", outputs=4, inputs=[]), WIDENER, init_cell=stem(4))
    assert architecture_to_json(architecture_from_dict(value)) == (
        "{\n"
        '  "type": "macro",\n'
        '  "init_cell": {"Layer0": {"Branch0":'
        ' {"block": "conv2d", "kernel_size": [3, 3], "outputs": 4}}},\n'
        '  "network": [\n'
        '    {"filters": {"Branch1": "3x3"}, "inputs": [], "outputs": 4},\n'
        '    {"widener": {}}\n'
        "  ]\n"
        "}\n"
    )


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    shuffled = {key: FULL[key] for key in sorted(FULL, reverse=True)}
    shuffled["network"] = [dict(reversed(entry.items())) for entry in FULL["network"]]
    texts = {architecture_to_json(architecture_from_dict(value)) for value in (FULL, shuffled)}
    assert len(texts) == 1


def test_a_json_text_is_parsed():
    assert parse_architecture(json.dumps(FULL)) == architecture_from_dict(FULL)


def test_a_text_that_is_no_json_names_its_source():
    assert_says(input_error(parse_architecture, "{", "net.json"), "net.json", "not valid JSON")


def test_an_architecture_is_loaded_from_a_json_text():
    assert load_architecture(f"\n {json.dumps(FULL)}") == architecture_from_dict(FULL)


def test_an_architecture_is_loaded_from_its_file(tmp_path):
    path = tmp_path / "net.json"
    path.write_text(json.dumps(FULL))
    assert load_architecture(str(path)) == architecture_from_dict(FULL)


def test_an_architecture_is_loaded_from_a_yaml_file(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("type: macro\nnetwork:\n- {filters: {Branch1: 3x3}, outputs: 8}\n")
    assert load_architecture(str(path)) == architecture_from_dict(network(layer("3x3")))


def test_an_architecture_is_loaded_from_an_experiment_with_the_cells_beside_it(tmp_path):
    path = tmp_path / "experiment.json"
    arch = {key: FULL[key] for key in ("type", "network")}
    cells = {key: FULL[key] for key in ("init_cell", "classification_cell")}
    path.write_text(json.dumps({"parameters": {}, "arch": arch, **cells}))
    assert load_architecture(str(path)) == architecture_from_dict(FULL)


def test_the_cells_inside_arch_win_over_those_beside_it(tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps({"arch": FULL, "init_cell": stem(99)}))
    assert load_architecture(str(path)) == architecture_from_dict(FULL)


def test_an_error_in_an_experiments_arch_names_file_and_section(tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text(json.dumps({"arch": network(layer("2y2"))}))
    text = input_error(load_architecture, str(path))
    assert_says(text, f"{path}: arch: layer 1: filters.Branch1", "'2y2'")


def test_a_file_without_network_and_arch_is_an_error(tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text("parameters: {steps: 3}\n")
    assert_says(input_error(load_architecture, str(path)), str(path), "'network'", "'arch'")


def test_a_file_that_holds_no_mapping_is_an_error(tmp_path):
    path = tmp_path / "net.json"
    path.write_text("[1]")
    assert_says(input_error(load_architecture, str(path)), str(path), "expected a mapping")


OTHER_LAYERS = network(
    layer("3x3"),
    {"widener2": {}, "inputs": [1, 0]},
    {"auxiliary": {"Branch1": "Dense"}, "outputs": 10},
    amla_compatible=True,
)


def test_amlas_other_layers_are_parsed():
    layers = architecture_from_dict(OTHER_LAYERS).network
    assert layers[1:] == (Widener2((1, 0)), Auxiliary(10))


def test_amlas_other_layers_survive_their_json():
    assert architecture_to_dict(architecture_from_dict(OTHER_LAYERS)) == OTHER_LAYERS


@pytest.mark.parametrize(
    ("inputs", "parsed"), [({}, ()), ({"inputs": None}, ()), ({"inputs": "all"}, (0, 1))]
)
def test_all_inputs_of_a_widener2_are_spelled_out_and_none_are_empty(inputs, parsed):
    value = network(layer("3x3"), layer("3x3"), {"widener2": {}, **inputs})
    assert architecture_from_dict(value).layer(3) == Widener2(parsed)


def test_a_head_is_a_dense_layer():
    text = error_in_second({"auxiliary": {"Branch1": "3x3"}, "outputs": 10})
    assert_says(text, "net.json: layer 2: auxiliary.Branch1", "Dense", "received '3x3'")


def test_an_empty_path_of_an_architecture_is_an_error():
    assert_says(input_error(load_architecture, ""), "architecture", "received nothing")


def test_an_arch_that_is_no_mapping_is_an_error(tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text('{"arch": 3}')
    assert_says(input_error(load_architecture, str(path)), "arch", "expected a mapping", "3")


def test_an_architecture_of_another_version_is_refused():
    assert_says(error(layer("3x3"), version=2), "net.json: version: expected 1", "received 2")


def test_the_canonical_form_has_no_version_as_it_is_that_of_amla():
    value = network(layer("3x3"))
    assert architecture_from_dict({**value, "version": 1}) == architecture_from_dict(value)
    assert "version" not in architecture_to_dict(architecture_from_dict(value))
