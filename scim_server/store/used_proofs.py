"""What may be shown once only: client assertions and proofs of possession."""

from dataclasses import dataclass

from scim_server.domain.instants import Instant
from scim_server.store.scopes import Scope
from scim_server.store.tables import used_proofs


@dataclass(frozen=True, slots=True)
class UsedProofs:
    """What was shown to one tenant's issuer and service."""

    scope: Scope

    def use(self, kind: str, digest: str, expires: Instant) -> bool:
        row = {"kind": kind, "digest": digest, "expires": expires}
        return bool(self.scope.inserted(used_proofs, used_proofs.c.digest, row))
