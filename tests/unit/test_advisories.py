"""What `make audit` makes of the answers of pip-audit."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "advisories.py"


@pytest.fixture(scope="module")
def advisories() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("advisories", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


SOUND = {"name": "flask", "version": "3.1.0", "vulns": []}
FAULTY = {"name": "old", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"], "aliases": []}]}
TOOL = {**FAULTY, "name": "setuptools"}
UNKNOWN = {"name": "ours", "skip_reason": "Dependency not found"}


def test_a_known_vulnerability_fails(advisories: ModuleType) -> None:
    code, lines = advisories.verdict(answer(SOUND, FAULTY), "Found 1 known vulnerability")
    assert (code, lines[0]) == (1, "old 1: CVE-1, mended in 2")


def test_nothing_found_is_well(advisories: ModuleType) -> None:
    assert advisories.verdict(answer(SOUND, TOOL), "") == (0, ["1 of 1 packages checked, 0 advisories."])


def test_what_nobody_knows_is_a_warning(advisories: ModuleType) -> None:
    code, lines = advisories.verdict(answer(SOUND, UNKNOWN), "")
    assert (code, lines[0]) == (0, "1 of 2 packages checked, 0 advisories.")
    assert lines[1].startswith("WARNING")


@pytest.mark.parametrize("printed", ["", "no json", "{}"])
def test_a_service_out_of_reach_is_a_warning(advisories: ModuleType, printed: str) -> None:
    code, lines = advisories.verdict(printed, "Traceback\nConnectionError: failed to resolve")
    assert code == 0
    assert lines == [
        "WARNING: no package was checked, the advisory service is out of reach: ConnectionError: failed to resolve"
    ]
