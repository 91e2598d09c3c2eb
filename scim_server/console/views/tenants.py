"""The operator's view: every tenant with how it is, what it uses, and opening one."""

from collections.abc import Iterator

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.domain.errors import Invalid
from scim_server.services import operator_hooking, overseeing, tenancy
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.tenant_healths import OF_LATE, Need, SoughtTenants, TenantHealth

tenants = Section("tenants")
ALL = "/tenants"
COLUMNS = (
    *("slug", "name", "cell", "people", "groups", "open issues", "seats", "assigned", "waiting"),
    *("last request", "requests of late", "refused of late", "audit trail sealed", "created"),
)


@tenants.get(ALL, "tenants.read")
def list_tenants(call: Call) -> str:
    """Every tenant by slug, with how it is."""
    sought = _sought(call)
    after = place(call.query.get("after"), 1) or ("",)
    found = overseeing.healths(call.units, sought, after[0], PAGE + 1)
    shown, rest = cut(found, lambda each: (each.tenant.slug,))
    content = {"sought": sought, "healths": shown, "rest": rest, "several": len(call.units.parts()) > 1}
    if wants_part():
        return render("tenants/rows.html", of_late=OF_LATE, **content)
    failing = operator_hooking.failing_operator_webhooks(call.units)
    return render("tenants/list.html", of_late=OF_LATE, failing=failing, **content)


@tenants.get(f"{ALL}/export", "tenants.read")
def export_tenants(call: Call) -> Response:
    """The same as a file, whole."""
    return file_of(csv_lines(COLUMNS, _rows(call)), "tenants.csv")


@tenants.get(f"{ALL}/new", "tenants.write")
def open_tenant(call: Call) -> str:
    """The form of a new tenant."""
    return render("tenants/new.html", terms=call.service.terms)


@tenants.post(f"{ALL}/new", "tenants.write")
def create_tenant(call: Call) -> Response:
    """Open it."""
    slug, name, profile = (call.form.get(each, "").strip() for each in ("slug", "name", "profile"))
    if profile not in call.service.terms.profiles:
        raise Invalid(gettext("Choose a profile."))
    new = tenancy.create_tenant(call.units, call.cause, slug, name, profile)
    return go(call.url("show_overview", tenant=new.slug), gettext("The tenant is open."))


@tenants.get(f"{TENANT}/usage", "tenants.read")
def show_usage(call: Call) -> str:
    """What a tenant uses, and what it is held to."""
    health = overseeing.health(call.units, call.tenant)
    return render("tenants/usage.html", health=health, limits=call.service.limits, of_late=OF_LATE)


def _sought(call: Call) -> SoughtTenants:
    need = call.query.get("need", "")
    return SoughtTenants(
        call.query.get("text", "").strip(),
        Need(need) if need in {each.value for each in Need} else None,
        call.query.get("cell") or None,
    )


def _rows(call: Call) -> Iterator[list[Cell]]:
    for each in overseeing.every_health(call.units, _sought(call)):
        yield [*_facts(each), each.tenant.created]


def _facts(each: TenantHealth) -> list[Cell]:
    return [
        *(each.tenant.slug, each.tenant.name, each.tenant.cell, each.people, each.groups, each.issues),
        *(each.seats, each.assigned, each.waiting, each.last_request, each.requests, each.refused, each.sealed),
    ]
