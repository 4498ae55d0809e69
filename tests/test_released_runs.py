"""The run directories of released versions, read by the present one."""

import shutil
from pathlib import Path

import pytest

from nac.comparison.result import read_comparisons
from nac.judging.result import read_judgements
from nac.quality.file import read_predictions
from nac.runs.construction import construct
from nac.runs.layout import MODEL, is_complete
from nac.runs.run_directory import open_run
from nac.runs.saved_run import load_run
from nac.runs.versions import read_versions
from nac.utils.errors import NacError

FOLDER = Path(__file__).with_name("released")
VERSIONS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def run(version):
    return FOLDER / version / "digits"


def test_iterations_decisions_and_results_are_read(run):
    saved = load_run(run)
    assert [job.name for job in saved.jobs] == ["0", "1", "final"]
    notations = [str(job.architecture.notation) for job in saved.jobs]
    assert notations == ["6/2-2/3", "6/3-3/3", "6/4-4/3"]
    assert saved.constructed.network == saved.final.architecture.network
    assert saved.final.result.scored_images == 355


def test_the_decisions_lead_to_the_network_that_was_trained_next(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "digits")
    before = (copy / "architecture.json").read_bytes()
    (copy / MODEL).write_text("the trained network")
    (copy / "classifier.keras").write_text("its classifier")
    construct(load_run(copy).experiment, copy, True, [])
    assert (copy / "architecture.json").read_bytes() == before


def test_a_run_whose_network_is_gone_says_so(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "digits")
    with pytest.raises(NacError, match=r"digits/model\.keras: expected the trained network"):
        construct(load_run(copy).experiment, copy, True, [])


def test_comparison_and_judgement_are_read(run):
    ((directory, comparison),) = read_comparisons(run).items()
    assert (directory.name, comparison.random) == ("comparison", 1)
    (judgement,) = read_judgements([run])
    assert (judgement.iteration, judgement.notation) == (0, "6/2-2/3")


def test_the_same_settings_go_on(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "digits")
    assert is_complete(copy, final=True)
    assert not open_run(copy, load_run(copy).experiment, [])


def test_the_versions_with_which_it_was_begun_are_known(run):
    begun = read_versions(run).begun
    assert set(begun) == {"python", "nac", "tensorflow", "keras"}
    assert begun["nac"] == "0.1.0"


def test_the_choices_of_a_tournament_and_the_answers_of_its_network_are_read():
    saved = load_run(FOLDER / "next" / "digits")
    winners = [iteration.choice.winner for iteration in saved.iterations]
    assert winners == ["mean_square", "taylor"]
    assert len(read_predictions(saved.final.directory).labels) == 355


def test_its_report_is_written(run, tmp_path):
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    from nac.reporting.page import render_report

    copy = shutil.copytree(run, tmp_path / "digits")
    page = render_report(load_run(copy))
    assert "6/4-4/3" in page
    assert "random00" in page or "random (1)" in page
