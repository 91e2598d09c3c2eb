"""/tenants: customer organisations."""

from scim_server.api.answers import Answered, Made, Page, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Text, TextMap
from scim_server.api.items.cells import TenantMoveItem
from scim_server.api.items.tenants import TenantItem, TenantSheetItem, TermsItem
from scim_server.api.problems import FieldErrors, WrongField
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.tenants import Tenant
from scim_server.services import moving, tenancy
from scim_server.services.tenant_sheets import TenantSheet, sheet, wrong_terms

tenants = Noun("tenants", "Customer organisations, each behind its own wall.")
MOST_TERMS = 500


class NewTenant(Body):
    """A tenant to be opened."""

    slug = Text(required=True, most=63, about="Its name in addresses: lower-case letters, digits and hyphens.")
    name = Text(required=True, about="What people call it.")
    profile = Text(about="How strictly its clients are held to the standard: one of the profiles of /terms.")


class TenantChange(Body):
    """What is to change of a tenant; what is left out stays. A switch or setting that is null goes back."""

    name = Text()
    profile = Text(about="Which switches it starts from.")
    switches = TextMap(Text(allow_none=True), most=MOST_TERMS, about="Positions of switches; null: as the profile.")
    settings = TextMap(Text(allow_none=True), most=MOST_TERMS, about="Values of settings; null: as by default.")


class Destination(Body):
    """Where a tenant is to live."""

    to = Text(required=True, most=32, about="The name of a cell: one of /cells.")


@tenants.get("/terms", "people.read", shows=TermsItem)
def show_terms(call: Call) -> Answered:
    """Show what a tenant can choose: profiles, switches and settings."""
    return call.service.terms


@tenants.get("/tenants", "tenants.read", shows=TenantItem, lists=True, query=PageQuery)
def list_tenants(call: Call) -> Answered:
    """List every tenant by slug. Only for the operator."""
    page = part_of(tenancy.tenants(call.units), call.after, call.limit, lambda tenant: tenant.slug)
    return Page([_sheet(call, tenant) for tenant in page.items], page.next)


@tenants.post("/tenants", "tenants.write", shows=TenantSheetItem, body=NewTenant, status=201)
def create_tenant(call: Call) -> Answered:
    """Open a tenant. Only for the operator."""
    _check(call)
    profile = call.body.get("profile", call.service.terms.usual_profile)
    tenant = tenancy.create_tenant(call.units, call.cause, call.body["slug"], call.body["name"], profile)
    return Made(_sheet(call, tenant), f"/tenants/{tenant.slug}")


@tenants.get(TENANT, "people.read", shows=TenantSheetItem)
def show_tenant(call: Call) -> Answered:
    """Show a tenant, how each of its protocol switches stands, and its settings."""
    return _sheet(call, call.tenant)


@tenants.patch(TENANT, "tenant.write", shows=TenantSheetItem, body=TenantChange)
def change_tenant(call: Call) -> Answered:
    """Change a tenant's name, profile, single switches or settings, from the next request on."""
    _check(call)
    return _sheet(call, tenancy.set_terms(call.units, call.tenant, call.cause, **call.body))


@tenants.post(f"{TENANT}/move", "operations.write", shows=TenantMoveItem, body=Destination)
def move_tenant(call: Call) -> Answered:
    """Move a tenant to another cell while it is served. Only for the operator.

    Answers when it lives there, which takes as long as its rows take to be copied; what came of it is compared table
    by table. Where it lives there already, that is answered.
    """
    return moving.move(
        call.units, call.service.cells, call.tenant, call.cause, call.body["to"], call.service.signing_key(), _untold
    )


def _untold(_step: str, _table: str, _rows: int) -> None:
    """Whoever called is told when all is over."""


def _check(call: Call) -> None:
    """Raises FieldErrors naming every term that no tenant can have."""
    chosen = {"profile": None, "switches": {}, "settings": {}, **call.body}
    wrong = wrong_terms(call.service.terms, chosen["profile"], chosen["switches"], chosen["settings"])
    errors = [WrongField.at_pointer(place, reason) for place, reason in wrong]
    if errors:
        raise FieldErrors(errors)


def _sheet(call: Call, tenant: Tenant) -> TenantSheet:
    return sheet(tenant, call.service.public_url, call.service.terms)
