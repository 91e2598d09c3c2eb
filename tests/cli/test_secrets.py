"""Replacing SCIM_SECRET_KEY by hand, as docs/secrets.md has it."""

import pytest

from tests.cli.commands import CommandLine

OLD, NEW = "old-key-of-32-characters-at-least", "new-key-of-32-characters-at-least"


@pytest.fixture
def keyed(acme_cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A tenant with a person, all under the old key but the first secrets, from before there was one."""
    monkeypatch.setenv("SCIM_SECRET_KEY", OLD)
    acme_cli.done("user", "add", "acme", "ana@acme.test", "--first", "Ana", "--last", "Silva")
    return acme_cli


def test_a_key_is_replaced_step_by_step(keyed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    known = keyed.json("audit", "list", "acme")
    for keys in (f"{OLD},{NEW}", f"{NEW},{OLD}"):
        monkeypatch.setenv("SCIM_SECRET_KEY", keys)
        assert keyed.json("audit", "list", "acme") == known
    said = keyed.done("secrets", "reseal").out
    assert "sealed anew; all are sealed with the first key of SCIM_SECRET_KEY now." in said
    assert keyed.json("secrets", "reseal") == {"count": 0}
    monkeypatch.setenv("SCIM_SECRET_KEY", NEW)
    assert keyed.json("audit", "list", "acme") == known
    assert keyed.json("secrets", "reseal") == {"count": 0}
    keyed.done("audit", "verify", "acme")


@pytest.mark.parametrize("keys", [None, NEW])
def test_without_its_key_a_command_says_so(
    keyed: CommandLine, monkeypatch: pytest.MonkeyPatch, keys: str | None
) -> None:
    monkeypatch.delenv("SCIM_SECRET_KEY")
    if keys is not None:
        monkeypatch.setenv("SCIM_SECRET_KEY", keys)
    refused = keyed.failed(1, "audit", "list", "acme")
    assert "is sealed with a key that SCIM_SECRET_KEY does not have. Set SCIM_SECRET_KEY as the servers have" in refused
    if keys is None:
        assert keyed.failed(1, "secrets", "reseal") == "SCIM_SECRET_KEY is not set: there is no key to seal with."
    else:
        assert "SCIM_SECRET_KEY does not have" in keyed.failed(1, "secrets", "reseal")
