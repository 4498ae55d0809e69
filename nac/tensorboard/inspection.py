"""What TensorBoard shows of a job beside its curves: graph, texts, diagram, its row among jobs.

All of it lies in one event file in the folder ``summary``, a run beside ``train`` and
``validation`` or ``test``. It is written anew whenever the job starts.
"""

import importlib.util
import io
import shutil
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorboard.plugins.image.metadata import create_summary_metadata
from tensorboard.plugins.text.summary_v2 import text_pb

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.runs.layout import SUMMARY
from nac.tensorboard.charts import charts_record
from nac.tensorboard.curves import write_record
from nac.tensorboard.graph import inference_graph
from nac.tensorboard.hparams import (
    end_records,
    hyperparameters,
    network_name,
    row_title,
    start_record,
)
from nac.tensorboard.texts import measurements_text, network_text, settings_text

WITHOUT_DIAGRAM = (
    "The diagram of the network needs matplotlib: install `.[report]` (pip install"
    ' -c constraints.txt -e ".[report]") and train again.'
)


class Inspection:
    """Writer of what is to be seen of one job.

    Args:
        experiment: the job.
        directory: of the job.
    """

    def __init__(self, experiment: Experiment, directory: Path):
        self._experiment, self._directory = experiment, directory
        shutil.rmtree(directory / SUMMARY, ignore_errors=True)
        self._writer = tf.summary.create_file_writer(str(directory / SUMMARY))

    def start(self, model: keras.Model, description: dict[str, Any]) -> None:
        """Write what is known before the training: graph, network, settings, hyperparameters.

        Args:
            model: the network.
            description: see :func:`nac.models.description.describe`.
        """
        values = hyperparameters(self._experiment, description, network_name(self._directory))
        texts = [
            text_pb("network", network_text(self._experiment.architecture, description)),
            text_pb("settings", settings_text(self._experiment)),
        ]
        row = start_record(values, row_title(self._directory))
        charts = charts_record(self._experiment.architecture)
        write_record(self._writer, 0, [row, charts, *texts])
        with self._writer.as_default(step=0):
            tf.summary.graph(inference_graph(model))
        self._writer.flush()

    def end(self, statistics: dict[str, Any]) -> None:
        """Write what came of the training: results, measurements, diagram.

        Args:
            statistics: the content of ``statistics.json``.
        """
        architecture, step = self._experiment.architecture, statistics["steps"]
        text = measurements_text(architecture, statistics)
        if importlib.util.find_spec("matplotlib") is None:
            text = f"{text}\n\n{WITHOUT_DIAGRAM}"
        else:
            self._write_image("diagram", diagram(architecture, statistics, self._title()), step)
        parts = [text_pb("measurements", text)] if text else []
        write_record(self._writer, step, end_records(statistics) + parts)
        self._writer.close()

    def _title(self) -> str:
        steps = self._experiment.parameters.steps
        return f"{network_name(self._directory)} after {steps} steps"

    def _write_image(self, tag: str, figure: Any, step: int) -> None:
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        width, height = (str(round(float(side))) for side in figure.get_size_inches() * figure.dpi)
        metadata = tf.compat.v1.SummaryMetadata.FromString(
            create_summary_metadata(None, None).SerializeToString()
        )
        with self._writer.as_default(step=step):
            tf.summary.write(tag, [width, height, picture.getvalue()], metadata=metadata)


def diagram(architecture: Architecture, statistics: dict[str, Any], title: str) -> Any:
    """Return the figure of a trained network: branches shaded by metric, skips as thick as gates.

    Args:
        architecture: what was trained.
        statistics: the content of ``statistics.json``; without featuremaps nothing is shaded.
        title: stands above.
    """
    from nac.drawing.architecture_diagram import architecture_figure  # matplotlib is optional

    featuremaps, gates = statistics["featuremaps"], statistics["gates"]
    metrics = {
        branch: featuremaps[branch_key(*branch)]["mean_square"]
        for branch in architecture.branches()
        if branch_key(*branch) in featuremaps
    }
    thickness = {skip: gates[gate_key(*skip)] for skip in architecture.skip_connections()}
    return architecture_figure(
        architecture, metrics=metrics or None, gates=thickness or None, title=title
    )
