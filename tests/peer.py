"""Where the peer cases are: what AMLA answered when it was run, one JSON file per case."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.architecture.network import Architecture

ROOT = Path(__file__).resolve().parent.parent
PEER_DIR = ROOT / os.environ.get("NAC_PEER_DIR", "../shared/peer")
WITHOUT_PEER = f"no peer cases in {PEER_DIR} (NAC_PEER_DIR names their folder)"


def case_files(folder: str) -> list[Any]:
    """Return a test parameter per case of a folder, or a skipped one where there are none."""
    files = sorted((PEER_DIR / folder).glob("*.json"))
    if not files:
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=WITHOUT_PEER))]
    return [pytest.param(file, id=file.stem) for file in files]


def case_architecture(case: dict[str, Any], key: str, source: str) -> Architecture:
    """Return an architecture of a case, with the stem that its configuration has."""
    return architecture_from_dict({**case[key], "init_cell": case["config"]["init_cell"]}, source)


def load_peer_json(name: str) -> Any:
    """Return the content of a JSON file of the peer folder."""
    return json.loads((PEER_DIR / name).read_text(encoding="utf-8"))


def peer_keys(name: str) -> list[str]:
    """Return the keys of a JSON file of the peer folder, none where it is absent."""
    return list(load_peer_json(name)) if (PEER_DIR / name).is_file() else []
