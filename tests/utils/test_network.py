"""Whether servers can be reached."""

import time

import pytest
import requests

from nac.utils import network
from nac.utils.network import unreachable


@pytest.fixture
def asked(monkeypatch):
    """Return the addresses that are asked for; a server named after it is slow or gone."""
    asked = []

    def head(url, timeout):
        asked.append(url)
        if "gone" in url:
            raise requests.ConnectionError
        if "slow" in url:
            time.sleep(5)

    monkeypatch.setattr(requests, "head", head)
    return asked


def test_of_each_server_one_file_is_asked_for(asked):
    assert unreachable(["https://a/1", "https://a/2", "https://b/3"]) is None
    assert sorted(asked) == ["https://a/1", "https://b/3"]


def test_a_server_that_is_gone_is_named(asked):
    assert unreachable(["https://a/1", "https://gone/2"]) == "gone"


def test_nobody_waits_for_a_slow_one(asked):
    before = time.monotonic()
    assert unreachable(["https://slow1/1", "https://slow2/2"], seconds=0.2) == "slow1"
    assert time.monotonic() - before < 2


def test_without_files_there_is_nothing_to_reach(asked):
    assert unreachable([]) is None


def test_the_answer_comes_within_ten_seconds():
    assert network.SECONDS < 10
