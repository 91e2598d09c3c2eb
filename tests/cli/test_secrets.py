"""Replacing SCIM_SECRET_KEY by hand, as docs/secrets.md has it."""

import subprocess

import pytest

from tests.cli.commands import PATIENCE, CommandLine, free_port, started

OLD, NEW = "old-key-of-32-characters-at-least", "new-key-of-32-characters-at-least"


@pytest.fixture
def keyed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A tenant with a person, all under the old key."""
    monkeypatch.setenv("SCIM_SECRET_KEY", OLD)
    cli.done("tenant", "create", "acme", "--name", "Acme")
    cli.done("user", "add", "acme", "ana@acme.test", "--first", "Ana", "--last", "Silva")
    return cli


def test_a_key_is_replaced_step_by_step(keyed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    known = keyed.json("audit", "list", "acme")
    for keys in (f"{OLD},{NEW}", f"{NEW},{OLD}"):
        monkeypatch.setenv("SCIM_SECRET_KEY", keys)
        assert keyed.json("audit", "list", "acme") == known
    said = keyed.done("secrets", "reseal").out
    assert said == "2 secrets were sealed anew; all are sealed with the first key of SCIM_SECRET_KEY now.\n"
    assert keyed.json("secrets", "reseal") == {"count": 0}
    monkeypatch.setenv("SCIM_SECRET_KEY", NEW)
    assert keyed.json("audit", "list", "acme") == known
    keyed.done("audit", "verify", "acme")


@pytest.mark.parametrize("keys", [None, NEW], ids=["missing", "wrong"])
def test_without_its_key_a_command_says_so(
    keyed: CommandLine, monkeypatch: pytest.MonkeyPatch, keys: str | None
) -> None:
    monkeypatch.delenv("SCIM_SECRET_KEY")
    if keys is not None:
        monkeypatch.setenv("SCIM_SECRET_KEY", keys)
    refused = keyed.failed(1, "audit", "list", "acme")
    assert "is sealed with a key that SCIM_SECRET_KEY does not have. Set SCIM_SECRET_KEY to the key it was" in refused
    told = "is not set: there is no key to seal with" if keys is None else "does not have"
    assert f"SCIM_SECRET_KEY {told}" in keyed.failed(1, "secrets", "reseal")


def test_without_its_key_no_server_begins(keyed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_SECRET_KEY", NEW)
    with started("serve", "--bind", f"127.0.0.1:{free_port()}", stderr=subprocess.PIPE) as process:
        _, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaint.count("\n")) == (1, 1)
    assert "installation_secrets.secret audit is sealed with a key that SCIM_SECRET_KEY does not have" in complaint
