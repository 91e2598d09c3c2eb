"""The audit trail read back: every entry of a tenant from the first on adds up to all that is stored of it.

Entries of one object lie in the trail in the order in which they were made, since whoever changes an object holds its
lock until the change is committed: by their places in the chain, and what is not sealed yet behind them, by id.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from scim_server.domain.deltas import DELTAS, changed
from scim_server.domain.employments import CORE
from scim_server.domain.events import LEDGERS
from scim_server.domain.instants import Instant
from scim_server.services.audit_chains import canonical
from scim_server.services.audit_entries import AuditEntry

Key = tuple[str, str]
"""The type and id of an object."""
Facts = Mapping[str, Any]
State = dict[Key, Facts]
"""What there is, object by object."""

ERASED: Facts = MappingProxyType({"erased": True})
"""What is known of an object where a part of its history went with its person's key."""
NOT_OBJECTS = frozenset(
    {"recordings", "welcome", "import", "oauth_grant", "approval_code", "move", "order", "erasure", "request"}
)
"""Types of entries that say what was done, about nothing that is kept."""
NOTES: Mapping[str, frozenset[str]] = {
    "user": frozenset({"continues"}),
    "subscription": frozenset({"assigned", "waiting"}),
    "token": frozenset({"connection"}),
    "webhook": frozenset({"replayed"}),
}
"""Facts that an entry tells beside those of the object, by type."""

ADDED: Mapping[str, Facts] = {
    "stream": {"byAdmin": False},
    "connection": {"removed": None, "successor": None},
}
"""What an object of that type is where entries of older versions do not say it, as they did not know it."""


def replay(entries: Iterable[AuditEntry], until: Instant | None = None) -> State:
    """What those entries, in the order of the trail, left; with `until` what they had left at that moment."""
    state: State = {}
    for entry in entries:
        if until is None or entry.at <= until:
            follow(state, entry)
    return state


def follow(state: State, entry: AuditEntry) -> None:
    """Let one more entry change what there is."""
    key = entry.object_type, entry.object_id
    if entry.object_type in NOT_OBJECTS:
        return
    after = _left(state.get(key, {}), entry)
    if after is None:
        state.pop(key, None)
    else:
        state[key] = after


def _left(before: Facts, entry: AuditEntry) -> Facts | None:
    """What an entry left of its object; None for nothing."""
    if entry.erased or before is ERASED:
        return ERASED
    gone, come = entry.before or {}, entry.after or {}
    is_ledger = entry.object_type in LEDGERS
    if entry.after is None and not is_ledger:
        return None
    sets = DELTAS.get(entry.object_type, ())
    notes = NOTES.get(entry.object_type, frozenset())
    facts = {name: fact for name, fact in before.items() if name not in gone}
    facts |= {name: fact for name, fact in come.items() if name not in notes}
    for name in sets:
        facts[name] = changed(before.get(name, ()), gone.get(name, ()), come.get(name, ()))
    return None if is_ledger and not any(facts.values()) else facts


def differences(replayed: Mapping[Key, Facts], stored: Mapping[Key, Facts]) -> list[str]:
    """Where what the trail says and what is stored are not the same, one sentence each; what was erased is passed
    over."""
    found = []
    for key in sorted(replayed.keys() | stored.keys()):
        then, now = (_comparable(key, side.get(key)) for side in (replayed, stored))
        if then is not ERASED and then != now:
            found.append(_sentence(key, then, now))
    return found


def _comparable(key: Key, facts: Facts | None) -> Facts | None:
    """The facts with the elements of each set in one order, and what a profile says by default: older
    entries tell of people who were added by hand or imported without `schemas`."""
    if facts is None or facts is ERASED:
        return facts
    facts = {**ADDED.get(key[0], {}), **facts}
    if key[0] == "user" and "schemas" not in (facts.get("profile") or {}):
        facts = {**facts, "profile": {"schemas": [CORE], **(facts.get("profile") or {})}}
    sets = {name: sorted(facts[name], key=canonical) for name in DELTAS.get(key[0], ())}
    return {**facts, **sets}


def _sentence(key: Key, replayed: Facts | None, stored: Facts | None) -> str:
    name = " ".join(key)
    if replayed is None:
        return f"{name} is stored, but not in the trail"
    if stored is None:
        return f"{name} is in the trail, but not stored"
    wrong = sorted(fact for fact in replayed.keys() | stored.keys() if replayed.get(fact) != stored.get(fact))
    return f"{name} is stored otherwise than the trail has it: {', '.join(wrong)}"
