import pytest

from nac.config import parse_experiment
from nac.runs.run_directory import check_present, differences, open_run
from nac.utils.errors import NacError
from nac.utils.files import read_structured, write_yaml
from tests.experiments import small


def experiment(**changes):
    return parse_experiment(small(**changes), "experiment.yaml")


def test_differences_name_the_keys_and_both_values():
    before = {"parameters": {"steps": 10, "seed": 1}, "old": 1}
    now = {"parameters": {"steps": 20, "seed": 1}, "new": 2}
    assert differences(before, now) == [
        "parameters.steps: 10 -> 20",
        "old: 1 -> None",
        "new: None -> 2",
    ]


def test_a_new_run_records_effective_values_and_flags(tmp_path):
    open_run(tmp_path, experiment(), ["--config=a.yaml", "--train_final=True"])
    recorded = read_structured(tmp_path / "experiment.yaml")
    assert recorded["parameters"]["seed"] == 0
    assert (tmp_path / "flags.txt").read_text() == "--config=a.yaml\n--train_final=True\n"


def test_the_record_says_the_versions(tmp_path):
    open_run(tmp_path, experiment(), [])
    text = (tmp_path / "experiment.yaml").read_text()
    for name in ("# python 3.", "# nac ", "# tensorflow 2.", "# keras 3."):
        assert name in text


def test_the_same_settings_are_accepted_again(tmp_path):
    open_run(tmp_path, experiment(), [])
    begin(tmp_path)
    recorded = (tmp_path / "experiment.yaml").read_text()
    open_run(tmp_path, experiment(), ["--another"])
    assert (tmp_path / "experiment.yaml").read_text() == recorded


def test_a_run_begun_before_a_key_was_there_may_go_on(tmp_path):
    open_run(tmp_path, experiment(), [])
    begin(tmp_path)
    value = read_structured(tmp_path / "experiment.yaml")
    del value["envelopenet"]["prune_skips"]
    write_yaml(tmp_path / "experiment.yaml", value)
    open_run(tmp_path, experiment(), [])
    assert read_structured(tmp_path / "experiment.yaml") == value


def begin(directory):
    """Let the first job of a run have a result."""
    (directory / "000").mkdir()
    (directory / "000" / "statistics.json").write_text("{}")


def test_a_run_without_any_progress_may_be_begun_with_other_settings(tmp_path):
    open_run(tmp_path, experiment(), [])
    open_run(tmp_path, experiment(parameters={"steps": 13}), [])
    assert read_structured(tmp_path / "experiment.yaml")["parameters"]["steps"] == 13


def test_a_checkpoint_is_progress(tmp_path):
    open_run(tmp_path, experiment(), [])
    (tmp_path / "000" / "checkpoints").mkdir(parents=True)
    (tmp_path / "000" / "checkpoints" / "ckpt-5.index").write_text("")
    with pytest.raises(NacError, match=r"parameters\.steps: 12 -> 13"):
        open_run(tmp_path, experiment(parameters={"steps": 13}), [])


def test_changed_settings_are_refused_by_name(tmp_path):
    open_run(tmp_path, experiment(), [])
    begin(tmp_path)
    with pytest.raises(NacError, match=r"parameters\.steps: 12 -> 13"):
        open_run(tmp_path, experiment(parameters={"steps": 13}), [])


def test_another_data_directory_is_accepted(tmp_path):
    open_run(tmp_path, experiment(parameters={"data_dir": "/here"}), [])
    begin(tmp_path)
    open_run(tmp_path, experiment(parameters={"data_dir": "/there"}), [])
    recorded = read_structured(tmp_path / "experiment.yaml")
    assert recorded["parameters"]["data_dir"] == "/here"


def test_a_run_that_was_removed_is_said(tmp_path):
    open_run(tmp_path, experiment(), [])
    check_present(tmp_path)
    (tmp_path / "experiment.yaml").unlink()
    with pytest.raises(NacError, match=r"experiment\.yaml: expected the run that this process"):
        check_present(tmp_path)


def test_a_run_says_whether_it_begins(tmp_path):
    assert open_run(tmp_path, experiment(), [])
    begin(tmp_path)
    assert not open_run(tmp_path, experiment(), [])
