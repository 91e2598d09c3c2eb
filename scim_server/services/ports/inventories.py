"""All that is stored of a tenant, read whole: to hold it against the audit trail."""

from typing import Protocol

from scim_server.domain.directory import Group
from scim_server.domain.resources import Resource
from scim_server.domain.tenants import PersonToken, Tenant, Token


class Inventory(Protocol):
    """What no use case reads as a whole; nothing is locked."""

    def tenant(self) -> Tenant:
        """The tenant as it is now."""
        ...

    def groups(self) -> list[Group]:
        """Every group by id."""
        ...

    def members(self) -> dict[str, list[str]]:
        """The members of every group that has any, by id."""
        ...

    def resources(self) -> list[Resource]:
        """Every resource of a custom schema by id."""
        ...

    def tokens(self) -> list[Token]:
        """Every token of a connection by id."""
        ...

    def person_tokens(self) -> list[PersonToken]:
        """Every token of a person by id."""
        ...
