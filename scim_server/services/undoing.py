"""Undo: one change, or all of one request, taken back through the use cases that make such changes.

What follows from others (seats, claims by rules and entitlements) is not taken back but follows anew, so the ledger
stays right: nobody loses a seat to it that another claim keeps, and who has got a seat meanwhile keeps it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from scim_server.domain.errors import Forbidden, Invalid, LaterChanges, Missing, Taken
from scim_server.domain.events import Cause
from scim_server.domain.reversals import Obstructed
from scim_server.domain.seats import BY_ADMIN
from scim_server.domain.tenants import Tenant
from scim_server.services import forecasting, reinstating, reverting
from scim_server.services.audit_entries import AuditEntry, SoughtEntries
from scim_server.services.forecasting import Forecast
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.taking_over import RECORDINGS

GIVEN = frozenset({"claims", "grant"})
"""Types of entries that say what a person was given."""
MOST_ENTRIES = 100_000
"""Of one request."""
RULE = "rule"
FOLLOWING = frozenset(
    {
        "rule.orphaned",
        "rule.bound",
        "rule.renamed",
        "subscription.opened",
        "tenant.created",
        "connection.wrote_entitlements",
        "user.got_address",
        "user.lost_address",
    }
)
"""Actions that follow from others and follow again, as seats do; or that nothing comes before."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How changes of a kind of object are taken back, and the permission that it takes to make them."""

    revert: Callable[..., bool]
    permission: str


KINDS: Mapping[str, Kind] = {
    "user": Kind(reverting.revert_user, "people.write"),
    "group": Kind(reverting.revert_group, "groups.write"),
    "claims": Kind(reverting.revert_claims, "seats.write"),
    "grant": Kind(reverting.revert_grant, "roles.grant"),
    "subscription": Kind(reinstating.revert_subscription, "subscriptions.write"),
    RULE: Kind(reinstating.revert_rules, "rules.write"),
    "template": Kind(reinstating.revert_template, "rules.write"),
    "mail_template": Kind(reinstating.revert_mail_template, "tenant.write"),
    "role": Kind(reinstating.revert_role, "roles.write"),
    "session": Kind(reinstating.revert_session, "sessions.write"),
    "tenant": Kind(reinstating.revert_tenant, "tenant.write"),
    "connection": Kind(reinstating.revert_connection, "connections.write"),
    "resource": Kind(reinstating.revert_resource, "people.write"),
}
LINK_AGAIN = "what was linked to a connection is linked to another with `user link` or `group link`"
OWNED_BY = "what other resources belong to changes with the connection alone"
STAYING: Mapping[str, str] = {
    "token": "a token that was revoked opens nothing again, and one that was issued is revoked with `token revoke`",
    "issuer": "whose tokens are taken is said with `issuer add` and `issuer remove`",
    "sign_in_provider": "its secret is in no trail: `console provider set` and `console provider remove` change it",
    "webhook": "its secret is in no trail: `webhook edit` changes it, `webhook remove` ends it",
    "domain": "domains are the tenant's by proof: `domain remove` takes one out, `domain verify` looks for its proof",
    "invitation": "a mail that was sent is not unsent",
    "reservation": "it belongs to an invitation",
    "move": "the operator moves a tenant back with `tenant move`",
    "add": "an add that waits is called off with `pending-add cancel`",
    "oauth_grant": "what a client was let in to ends with `oauth grant revoke`; an admin can let it in again",
    "approval_code": "it is good once, and for ten minutes",
    "receipt": "what was acknowledged has ended, and the clock goes on by itself",
    "welcome": "a mail that was sent is not unsent",
    "order": "what was asked for at the billing page is called off there",
    "user.linked": LINK_AGAIN,
    "group.linked": LINK_AGAIN,
    "user.unlinked": LINK_AGAIN,
    "group.unlinked": LINK_AGAIN,
    "resource.linked": OWNED_BY,
    "resource.unlinked": OWNED_BY,
    "tombstone.linked": OWNED_BY,
    "tombstone.unlinked": OWNED_BY,
    "connection.removed": "a connection that was removed is gone: make a new one with `connection create`",
    "erasure": "what was erased is gone for good",
    "request": "a request that was called off is sent again by its client",
    RECORDINGS: "recordings that were sealed stay sealed, and with the undo those made since are",
}
"""What is never taken back, by type of object or by action, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Staying:
    """A change that stays as it is: `told` is its type or its action, by which the reason is told."""

    entry: AuditEntry
    told: str

    @property
    def reason(self) -> str:
        """Why."""
        return STAYING[self.told]


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, newest first. `request_id` is that of the undo: undone in turn, all is as it was."""

    request_id: str
    reverted: list[AuditEntry]
    staying: list[Staying]
    forecast: Forecast | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Undoable:
    """What is to be undone: one entry of the trail, or all of one request."""

    request_id: str | None = None
    entry_id: str | None = None


@retried
def undo(units: Units, tenant: Tenant, cause: Cause, asked: Undoable) -> Undone:
    """Take back what is asked for: all of it or nothing.

    Raises Missing where there is no such change, LaterChanges where it was changed again since, Invalid where nothing
    of it can be taken back, Taken where it was already, Forbidden, and what the use cases behind it raise.
    """
    with units.write(tenant, cause) as uow:
        undone = take_back(uow, asked)
        uow.commit()
        return undone


