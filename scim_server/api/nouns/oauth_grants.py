"""/tenants/{tenant}/oauth-clients/{client}/grants and /approvals: what admins consented to, and consent by code."""

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.items.oauth_grants import ApprovalCodeItem, OAuthGrantItem
from scim_server.api.shapes import PageQuery
from scim_server.services import consenting, redeeming

oauth_grants = Noun("oauth grants", "What admins consented to for a client of the authorization server.")
ONE = f"{TENANT}/oauth-clients/{{client}}"
WRITE = "connections.write"


@oauth_grants.get(f"{ONE}/grants", WRITE, shows=OAuthGrantItem, lists=True, query=PageQuery)
def list_oauth_grants(call: Call) -> Answered:
    """List what was consented to for a client, by id."""
    found = redeeming.grants(call.units, call.tenant, call.path["client"])
    by_id = sorted(found, key=lambda each: each.grant.id)
    return part_of(by_id, call.after, call.limit, lambda each: each.grant.id)


@oauth_grants.delete(f"{ONE}/grants", WRITE)
def revoke_oauth_grants(call: Call) -> Answered:
    """End all that was consented to for a client at once, with every token that came of it."""
    redeeming.revoke_grants(call.units, call.tenant, call.cause, call.path["client"])


@oauth_grants.post(f"{ONE}/approvals", WRITE, shows=ApprovalCodeItem, status=201, hides="code")
def issue_approval_code(call: Call) -> Answered:
    """Issue a code with which somebody may consent once, within ten minutes, to what a client asks for.

    Its text is shown this once. The client can get no more by it than the caller's token permits.
    """
    new = consenting.issue_approval(call.units, call.tenant, call.cause, call.path["client"])
    return Made(new, f"/tenants/{call.tenant.slug}/oauth-clients/{new.code.client_id}/grants")
