"""A job whose files may not grow, as on a full disk, stops with one line and goes on later."""

import resource
import subprocess

import pytest

from tests.experiments import command, environment, training, write

pytestmark = pytest.mark.slow


def train(place, most=resource.RLIM_INFINITY):
    """Train with files of at most so many bytes; return the exit code and the last error line."""
    result = subprocess.run(
        command("train", "--config=e.yaml", "--output_dir=out", "--checkpoint_seconds=0"),
        cwd=place,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
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
