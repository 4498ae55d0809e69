"""The ablation: variants of an experiment, and the table of their results."""

import pytest

from nac.config import OneCycle
from nac.utils.errors import InputError
from tests.experiments import ROOT
from tests.results import job_result
from tools.ablation import VARIANTS, changed, chosen, table, variants_of

EXPERIMENT = ROOT / "experiments" / "fashion_mnist" / "ablation.yaml"


def test_a_change_replaces_single_keys_of_a_section():
    content = {"parameters": {"steps": 5, "seed": 1}, "recipe": "modern"}
    assert changed(content, {"parameters": {"steps": 6}, "recipe": "amla"}) == {
        "parameters": {"steps": 6, "seed": 1},
        "recipe": "amla",
    }


def test_a_key_that_is_null_is_taken_out():
    assert changed({"parameters": {"steps": 5}}, {"parameters": {"steps": None}}) == {
        "parameters": {}
    }


def test_each_variant_of_the_recipe_is_an_experiment():
    variants = {each.name: each.experiment for each in variants_of(str(EXPERIMENT), str(VARIANTS))}
    assert variants["modern"].recipe_name == "modern"
    assert variants["amla"].recipe_name == "amla"
    assert variants["cosine"].recipe.training.lr == OneCycle(0.2, 128, 0.2, "cosine")


def test_all_variants_see_as_many_images():
    for variant in variants_of(str(EXPERIMENT), str(VARIANTS)):
        parameters = variant.experiment.parameters
        assert parameters.steps * parameters.batch_size == 64_000


def test_a_job_has_the_seed():
    variant = variants_of(str(EXPERIMENT), str(VARIANTS))[0]
    assert variant.job(3).parameters.seed == 3


def test_the_table_has_differences_from_the_first_variant():
    results = {
        "whole": [job_result(0.8, seconds=10), job_result(0.9, seconds=20)],
        "without": [job_result(0.75, seconds=30)],
    }
    assert table(results).splitlines()[2:] == [
        "| whole | 0.8500 | 0.0707 | +0.0000 | 15 |",
        "| without | 0.7500 |  | -0.1000 | 30 |",
    ]


def test_some_variants_come_with_the_one_that_they_are_compared_with():
    variants = variants_of(str(EXPERIMENT), str(VARIANTS))
    assert [each.name for each in chosen(variants, ["crop", "flip"])] == ["modern", "flip", "crop"]
    assert chosen(variants, None) == variants


def test_an_unknown_variant_is_named():
    variants = variants_of(str(EXPERIMENT), str(VARIANTS))
    with pytest.raises(InputError, match=r"--only: expected some of modern, .*, received 'crops'"):
        chosen(variants, ["crops"])
