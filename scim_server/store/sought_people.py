"""Which people are sought, as conditions on the table of users.

What few people meet is looked up by its own index, what many may meet is asked of each person in turn: a page is read
in the order of ids and ends with the last that fits.
"""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import ColumnElement, bindparam, false, or_, select

from scim_server.protocol.normalising import address_key, fold, username_key
from scim_server.services.sought_people import SoughtPeople
from scim_server.store.expressions import contains, starts_with
from scim_server.store.memberships import is_in_group, is_within
from scim_server.store.standings import has, stands
from scim_server.store.tables import grants, seats, user_emails, users

_MINE = users.alias("mine")


def conditions(sought: SoughtPeople) -> Iterator[ColumnElement[bool]]:
    """What a row of the table must meet; whoever has a name that nobody can have is not there."""
    if sought.user_name is not None:
        yield _named(sought.user_name)
    if sought.address is not None:
        yield _addressed(sought.address)
    if sought.external_id is not None:
        yield _looked_up(_MINE.c.external_id == sought.external_id)
    if sought.text:
        yield _called(fold(sought.text))
    if sought.active is not None:
        yield users.c.active.is_(sought.active)
    yield from _held(sought)
    if sought.group is not None:
        yield is_in_group(users, sought.group)
    if sought.source is not None:
        yield or_(users.c.origin == sought.source, starts_with(users.c.origin, f"{sought.source}:"))
    if sought.ids is not None:
        yield users.c.id.in_(sought.ids)
    if sought.within is not None:
        yield is_within(users, sought.within)


def _held(sought: SoughtPeople) -> Iterator[ColumnElement[bool]]:
    """What they must have, and how they must stand by it."""
    if sought.product is not None:
        yield has(seats, seats.c.product == sought.product.casefold())
    if sought.role is not None:
        yield has(grants, grants.c.role == sought.role.casefold())
    if sought.status is not None:
        yield from stands(sought.status, sought.idle_before)


def _named(text: str) -> ColumnElement[bool]:
    with suppress(ValueError):
        return _looked_up(_MINE.c.user_name_key == username_key(text))
    return false()


def _addressed(text: str) -> ColumnElement[bool]:
    """Any of the person's e-mails, or the user name where it is the address."""
    mine = select(user_emails.c.user_id).where(
        user_emails.c.tenant_id == bindparam("tenant"), user_emails.c.address_key == fold(text)
    )
    owned = select(_MINE.c.id).where(_MINE.c.tenant_id == bindparam("tenant"), _MINE.c.address_key == address_key(text))
    return users.c.id.in_(mine.union(owned))


def _looked_up(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return users.c.id.in_(select(_MINE.c.id).where(_MINE.c.tenant_id == bindparam("tenant"), condition))


def _called(beginning: str) -> ColumnElement[bool]:
    return or_(
        starts_with(users.c.user_name_key, beginning),
        starts_with(users.c.display_name_key, beginning),
        contains(users.c.display_name_key, f" {beginning}"),
    )
