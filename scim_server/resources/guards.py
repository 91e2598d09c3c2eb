"""Who may change what is there already: asked of the resource itself, below SCIM, bulks and /Me alike."""

from typing import Protocol

from scim_server.protocol.errors import Forbidden
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.callers import Caller

LINKED = {"User": "user", "Group": "group"}
"""Resource types that can be linked to a connection, and the nouns of the command line for them."""


class Made(Protocol):
    """Anything that remembers who made it."""

    @property
    def id(self) -> str: ...

    @property
    def origin(self) -> str: ...


def check_own(caller: Caller, kind: ResourceType, resource: Made) -> None:
    """Raises Forbidden where a connection that changes only its own is about to change what is not."""
    connection = caller.connection
    if connection is None or not connection.creator_only or resource.origin == caller.origin:
        return
    noun = LINKED.get(kind.name)
    link = f"scim-server {noun} link {caller.tenant.slug} {resource.id} {connection.name}"
    cure = f"An admin can link it to the connection (`{link}`)" if noun else "An admin can lift that for the connection"
    raise Forbidden(
        f"This connection changes only what it created or what was linked to it, and the {kind.name} '{resource.id}' "
        f"is neither. {cure}; then send the request again."
    )
