"""Say what is in your photos.

    nac predict --run=runs/photos photo.jpg more_photos/ --top=3

prints the most probable classes of each image file, and of all image files in a folder and below.
Photos are turned upright as their EXIF data say, and are stretched as they were for the training.
``--json`` and ``--csv`` are for machines.
"""

import sys
from pathlib import Path

from absl import flags

from nac.cli.command import command
from nac.predicting.photos import Prediction, find_images, predict_files
from nac.predicting.report import as_csv, as_json, as_text
from nac.runs.layout import CLASSIFIER
from nac.utils.errors import InputError, NacError
from nac.utils.processes import quietly
from nac.utils.text import printable

FLAGS = flags.FlagValues()
flags.DEFINE_string("run", None, "Run directory with a trained network.", flag_values=FLAGS)
flags.DEFINE_string(
    "model", None, f"In place of --run: a {CLASSIFIER} of a run.", flag_values=FLAGS
)
flags.DEFINE_integer(
    "top", 3, "Number of classes to print for each image.", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_bool("json", False, "Print JSON.", flag_values=FLAGS)
flags.DEFINE_bool("csv", False, "Print CSV, a line for each image and class.", flag_values=FLAGS)


def main(*paths: str) -> None:
    """Print the predictions."""
    if bool(FLAGS.run) == bool(FLAGS.model):
        raise NacError("give either --run or --model (see --help)")
    if FLAGS.json and FLAGS.csv:
        raise NacError("give either --json or --csv")
    if not paths:
        raise NacError("expected image files or folders, received none (see --help)")
    images = find_images(paths)
    model = Path(FLAGS.model) if FLAGS.model else _classifier_of(Path(FLAGS.run))
    with quietly():
        answers = _answers(model, images)
    predictions = [answer for answer in answers if isinstance(answer, Prediction)]
    for problem in (answer for answer in answers if isinstance(answer, str)):
        print(printable(f"{problem}, skipped"), file=sys.stderr)
    if not predictions:
        raise NacError("none of the images can be read")
    form = as_json if FLAGS.json else as_csv if FLAGS.csv else as_text
    print(form(predictions))


def _classifier_of(run: Path) -> Path:
    path = run / CLASSIFIER
    if not path.is_file():
        problem = "has no trained network yet" if run.is_dir() else "no such directory"
        raise InputError(f"--run: {run}: {problem}; expected a run with {CLASSIFIER}")
    return path


def _answers(model: Path, images: list[Path]) -> list[Prediction | str]:
    from nac.models.loading import load_classifier  # TensorFlow takes seconds

    return list(predict_files(load_classifier(model), images, FLAGS.top, model))


run = command(main, FLAGS, __doc__, takes="FILE ...")

if __name__ == "__main__":
    run()
