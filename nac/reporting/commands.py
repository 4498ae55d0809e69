"""The commands for a run: continue, repeat, evaluate, export and so on. Pure Python."""

import shlex
from pathlib import Path

from nac.config import Experiment
from nac.data.datasets import known_image_shape
from nac.runs.layout import (
    ARCHITECTURE,
    CLASSIFIER,
    EXPERIMENT,
    FINAL,
    FLAGS_FILE,
    JOB,
    MODEL,
)
from nac.runs.saved_run import Run
from nac.utils.files import read_text


def recorded_flags(run: Run) -> list[str]:
    """Return the flags that the run was begun with, ``--name=value`` each."""
    path = run.directory / FLAGS_FILE
    return read_text(path).splitlines() if path.is_file() else []


def recorded_versions(run: Run) -> list[str]:
    """Return the versions that the run was begun with, such as ``keras 3.15.1``."""
    lines = read_text(run.directory / EXPERIMENT).splitlines()
    comments = [line[2:] for line in lines if line.startswith("# ")]
    return [text for text in comments if not text.startswith("--") and len(text.split()) == 2]


def command(module: str, *flags: str) -> str:
    """Return a command line of nac, quoted for a shell."""
    return shlex.join(["python", "-m", f"nac.{module}", *flags])


def continuing(run: Run) -> str:
    """Return the command that began the run, and continues it."""
    flags = recorded_flags(run) or [f"--config={run.directory / EXPERIMENT}"]
    return command("construct", *flags)


def repeating(run: Run) -> str:
    """Return a command that makes the same run again beside it, from its own record alone."""
    kept = [flag for flag in recorded_flags(run) if not flag.startswith(_REPLACED)]
    return command(
        "construct",
        f"--config={run.directory / EXPERIMENT}",
        f"--workdir={run.directory.parent}",
        f"--name={run.name}-again",
        *kept,
    )


_REPLACED = ("--config=", "--images=", "--workdir=", "--name=", "--seed=", "--ranking=", "--split=")
"""Flags with new values, or whose effect is in experiment.yaml."""


def inspecting(run: Run) -> str:
    """Return the command that shows the run's event files."""
    return shlex.join(["tensorboard", f"--logdir={run.directory}"])


def repeating_job(job: Path) -> str:
    """Return a command that trains a job of the run again, with results elsewhere."""
    return command("train", f"--job={job / JOB}", f"--output_dir={job}-again")


def using(run: Run) -> list[tuple[str, str]]:
    """Return (what it does, command) for the trained network."""
    job, model = run.directory / FINAL / JOB, f"--model={run.directory / MODEL}"
    what = f"--run={run.directory}" if has_classifier(run) else model
    small = ["--precision=int8"] if has_classifier(run) else []
    tflite, saved = f"--output={run.name}.tflite", f"--output={run.name}-saved"
    return [
        ("Accuracy class by class", command("evaluate", f"--job={job}")),
        (
            "For phones and small machines",
            command("export", what, "--format=tflite", *small, tflite),
        ),
        ("For TensorFlow Serving", command("export", what, "--format=saved_model", saved)),
        ("Its layers in numbers", describing(run)),
    ]


def has_classifier(run: Run) -> bool:
    """Return whether the run has a classifier, which takes pixels; else there is the network."""
    return (run.directory / CLASSIFIER).is_file()


def describing(run: Run) -> str:
    """Return the command that describes the constructed network without training it."""
    path = run.directory / ARCHITECTURE
    shape = known_image_shape(run.experiment)
    sides = ",".join(map(str, shape)) if shape else "HEIGHT,WIDTH,CHANNELS"
    return command("describe", f"--architecture={path}", f"--input_shape={sides}")


def loading(run: Run) -> str:
    """Return the Python code that loads the classifier, or the network if there is none."""
    return _loading_classifier(run) if has_classifier(run) else _loading_network(run)


def _loading_classifier(run: Run) -> str:
    path = str(run.directory / CLASSIFIER)
    return (
        "import keras\n"
        "import nac  # knows the names of the classes\n\n"
        f"classifier = keras.models.load_model({path!r})\n"
        "# Images of any size, gray or color: values from 0 to 255, (n, height, width, 3).\n"
        "probabilities = classifier.predict(images)\n"
        "names = [classifier.class_names[best] for best in probabilities.argmax(axis=1)]\n"
    )


def _loading_network(run: Run) -> str:
    shape = known_image_shape(run.experiment)
    sides = ", ".join(map(str, shape)) if shape else "height, width, channels"
    path = str(run.directory / MODEL)
    return (
        "import keras\n"
        "import nac  # knows the layers\n\n"
        f"model = keras.models.load_model({path!r})\n"
        f"logits = model.predict(images)  # float32, (n, {sides})\n"
        "labels = logits.argmax(axis=1)\n"
    )


def image_scale(experiment: Experiment) -> str:
    """Return a sentence that says how images must be prepared for the network itself."""
    if experiment.parameters.dataset in ("imagenet", "imagenet2012"):
        scale = "values from -1 to 1"
    elif experiment.recipe.augmentation.standardize:
        scale = "each with mean 0 and deviation 1"
    else:
        scale = "values from 0 to 255"
    return f"{MODEL} takes images as in training, float32: {scale}."
