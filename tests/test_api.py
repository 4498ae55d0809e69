"""The public functions of ``nac``."""

import subprocess
import sys
from html.parser import HTMLParser

import pytest

import nac
from nac.utils.errors import InputError
from nac.utils.processes import locked
from tests.experiments import small, write
from tests.finished_runs import write_run
from tests.forks import forked_python
from tests.peer import ROOT


def python(*arguments):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_importing_nac_imports_nothing_large():
    code = (
        "import sys, nac;"
        "print(sorted({'tensorflow', 'keras', 'numpy', 'absl', 'yaml'} & set(sys.modules)))"
    )
    assert python("-c", code).stdout == "[]\n"


def test_public_names_are_listed_before_they_are_imported():
    code = "import nac; print(set(nac.__all__) <= set(dir(nac)), 'run_construction' in vars(nac))"
    assert python("-c", code).stdout == "True False\n"


@pytest.mark.parametrize("name", nac.__all__)
def test_every_public_function_says_what_it_does(name):
    function = getattr(nac, name)
    assert function.__name__ == name
    assert function.__doc__.partition("\n")[0].endswith(".")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'nac' has no attribute 'constrct'"):
        nac.constrct  # noqa: B018


def test_the_examples_run():
    result = python("-m", "doctest", "nac/api.py")
    assert (result.returncode, result.stdout) == (0, "")


def test_a_saved_network_is_loaded(tmp_path):
    model = nac.build_model(nac.load_run(written(tmp_path)).architecture, (8, 8, 1))
    model.save(tmp_path / "net.keras")
    assert nac.load_model(tmp_path / "net.keras").output_shape == (None, 10)


def written(folder):
    """Write a run that is finished but for its final training, and return its directory."""
    write_run(folder / "small")
    return folder / "small"


class Table(HTMLParser):
    """Collects the cells of a table, and whether there is a drawing."""

    def __init__(self, html):
        super().__init__()
        self.cells, self.drawn = [], False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.drawn |= tag == "svg"

    def handle_data(self, data):
        self.cells.append(data)


class TestRun:
    def test_it_has_the_constructed_network(self, tmp_path):
        assert str(nac.load_run(written(tmp_path)).architecture.notation) == "6/2-2/3"

    def test_a_directory_that_is_not_a_run_is_named(self, tmp_path):
        with pytest.raises(InputError, match=r"experiment\.yaml: no such file"):
            nac.load_run(tmp_path)

    def test_a_model_that_was_not_trained_is_named(self, tmp_path):
        run = nac.load_run(written(tmp_path))
        with pytest.raises(InputError, match=r"small/model\.keras: no such file"):
            run.model  # noqa: B018

    def test_jupyter_shows_the_network(self, tmp_path):
        pytest.importorskip("matplotlib")
        shown = Table(nac.load_run(written(tmp_path))._repr_html_())
        assert shown.drawn
        assert shown.cells[1:7] == ["job", "network", "parameters", "accuracy", "of", "seconds"]

    def test_drawings_of_two_runs_have_different_identifiers(self, tmp_path):
        pytest.importorskip("matplotlib")
        write_run(tmp_path / "a" / "small")
        write_run(tmp_path / "b" / "small")
        html = [nac.load_run(tmp_path / name / "small")._repr_html_() for name in "ab"]
        identifiers = [{part.split('"')[0] for part in x.split(' id="')[1:]} for x in html]
        assert identifiers[0]
        assert not identifiers[0] & identifiers[1]

    def test_without_matplotlib_the_table_remains(self, tmp_path, monkeypatch):
        run = nac.load_run(written(tmp_path))
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        shown = Table(run._repr_html_())
        assert not shown.drawn
        assert "accuracy" in shown.cells


