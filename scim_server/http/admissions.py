"""RFC 6750 section 3.1: whether a known caller may have what it asks for, by where it calls from and by its scope.

Asked once for every request under /scim, by method and address alone, so that no address can be left out: what is not
known to be read is written.
"""

from scim_server.domain.errors import Forbidden
from scim_server.domain.networks import admits, outside
from scim_server.domain.tenants import SCIM_READ, SCIM_WRITE
from scim_server.oauth.bearers import REALM, Bearer
from scim_server.oauth.challenges import insufficient_scope
from scim_server.oauth.presented import Presented
from scim_server.protocol.discovery import ENDPOINTS

READING = frozenset({"GET", "HEAD"})
SEARCH = ".search"
ASYNC_REQUESTS = "AsyncRequests"
"""Below it the outcomes of asynchronous requests are read, each by who sent it. Discovery lists no such endpoint."""


def check_network(bearer: Bearer, address: str | None) -> None:
    """Raises Forbidden where the connection takes no requests from that address; those it takes are not told."""
    connection = bearer.connection
    if connection is not None and not admits(connection.networks, address):
        raise Forbidden(
            f"{outside(address)} If that is the client, an admin can let it in "
            f"(`scim-server connection edit {bearer.tenant.slug} {connection.name} --network`); if it is a proxy, "
            "SCIM_TRUSTED_PROXIES must name it."
        )


def check_scope(bearer: Bearer, public_url: str, shown: Presented, path: tuple[str, ...]) -> None:
    """Raises InsufficientScope where the token is not good for the method of what was shown at that path below the base
    address. Whoever may send a change may ask what came of it."""
    needed = scope_of(shown.method, path)
    asks_for_outcome = path[:1] == (ASYNC_REQUESTS,) and SCIM_WRITE in bearer.scopes
    if needed is not None and needed not in bearer.scopes and not asks_for_outcome:
        raise insufficient_scope(REALM, public_url, shown.url, bearer, needed)


def scope_of(method: str, path: tuple[str, ...]) -> str | None:
    """The scope that it takes; None where any credential will do, which is to read how the server works."""
    if method in READING:
        return None if path[:1] and path[0] in ENDPOINTS else SCIM_READ
    searches = method == "POST" and path[-1:] == (SEARCH,) and len(path) <= len(("endpoint", SEARCH))
    return SCIM_READ if searches else SCIM_WRITE
