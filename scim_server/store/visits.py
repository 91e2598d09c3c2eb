"""Visits of the console: those of people, behind the wall of their tenant, and the operator's."""

from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, Table, bindparam, delete, insert, select, update

from scim_server.domain.access import Grant, Roles
from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.domain.visits import Visit
from scim_server.store import rows
from scim_server.store.tables import grants, operator_visits, roles, tenants, users, visits

Found = tuple[Tenant, User, Visit, list[Grant], Roles]

_ONE = (
    select(visits, users, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(users, (users.c.tenant_id == visits.c.tenant_id) & (users.c.id == visits.c.user_id))
    .join(tenants, tenants.c.id == visits.c.tenant_id)
    .where(
        visits.c.tenant_id == bindparam("tenant"),
        visits.c.id == bindparam("of_visit"),
        visits.c.digest == bindparam("digest"),
    )
)
_GRANTS = select(grants).where(grants.c.tenant_id == bindparam("tenant"), grants.c.user_id == bindparam("of_user"))
_ROLES = select(roles).where(roles.c.tenant_id == bindparam("tenant"))
_OPERATORS = select(operator_visits).where(
    operator_visits.c.id == bindparam("of_visit"), operator_visits.c.digest == bindparam("digest")
)
SIGN_OUT = delete(visits).where(visits.c.tenant_id == bindparam("tenant"), visits.c.user_id == bindparam("user_id"))


def find(connection: Connection, tenant_id: str, visit_id: str, digest: str) -> Found | None:
    """The visit of that id and digest, with its person and what they have been granted."""
    wanted = {"tenant": tenant_id, "of_visit": visit_id, "digest": digest}
    row = connection.execute(_ONE, wanted).mappings().first()
    if row is None:
        return None
    user = rows.user_of(rows.part(row, "users_"))
    granted = connection.execute(_GRANTS, {"tenant": tenant_id, "of_user": user.id}).mappings()
    custom = connection.execute(_ROLES, {"tenant": tenant_id}).mappings()
    return (
        rows.tenant_of(rows.part(row, "tenants_")),
        user,
        _visit_of(rows.part(row, "visits_"), tenant_id),
        [rows.grant_of(each) for each in granted],
        Roles(tuple(rows.role_of(each) for each in custom)),
    )


def find_operators(connection: Connection, visit_id: str, digest: str) -> Visit | None:
    """The operator's visit of that id and digest."""
    row = connection.execute(_OPERATORS, {"of_visit": visit_id, "digest": digest}).mappings().first()
    return None if row is None else _visit_of(row, None)


def add(connection: Connection, visit: Visit) -> None:
    """Add a link, or a visit that has begun."""
    values: dict[str, str | None] = {
        "id": visit.id,
        "digest": visit.digest,
        "created": visit.created,
        "expires": visit.expires,
        "begun": visit.begun,
    }
    if visit.tenant_id is not None:
        values |= {"tenant_id": visit.tenant_id, "user_id": visit.user_id}
    connection.execute(insert(_table(visit)).values(values))


def begin(connection: Connection, link: Visit, visit: Visit) -> bool:
    """Turn a link into a visit; False where it is none any more."""
    statement = update(_table(link)).where(*_is(link), _table(link).c.digest == link.digest)
    values = {"digest": visit.digest, "begun": visit.begun, "expires": visit.expires}
    return connection.execute(statement.values(values)).rowcount == 1


def end(connection: Connection, visit: Visit) -> None:
    """Remove a visit."""
    connection.execute(delete(_table(visit)).where(*_is(visit)))


def forget(connection: Connection, now: Instant) -> int:
    """Remove those that have expired; answers how many."""
    expired = (delete(table).where(table.c.expires <= now) for table in (visits, operator_visits))
    return sum(connection.execute(statement).rowcount for statement in expired)


def _table(visit: Visit) -> Table:
    return operator_visits if visit.tenant_id is None else visits


def _is(visit: Visit) -> list[Any]:
    table = _table(visit)
    return [table.c.id == visit.id, *([] if visit.tenant_id is None else [table.c.tenant_id == visit.tenant_id])]


def _visit_of(row: rows.Row, tenant_id: str | None) -> Visit:
    return Visit(
        tenant_id,
        row["id"],
        None if tenant_id is None else row["user_id"],
        row["digest"],
        row["created"],
        row["expires"],
        row["begun"],
    )
