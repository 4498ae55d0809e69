"""The peer cases: output of AMLA itself, with one JSON file per case.

They are read from the directory that ``NAC_PEER_DIR`` names, else from ``../shared/peer``, else
from ``tests/peer``: the subset that is part of the repository.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture

ROOT = Path(__file__).resolve().parent.parent
SUBSET = ROOT / "tests" / "peer"
IN_SUBSET = ("construct", "initial", "params.json", "lr.json")


def peer_directory(named: str | None, *others: Path) -> Path:
    """Return the directory that NAC_PEER_DIR names, else the first of the others that exists."""
    if named:
        return ROOT / named
    return next((path for path in others if path.is_dir()), SUBSET)


PEER_DIR = peer_directory(os.environ.get("NAC_PEER_DIR"), ROOT / "../shared/peer")


def missing(name: str, directory: Path = PEER_DIR) -> str:
    """Return why tests of ``name`` are skipped.

    Raises:
        FileNotFoundError: The subset has such cases, so that no test may be skipped.
    """
    reason = f"no {name} in {directory} (NAC_PEER_DIR names the directory of all peer cases)"
    if name in IN_SUBSET:
        raise FileNotFoundError(reason)
    return reason


def case_files(folder: str, directory: Path = PEER_DIR) -> list[Any]:
    """Return a test parameter per case of a folder, or a skipped one where there are none."""
    files = sorted((directory / folder).glob("*.json"))
    if not files:
        skip = pytest.mark.skip(reason=missing(folder, directory))
        return [pytest.param(None, id="absent", marks=skip)]
    return [pytest.param(file, id=file.stem) for file in files]


def case_folder(folder: str, directory: Path = PEER_DIR) -> Path:
    """Return a folder of cases; without it the test is skipped."""
    if not (directory / folder).is_dir():
        pytest.skip(missing(folder, directory))
    return directory / folder


def case_architecture(case: dict[str, Any], key: str, source: str) -> Architecture:
    """Return an architecture of a case, with the stem that its configuration has."""
    return architecture_from_dict({**case[key], "init_cell": case["config"]["init_cell"]}, source)


def load_peer_json(name: str) -> Any:
    """Return the content of a JSON file of the peer directory."""
    return json.loads((PEER_DIR / name).read_text(encoding="utf-8"))
