"""`scim-server audit`: who changed what, and the proof that nobody changed it since."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services.audit_chains import main, verify
from tests import traffic
from tests.cli.commands import PATIENCE, CommandLine, free_port
from tests.cli.test_serving import serving
from tests.http.test_reconciling import damage
from tests.worlds import Connection, World


@pytest.fixture
def busy(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """Some changes; ids by what they are of."""
    return traffic.changes(world, acme, okta)


def actions(cli: CommandLine, *options: str) -> list[str]:
    return [entry["action"] for entry in cli.json("audit", "list", "acme", *options)]


def test_the_newest_changes_come_first(cli: CommandLine, busy: dict[str, str]) -> None:
    assert actions(cli)[:2] == ["group.created", "user.changed"]
    assert sorted(actions(cli)) == [
        "claims.changed",
        "connection.created",
        "connection.wrote_entitlements",
        "group.created",
        "seat.assigned",
        "subscription.set",
        "tenant.created",
        "token.issued",
        "user.changed",
        "user.created",
    ]
    lines = cli.done("audit", "list", "acme").out.splitlines()
    changed = next(line for line in lines if "user.changed" in line)
    assert [
        word for word in ("okta", "user Anna", "displayName", "patch User", busy["request"]) if word not in changed
    ] == []
    assert any("seat.assigned" in line and "meeting +1" in line for line in lines)


def test_entries_can_be_chosen(cli: CommandLine, busy: dict[str, str]) -> None:
    about_ana = ["user.changed", "seat.assigned", "claims.changed", "user.created"]
    assert sorted(actions(cli, "--user", "ANA@x.test")) == sorted(about_ana)
    assert sorted(actions(cli, "--object", busy["ana"])) == sorted(about_ana)
    assert actions(cli, "--object", busy["group"]) == ["group.created"]
    assert actions(cli, "--request", busy["request"]) == ["user.changed"]
    assert actions(cli, "--user", "ana@x.test", "--limit", "1") == ["user.changed"]
    assert actions(cli, "--user", "nobody@x.test") == []
    assert actions(cli, "--user", "\u0000") == []
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert actions(cli, "--since", tomorrow) == []
    for past in ("1h", "2020-01-01", "2020-01-01T10:00", "0001-01-01", "36500d"):
        assert len(actions(cli, "--since", past)) == 10
    assert "no such entry" in cli.done("audit", "list", "acme", "--user", "nobody@x.test").out


def test_an_entry_is_shown_before_and_after(cli: CommandLine, busy: dict[str, str]) -> None:
    (entry,) = cli.json("audit", "list", "acme", "--request", busy["request"])
    assert entry["before"].pop("displayName") == "Ana"
    assert entry["after"].pop("displayName") == "Anna"
    assert (entry["before"].pop("version"), entry["after"].pop("version")) == (1, 2)
    assert entry["before"].pop("modified") < entry["after"].pop("modified")
    assert entry["before"] == entry["after"]
    assert entry["after"]["userName"] == "ana@x.test"
    assert entry.keys() == {
        "id", "sequence", "at", "actor", "cause", "requestId", "action", "objectType", "objectId", "person", "erased",
        "before", "after", "seats",
    }  # fmt: skip
    assert (entry["person"], entry["erased"], entry["sequence"]) == (busy["ana"], False, None)


def test_who_is_gone_is_found_by_name_until_erased(
    cli: CommandLine, world: World, okta: Connection, busy: dict[str, str]
) -> None:
    okta.delete(f"/Users/{busy['ana']}")
    assert "user.deleted" in actions(cli, "--user", "ana@x.test")
    damage(world, "DELETE FROM person_keys WHERE person = ?", person=busy["ana"])
    lines = cli.done("audit", "list", "acme", "--object", busy["ana"]).out.splitlines()
    assert all("(erased)" in line for line in lines if "user." in line)
    assert cli.json("audit", "verify", "acme")["whole"]


def test_verify_says_how_much_was_sealed_just_now(cli: CommandLine, busy: dict[str, str]) -> None:
    assert cli.done("audit", "verify", "acme").out == (
        "The audit trail of 'acme' is whole: 10 entries under 1 checkpoint. 10 of them had not been sealed before.\n"
    )
    assert cli.done("audit", "verify", "acme").out.endswith("10 entries under 1 checkpoint.\n")
    found = cli.json("audit", "verify", "acme")
    assert len(found.pop("hash")) == 64
    assert found == {"whole": True, "entries": 10, "checkpoints": 1, "unsealed": 0, "fault": None}


def test_a_broken_trail_is_refused(cli: CommandLine, world: World, busy: dict[str, str]) -> None:
    cli.done("audit", "verify", "acme")
    damage(world, "UPDATE audit SET action = 'user.created' WHERE sequence = 5")
    sentence = cli.failed(1, "audit", "verify", "acme")
    assert sentence == "The audit trail of 'acme' is broken. Entry 5 is not what was sealed there."
    outcome = cli("audit", "verify", "acme", "--json")
    assert (outcome.code, outcome.json["whole"], outcome.json["fault"]) == (
        1,
        False,
        "Entry 5 is not what was sealed there.",
    )


def test_what_a_command_writes_is_sealed_as_it_ends(acme_cli: CommandLine) -> None:
    acme_cli.done("subscription", "set", "acme", "meeting", "--seats", "3")
    assert acme_cli.json("audit", "verify", "acme")["unsealed"] == 0


def test_what_a_server_writes_is_sealed_by_its_thread_or_by_its_end(acme_cli: CommandLine) -> None:
    """Two workers, stopped right after the last write."""
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    with serving(free_port(), workers=2) as (server, http):
        for number in range(6):
            answer = http.post(
                "/scim/acme/v2/Users",
                json={"schemas": [], "userName": f"u{number}"},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 201
        server.terminate()
        assert server.wait(PATIENCE) == 0
    found = acme_cli.json("audit", "verify", "acme")
    assert (found["whole"], found["entries"], found["unsealed"]) == (True, 9, 0)


def test_an_export_is_verified_by_whoever_has_the_public_key(
    cli: CommandLine, tmp_path: Path, capsys: pytest.CaptureFixture[str], busy: dict[str, str]
) -> None:
    public = cli.done("audit", "key").out
    assert cli.json("audit", "key") == {"algorithm": "Ed25519", "publicKey": public.strip()}
    printed = cli.done("audit", "export", "acme").out
    assert verify(printed.encode().splitlines(keepends=True), public).entries == 10
    assert json.loads(printed.splitlines()[0])["slug"] == "acme"
    assert "ana@x.test" not in printed
    file = tmp_path / "trail.jsonl"
    assert cli.json("audit", "export", "acme", "--output", str(file)) == {
        "tenant": "acme",
        "file": str(file),
        "lines": 12,
    }
    assert main([str(file), public]) == 0
    file.write_bytes(file.read_bytes().replace(b"user.changed", b"user.deleted"))
    assert main([str(file), public]) == 1
    assert "Exported" in cli.done("audit", "export", "acme", "--output", str(file)).out
    assert main([str(file), public]) == 0
    assert [path.name for path in tmp_path.glob("trail*")] == ["trail.jsonl"]
    capsys.readouterr()


def test_an_earlier_export_shows_whether_the_chain_went_on(
    cli: CommandLine, okta: Connection, busy: dict[str, str]
) -> None:
    """Whoever has the key can make another chain, but not one with the checkpoints that were seen."""
    earlier = cli.done("audit", "export", "acme").out.splitlines()
    okta.create_user("ben@x.test")
    later = cli.done("audit", "export", "acme").out.splitlines()
    assert json.loads(earlier[-1])["kind"] == "checkpoint"
    assert later[1 : len(earlier)] == earlier[1:]


def test_what_is_not_there_is_refused(acme_cli: CommandLine, tmp_path: Path) -> None:
    for command in ("list", "verify", "export"):
        assert "no tenant" in acme_cli.failed(1, "audit", command, "nobody")
    assert "No such file" in acme_cli.failed(1, "audit", "export", "acme", "--output", str(tmp_path / "no" / "file"))


@pytest.mark.parametrize("options", [("--since", "yesterday"), ("--since", ""), ("--limit", "0")])
def test_impossible_choices_are_usage_errors(acme_cli: CommandLine, options: tuple[str, ...]) -> None:
    acme_cli.failed(2, "audit", "list", "acme", *options)


def test_what_is_stored_is_compared_with_the_trail(
    cli: CommandLine, world: World, busy: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.done("audit", "compare", "acme").out == "The audit trail of 'acme' says just what is stored.\n"
    assert cli.json("audit", "compare", "acme") == {"tenant": "acme", "agrees": True, "differences": []}
    damage(world, "UPDATE users SET version = 7 WHERE id = ?", user=busy["ana"])
    sentence = cli.failed(1, "audit", "compare", "acme")
    assert f"user {busy['ana']} is stored otherwise than the trail has it: version" in sentence
    outcome = cli("audit", "compare", "acme", "--json")
    assert (outcome.code, outcome.json["agrees"], len(outcome.json["differences"])) == (1, False, 1)
    damage(world, "UPDATE users SET version = 2 WHERE id = ?", user=busy["ana"])
    damage(world, "DELETE FROM members")
    assert "members" in cli.failed(1, "audit", "compare", "acme")
    damage(world, "DELETE FROM person_keys WHERE person = ?", person=busy["ana"])
    assert f"user {busy['ana']}" not in cli.failed(1, "audit", "compare", "acme")
