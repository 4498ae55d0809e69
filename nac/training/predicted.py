"""What a job leaves of the answers of its network: a file, pictures, and images in TensorBoard."""

from pathlib import Path

import numpy as np

from nac.data.source import Source, names_of_classes
from nac.quality.choosing import shown
from nac.quality.file import Predictions
from nac.tensorboard.board import TensorBoard
from nac.training.evaluation import Answers
from nac.training.thumbnails import thumbnails, write_thumbnails


def predictions_of(answers: Answers, source: Source, split: str) -> Predictions:
    """Return the answers of an evaluation as what is written.

    Args:
        answers: The answers for all images of a split.
        source: The data set.
        split: The images, "test" or "validation".
    """
    return Predictions(
        split=split,
        class_names=names_of_classes(source),
        labels=answers.labels,
        predicted=answers.predicted,
        confidence=answers.confidence,
        true_probability=np.exp(-answers.losses),
    )


def show(
    predictions: Predictions, source: Source, directory: Path, board: TensorBoard, step: int
) -> None:
    """Write pictures of the images that are worth looking at, also for TensorBoard.

    Args:
        predictions: What the network answered.
        source: The data set.
        directory: The job's directory.
        board: Its open event files.
        step: Number of steps done.
    """
    pictures = thumbnails(source, predictions.split, shown(predictions))
    write_thumbnails(directory, pictures)
    board.predictions(predictions, pictures, step)
