"""The examples in docstrings of modules that need no TensorFlow print what they say."""

import doctest
import importlib

import pytest

MODULES = (
    "nac.architecture.network",
    "nac.config",
    "nac.config.keys",
    "nac.config.rankings",
    "nac.config.reading",
    "nac.display.display",
    "nac.display.fitting",
    "nac.display.status",
    "nac.quality.counting",
    "nac.runs.gpu_support",
    "nac.runs.stages",
    "nac.utils.registry",
    "nac.utils.schema",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_right(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
