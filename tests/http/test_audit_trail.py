"""The audit trail as a chain: personal facts encrypted, entries sealed behind the writers, tampering found."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.services import audit_chains, auditing, person_tokens
from scim_server.services.audit_chains import verify
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.audit_sealers import AuditSealer
from scim_server.store.trails import Trail
from tests.http.test_concurrency import at_once
from tests.http.test_reconciling import damage
from tests.http.test_seats import entitle, set_active
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World


def key(world: World) -> Ed25519PrivateKey:
    return world.installation.sealer.key()


def check(world: World, tenant: Tenant) -> auditing.Finding:
    return auditing.check(world.units, tenant, key(world))


def entry(world: World, tenant: Tenant, action: str) -> AuditEntry:
    """The newest entry of that action."""
    return next(each for each in reversed(world.trail(tenant)) if each.action == action)


def test_facts_about_people_are_stored_encrypted(world: World, acme: Tenant, okta: Connection) -> None:
    """Under a key of their own; ids, products and what happened stay legible. A group's facts are nobody's."""
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana.lima", displayName="Ana Lima", title="Pilot", entitlements=["meeting"])
    okta.create_group("Sales", ana["id"])
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "displayName", "value": "Ana Souza"})
    okta.delete(f"/Users/{ana['id']}")
    stored = repr(world.rows("audit"))
    assert [fact for fact in ("lima", "Lima", "Pilot", "Souza") if fact in stored] == []
    assert "Sales" in stored
    assert ana["id"] in stored
    assert [row["person"] for row in world.rows("person_keys")] == [ana["id"]]
    changed = entry(world, acme, "user.changed")
    assert (changed.before or {})["displayName"] == "Ana Lima"
    assert (changed.after or {})["displayName"] == "Ana Souza"
    assert entry(world, acme, "seat.released").person == ana["id"]
    assert entry(world, acme, "group.created").person is None


def test_a_persons_token_names_them_by_id(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana.lima")
    person_tokens.issue_token(world.units, acme, CAUSE, "ana.lima", timedelta(days=1))
    assert "ana.lima" not in repr(world.rows("audit"))
    issued = entry(world, acme, "token.issued")
    assert (issued.person, (issued.after or {})["user"]) == (ana["id"], ana["id"])


def test_entries_say_how_many_seats_they_moved(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    ana = okta.create_user("ana", entitlements=["meeting"])["id"]
    okta.create_user("ben", entitlements=["meeting"])
    set_active(okta, ana, False)
    moved = [(each.action, each.seats) for each in world.trail(acme) if each.object_type == "seat"]
    assert sorted(moved, key=str) == [
        ("seat.assigned", {"meeting": 1}),
        ("seat.assigned", {"meeting": 1}),
        ("seat.released", {"meeting": -1}),
        ("seat.waiting", {}),
    ]
    assert sum(seats.get("meeting", 0) for _, seats in moved) == world.seats(acme, "meeting")[0]


def test_an_erased_person_cannot_be_read_and_the_chain_stays_whole(
    world: World, acme: Tenant, okta: Connection
) -> None:
    ana = okta.create_user("ana.lima")["id"]
    okta.create_user("ben")
    found = check(world, acme)
    damage(world, "DELETE FROM person_keys WHERE person = ?", person=ana)
    assert check(world, acme) == auditing.Finding(found.entries, found.checkpoints, found.hash, 0)
    ours = next(each for each in world.trail(acme) if each.object_id == ana)
    assert (ours.erased, ours.before, ours.after, ours.action) == (True, None, None, "user.created")
    assert [each.after for each in world.trail(acme) if each.action == "user.created" and not each.erased] != []


def test_whatever_comes_after_an_erasure_has_a_key_of_its_own(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana.lima")["id"]
    damage(world, "DELETE FROM person_keys WHERE person = ?", person=ana)
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Pilot"})
    about = [each for each in world.trail(acme) if each.object_id == ana]
    assert [(each.action, each.erased) for each in about] == [("user.created", True), ("user.changed", False)]


def test_a_ciphertext_belongs_to_its_entry(world: World, acme: Tenant, okta: Connection) -> None:
    """Facts moved from one entry to another of the same person do not open there."""
    ana = okta.create_user("ana")["id"]
    set_active(okta, ana, False)
    text = next(row["after"] for row in world.rows("audit") if row["action"] == "user.created")
    value = text if isinstance(text, str) and text.startswith('"') else f'"{text}"'
    damage(world, "UPDATE audit SET after = ? WHERE action = 'user.suspended'", text=value)
    assert entry(world, acme, "user.suspended").erased


def test_a_damaged_key_leaves_the_rest_of_the_trail_legible(world: World, acme: Tenant, okta: Connection) -> None:
    ana = okta.create_user("ana")["id"]
    okta.create_user("ben")
    damage(world, "UPDATE person_keys SET key = 'AAAA' WHERE person = ?", person=ana)
    created = {each.object_id: each.erased for each in world.trail(acme) if each.action == "user.created"}
    assert (created.pop(ana), list(created.values())) == (True, [False])


def test_entries_are_sealed_in_batches_in_one_chain(
    world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "BATCH", 3)
    for name in "abcdefg":
        okta.create_user(name)
    written = len(world.trail(acme))
    assert {each.sequence for each in world.trail(acme)} == {None}
    found = check(world, acme)
    assert (found.fault, found.unsealed, found.entries) == (None, written, written)
    assert found.checkpoints == -(-written // 3)
    assert [each.sequence for each in world.trail(acme)] == list(range(1, written + 1))
    assert check(world, acme).unsealed == 0
    okta.create_user("h")
    assert (check(world, acme).entries, check(world, acme).unsealed) == (written + 1, 0)


def test_whoever_commits_late_is_sealed_late(world: World, acme: Tenant, okta: Connection) -> None:
    """Ids are made before the commit: an entry may appear that sorts before all that are sealed."""
    okta.create_user("ana")
    written = check(world, acme).entries
    copied = "at, actor, request_id, cause, object_type, object_id, action, before, after, seats"
    damage(
        world,
        f"INSERT INTO audit (tenant_id, id, {copied}) SELECT tenant_id, ?, {copied} FROM audit WHERE sequence = 1",
        id="00000000-0000-7000-8000-000000000000",
    )
    assert (check(world, acme).entries, check(world, acme).fault) == (written + 1, None)
    assert world.trail(acme)[0].sequence == written + 1


def test_a_writer_never_touches_the_chain(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 1)
    with counting(world) as count:
        ana = okta.create_user("ana", entitlements=["meeting"])["id"]
        entitle(okta, ana)
        okta.delete(f"/Users/{ana}")
    assert [each for each in count.statements if "audit_ch" in each] == []


def test_many_seal_while_many_write(world: World, acme: Tenant, okta: Connection) -> None:
    """Every entry is sealed once, in one chain without gaps, whichever process seals it."""

    def write(prefix: str) -> Callable[[], Any]:
        client = world.same_client(okta)
        return lambda: [client.create_user(f"{prefix}{number}") for number in range(8)]

    def seal() -> Any:
        return [auditing.seal(world.units, acme, key(world)) for _ in range(8)]

    key(world)
    at_once(*(write(prefix) for prefix in "abcd"), seal, seal, seal)
    found = check(world, acme)
    assert (found.fault, found.entries) == (None, len(world.trail(acme)))
    assert sorted(each.sequence or 0 for each in world.trail(acme)) == list(range(1, found.entries + 1))


TAMPERING = {
    "a sealed entry changed": ("UPDATE audit SET actor = 'cli' WHERE sequence = 3", "Entry 3 is not what was sealed"),
    "a ciphertext changed": (
        "UPDATE audit SET after = '\"AAAA\"' WHERE sequence = 3",
        "Entry 3 is not what was sealed",
    ),
    "a sealed entry removed": ("DELETE FROM audit WHERE sequence = 3", "Entry 3 is missing"),
    "the first entry removed": ("DELETE FROM audit WHERE sequence = 1", "Entry 1 is missing"),
    "the end removed": ("DELETE FROM audit WHERE sequence >= 4", "Entry 4 is missing"),
    "entries in another order": (
        "UPDATE audit SET sequence = CASE sequence WHEN 2 THEN 1003 ELSE 1002 END WHERE sequence IN (2, 3);"
        "UPDATE audit SET sequence = sequence - 1000 WHERE sequence > 1000",
        "Entry 2 is not what was sealed",
    ),
    "a checkpoint removed": ("DELETE FROM audit_checkpoints", "No checkpoint signs"),
    "a checkpoint forged": ("UPDATE audit_checkpoints SET signature = 'AAAA'", "The signature of the checkpoint"),
    "the end of the chain forgotten": ("DELETE FROM audit_chains", "ends after entry 0, but something stands in place"),
    "the end of the chain moved back": (
        "UPDATE audit_chains SET sequence = 2, hash = (SELECT hash FROM audit WHERE sequence = 2)",
        "ends after entry 2, but something stands in place",
    ),
    "an entry put behind the chain": (
        "INSERT INTO audit (tenant_id, id, at, actor, request_id, cause, object_type, object_id, action, seats, "
        "sequence, hash) SELECT tenant_id, 'forged', at, actor, request_id, cause, object_type, object_id, action, "
        "seats, 999, hash FROM audit WHERE sequence = 2",
        "something stands in place 999",
    ),
    "all removed": ("DELETE FROM audit; DELETE FROM audit_checkpoints", "Entry 1 is missing|ends after entry 0"),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_in_the_database_is_found(world: World, acme: Tenant, okta: Connection, name: str) -> None:
    okta.create_user("ana")
    okta.create_user("ben")
    assert check(world, acme).fault is None
    statements, sentence = TAMPERING[name]
    for statement in statements.split(";"):
        damage(world, statement)
    fault = check(world, acme).fault
    assert fault is not None
    assert any(each in fault for each in sentence.split("|")), fault


def test_an_export_is_verified_with_the_public_key_alone(
    world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes line by line, and holds nothing legible about people."""
    monkeypatch.setattr(auditing, "BATCH", 2)
    okta.create_user("ana.lima")
    okta.create_user("ben")
    lines = list(auditing.export(world.units, acme, key(world)))
    found = verify(lines, auditing.public_key(key(world)))
    assert (found.tenant, found.entries) == (acme.id, len(world.trail(acme)))
    assert b"ana.lima" not in b"".join(lines)
    assert len(lines) == 1 + found.entries + found.checkpoints


