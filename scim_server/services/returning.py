"""What is left of people who were deleted, who continues them, and how the old person comes back."""

from collections.abc import Sequence
from datetime import timedelta

from scim_server.domain.directory import BLOCKED_BY_ADMIN, User
from scim_server.domain.events import Change
from scim_server.domain.facts import of_tombstone
from scim_server.domain.instants import Instant, later
from scim_server.domain.seats import EVERY_SOURCE
from scim_server.domain.tombstones import Tombstone
from scim_server.services.issues import ROLE_ABOVE_MAX, UNKNOWN_ROLE
from scim_server.services.ports import UnitOfWork


def remember(uow: UnitOfWork, user: User) -> None:
    """Leave the tombstone of somebody about to go, under the name that is truly theirs."""
    facts = [claim for claim in uow.ledger.claims([user.id]) if not claim.is_derived]
    kept_out = [each for each in uow.ledger.exclusions([user.id]) if each.source == EVERY_SOURCE]
    held_back = [each for each in uow.issues.of([user.id]) if each.code in {ROLE_ABOVE_MAX, UNKNOWN_ROLE}]
    seen = uow.sightings.of([user.id])
    tombstone = Tombstone(
        user=user.undisguised(),
        deleted=uow.now,
        claims=tuple(sorted((claim.product, claim.source) for claim in facts)),
        exclusions=tuple(sorted((each.product, each.reason) for each in kept_out)),
        held_back=tuple((each.code, each.subject, each.connection_id) for each in held_back),
        last_seen=seen.get(user.id),
    )
    uow.tombstones.add(tombstone)
    uow.record(Change("tombstone", user.id, "tombstone.left", None, of_tombstone(tombstone)))


def predecessors(uow: UnitOfWork, newcomers: Sequence[User]) -> list[Tombstone | None]:
    """The deleted person whom each newcomer continues, in their order.

    Of several at once, only those are looked for one by one whom anybody who was deleted could be.
    """
    since = forgotten_until(uow)
    if len(newcomers) == 1:
        return [uow.tombstones.predecessor(newcomers[0], since)]
    left = uow.tombstones.of_addresses({user.address for user in newcomers if user.address is not None}, since)
    return [
        uow.tombstones.predecessor(user, since) if user.external_id is not None or user.address in left else None
        for user in newcomers
    ]


def still_blocked(earlier: Tombstone | None) -> str | None:
    """Why somebody who continues a deleted person is blocked: what an admin did ends by an admin alone."""
    return BLOCKED_BY_ADMIN if earlier is not None and earlier.user.blocked_for == BLOCKED_BY_ADMIN else None


def continue_earlier(uow: UnitOfWork, earlier: Tombstone | None, newcomer: User) -> str | None:
    """Attach history and sessions of the person before to the newcomer; answers that person's id."""
    if earlier is None or not succeed(uow, earlier.user.id, newcomer.id):
        return None
    return earlier.user.id


def succeed(uow: UnitOfWork, user_id: str, successor: str) -> bool:
    """Let `successor` continue a deleted person, sessions and all; answers whether they were still to be continued."""
    sessions = uow.sessions.involving(user_id)
    continued = uow.tombstones.succeed(user_id, successor)
    for each in continued:
        then = None if each == user_id else user_id
        uow.record(Change("tombstone", each, "tombstone.continued", {"successor": then}, {"successor": successor}))
    for session in sessions if continued else ():
        after = session.passed_on(user_id, successor)
        uow.record(Change("session", session.id, "session.passed_on", session.facts, after.facts))
    return bool(continued)


def forgotten_until(uow: UnitOfWork) -> Instant:
    """Who was deleted at this moment or before cannot come back any more."""
    return later(uow.now, -timedelta(days=uow.tenant.settings.number("retention_days")))
