"""The commands of a report, word by word."""

import shlex
from dataclasses import replace

from nac.config import Augmentation
from nac.reporting import commands
from nac.runs.saved_run import load_run
from tests.plots.run_directories import write_run


def run_with_flags(directory, *flags):
    write_run(directory)
    (directory / "flags.txt").write_text("".join(f"{flag}\n" for flag in flags))
    return load_run(directory)


def test_the_command_that_continues_has_the_recorded_flags(tmp_path):
    run = run_with_flags(tmp_path, "--config=my file.yaml", "--train_final=True")
    assert commands.continuing(run) == (
        "python -m nac.construct '--config=my file.yaml' --train_final=True"
    )


def test_a_run_without_recorded_flags_continues_by_its_experiment(tmp_path):
    write_run(tmp_path / "r")
    (tmp_path / "r" / "flags.txt").unlink()
    line = commands.continuing(load_run(tmp_path / "r"))
    assert line == f"python -m nac.construct --config={tmp_path}/r/experiment.yaml"


def test_a_run_is_repeated_beside_itself_by_its_effective_experiment(tmp_path):
    flags = ("--config=e.yaml", "--workdir=w", "--name=r", "--seed=7", "--ranking=mean")
    run = run_with_flags(tmp_path / "r", *flags, "--train_final=True", "--strategy=one")
    assert shlex.split(commands.repeating(run)) == [
        "python",
        "-m",
        "nac.construct",
        f"--config={tmp_path}/r/experiment.yaml",
        f"--workdir={tmp_path}",
        "--name=r-again",
        "--train_final=True",
        "--strategy=one",
    ]


def test_a_job_is_repeated_elsewhere(tmp_path):
    assert shlex.split(commands.repeating_job(tmp_path / "000"))[3:] == [
        f"--job={tmp_path}/000/job.json",
        f"--output_dir={tmp_path}/000-again",
    ]


def test_versions_are_the_comments_of_the_experiment_that_are_no_flags(tmp_path):
    run = load_run(write_run(tmp_path))
    path = tmp_path / "experiment.yaml"
    heading = "# What this run was asked for.\n# python 3.11.7\n# keras 3.15.1\n# --seed=1\n"
    path.write_text(heading + path.read_text())
    assert commands.recorded_versions(run) == ["python 3.11.7", "keras 3.15.1"]


def test_the_code_that_loads_is_python_and_knows_the_shape(tmp_path):
    code = commands.loading(load_run(write_run(tmp_path / "it's")))
    compile(code, "loading", "exec")
    assert "(n, 8, 8, 1)" in code


def test_a_run_with_a_classifier_shows_how_to_use_that(tmp_path):
    write_run(tmp_path / "it's")
    (tmp_path / "it's" / "classifier.keras").touch()
    run = load_run(tmp_path / "it's")
    code = commands.loading(run)
    compile(code, "loading", "exec")
    assert "classifier.predict(images)" in code
    export = shlex.split(dict(commands.using(run))["For phones and small machines"])
    assert export[2:5] == ["nac.export", f"--run={tmp_path}/it's", "--format=tflite"]


def test_a_run_without_a_classifier_exports_its_network(tmp_path):
    lines = dict(commands.using(load_run(write_run(tmp_path))))
    assert f"--model={tmp_path}/model.keras" in lines["For TensorFlow Serving"]


def test_a_data_set_without_a_known_shape_leaves_it_open(tmp_path):
    run = load_run(write_run(tmp_path, parameters={"dataset": "folder:/data", "image_size": 32}))
    assert "(n, height, width, channels)" in commands.loading(run)
    assert commands.describing(run).endswith("--input_shape=HEIGHT,WIDTH,CHANNELS")


def test_how_images_are_scaled(tmp_path):
    experiment = load_run(write_run(tmp_path)).experiment
    assert "mean 0 and deviation 1" in commands.image_scale(experiment)
    plain = replace(experiment.recipe, augmentation=Augmentation(standardize=False))
    assert "0 to 255" in commands.image_scale(replace(experiment, recipe=plain))
    parameters = replace(experiment.parameters, dataset="imagenet")
    imagenet = replace(experiment.recipe, parameters=parameters)
    assert "-1 to 1" in commands.image_scale(replace(experiment, recipe=imagenet))
