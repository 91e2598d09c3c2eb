"""Whom a tenant's people sign in to the console with, the client's secret sealed."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from scim_server.domain.sign_in_providers import PersonClaim, SignInProvider
from scim_server.store.scopes import Scope
from scim_server.store.seals import PROVIDER_SECRET
from scim_server.store.tables import sign_in_providers

_MINE = select(sign_in_providers).where(sign_in_providers.c.tenant_id == bindparam("tenant"))
_REMOVE = delete(sign_in_providers).where(sign_in_providers.c.tenant_id == bindparam("tenant"))


@dataclass(frozen=True, slots=True)
class SignInProviders:
    """That of one tenant."""

    scope: Scope

    def get(self) -> SignInProvider | None:
        row = self.scope.row(_MINE)
        if row is None:
            return None
        claim = PersonClaim(row["claim"])
        return SignInProvider(self.scope.tenant_id, row["issuer"], row["client_id"], claim, row["created"])

    def secret(self) -> str:
        row = self.scope.row(_MINE)
        assert row is not None, "there is a provider"
        return self.scope.vault.open(row["client_secret"], self._place)

    def put(self, provider: SignInProvider, secret: str) -> None:
        self.remove()
        self.scope.insert(
            sign_in_providers,
            {
                "issuer": provider.issuer,
                "client_id": provider.client_id,
                "client_secret": self.scope.vault.seal(secret, self._place),
                "claim": provider.claim.value,
                "created": provider.created,
            },
        )

    def remove(self) -> None:
        self.scope.run(_REMOVE)

    @property
    def _place(self) -> str:
        return PROVIDER_SECRET.place(self.scope.tenant_id)
