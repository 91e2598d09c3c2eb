"""`scim-server schema check`: what a folder would serve, or what is wrong with it."""

import json
from pathlib import Path

import pytest

from scim_server.protocol.registry import standard_registry
from tests.cli.commands import CommandLine

URN = "urn:example:params:scim:schemas:core:2.0:Lamp"
LAMP = {"id": URN, "attributes": [{"name": "colour"}]}
SHIPPED = list(standard_registry().resource_types)
TYPE = {"name": "Lamp", "endpoint": "/Lamps", "schema": URN}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "schemas"
    (made / "tenants" / "acme").mkdir(parents=True)
    (made / "lamp.json").write_text(json.dumps(LAMP))
    (made / "tenants" / "acme" / "type.json").write_text(json.dumps(TYPE))
    return made


def test_what_would_be_served_is_listed(bare_cli: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {"tenant": "acme", "resourceType": "Lamp", "endpoint": "/Lamps", "schema": URN, "extensions": []}
    listed = bare_cli.json("schema", "check", str(folder))
    assert listed[-1] == expected
    assert [each["resourceType"] for each in listed] == [*SHIPPED, "Lamp"]
    monkeypatch.setenv("SCIM_SCHEMAS_DIR", str(folder))
    assert bare_cli.json("schema", "check") == listed
    assert "/Lamps" in bare_cli.done("schema", "check").out


def test_without_a_folder_the_shipped_types_are_listed(bare_cli: CommandLine) -> None:
    assert [each["resourceType"] for each in bare_cli.json("schema", "check")] == SHIPPED


def test_a_schema_that_nothing_uses_is_named(bare_cli: CommandLine, folder: Path) -> None:
    (folder / "tenants" / "acme" / "type.json").unlink()
    assert f"No resource type uses {URN}." in bare_cli.done("schema", "check", str(folder)).out


def test_each_fault_is_a_line(bare_cli: CommandLine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.json").write_text("{")
    (folder / "b.json").write_text(json.dumps({**LAMP, "id": "x"}))
    outcome = bare_cli("schema", "check", str(folder))
    assert outcome.code == 1
    assert [line.partition(":")[0] for line in outcome.out.splitlines()] == ["a.json", "b.json"]
    assert outcome.err == "scim-server: The schemas cannot be served: 2 files have faults.\n"
    listed = bare_cli("schema", "check", str(folder), "--json").json["faults"]
    assert listed == outcome.out.splitlines()
    bare_cli.failed(2, "schema", "check", str(folder / "nothing"))

    monkeypatch.setenv("SCIM_SCHEMAS_DIR", str(folder))
    sentence = bare_cli.failed(1, "tenant", "list")
    assert "SCIM_SCHEMAS_DIR" in sentence
    assert "a.json: not JSON" in sentence
    assert "And 1 more" in sentence
