"""Which people are sought, as conditions on the table of users."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import ColumnElement, Table, false, or_, select

from scim_server.protocol.normalising import address_key, fold, username_key
from scim_server.services.sought_people import SoughtPeople
from scim_server.store.expressions import contains, starts_with
from scim_server.store.memberships import users_in
from scim_server.store.tables import grants, seats, user_emails, users


def conditions(sought: SoughtPeople) -> Iterator[ColumnElement[bool]]:
    """What a row of the table must meet; whoever has a name that nobody can have is not there."""
    if sought.user_name is not None:
        yield _named(sought.user_name)
    if sought.address is not None:
        yield _addressed(sought.address)
    if sought.external_id is not None:
        yield users.c.external_id == sought.external_id
    if sought.text:
        yield _called(fold(sought.text))
    if sought.active is not None:
        yield users.c.active.is_(sought.active)
    if sought.product is not None:
        yield _among_users(seats, seats.c.product == sought.product.casefold())
    if sought.role is not None:
        yield _among_users(grants, grants.c.role == sought.role.casefold())
    if sought.group is not None:
        yield users.c.id.in_(users_in(sought.group))


def _named(text: str) -> ColumnElement[bool]:
    with suppress(ValueError):
        return users.c.user_name_key == username_key(text)
    return false()


def _addressed(text: str) -> ColumnElement[bool]:
    """Any of the person's e-mails, or the user name where it is the address."""
    mine = _among_users(user_emails, user_emails.c.address_key == fold(text))
    return or_(users.c.address_key == address_key(text), mine)


def _among_users(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of the table that meets the condition is the user's."""
    return users.c.id.in_(select(table.c.user_id).where(table.c.tenant_id == users.c.tenant_id, condition))


def _called(beginning: str) -> ColumnElement[bool]:
    """Names are short and rows are read in order of ids: a page ends with the last that fits."""
    return or_(
        starts_with(users.c.user_name_key, beginning),
        starts_with(users.c.display_name_key, beginning),
        contains(users.c.display_name_key, f" {beginning}"),
    )
