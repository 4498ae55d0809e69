"""The event files of a job: curves, and a summary with everything else that TensorBoard shows.

The summary has graph, texts, images and the job's row among jobs. It is one event file in the
folder ``summary``, a run of its own beside ``train`` and ``validation`` or ``test``. It is written
anew whenever the job starts.
"""

import importlib.util
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.image.metadata import create_summary_metadata
from tensorboard.plugins.text.summary_v2 import text_pb

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.config.rankings import DEFAULT
from nac.models.description import NetworkDescription
from nac.quality.choosing import least_certain, worst_mistakes
from nac.quality.counting import confusion_matrix
from nac.quality.file import Predictions
from nac.runs.layout import SUMMARY, TRAIN, network_name
from nac.runs.result import JobResult
from nac.tensorboard.charts import charts_record
from nac.tensorboard.curves import Curves
from nac.tensorboard.event_file import merged, write_raw
from nac.tensorboard.events import cut
from nac.tensorboard.graph import inference_graph
from nac.tensorboard.hparams import end_records, hyperparameters, row_title, start_record
from nac.tensorboard.texts import measurements_text, network_text, settings_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WITHOUT_IMAGES = (
    "The diagram of the network, the confusion matrix and the sheets of images need matplotlib."
    ' Install it with `pip install "nac[report]"` and train again.'
)


class TensorBoard:
    """Writer of the event files of a job.

    Args:
        experiment: The job.
        directory: The job's directory.
        split: Images of the evaluations during training, "test" or "validation".
        start: Number of steps that an earlier process did.
        say: Tells the user what has to wait, see :class:`nac.tensorboard.curves.Curves`.

    Attributes:
        curves: Writer of what changes during the training.
    """

    def __init__(
        self,
        experiment: Experiment,
        directory: Path,
        split: str,
        start: int = 0,
        say: Callable[[str], object] = lambda text: None,
    ):
        self._experiment, self._name = experiment, network_name(directory)
        self._title = row_title(directory)
        self._directory, self._split = directory, split
        self._ranking, self._say = experiment.parameters.ranking, say
        self.restart_curves(start)
        shutil.rmtree(directory / SUMMARY, ignore_errors=True)
        self._writer = tf.summary.create_file_writer(str(directory / SUMMARY))

    def restart_curves(self, start: int) -> None:
        """Go on with the curves after so many steps, whose points are written once more."""
        for folder in (TRAIN, self._split):
            cut(self._directory / folder, start)
        self.curves = Curves(
            self._directory, self._experiment.architecture, self._split, self._ranking, self._say
        )

    def begin(self, model: keras.Model, description: NetworkDescription) -> None:
        """Write what is known before the training: graph, network, settings, hyperparameters.

        Args:
            model: The network.
            description: The network in numbers.
        """
        architecture = self._experiment.architecture
        records = [
            start_record(hyperparameters(self._experiment, description, self._name), self._title),
            charts_record(architecture, self._ranking),
            text_pb("network", network_text(architecture, description)),
            text_pb("settings", settings_text(self._experiment)),
        ]
        write_raw(self._writer, 0, merged(records))
        with self._writer.as_default(step=0):
            tf.summary.graph(inference_graph(model))
        self._writer.flush()

    def predictions(
        self, predictions: Predictions, pictures: Mapping[int, np.ndarray], step: int
    ) -> None:
        """Write confusion matrix, worst mistakes and least certain images, if matplotlib is there.

        Args:
            predictions: What the trained network answered.
            pictures: Position of an image -> its pixels, for the images that are shown.
            step: Number of steps done.
        """
        if not _can_draw():
            return
        for tag, figure in prediction_figures(predictions, pictures).items():
            self._write_image(tag, figure, step)

    def end(self, result: JobResult) -> None:
        """Write the result of the training: measurements, diagram and the job's row."""
        architecture, ranking = self._experiment.architecture, self._ranking
        strengths = result.strengths(ranking)
        text = measurements_text(architecture, result, ranking, strengths)
        if not _can_draw():
            text = f"{text}\n\n{WITHOUT_IMAGES}"
        else:
            title = f"{self._name} after {self._experiment.parameters.steps} steps"
            if ranking != DEFAULT:
                title += f", ranking {ranking}"
            figure = diagram(architecture, strengths, result.gates, title)
            self._write_image("diagram", figure, result.steps)
        parts = [text_pb("measurements", text)] if text else []
        write_raw(self._writer, result.steps, merged(end_records(result) + parts))
        self._writer.close()

    def _write_image(self, tag: str, figure: "Figure", step: int) -> None:
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        width, height = (str(round(float(side))) for side in figure.get_size_inches() * figure.dpi)
        metadata = tf.compat.v1.SummaryMetadata.FromString(
            create_summary_metadata(None, None).SerializeToString()
        )
        with self._writer.as_default(step=step):
            tf.summary.write(tag, [width, height, picture.getvalue()], metadata=metadata)


def _can_draw() -> bool:
    return importlib.util.find_spec("matplotlib") is not None


def prediction_figures(
    predictions: Predictions, pictures: Mapping[int, np.ndarray]
) -> "dict[str, Figure]":
    """Return the figures of what a network answered by their tags; see :class:`TensorBoard`."""
    from nac.drawing.confusion_matrix import MOST_DRAWN, confusion_figure  # matplotlib is optional
    from nac.drawing.image_sheet import Picture, image_sheet

    names, split = predictions.class_names, predictions.split

    def picture(position: int) -> Picture:
        return Picture(
            pictures[position],
            names[predictions.labels[position]],
            names[predictions.predicted[position]],
            float(predictions.confidence[position]),
        )

    def sheet(positions: list[int], title: str) -> "Figure":
        return image_sheet([picture(p) for p in positions if p in pictures], title)

    figures = {}
    if len(names) <= MOST_DRAWN:
        matrix = confusion_matrix(predictions.labels, predictions.predicted, len(names))
        title = f"{split.capitalize()} images"
        figures["confusion_matrix"] = confusion_figure(matrix, names, title)
    return {
        **figures,
        "worst_mistakes": sheet(
            worst_mistakes(predictions), f"Worst mistakes: wrong {split} images, surest first"
        ),
        "least_certain": sheet(
            least_certain(predictions), f"Least certain {split} images, least certain first"
        ),
    }


def diagram(
    architecture: Architecture,
    strengths: Mapping[str, float],
    gates: Mapping[str, float],
    title: str,
) -> "Figure":
    """Return the diagram of a trained network: branches shaded by strength, skips by gate.

    Args:
        architecture: The network that was trained.
        strengths: Key of a branch -> its strength; the others are not shaded.
        gates: Key of a skip connection -> its gate.
        title: Title of the figure.
    """
    from nac.drawing.architecture_diagram import architecture_figure  # matplotlib is optional

    branches = [branch for branch in architecture.branches() if branch_key(*branch) in strengths]
    shades = {branch: strengths[branch_key(*branch)] for branch in branches}
    thickness = {skip: gates[gate_key(*skip)] for skip in architecture.skip_connections()}
    return architecture_figure(
        architecture, metrics=shades or None, gates=thickness or None, title=title
    )
