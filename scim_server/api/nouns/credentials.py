"""/tenants/{tenant}/credentials: what anybody could come in with at this moment."""

from scim_server.api.answers import Answered, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor
from scim_server.api.items.credentials import CredentialItem
from scim_server.api.shapes import PageQuery
from scim_server.services import credential_lists

credentials = Noun("credentials", "Every live credential of a tenant, of whatever kind.")


class CredentialsQuery(PageQuery):
    """A part of the list."""

    after = Cursor(str, str)


@credentials.get(f"{TENANT}/credentials", "tokens.write", shows=CredentialItem, lists=True, query=CredentialsQuery)
def list_credentials(call: Call) -> Answered:
    """List every live credential, oldest first: tokens, secrets and keys of OAuth clients, and what those obtained."""
    found = credential_lists.credentials(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda credential: credential.key)
