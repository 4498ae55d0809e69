"""The files under experiments/: each can be read, and does what its header promises."""

import re
from pathlib import Path

import pytest

from nac.architecture import fixed_cells
from nac.architecture.json_form import load_architecture
from nac.architecture.network import Auxiliary
from nac.config import load_experiment
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.data.datasets import DATASETS
from nac.runs import construction
from tests.builders import measured
from tests.experiments import ROOT

FOLDER = ROOT / "experiments"
FILES = sorted(FOLDER.glob("*/*.yaml"))
NETWORKS = [path for path in FILES if path.parent.name == "architectures"]
EXPERIMENTS = [path for path in FILES if path.parent.name != "architectures"]
FLAGS = sorted(FOLDER.glob("*/*.flags"))
CONSTRUCTIONS = [path.with_suffix(".yaml") for path in FLAGS]

NOTATION = r"\d+/[\d-]+/\d+"


def named(paths):
    return {"argvalues": paths, "ids": [str(path.relative_to(FOLDER)) for path in paths]}


def header(path: Path) -> str:
    """Return the comment with which a file begins, on one line."""
    lines = []
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def flags(path: Path) -> dict[str, str]:
    pairs = [line.removeprefix("--").partition("=") for line in path.read_text().splitlines()]
    return {key: value for key, _, value in pairs}


def constructed(path: Path):
    """Return the prior and the network after all iterations, every branch measured equal."""
    experiment = load_experiment(str(path))
    first = architecture = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    for _ in range(experiment.parameters.iterations):
        architecture = restructure(
            architecture, measured(architecture, parameters=1.0), experiment.envelopenet
        )
    return first, architecture


def test_files_of_each_kind_are_found():
    assert NETWORKS
    assert CONSTRUCTIONS
    assert len(EXPERIMENTS) > len(CONSTRUCTIONS)


@pytest.mark.parametrize("path", **named(EXPERIMENTS))
def test_an_experiment_can_be_read_and_trained(path):
    experiment = load_experiment(str(path))
    assert experiment.recipe.training is not None
    assert not experiment.unused
    for key in ("dataset", "steps", "batch_size"):
        experiment.need(f"parameters.{key}")
    if experiment.envelopenet is None:
        experiment.need("arch").need_cells()


@pytest.mark.parametrize("path", **named(EXPERIMENTS))
def test_an_experiment_tells_apart_the_classes_of_its_data_set(path):
    experiment = load_experiment(str(path))
    classes = DATASETS[experiment.parameters.dataset].classes
    layers = experiment.architecture.network if experiment.architecture else ()
    heads = [layer.outputs for layer in layers if isinstance(layer, Auxiliary)]
    assert {fixed_cells.classes(experiment.classifier), *heads} == {classes}


@pytest.mark.parametrize("path", **named(NETWORKS))
def test_a_network_can_be_read_and_has_its_cells(path):
    architecture = load_architecture(str(path))
    architecture.need_cells()
    assert architecture.type == "micro"
    assert not architecture.amla_compatible


@pytest.mark.parametrize("path", **named(FILES))
def test_the_header_names_the_file_in_its_command(path):
    relative = path.relative_to(ROOT)
    named_by = relative if path not in CONSTRUCTIONS else relative.with_suffix(".flags")
    assert f"={named_by}" in header(path)


@pytest.mark.parametrize("path", **named(FLAGS))
def test_flags_name_the_experiment_beside_them(path):
    values = flags(path)
    assert ROOT / values["config"] == path.with_suffix(".yaml")
    assert set(values) == {"config", "workdir", "train_final"}


@pytest.mark.parametrize("path", **named(CONSTRUCTIONS))
def test_a_construction_says_all_that_it_needs(path, monkeypatch):
    experiment, checked = load_experiment(str(path)), []
    monkeypatch.setattr(construction, "check_readable", lambda name, _: checked.append(name))
    construction.check_construction(experiment, train_final=True)
    assert checked == [experiment.parameters.dataset]


@pytest.mark.parametrize("path", **named(CONSTRUCTIONS))
def test_a_construction_ends_in_the_network_that_its_header_promises(path):
    promised = re.search(rf"({NOTATION}) -> ({NOTATION})", header(path))
    first, last = constructed(path)
    assert (str(first.notation), str(last.notation)) == promised.groups()


def test_the_imagenet_network_has_the_connections_of_the_cifar10_network():
    small = load_experiment(str(FOLDER / "cifar10/final.yaml")).architecture
    large = load_experiment(str(FOLDER / "imagenet/nac.yaml")).architecture
    auxiliary = (7, 16)
    layers = [index for index in range(len(large.network) + 1) if index not in auxiliary]
    for old, new in enumerate(layers[1:], start=1):
        sources = small.sources(old)
        assert large.sources(new) == (sources and tuple(layers[source] for source in sources))


PARAMETERS = {
    "cifar10/construct.yaml": 1_839_274,
    "cifar10/final.yaml": 10_942_475,
    "cifar10/figures.yaml": 12_998_738,
    "cifar10/enas_macro.yaml": 17_587_954,
    "cifar10/darts.yaml": 2_623_638,
    "architectures/pnasnet_5.yaml": 3_100_714,
}
"""File -> trainable parameters (of a construction: of its prior), from nac.describe."""


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_header_and_the_results_page_tell_the_parameters(name):
    number = f"{PARAMETERS[name]:,}"
    assert number in header(FOLDER / name)
    assert number in (ROOT / "docs" / "results.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_trainable_parameters(name):
    from nac.models import build_model

    path = FOLDER / name
    if path in CONSTRUCTIONS:
        architecture, _ = constructed(path)
    else:
        architecture = load_architecture(str(path))
    model = build_model(architecture, (32, 32, 3))
    assert (
        sum(variable.shape.num_elements() for variable in model.trainable_variables)
        == (PARAMETERS[name])
    )
