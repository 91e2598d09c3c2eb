"""Who owns which address: taken, given up and passed on with the people who have it (design section 6, invariant 5)."""

from collections.abc import Collection

from scim_server.domain.directory import User
from scim_server.domain.errors import AddressTaken
from scim_server.domain.events import Change
from scim_server.services.issues import EMAIL_IN_USE, issue
from scim_server.services.ports import UnitOfWork

OWNED = "ownedAddress"
"""The fact of a person that names the address they own, as it is compared; an entry that does not say leaves it."""


def own_address(uow: UnitOfWork, user: User) -> str | None:
    """Make the person the owner of their address, or open an issue where somebody of the tenant is that already.

    Answers the address as it is compared, where they own it. Raises AddressTaken.
    """
    return own_addresses(uow, [user]).get(user.id)


def own_addresses(uow: UnitOfWork, users: Collection[User]) -> dict[str, str]:
    """The same for several people at once, none of whom has the address of another; by user id."""
    addresses = {user.id: user.own_address for user in users if user.own_address is not None}
    owned: dict[str, str] = {}
    for user_id, owner in uow.addresses.take(addresses).items():
        address = addresses[user_id]
        if owner is None:
            raise AddressTaken(address)
        if owner == user_id:
            owned[user_id] = uow.addresses.key(address)
        else:
            uow.issues.open(issue(uow, EMAIL_IN_USE, user_id=user_id, subject=address))
    return owned


def release_address(uow: UnitOfWork, user: User) -> str | None:
    """Give the address up; the next person of the tenant who has it becomes its owner. Answers what was owned."""
    address = user.own_address
    if address is None:
        return None
    uow.issues.close(EMAIL_IN_USE, user_ids=[user.id])
    if not uow.addresses.leave(address, user.id):
        return None
    heir = uow.addresses.pass_on(address, user.id)
    if heir is not None:
        uow.issues.close(EMAIL_IN_USE, user_ids=[heir])
        record_owner(uow, heir, None, uow.addresses.key(address))
    return uow.addresses.key(address)


def record_owner(uow: UnitOfWork, user_id: str, before: str | None, after: str | None) -> None:
    """Note which address a person owns who was not changed otherwise."""
    action = "user.lost_address" if after is None else "user.got_address"
    uow.record(Change("user", user_id, action, {OWNED: before}, {OWNED: after}))
