"""Webhooks of the operator, in one database."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from scim_server.domain.operator_webhooks import Condition, OperatorWebhook
from scim_server.domain.tenants import Tenant
from scim_server.domain.webhooks import Secrets

Copy = Mapping[str, Any]
"""A webhook of the operator with its secrets as they are sealed: the same in every cell."""


class OperatorWebhooks(Protocol):
    """Those of the installation at home, what a cell knows of them elsewhere."""

    def all(self) -> list[OperatorWebhook]:
        """Every one by name, also those that are removed and not gone yet."""
        ...

    def unsettled(self) -> bool:
        """Whether there is one that tenants are yet to be set up for."""
        ...

    def settled(self) -> Collection[str]:
        """The ids of those that all tenants are set up for as they are."""
        ...

    def settle(self, webhook: OperatorWebhook) -> None:
        """Note that all tenants are set up for it as it is in that version."""
        ...

    def add(self, webhook: OperatorWebhook, secrets: Secrets) -> None:
        """Raises Taken where the name is in use."""
        ...

    def save(self, webhook: OperatorWebhook) -> None:
        """Write it in a new version, whose receiver is tried at once. Raises Taken where the name is in use, Contention
        where somebody else has changed it meanwhile."""
        ...

    def drop(self, webhook_id: str) -> None: ...

    def secrets(self, webhook_id: str) -> Secrets: ...

    def replace_secrets(self, webhook_id: str, secrets: Secrets) -> None: ...

    def copies(self) -> Sequence[Copy]:
        """All as other cells have to know them."""
        ...

    def take_over(self, copies: Sequence[Copy]) -> None:
        """Know those that home has, as it has them, and no others."""
        ...

    def conditions(self) -> Mapping[str, Condition]:
        """How each does here, by id."""
        ...

    def states(self) -> Mapping[str, Condition]:
        """The same without what takes a look at every tenant."""
        ...

    def lacking(self, webhook: OperatorWebhook, most: int) -> list[str]:
        """Ids of tenants who live here and are to have it, and do not yet, so many at most."""
        ...

    def surplus(self, webhook: OperatorWebhook, most: int) -> list[str]:
        """Ids of tenants who live here and have it, and are not to, so many at most."""
        ...

    def hook(self, webhook: OperatorWebhook, tenant_ids: Collection[str]) -> None:
        """Have it get the events of those tenants that there are from now on."""
        ...

    def hook_new(self, tenant: Tenant) -> None:
        """The same with all of them for a tenant that is made in this transaction."""
        ...

    def unhook(self, webhook_id: str, tenant_ids: Collection[str]) -> None:
        """Have it get nothing of those tenants any more, and forget how far it had come."""
        ...
