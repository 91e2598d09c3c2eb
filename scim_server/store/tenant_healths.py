"""How tenants are, by one statement for a page of them: each figure is looked up for those on the page alone."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Table,
    exists,
    func,
    or_,
    select,
)

from scim_server.services.tenant_healths import OF_LATE, Need, SoughtTenants, TenantHealth
from scim_server.store import rows
from scim_server.store.tables import (
    audit,
    audit_checkpoints,
    issues,
    provisioning_log,
    resource_counts,
    subscriptions,
    tenants,
)

FIGURES = ("people", "groups", "issues", "seats", "assigned", "waiting", "requests", "refused")
MOMENTS = ("last_request", "sealed")


def healths(connection: Connection, cell: str, sought: SoughtTenants, after: str, most: int) -> list[TenantHealth]:
    """Those of the tenants that live in the cell, by slug, behind `after`."""
    page = select(tenants).where(tenants.c.cell == cell, tenants.c.slug > after, *_conditions(sought))
    shown = page.order_by(tenants.c.slug).limit(most).subquery("shown")
    statement = select(shown, *_figures(shown)).order_by(shown.c.slug)
    return [_health(row) for row in connection.execute(statement).mappings()]


def _health(row: rows.Row) -> TenantHealth:
    figures: dict[str, Any] = {name: row[f"of_{name}"] or 0 for name in FIGURES}
    return TenantHealth(rows.tenant_of(row), **figures, **{name: row[f"of_{name}"] for name in MOMENTS})


def _figures(shown: Any) -> list[ColumnElement[Any]]:
    newest = _newest(shown.c.id)
    found: dict[str, ScalarSelect[Any]] = {
        "people": _sum(resource_counts, "total", shown, resource_counts.c.type == "User"),
        "groups": _sum(resource_counts, "total", shown, resource_counts.c.type == "Group"),
        "issues": select(func.count())
        .select_from(issues)
        .where(issues.c.tenant_id == shown.c.id, issues.c.closed.is_(None))
        .scalar_subquery(),
        **{name: _sum(subscriptions, name, shown) for name in ("seats", "assigned", "waiting")},
        "requests": select(func.count()).select_from(newest).scalar_subquery(),
        "refused": select(func.count()).select_from(newest).where(newest.c.status >= 400).scalar_subquery(),
        "last_request": _last(provisioning_log, "at", "id", shown),
        "sealed": _last(audit_checkpoints, "at", "sequence", shown),
    }
    return [figure.label(f"of_{name}") for name, figure in found.items()]


def _sum(table: Table, column: str, shown: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.sum(table.c[column])).where(table.c.tenant_id == shown.c.id, *conditions).scalar_subquery()


def _last(table: Table, column: str, order: str, shown: Any) -> ScalarSelect[Any]:
    return _backwards(select(table.c[column]), table, order, shown.c.id).limit(1).scalar_subquery()


def _newest(tenant_id: ColumnElement[Any]) -> Any:
    """The newest requests of a tenant of the statement around it."""
    found = _backwards(select(provisioning_log.c.status), provisioning_log, "id", tenant_id)
    return found.limit(OF_LATE).correlate_except(provisioning_log).subquery()


def _backwards(found: Select[Any], table: Table, order: str, tenant_id: ColumnElement[Any]) -> Select[Any]:
    """A tenant's rows from the last on, by the index that the tenant leads and no other.

    Told that the tenant *is* that one, PostgreSQL drops it from the order, and may then walk the rows of all tenants by
    an index on `id` alone: for a tenant that never sent a request, to the end.
    """
    mine = found.where(table.c.tenant_id.between(tenant_id, tenant_id))
    return mine.order_by(table.c.tenant_id.desc(), table.c[order].desc())


def _conditions(sought: SoughtTenants) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.slug is not None:
        found.append(tenants.c.slug == sought.slug)
    if sought.text:
        named = (func.lower(each) for each in (tenants.c.slug, tenants.c.name))
        found.append(or_(*(each.contains(sought.text.lower(), autoescape=True) for each in named)))
    if sought.need is not None:
        found.append(_need(sought.need))
    return found


def _need(need: Need) -> ColumnElement[bool]:
    if need is Need.ISSUES:
        return exists().where(issues.c.tenant_id == tenants.c.id, issues.c.closed.is_(None))
    if need is Need.WAITING:
        return exists().where(subscriptions.c.tenant_id == tenants.c.id, subscriptions.c.waiting > 0)
    if need is Need.UNSEALED:
        return exists().where(audit.c.tenant_id == tenants.c.id, audit.c.sequence.is_(None))
    newest = _newest(tenants.c.id)
    return exists(select(newest.c.status).where(newest.c.status >= 400))
