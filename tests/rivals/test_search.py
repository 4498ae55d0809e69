"""Real searches of both libraries, as short as they can be."""

import time
from dataclasses import replace

import pytest

pytest.importorskip("keras_tuner")
pytest.importorskip("autokeras")

from nac.rivals.job import rival_images
from nac.rivals.rival import Search
from nac.rivals.table import RIVALS
from tests.results import rival_job


@pytest.mark.slow
@pytest.mark.parametrize("name", ["keras_tuner", "autokeras"])
def test_a_search_ends_in_time_and_leaves_its_best_candidate(name, tmp_path):
    """Those of the first 200 digits; both end the only candidate that they begin."""
    images = rival_images(rival_job(), tmp_path)
    few = {"train_images": images.train_images[:200], "train_labels": images.train_labels[:200]}
    search = Search(replace(images, **few), 0, time.monotonic() + 4.0, tmp_path)
    RIVALS[name].search(search)
    found = RIVALS[name].best(search)
    assert found.candidates >= 1
    pixels, labels = found.encode(images.test_images, images.test_labels)
    assert found.model.predict(pixels, verbose=0).shape == (355, 10)
    score = found.model.evaluate(pixels, labels, verbose=0, return_dict=True)
    assert 0.0 <= score["accuracy"] <= 1.0


@pytest.mark.parametrize("name", ["keras_tuner", "autokeras"])
def test_a_search_that_found_nothing_is_told(name, tmp_path):
    search = Search(rival_images(rival_job(), tmp_path), 0, time.monotonic(), tmp_path)
    with pytest.raises(LookupError, match="no candidate was scored"):
        RIVALS[name].best(search)
