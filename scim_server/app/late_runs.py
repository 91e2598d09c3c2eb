"""What carries asynchronous requests out, made when the first is due: most installations have none."""

from dataclasses import dataclass
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING

from scim_server.domain.tenants import Tenant

if TYPE_CHECKING:
    from scim_server.app.installations import Installation
    from scim_server.http.async_runs import AsyncRuns


@dataclass(frozen=True)
class LateRuns:
    """Those of an installation."""

    installed: "Installation"

    def __call__(self, tenant: Tenant, actor: str, stopped: Event) -> int:
        """Carry out what a sender has waiting."""
        return self._runs.run(tenant, actor, stopped)

    @cached_property
    def _runs(self) -> "AsyncRuns":
        from scim_server.app.edges import installed_runs

        return installed_runs(self.installed)