def preview(units: Units, tenant: Tenant, cause: Cause, asked: Undoable) -> Undone:
    """What `undo` would take back, and who would gain and lose what. Nothing is changed. Raises the same."""
    found: list[Undone] = []
    forecast = forecasting.what_if(units, tenant, cause, lambda uow: found.append(take_back(uow, asked)))
    last = found[-1]
    return Undone(last.request_id, last.reverted, last.staying, forecast)


def take_back(uow: UnitOfWork, asked: Undoable) -> Undone:
    """The same inside the caller's transaction."""
    uow.guard(exclusive=True)
    entries = _entries(uow, asked)
    mine, staying = _sorted(entries)
    if not mine:
        raise Invalid(_nothing_to_undo(entries, staying))
    _check_permissions(mine, uow.cause.permits)
    reverted = list(_revert(uow, mine))
    if not reverted:
        raise Taken("Everything is as it was before that change already: there is nothing to undo.")
    return Undone(uow.cause.request_id, reverted, staying)


def _entries(uow: UnitOfWork, asked: Undoable) -> list[AuditEntry]:
    """What is to be taken back, newest first."""
    found = uow.trail.find(SoughtEntries(MOST_ENTRIES + 1, request_id=asked.request_id, entry_id=asked.entry_id))
    if not found:
        raise Missing("There is no such change: `scim-server audit list` shows every entry with its id and request.")
    if len(found) > MOST_ENTRIES:
        raise Invalid(f"The request changed more than {MOST_ENTRIES} objects: undo its entries one by one.")
    erased = [entry for entry in found if entry.erased]
    if erased:
        raise Invalid(f"What entry {erased[0].id} says was erased with the person's key: it cannot be undone.")
    return found


def _sorted(entries: Iterable[AuditEntry]) -> tuple[list[AuditEntry], list[Staying]]:
    """The changes that can be taken back, and those that stay; what follows from others is neither."""
    mine, staying = [], []
    for entry in entries:
        told = next((each for each in (entry.object_type, entry.action) if each in STAYING), None)
        if told is not None:
            staying.append(Staying(entry, told))
        elif entry.object_type in KINDS and not _follows(entry):
            mine.append(entry)
    return mine, staying


def _follows(entry: AuditEntry) -> bool:
    if entry.object_type == "grant":
        return not entry.object_id.endswith(f"/{BY_ADMIN}")
    if entry.object_type == "claims":
        return not reverting.is_by_hand(entry)
    return entry.action in FOLLOWING


def _nothing_to_undo(entries: list[AuditEntry], staying: list[Staying]) -> str:
    if staying:
        return f"This cannot be undone: {staying[0].reason}."
    if entries[0].object_type == "import":
        return (
            "That an import ran is not undone. What it brought in is, with the request that carried it out: in the "
            f"background that is the import's id, {entries[0].object_id}."
        )
    return (
        f"Entry {entries[0].id} ({entries[0].action}) follows from another change, and goes with it: undo that one, "
        f"or the whole request {entries[0].request_id}."
    )


def _check_permissions(entries: Iterable[AuditEntry], permissions: Collection[str] | None) -> None:
    for entry in entries:
        needed = KINDS[entry.object_type].permission
        if permissions is not None and needed not in permissions:
            raise Forbidden(f"Undoing {entry.action} needs the permission '{needed}'.")


def _revert(uow: UnitOfWork, entries: list[AuditEntry]) -> Iterator[AuditEntry]:
    """Take the changes back, newest first."""
    for turn in _turns(entries):
        try:
            done = turn.revert(uow)
        except Obstructed as obstructed:
            raise _later_changes(uow, turn.entries[0], obstructed) from obstructed
        if done:
            yield from turn.entries


@dataclass(frozen=True, slots=True)
class _Turn:
    """Entries that are taken back at once."""

    revert: Callable[[UnitOfWork], bool]
    entries: list[AuditEntry]


def _turns(entries: list[AuditEntry]) -> Iterator[_Turn]:
    """Newest first, but what people were given last: it depends on everything else.

    Rules go at once, for each has its place among the others; what a person was made with goes with that person.
    """
    rules = [entry for entry in entries if entry.object_type == RULE]
    made = {entry.object_id: entry for entry in entries if entry.object_type == "user" and entry.before is None}
    for entry in sorted(entries, key=lambda each: each.object_type in GIVEN):
        if entry.object_type in GIVEN and entry.person in made:
            continue
        if entry.object_type == RULE:
            if entry is rules[0]:
                yield _Turn(partial(reinstating.revert_rules, entries=rules), rules)
        elif entry.object_id in made and entry.object_type == "user":
            mine = [each for each in entries if each.object_type in GIVEN and each.person == entry.object_id]
            yield _Turn(partial(reverting.revert_user, entry=entry, given=mine), [entry, *mine])
        else:
            yield _Turn(partial(KINDS[entry.object_type].revert, entry=entry), [entry])


def _later_changes(uow: UnitOfWork, entry: AuditEntry, obstructed: Obstructed) -> LaterChanges:
    since = [
        each
        for each in uow.trail.find(SoughtEntries(MOST_ENTRIES, object_id=entry.object_id, since=entry.at))
        if each.id > entry.id and each.request_id != entry.request_id
    ]
    what = f"{entry.object_type} '{name_of(entry)}'"
    return LaterChanges(what, obstructed.names, [(each.action, each.actor, each.at, each.id) for each in since])


def name_of(entry: AuditEntry) -> str:
    """What the object of an entry is called, as far as the entry says."""
    facts = entry.after or entry.before or {}
    found = facts.get("userName") or facts.get("displayName") or facts.get("title") or entry.object_id
    return str(found)
