"""Packages that must work if TensorFlow and Keras cannot be imported."""

import subprocess
import sys

from tests.peer import ROOT

BLOCKED = """
import sys

class Blocker:
    tried = []

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            self.tried.append(name)
            raise ImportError(f"blocked: {name}")

sys.meta_path.insert(0, Blocker())
"""

IMPORT_ALL = """
import importlib, pkgutil
import nac.config, nac.construction
from nac.__main__ import COMMANDS

names = ["nac.architecture.network", "nac.architecture.json_form", "nac.architecture.fixed_cells"]
names += ["nac.api", *(f"nac.{name}" for name in COMMANDS)]
names += ["nac.runs.saved_run", "nac.rival_job", "nac.rivals.table", "nac.rivals.result"]
names += ["nac.evaluation.counting", "nac.evaluation.report"]
names += ["nac.judging.jobs", "nac.judging.agreement", "nac.judging.report"]
names += ["nac.quality.calibration", "nac.quality.choosing"]
names += ["nac.data.datasets", "nac.runs.construction"]
for package in (nac.config, nac.construction):
    modules = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    names += [module.name for module in modules]
for name in names:
    importlib.import_module(name)
assert Blocker.tried == [], Blocker.tried
print(*sorted(names))
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", BLOCKED + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_blocker_blocks():
    result = run("import tensorflow")
    assert result.returncode == 1
    assert "blocked: tensorflow" in result.stderr


def test_every_module_of_construction_and_config_is_imported():
    result = run(IMPORT_ALL)
    assert result.returncode == 0, result.stderr
    assert {"nac.construction.restructure", "nac.config.reading"} <= set(result.stdout.split())
