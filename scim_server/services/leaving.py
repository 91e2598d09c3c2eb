"""Leavers by hand: deleted, brought back under the old id, and at last forgotten."""

from scim_server.domain.directory import User
from scim_server.domain.errors import AddressTaken, Contention, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_tombstone
from scim_server.domain.tenants import Tenant
from scim_server.domain.tombstones import Tombstone
from scim_server.services import entitling, provisioning
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.issues import issue
from scim_server.services.naming import no_user
from scim_server.services.people import Departed, Portrait, portrait
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried
from scim_server.services.returning import forgotten_until, succeed
from scim_server.services.tenancy import tenants

CHORE = "forget-deleted"


@retried
def delete_person(units: Units, tenant: Tenant, cause: Cause, user_name: str) -> Departed:
    """Let a person go: name, address and seats are free at once. Raises Missing."""
    with units.write(tenant, cause) as uow:
        named = uow.users.called(user_name)
        user = None if named is None else provisioning.lock_leaver(uow, named.id)
        if user is None:
            raise no_user(tenant, user_name)
        provisioning.delete_user(uow, user)
        uow.commit()
        tombstone = Tombstone(user.undisguised(), uow.now)
        return Departed(tombstone, tombstone.restorable_until(tenant.settings.number("retention_days")))


@retried
def restore_person(units: Units, tenant: Tenant, cause: Cause, user_name: str, user_id: str | None = None) -> Portrait:
    """Bring a deleted person back under the old id: of those of that name the newest, or the one of that id, which may
    stand for the name as well.

    They come back to their direct claims, as of now, and to no group; what was given by hand is given again, roles
    are not. Raises Missing where nobody of that name can be restored any more, Taken where somebody else has the name
    or the address or has become who they were, SeatLimit where a subscription rejects.
    """
    with units.write(tenant, cause) as uow:
        user = bring_back(uow, _restorable(uow, user_name, user_id))
        restored = portrait(uow, user)
        uow.commit()
        return restored


def bring_back(uow: UnitOfWork, tombstone: Tombstone) -> User:
    """Restore a deleted person in the caller's transaction. Raises Taken, SeatLimit."""
    _check_free(uow, tombstone)
    user = revive(uow, tombstone)
    entitling.refresh(uow, {user.id: user.may_hold}, own_request=user.may_hold)
    return user


def revive(uow: UnitOfWork, tombstone: Tombstone) -> User:
    """Restore a deleted person whose name and address are free; `entitling.refresh` is to follow."""
    user_id = tombstone.user.id
    if not uow.tombstones.remove(tombstone):
        raise Contention(f"user {user_id} came back meanwhile")
    uow.record(Change("tombstone", user_id, "tombstone.removed", of_tombstone(tombstone), None))
    for code, role, connection_id in tombstone.held_back:
        uow.issues.open(issue(uow, code, user_id=user_id, subject=role, connection_id=connection_id))
    user = provisioning.restore_user(uow, tombstone.user)
    if tombstone.successor is not None:
        succeed(uow, tombstone.successor, user_id)
    if tombstone.last_seen is not None:
        uow.sightings.report({user.id: tombstone.last_seen})
    for product, source in tombstone.claims:
        entitling.claim(uow, user.id, [product], source)
    for product, reason in tombstone.exclusions:
        entitling.exclude(uow, user.id, [product], reason)
    return user


def forget_tombstones(units: Units) -> int:
    """The chore: forget, in every tenant, who was deleted longer ago than it keeps people; answers how many."""
    return for_each_tenant(tenants(units), lambda tenant: _forget(units, tenant))


@retried
def _forget(units: Units, tenant: Tenant) -> int:
    with units.write(tenant, chore_cause(CHORE)) as uow:
        forgotten = uow.tombstones.forget(forgotten_until(uow))
        for user_id, deleted in forgotten.items():
            uow.record(Change("tombstone", user_id, "tombstone.forgotten", {"deleted": deleted}, None))
        uow.feeds.drop_gone()
        uow.commit()
        return len(forgotten)


def _restorable(uow: UnitOfWork, user_name: str, user_id: str | None) -> Tombstone:
    limit = forgotten_until(uow)
    for tombstone in uow.tombstones.called(user_name):
        if tombstone.deleted > limit and user_id in {None, tombstone.user.id}:
            return tombstone
    raise _nothing_left(uow, user_name)


def _nothing_left(uow: UnitOfWork, user_name: str) -> Missing:
    days = uow.tenant.settings.number("retention_days")
    return Missing(
        f"Tenant '{uow.tenant.slug}' has nobody '{user_name}' to restore: whoever is deleted is kept for {days} days. "
        f"`scim-server user list {uow.tenant.slug} --deleted` shows them."
    )


def _check_free(uow: UnitOfWork, tombstone: Tombstone) -> None:
    """Nobody may have become who the person was, or have the name or the address."""
    user = tombstone.user
    holders = [] if tombstone.successor is None else uow.users.some([tombstone.successor])
    if holders:
        raise _taken(user, f"user '{holders[0].user_name}' continues that person")
    holder = uow.users.named(user.user_name)
    if holder is not None:
        raise _taken(user, f"user '{holder.user_name}' ({holder.id}) has the name")
    if user.own_address is None:
        return
    if uow.addresses.owned_elsewhere(user.own_address):
        raise AddressTaken(user.own_address)
    owner_id = uow.addresses.owners().get(uow.addresses.key(user.own_address))
    if owner_id is not None:
        (owner,) = uow.users.some([owner_id])
        raise _taken(user, f"user '{owner.user_name}' has the address '{user.own_address}'")


def _taken(user: User, why: str) -> Taken:
    return Taken(
        f"'{user.user_name}' cannot be restored: {why}. Change or delete that one first, or leave things as they are."
    )
