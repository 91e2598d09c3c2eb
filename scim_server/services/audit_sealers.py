"""Seals audit trails right after commits, by a thread of the process, so that no writer waits for the chain."""

from collections.abc import Callable

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.domain.errors import Unavailable
from scim_server.domain.tenants import Tenant
from scim_server.services.auditing import seal
from scim_server.services.chores import for_each_tenant
from scim_server.services.ports import Units
from scim_server.services.repeating import Repetition

EVERY = 0.5
"""Seconds between two turns; commits in between are sealed together."""
CHORE = "seal-audit-trails"

_log = structlog.get_logger("scim_server.audit_trail")


class AuditSealer:
    """Tenants whose trails have entries to seal. Nothing here ever raises: an entry is as safe unsealed."""

    def __init__(self, units: Units, key: Callable[[], Ed25519PrivateKey]) -> None:
        self.key = key
        self._units = units
        self._waiting: dict[str, Tenant] = {}
        self._repetition = Repetition("audit-sealer", lambda _turn: self.flush(), self.flush)

    def start(self, every: float = EVERY) -> None:
        """Seal every so many seconds what is new, and at the end of the process."""
        self._repetition.start(every)

    def wake(self, tenant: Tenant) -> None:
        """Say that a tenant's trail has new entries."""
        self._waiting[tenant.id] = tenant
        self._repetition.ensure()

    def stop(self) -> None:
        """End the thread and seal what is new."""
        self._repetition.stop()

    def flush(self) -> None:
        """Seal what is new. What the store cannot take now stays for the next time."""
        with self._repetition.lock:
            while self._waiting:
                tenant_id, tenant = self._waiting.popitem()
                if not self._seal(tenant):
                    self._waiting.setdefault(tenant_id, tenant)
                    break

    def seal_left(self, units: Units) -> int:
        """Seal what processes left behind when they broke off; answers how many entries."""
        with units.overview() as operator:
            concerned = operator.unsealed_tenants()
        return for_each_tenant(concerned, lambda tenant: seal(units, tenant, self.key()))

    def _seal(self, tenant: Tenant) -> bool:
        try:
            seal(self._units, tenant, self.key())
        except Unavailable:
            return False
        except Exception as error:
            _log.error("audit trail not sealed", tenant=tenant.slug, exc_info=error)
        return True
