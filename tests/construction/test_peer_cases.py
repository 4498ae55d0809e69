"""Priors and construction steps, compared with the output of AMLA."""

import json

import pytest

from nac.config import parse_experiment
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.construction.statistics import parse_statistics
from tests.peer import case_architecture, case_files


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", case_files("construct"))
def test_a_construction_step_is_amlas(file):
    case = read(file)
    policy = parse_experiment(case["config"], file.name).envelopenet
    before = case_architecture(case, "architecture_in", file.name)
    statistics = parse_statistics(case["statistics"], before, file.name)
    expected = case_architecture(case, "architecture_out", file.name)
    assert restructure(before, statistics, policy) == expected


@pytest.mark.parametrize("file", case_files("initial"))
def test_a_prior_is_amlas(file):
    case = read(file)
    experiment = parse_experiment(case["config"], file.name)
    expected = case_architecture(case, "arch", file.name)
    assert prior(experiment.envelopenet, experiment.stem, None) == expected