def test_tenants_have_chains_of_their_own(world: World, acme: Tenant, okta: Connection) -> None:
    other = world.tenant("other")
    world.connect(other).create_user("eve")
    okta.create_user("ana")
    assert check(world, other).unsealed == len(world.trail(other))
    assert check(world, acme).unsealed == len(world.trail(acme))
    assert check(world, acme).hash != check(world, other).hash


def test_the_sealer_seals_what_is_new(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    world.installation.sealer.flush()
    assert check(world, acme).unsealed == 0
    okta.create_user("ben")
    assert check(world, acme).unsealed == 1
    refused = okta.post("/Users", {"userName": "ben"})
    assert (refused.status_code, check(world, acme).unsealed) == (409, 0)


class _Away:
    """A store that cannot be reached."""

    def write(self, *_: Any) -> Any:
        raise Unavailable("away")


def test_what_the_store_cannot_take_now_is_sealed_later(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    sealer = AuditSealer(_Away(), world.installation.sealer.key)  # type: ignore[arg-type]
    sealer.wake(acme)
    sealer.flush()
    sealer._units = world.units
    sealer.flush()
    assert check(world, acme).unsealed == 0


def test_what_a_process_left_behind_is_found_by_another(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana")
    world.tenant("quiet")
    assert world.do_chore("seal-audit-trails") == len(world.trail())
    assert world.do_chore("seal-audit-trails") == 0
    assert check(world, acme).unsealed == 0


def test_a_trail_that_cannot_be_sealed_keeps_no_other_waiting(
    world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = world.tenant("other")
    world.connect(other)
    okta.create_user("ana")
    whole = Trail.lock_chain

    def broken(trail: Trail) -> Any:
        if trail.scope.tenant_id == acme.id:
            raise ZeroDivisionError
        return whole(trail)

    with monkeypatch.context() as patched:
        patched.setattr(Trail, "lock_chain", broken)
        world.installation.sealer.flush()
    assert "audit trail not sealed" in "".join(capsys.readouterr())
    assert check(world, other).unsealed == 0
    assert check(world, acme).unsealed == len(world.trail(acme))


def test_the_thread_begins_with_the_first_commit_and_seals_at_its_end(
    world: World, acme: Tenant, okta: Connection
) -> None:
    sealer = AuditSealer(world.units, world.installation.sealer.key)
    sealer.start(every=60)
    okta.create_user("ana")
    assert _threads() == []
    sealer.wake(acme)
    (thread,) = _threads()
    assert thread.daemon
    sealer.stop()
    assert _threads() == []
    assert check(world, acme).unsealed == 0


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "audit-sealer"]


def test_a_hash_is_over_every_entry_before_it(world: World, acme: Tenant, okta: Connection) -> None:
    """Who rewrites an entry that no checkpoint signs, and its hash, breaks the next one."""
    okta.create_user("ana")
    okta.create_user("ben")
    check(world, acme)
    header, first, *rest = auditing.export(world.units, acme, key(world))
    line = json.loads(first)
    line["entry"]["action"] = "nothing.special"
    line["hash"] = audit_chains.link(audit_chains.beginning(acme.id), line["entry"])
    forged = [header, audit_chains.canonical(line) + b"\n", *rest]
    with pytest.raises(audit_chains.Broken, match="Entry 2 is not what was sealed"):
        audit_chains.verify(forged, auditing.public_key(key(world)))
