"""A change of the past undone and redone: all is as it was, or the undo is refused and nothing has happened."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from scim_server.domain.errors import Refusal, SeatsInUse
from scim_server.domain.events import PLACES, Cause
from scim_server.domain.tenants import Tenant
from scim_server.services import reconciling, stocktaking, undoing
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.replaying import State
from scim_server.services.undoing import Undoable
from tests.worlds import CAUSE, World

STAMPS = frozenset({"version", "created", "modified", "since", "ownedAddress", "claimed", "due", "deleted"})
"""What says when, or whose an address that two people have was first."""


def undo_and_redo(world: World, tenant: Tenant, entry: AuditEntry, random: Random) -> bool:
    """Undo an entry, or the request it belongs to, and undo that; answers whether that could be done.

    Where somebody waits for a seat, others may have got it meanwhile, and nobody is evicted: the seats then only have
    to be in order.
    """
    whole = entry.request_id != CAUSE.request_id and random.random() < 0.5
    asked = Undoable(request_id=entry.request_id) if whole else Undoable(entry_id=entry.id)
    before = stock(world, tenant)
    try:
        undone = undoing.undo(world.units, tenant, Cause("test", f"undo {entry.id}", "test"), asked)
    except Refusal:
        assert stock(world, tenant) == before
        return False
    between = stock(world, tenant)
    assert reconciling.differences(world.units, tenant) == []
    assert between != before, entry
    try:
        undoing.undo(world.units, tenant, Cause("test", f"redo {entry.id}", "test"), Undoable(undone.request_id))
    except SeatsInUse:
        assert is_over(before) or has_moved_up(before, between), entry
        assert stock(world, tenant) == between
        return False
    after = stock(world, tenant)
    assert reconciling.differences(world.units, tenant) == []
    contested = is_contested(before) or is_contested(between) or is_contested(after)
    was, became = (picture(each, contested=contested) for each in (before, after))
    differing = [(key, was.get(key), became.get(key)) for key in was | became if was.get(key) != became.get(key)]
    assert not differing, (entry, differing)
    return True


def stock(world: World, tenant: Tenant) -> State:
    with world.units.read(tenant) as uow:
        return stocktaking.stock(uow)


def is_over(state: State) -> bool:
    """Whether more seats of a product are assigned than were bought, by an allowance that came later than the seats
    went: once they are bought again, nobody gives them back below those in use."""
    taken = Counter(facts["product"] for (kind, _), facts in state.items() if kind in PLACES and counts(facts))
    return any(taken[name] > facts.get("seats", 0) for (kind, name), facts in state.items() if kind == "subscription")


def has_moved_up(before: State, after: State) -> bool:
    """Whether somebody who waited has got a seat, which nobody takes from them."""
    waited = (name for (kind, name), facts in before.items() if kind == "seat" and facts["state"] == "waiting")
    return any(after.get(("seat", name), {}).get("state") == "assigned" for name in waited)


def counts(place: Mapping[str, Any]) -> bool:
    return place.get("state") != "waiting"


def is_contested(state: State) -> bool:
    """Whether somebody waits for a seat, or keeps one until an admin decides."""
    return any(facts["state"] != "assigned" for (kind, _), facts in state.items() if kind == "seat")


def picture(state: State, *, contested: bool) -> dict[Any, Any]:
    """What there is, without moments; seats by person and product, as those that come back have new ids.

    Of the priorities of rules only their order counts.
    """
    found = {}
    rules = sorted((facts["priority"], name) for (kind, name), facts in state.items() if kind == "rule")
    for (kind, name), facts in state.items():
        if kind == "rule":
            facts = {**facts, "priority": rules.index((facts["priority"], name))}
        if kind == "seat":
            if not contested:
                found[(kind, facts["user"], facts["product"])] = facts["state"]
        elif kind not in {"token", "subscription"} or facts.get("seats"):
            found[(kind, name)] = timeless(facts)
    return found


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: timeless(each) for name, each in value.items() if name not in STAMPS}
    if isinstance(value, list):
        return sorted(map(timeless, value), key=repr)
    return value
