"""``python -m nac.evaluate`` as a user runs it."""

import json
import shutil

import pytest

from tests.experiments import run, training, write

STEPS = 12
MODEL = ("--model=model.keras", "--dataset=digits")


def train(place, steps, *flags):
    config = write(place / f"{steps}.yaml", training(parameters={"steps": steps}))
    directory = place / f"job{steps}"
    result = run("train", f"--config={config}", f"--output_dir={directory}", *flags, cwd=place)
    assert result.returncode == 0, result.stderr
    return directory


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Return the directory of a finished job; its newest checkpoint is of the last step but one."""
    place = tmp_path_factory.mktemp("evaluate")
    return train(place, STEPS, "--keep_checkpoints", "--checkpoint_seconds=0")


@pytest.fixture
def checkpoint_only(job, tmp_path):
    """Return the directory of the same job without its model."""
    shutil.copytree(job, tmp_path / "job")
    (tmp_path / "job" / "model.keras").unlink()
    return tmp_path / "job"


def evaluated(folder, *flags):
    result = run("evaluate", *flags, "--json", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def report(job):
    """Return the evaluation of the model of that job."""
    return evaluated(job, *MODEL)


def error(folder, *flags):
    result = run("evaluate", *flags, cwd=folder)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("error: ").rstrip()


def statistics(job):
    return json.loads((job / "statistics.json").read_text())


@pytest.mark.slow
class TestResults:
    def test_a_model_scores_as_at_the_end_of_its_training(self, job, report):
        expected = statistics(job)
        assert report["accuracy"] == expected["accuracy"]
        assert report["loss"] == pytest.approx(expected["loss"], rel=1e-5)

    def test_counts_belong_together(self, job):
        report = evaluated(job, *MODEL, "--batch_size=100")
        assert report["images"] == sum(map(sum, report["confusion"])) == 355
        right = sum(row[number] for number, row in enumerate(report["confusion"]))
        assert report["accuracy"] == right / 355

    def test_training_images_can_be_asked_for(self, job):
        report = evaluated(job, *MODEL, "--split=train")
        assert (report["split"], report["images"]) == ("train", 1442)

    def test_images_are_left_as_they_are_for_a_network_trained_so(self, job, report):
        bare = evaluated(job, *MODEL, "--nostandardize")
        assert bare["loss"] > 1.5 * report["loss"]

    def test_a_classifier_gets_raw_pixels(self, job, report):
        found = evaluated(job, "--model=classifier.keras", "--dataset=digits")
        assert found["accuracy"] == report["accuracy"]
        assert found["loss"] == pytest.approx(report["loss"], rel=1e-4)

    def test_a_job_is_evaluated_by_its_model(self, job):
        report = evaluated(job, "--job=job.json")
        assert report["model"] == str(job / "model.keras")
        assert report["accuracy"] == statistics(job)["accuracy"]

    def test_a_checkpoint_scores_as_at_the_end_of_its_training(self, checkpoint_only):
        report = evaluated(checkpoint_only, f"--job={checkpoint_only / 'job.json'}")
        assert report["model"] == str(checkpoint_only / "checkpoints" / f"ckpt-{STEPS}")
        expected = statistics(checkpoint_only)
        assert report["accuracy"] == expected["accuracy"]
        assert report["loss"] == pytest.approx(expected["loss"], rel=1e-5)

    def test_people_get_tables(self, job):
        result = run("evaluate", *MODEL, cwd=job)
        assert (result.returncode, result.stderr) == (0, "")
        first, _, images, top1, *rest = result.stdout.splitlines()
        assert first == "model.keras on digits, test images"
        assert images.split() == ["images", "355"]
        assert top1.split() == ["top-1", f"{100 * statistics(job)['accuracy']:.2f}%"]
        assert "class  images  right  accuracy" in rest


@pytest.mark.slow
class TestErrors:
    def test_a_model_that_is_not_there(self, tmp_path):
        text = error(tmp_path, "--model=absent.keras", MODEL[1])
        assert text.startswith("absent.keras: no such file")

    def test_a_model_for_other_classes(self, tmp_path):
        from tests.test_export_command import trained_network

        trained_network().save(tmp_path / "three.keras")
        text = error(tmp_path, "--model=three.keras", "--dataset=digits")
        assert text.startswith("three.keras: classes: expected a network for 10")

    def test_a_classifier_needs_no_word_about_standardization(self, job):
        flags = ("--model=classifier.keras", "--dataset=digits", "--nostandardize")
        text = error(job, *flags)
        assert text == "--standardize: only with a model.keras; classifier.keras knows it"

    def test_a_job_with_nothing_trained(self, checkpoint_only):
        shutil.rmtree(checkpoint_only / "checkpoints")
        text = error(checkpoint_only, "--job=job.json")
        assert "expected model.keras or a checkpoint, received neither" in text

    def test_a_damaged_checkpoint(self, checkpoint_only):
        for path in checkpoint_only.glob("checkpoints/*.data-*"):
            path.write_bytes(path.read_bytes()[:100])
        assert "cannot be used" in error(checkpoint_only, "--job=job.json")


class TestErrorsInFlags:
    def test_nothing_to_evaluate(self, tmp_path):
        assert error(tmp_path) == "give either --model or --job (see --help)"

    def test_a_model_without_a_data_set(self, tmp_path):
        assert error(tmp_path, "--model=m.keras") == "--dataset is required (see --help)"

    def test_an_unknown_data_set(self, tmp_path):
        text = error(tmp_path, "--model=m.keras", "--dataset=digit")
        assert text.startswith("--dataset: expected one of digits")
        assert "received 'digit' (did you mean 'digits'?)" in text

    @pytest.mark.parametrize("flag", ["--dataset=digits", "--standardize"])
    def test_what_the_job_says_itself(self, tmp_path, flag):
        name = flag.partition("=")[0]
        text = error(tmp_path, "--job=job.json", flag)
        assert text == f"{name}: only with --model; job.json has its own"

    def test_a_job_that_is_not_there(self, tmp_path):
        assert error(tmp_path, "--job=job.json").startswith("job.json: cannot be read")
