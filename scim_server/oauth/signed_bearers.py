"""The readers of access tokens that this server issued, for each of its services."""

from scim_server.oauth.access_tokens import AccessTokens
from scim_server.oauth.api_bearers import ApiBearer
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.doors import Reader
from scim_server.oauth.presented import Presented
from scim_server.services.addresses import api_address, base_address


def signed_bearers(tokens: AccessTokens, public_url: str) -> Reader[Bearer]:
    """Knows those for the SCIM service of their tenant; they act as the connection of their client."""

    def read(text: str, _presented: Presented) -> Bearer | None:
        found = tokens.find(text)
        if found is None or found.connection is None:
            return None
        if found.token.resource != base_address(public_url, found.tenant.slug):
            return None
        return Bearer(
            found.tenant, found.connection, token_id=found.token.id, scopes=found.scopes, binding=found.confirmation
        )

    return read


def signed_callers(tokens: AccessTokens, public_url: str) -> Reader[ApiBearer]:
    """Knows those for the admin API; they act as their client."""

    def read(text: str, _presented: Presented) -> ApiBearer | None:
        found = tokens.find(text)
        if found is None or found.token.resource != api_address(public_url):
            return None
        return ApiBearer(
            found.token.id, found.scopes, found.tenant, client_id=found.client.id, binding=found.confirmation
        )

    return read
