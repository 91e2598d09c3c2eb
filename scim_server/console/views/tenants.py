"""The operator's view: every tenant."""

from scim_server.console.answers import render
from scim_server.console.calls import Call
from scim_server.console.sections import Section
from scim_server.services import tenancy

tenants = Section("tenants")


@tenants.get("/tenants", "tenants.read")
def list_tenants(call: Call) -> str:
    """Every tenant, by slug."""
    return render("tenants/list.html", tenants=tenancy.tenants(call.units))
