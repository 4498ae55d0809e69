"""What reads damaged files: the readers of nac, and what its commands do next with their values."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import yaml

from nac.architecture.json_form import architecture_to_json, load_architecture, parse_architecture
from nac.comparison.result import read_comparisons
from nac.config import Experiment, experiment_to_dict, load_experiment
from nac.config.reading import parse_experiment
from nac.construction.costs import count
from nac.construction.explain import explain
from nac.construction.restructure import apply, decide
from nac.construction.statistics import parse_statistics
from nac.judging.result import read_judgements
from nac.judging.summary import summary_text
from nac.reporting.page import render_report
from nac.runs.budget import check_budget, known_times, limits_of
from nac.runs.closing import Row
from nac.runs.construction import check_construction
from nac.runs.data_checks import check_data
from nac.runs.saved_run import load_run
from nac.runs.settings import with_time_plan
from nac.runs.tournament import read_choice
from nac.utils.files import read_json
from nac.utils.records import to_json
from tools.fuzzing import documents
from tools.fuzzing.mutations import damaged_text, damaged_value

Target = Callable[[Path, Random], Any]
"""Writes a damaged file into an empty directory and reads it; raises InputError if it is wrong."""

REPORTS = 0.02
"""Share of the run directories of which the report is made, which takes most of a second."""

SHAPE = (8, 8, 1)
"""Shape of an image of the digits."""


def experiment(directory: Path, random: Random) -> None:
    """Read an experiment file as ``nac construct`` does before its first job."""
    path = _write(directory / "e.yaml", random.choice(documents.experiments()), random)
    read = load_experiment(str(path))
    again = parse_experiment(experiment_to_dict(read), read.source)
    assert experiment_to_dict(again) == experiment_to_dict(read), "it is not itself when reread"
    _check(read)


def _check(read: Experiment) -> None:
    final = read.final is not None
    check_construction(read, final)
    planned = with_time_plan(read, final)
    limits = limits_of(planned, times=known_times)
    check_budget(planned, limits)
    check_data(planned, limits)


def architecture(directory: Path, random: Random) -> None:
    """Read a network, and count what it costs."""
    path = _write(directory / "a.json", random.choice(documents.architectures()), random)
    read = load_architecture(str(path))
    assert parse_architecture(architecture_to_json(read)) == read, "it is not itself when reread"
    str(read.notation)
    if read.type == "macro":
        count(read, SHAPE)


def statistics(directory: Path, random: Random) -> None:
    """Read measurements, and restructure a network by them."""
    network = documents.first()
    path = _write(directory / "s.json", to_json(documents.result(network)), random)
    settings = load_experiment(str(documents.DIGITS)).need("envelopenet")
    measured = parse_statistics(read_json(path), network, str(path), settings.ranking)
    decisions = decide(network, measured, settings)
    following = apply(network, decisions, settings)
    explain(network, decisions, following, settings.ranking)


def run(directory: Path, random: Random) -> None:
    """Read a run directory of which one file is damaged, and print what was found."""
    files = documents.run_files()
    damaged = random.choice(list(files))
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == damaged:
            _write(path, content, random)
        else:
            path.write_text(json.dumps(content))
    read = load_run(directory)
    for iteration in read.iterations:
        Row(iteration.name, iteration.result, iteration.decisions).cells()
    read_comparisons(directory)
    summary_text(read_judgements([directory]))
    if random.random() < REPORTS:
        render_report(read)


def choice(directory: Path, random: Random) -> None:
    """Read what a tournament chose."""
    _write(directory / "choice.json", documents.choice(), random)
    read_choice(directory)


TARGETS: dict[str, Target] = {
    "experiment": experiment,
    "architecture": architecture,
    "statistics": statistics,
    "run": run,
    "choice": choice,
}
"""Name of a target -> the target."""


def _write(path: Path, content: Any, random: Random) -> Path:
    """Write a document, damaged, in the form that the name of its file asks for."""
    if random.random() < 0.7:
        text = _text(path, damaged_value(content, random))
        path.write_bytes(text.encode(errors="surrogatepass"))
    else:
        path.write_bytes(damaged_text(_text(path, content), random))
    return path


def _text(path: Path, value: Any) -> str:
    if path.suffix != ".json":
        with suppress(UnicodeEncodeError):  # which YAML cannot write; then JSON is YAML, too
            return yaml.dump(value, Dumper=_Dumper)
    return json.dumps(value)


_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
