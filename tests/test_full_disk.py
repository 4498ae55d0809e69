"""A job whose files may not grow, as on a full disk, stops with one line and goes on later."""

import importlib
import resource

import pytest

from tests.experiments import environment, training, write
from tests.forks import forked

pytestmark = pytest.mark.slow


def limited(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    train = importlib.import_module("nac.train")
    train.run(["--config=e.yaml", "--output_dir=out", "--checkpoint_seconds=0"])


def train(place, most=resource.RLIM_INFINITY):
    """Train with files of at most so many bytes; return the exit code and the last error line."""
    result = forked(limited, most, cwd=place, environment=environment())
    return result.returncode, (result.stderr.strip().splitlines() or [""])[-1]


def test_a_checkpoint_that_does_not_fit_stops_the_job_with_one_line(tmp_path):
    write(tmp_path / "e.yaml", training())
    code, line = train(tmp_path, 45_000)
    assert code == 1
    assert line.startswith("error: out/")
    assert "cannot be written: File too large; when that is mended, the same command " in line
    assert not (tmp_path / "out" / "statistics.json").exists()
    assert train(tmp_path) == (0, "")
    assert (tmp_path / "out" / "model.keras").exists()
