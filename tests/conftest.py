"""Fixtures and settings for all tests.

Hypothesis draws the same examples in every run; ``--hypothesis-profile=search`` draws new and
many ones.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.peer import case_folder

# Commands of nac set this too. TensorFlow reads it when a test imports it.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"

_SLOW = [HealthCheck.too_slow]

settings.register_profile(
    "fixed",
    deadline=None,
    database=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=_SLOW,
)
settings.register_profile(
    "search", deadline=None, database=None, max_examples=2000, suppress_health_check=_SLOW
)
settings.load_profile("fixed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process ends alone with one of them.

    These are the files of slow tests, and of the others those that train.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path.parent.name != "training"))


@pytest.fixture(scope="session")
def published_dir() -> Path:
    """Return the folder of AMLA's experiment files; without it the test is skipped."""
    return case_folder("configs")


@pytest.fixture(scope="session")
def numeric_dir() -> Path:
    """Return the folder of AMLA's numbers for whole networks; without it the test is skipped."""
    return case_folder("numeric")


@pytest.fixture
def eagerly():
    """Run tf.functions without compiling them, which is quicker for a call or two."""
    import tensorflow as tf  # takes seconds: only for the tests that need it

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
