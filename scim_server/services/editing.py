"""Movers and leavers by hand: people edited, suspended and brought back by an admin."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from scim_server.domain.directory import BLOCKED_BY_ADMIN, User
from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause
from scim_server.domain.particulars import Edit
from scim_server.domain.tenants import Tenant
from scim_server.services import granting, handing, naming, provisioning
from scim_server.services.people import Portrait, portrait
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried


@dataclass(frozen=True, slots=True)
class Edited:
    """A person after a change by hand; they are kept out of the products `excluded`, which others give them."""

    portrait: Portrait
    changed: bool
    excluded: Collection[str] = ()


@retried
def edit_person(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    user_name: str,
    edit: Edit,
    *,
    added: Collection[str] = (),
    removed: Collection[str] = (),
) -> Edited:
    """Change who a person is, and give and take products: all of it or nothing. The manager is a user name or an id.

    Raises Missing, Taken, AddressTaken, SeatLimit; Forbidden where somebody with a role above whoever asks would get
    another name or address; Invalid where a product is both given and taken.
    """
    with units.write(tenant, cause) as uow:
        wanted = _with_manager(uow, edit)
        before = provisioning.lock_named(uow, user_name)
        if edit.address is not None or edit.user_name is not None:
            granting.check_outranked(uow, before)
        given, taken = handing.products_called(uow, added), handing.products_called(uow, removed)
        both = set(given) & set(taken)
        if both:
            raise Invalid(f"'{min(both)}' cannot be given and taken at once.")
        after = provisioning.change_user(uow, before, wanted.of(before))
        less, excluded = handing.take(uow, after, taken) if taken else (False, [])
        more = handing.give(uow, after, given) if given else False
        return _done(uow, after, changed=after != before or less or more, excluded=excluded)


@retried
def suspend_person(units: Units, tenant: Tenant, cause: Cause, user_name: str) -> Edited:
    """Suspend a person until an admin lifts it, whatever an identity provider says. Raises Missing."""
    with units.write(tenant, cause) as uow:
        before = provisioning.lock_named(uow, user_name)
        blocked = before.blocked_for or BLOCKED_BY_ADMIN
        after = provisioning.change_user(uow, before, replace(before, blocked_for=blocked))
        return _done(uow, after, changed=after != before)


@retried
def reactivate_person(units: Units, tenant: Tenant, cause: Cause, user_name: str) -> Edited:
    """Lift what an admin, a declined invitation or a move away has blocked.

    Raises Missing; Invalid where the identity provider suspended the person, which is for it to lift; SeatLimit.
    """
    with units.write(tenant, cause) as uow:
        before = provisioning.lock_named(uow, user_name)
        if before.blocked_for is None and not before.active:
            raise Invalid(
                f"The identity provider has suspended '{before.user_name}': set `active` to true there, "
                "and it is passed on."
            )
        after = provisioning.change_user(uow, before, replace(before, blocked_for=None))
        return _done(uow, after, changed=after != before)


def _with_manager(uow: UnitOfWork, edit: Edit) -> Edit:
    """The edit with the manager by id. Raises Missing."""
    named = edit.employment.manager
    if not named:
        return edit
    return replace(edit, employment=replace(edit.employment, manager=naming.person(uow, named).id))


def _done(uow: UnitOfWork, user: User, *, changed: bool, excluded: Collection[str] = ()) -> Edited:
    seen = portrait(uow, user)
    if changed:
        uow.commit()
    return Edited(seen, changed, excluded)
