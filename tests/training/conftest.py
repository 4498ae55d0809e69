"""Fixtures of the training tests."""

import pytest

from tests.clock import Clock


@pytest.fixture
def clock(monkeypatch):
    """Return the clock that the modules of this room look at."""
    clock = Clock()
    for module in ("meter", "progress", "checkpoints", "loop"):
        monkeypatch.setattr(f"nac.training.{module}.time", clock.module())
    return clock
