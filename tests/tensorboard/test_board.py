"""What a job leaves for TensorBoard beside its curves, read back."""

import importlib.util

import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from tensorboard.plugins.hparams import metadata

from nac.config.reading import parse_experiment
from nac.models import build_model
from nac.models.description import describe
from nac.tensorboard import board as board_module
from nac.tensorboard.board import TensorBoard, diagram, prediction_figures
from tests.experiments import training
from tests.quality.examples import predictions
from tests.results import job_result
from tests.tensorboard.event_files import plugins, records, scalars, tensors, texts

RESULT = job_result(
    featuremaps={
        f"{index}/Branch{branch}": {"mean_square": 0.5 * branch, "taylor": 3.0 - branch}
        for index in (1, 2, 4)
        for branch in (1, 2)
    },
    gates={"0-2": 0.5, "1-4": 0.25, "0-4": 0.75},
    steps=12,
    accuracy=0.75,
    loss=1.5,
    seconds=2.5,
)

EXPERIMENT = parse_experiment(training(parameters={"seed": 3}), "e.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder with the event file of a job that was begun once before."""
    directory = tmp_path_factory.mktemp("run") / "comparison" / "random-3" / "seed3"
    (directory / "summary").mkdir(parents=True)
    (directory / "summary" / "events.out.tfevents.of-the-first-try").write_text("cut short")
    model = build_model(EXPERIMENT.architecture, (8, 8, 1))
    board = TensorBoard(EXPERIMENT, directory, "test")
    board.begin(model, describe(EXPERIMENT.architecture, model))
    board.end(RESULT)
    return directory / "summary"


def test_texts_tell_network_settings_and_measurements(folder):
    found = texts(folder)
    assert "6/2-1/2" in found["network"]
    assert "seed: 3" in found["settings"]
    assert "| layer01 | Branch1 1x1 | 0.5 |" in found["measurements"]


def test_a_network_made_by_hand_has_texts_graph_and_diagram(tmp_path):
    network = {"type": "handmade", "network": "plain_cnn", "width": 0.1, "classes": 10}
    job = parse_experiment(training() | {"arch": network}, "e.yaml")
    model = build_model(job.architecture, (8, 8, 1))
    board = TensorBoard(job, tmp_path, "test")
    board.begin(model, describe(job.architecture, model))
    board.end(job_result(notation="plain_cnn x0.1"))
    found = tmp_path / "summary"
    assert r"plain\_cnn x0.1" in texts(found)["network"]
    assert "| layer01 | 3x3, 3x3 | 8×8×7 |" in texts(found)["network"]
    assert "measurements" not in texts(found)
    assert "diagram" in plugins(found)
    (graph,) = [event.graph_def for event in records(found) if event.graph_def]
    names = {node.name for node in tf.compat.v1.GraphDef.FromString(graph).node}
    assert "layer01/conv1/kernel" in names


def test_there_is_one_graph(folder):
    graphs = [event.graph_def for event in records(folder) if event.graph_def]
    assert len(graphs) == 1
    names = {node.name for node in tf.compat.v1.GraphDef.FromString(graphs[0]).node}
    assert "layer02/skip/gate_0" in names


def test_the_diagram_is_a_png_of_the_size_it_says(folder):
    assert plugins(folder)["diagram"] == "images"
    width, height, png = tensors(folder)["diagram", 12]
    assert tf.io.decode_png(png).shape[:2] == (int(height), int(width))


def test_the_row_of_a_job_has_its_values_and_ends_with_success(folder):
    contents = {
        value.tag: value.metadata.plugin_data.content
        for event in records(folder)
        for value in event.summary.value
    }
    start = metadata.parse_session_start_info_plugin_data(contents[metadata.SESSION_START_INFO_TAG])
    assert start.group_name.startswith("random-3/seed3 (")
    assert start.hparams["network"].string_value == "random-3"
    assert start.hparams["seed"].number_value == 3
    end = metadata.parse_session_end_info_plugin_data(contents[metadata.SESSION_END_INFO_TAG])
    assert end.status == 1  # STATUS_SUCCESS


def test_the_only_scalars_are_results(folder):
    """TensorBoard takes all scalars beside a row for its results."""
    assert scalars(folder) == {("accuracy", 12): 0.75, ("loss", 12): 1.5, ("seconds", 12): 2.5}


def test_a_job_that_starts_again_leaves_one_event_file(folder):
    assert len(list(folder.glob("events*"))) == 1


def test_without_matplotlib_a_text_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    board = TensorBoard(EXPERIMENT, tmp_path, "test")
    board.predictions(predictions([0], [1]), {0: np.zeros((4, 4, 1), np.uint8)}, 12)
    board.end(RESULT)
    assert "images" not in plugins(tmp_path / "summary").values()
    assert 'pip install "nac[report]"' in texts(tmp_path / "summary")["measurements"]


def test_what_the_network_answered_is_shown_as_images(tmp_path):
    answers = predictions([0, 0, 2], [0, 1, 2], [0.5, 0.75, 0.25])
    pictures = {number: np.full((4, 4, 1), 50 * number, np.uint8) for number in range(3)}
    board = TensorBoard(EXPERIMENT, tmp_path, "test")
    board.predictions(answers, pictures, 12)
    board.end(RESULT)
    shown, found = plugins(tmp_path / "summary"), tensors(tmp_path / "summary")
    for tag in ("confusion_matrix", "worst_mistakes", "least_certain"):
        assert shown[tag] == "images"
        width, height, png = found[tag, 12]
        assert tf.io.decode_png(png).shape[:2] == (int(height), int(width))


def test_sheets_have_the_images_that_have_pictures():
    answers = predictions([0, 0, 2], [0, 1, 1], [0.5, 0.75, 0.25])
    pictures = {number: np.zeros((4, 4, 1), np.uint8) for number in range(2)}
    figures = prediction_figures(answers, pictures)
    assert captions(figures["worst_mistakes"]) == ["true: ant", "bee, 75 %"]
    assert captions(figures["least_certain"]) == [
        "true: ant",
        "ant, 50 %",
        "true: ant",
        "bee, 75 %",
    ]


def test_more_classes_than_pixels_have_no_confusion_matrix():
    answers = predictions([0], [1], 0.5, tuple(map(str, range(21_000))))
    assert set(prediction_figures(answers, {})) == {"worst_mistakes", "least_certain"}


def captions(sheet):
    """Return the texts below the images of a sheet."""
    return [text.get_text() for text in sheet.axes[0].texts]


def test_another_ranking_is_in_texts_and_curves(tmp_path):
    experiment = parse_experiment(training(parameters={"ranking": "taylor"}), "e.yaml")
    board = TensorBoard(experiment, tmp_path, "test")
    board.curves.training(5, {}, {"1/Branch1": 2.0}, {})
    board.curves.flush()
    board.end(RESULT)
    assert scalars(tmp_path / "train") == {("taylor_stage1/layer01/Branch1_1x1", 5): 2.0}
    text = texts(tmp_path / "summary")["measurements"]
    assert "### Stage 1: branches, smallest taylor first" in text
    assert text.index("layer01 | Branch2") < text.index("layer01 | Branch1")


def test_the_diagram_is_shaded_by_strength_where_it_is_known():
    known = diagram(EXPERIMENT.architecture, RESULT.strengths("taylor"), RESULT.gates, "taylor")
    unknown = diagram(EXPERIMENT.architecture, {}, RESULT.gates, "none")
    assert "taylor" in [text.get_text() for text in known.texts]
    assert len(fills(known)) > len(fills(unknown))


def fills(figure):
    """Return the fill colors of a figure."""
    return {patch.get_facecolor() for patch in figure.findobj(Patch)}


def test_the_diagram_names_another_ranking(tmp_path, monkeypatch):
    titles = []
    monkeypatch.setattr(
        board_module, "diagram", lambda *arguments: titles.append(arguments[-1]) or Figure()
    )
    for ranking in ("mean_square", "taylor"):
        experiment = parse_experiment(training(parameters={"ranking": ranking}), "e.yaml")
        TensorBoard(experiment, tmp_path / "000", "test").end(RESULT)
    assert titles == ["000 after 12 steps", "000 after 12 steps, ranking taylor"]