class TestMistakesInArguments:
    @pytest.fixture
    def experiment(self, tmp_path):
        return write(tmp_path / "e.yaml", small())

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"ranking": "tailor"}, r"--ranking: expected one of .*did you mean 'taylor'"),
            ({"stratgy": "one"}, r"unknown flag --stratgy \(did you mean 'strategy'"),
            ({"split": "train"}, r"--split: expected one of test, validation, received 'train'"),
            ({"plugins": ["absent"]}, r"--plugin=absent: cannot be imported"),
            ({"max_parameters": 1.5}, r"--max_parameters: expected an integer >= 1, received 1\.5"),
            ({"ranking": []}, r"--ranking: expected one of .*, received \[\]"),
            ({"name": 3}, r"--name: expected a string, received 3"),
            ({"parallel": "2"}, r"--parallel: expected an integer >= 1, received '2'"),
            ({"parallel": 0}, r"--parallel: expected an integer >= 1, received 0"),
            ({"parallel": -1}, r"--parallel: expected an integer >= 1, received -1"),
            (
                {"plugins": "mine"},
                r"--plugin: expected a list of module names, received 'mine'",
            ),
            ({"plugins": [3]}, r"--plugin: expected a list of module names, received \[3\]"),
            ({"seed": 10**20}, r"--seed: expected an integer >= 0 and <= 9007199254740992, rec"),
            ({"max_flops": 0}, r"--max_flops: expected a number > 0, received 0"),
            (
                {"max_parameters": 9},
                r"budget\.parameters: expected at least \S+, what .* received 9",
            ),
        ],
    )
    def test_each_is_one_line_before_anything_is_written(
        self, experiment, tmp_path, changes, message
    ):
        with pytest.raises(InputError, match=f"^{message}"):
            nac.run_construction(experiment, tmp_path / "runs", **changes)
        assert not (tmp_path / "runs").exists()

    def test_no_plugins_may_be_none(self, experiment, tmp_path):
        with pytest.raises(InputError, match=r"^--split"):
            nac.run_construction(experiment, tmp_path / "runs", plugins=None, split="train")

    def test_an_experiment_of_an_unknown_data_set_is_named_by_its_file(self, tmp_path):
        path = write(tmp_path / "e.yaml", small(parameters={"dataset": "digit"}))
        with pytest.raises(InputError, match=r"e\.yaml: parameters\.dataset: expected one of"):
            nac.run_construction(path, tmp_path)

    def test_a_run_that_another_process_works_on_is_refused(self, experiment, tmp_path):
        busy = pytest.raises(nac.utils.errors.NacError, match="another process is working")
        with locked(tmp_path / "small", "run"), busy:
            nac.run_construction(experiment, tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole run by the API, with one iteration, and the directory that it is in."""
    folder = tmp_path_factory.mktemp("api")
    path = write(folder / "e.yaml", small(parameters={"iterations": 1}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", forked_python())
        return nac.run_construction(path, folder, seed=3, max_flops=5e5, strategy="one"), folder


@pytest.mark.slow
class TestRunConstruction:
    def test_it_returns_the_run_with_all_results(self, finished):
        run, folder = finished
        assert run.directory == folder / "small"
        assert list(run.results) == ["000", "final"]
        assert str(run.architecture.notation) == run.results["final"].notation
        assert run.architecture.notation.layers == (2, 2)
        assert run.model.output_shape == (None, 10)

    def test_every_network_has_the_flops_that_were_asked_for(self, finished):
        run, _ = finished
        assert run.saved.experiment.budget.flops == 5e5
        assert all(0.97 * 5e5 <= result.flops <= 5e5 for result in run.results.values())

    def test_its_arguments_are_recorded_like_flags(self, finished):
        run, folder = finished
        assert (run.directory / "flags.txt").read_text().splitlines() == [
            f"--config={folder / 'e.yaml'}",
            f"--workdir={folder}",
            "--seed=3",
            "--max_flops=500000.0",
            "--train_final=True",
            "--split=test",
            "--strategy=one",
        ]
        assert run.saved.experiment.parameters.seed == 3

    def test_the_same_call_again_trains_nothing(self, finished):
        run, folder = finished
        path = run.directory / "000" / "statistics.json"
        before = path.stat().st_mtime_ns
        again = nac.run_construction(
            folder / "e.yaml", folder, seed=3, max_flops=5e5, strategy="one"
        )
        assert again.results == run.results
        assert path.stat().st_mtime_ns == before

    def test_jupyter_shows_a_row_for_each_job(self, finished):
        shown = Table(finished[0]._repr_html_())
        assert [cell for cell in shown.cells if cell in ("000", "final")] == ["000", "final"]

    def test_figures_show_themselves(self, finished):
        pytest.importorskip("matplotlib")
        figures = finished[0].figures
        assert {"architecture_000", "architecture_final", "ranking_000", "cost"} <= set(figures)
        assert "<svg" in figures["architecture_final"]._repr_svg_()

    def test_the_report_is_written_when_it_is_asked_for(self, finished):
        pytest.importorskip("jinja2")
        run, folder = finished
        assert not (folder / "small" / "report.html").exists()
        assert run.report.read_text().startswith("<!DOCTYPE html>")
