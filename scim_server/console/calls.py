"""One request of a visitor to the console, with all that was checked of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.datastructures import MultiDict

from scim_server.console.addresses import address, has_place
from scim_server.domain.errors import Forbidden
from scim_server.domain.events import Cause
from scim_server.domain.sign_in_providers import Door
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import Chore
from scim_server.services.ports import Cells, CheckUps, Proofs, SignIns, Terms, TokenSigner, Units, Web
from scim_server.services.rehearsing import Rehearsals
from scim_server.services.visiting import Visitor


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What the settings hold every tenant to: rates as they are written there (None for any), sizes and counts."""

    connection_rate: str | None
    tenant_rate: str | None
    body_bytes: int
    bulk_operations: int
    patch_operations: int
    patch_members: int
    log_days: int


TENANT = "tenant"
"""The place of a tenant's slug in addresses."""


@dataclass(frozen=True, slots=True)
class ConsoleService:
    """What pages are served with.

    `signing_key` is what the audit trail is signed with, `terms` are what tenants can choose of a protocol that
    this edge does not know, `proofs` is where domains are proved, `web` the way out, `signer` signs security event
    tokens, `cells` where tenants live, `check_ups` plays what clients send, `form_key` is what the tokens of forms
    are signed with, `rehearsals` carry requests of clients out and leave nothing behind, `hurry` has the chore of a
    name run at once, beside requests, `sign_ins` asks identity providers who somebody is, `operators_door` is where
    the owners of the addresses `operators` sign in, `limits` are those of the server, `by_mail` says whether there
    is a mail server.
    """

    units: Units
    public_url: str
    max_upload_bytes: int
    signing_key: Callable[[], Ed25519PrivateKey]
    terms: Terms
    chores: Sequence[Chore]
    proofs: Proofs
    web: Web
    signer: TokenSigner
    cells: Cells
    check_ups: CheckUps
    form_key: Callable[[], str]
    rehearsals: Rehearsals
    hurry: Callable[[str], None]
    sign_ins: SignIns
    operators_door: Door | None
    operators: Collection[str]
    limits: ServerLimits
    by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A request for a page with its visitor. `owner` is the tenant that its address names, if it names one.

    `refusal` is why the form that was sent was not carried out: the page shows it, with `form` as it was filled in.
    `remedy` is what can be done about it: the words of a link, and its address.
    """

    service: ConsoleService
    visitor: Visitor
    request_id: str
    reason: str
    page: str
    section: str
    path: Mapping[str, str]
    owner: Tenant | None
    query: MultiDict[str, str]
    form: MultiDict[str, str]
    files: Mapping[str, Any]
    refusal: str | None = None
    remedy: tuple[str, str] | None = None

    @property
    def units(self) -> Units:
        return self.service.units

    @property
    def tenant(self) -> Tenant:
        """The tenant that the address names."""
        assert self.owner is not None, "the address names a tenant"
        return self.owner

    @property
    def cause(self) -> Cause:
        """What writes are recorded under."""
        return Cause(self.visitor.actor, self.request_id, self.reason, permits=self.visitor.permits)

    def may(self, permission: str) -> bool:
        """Whether the visitor may do that."""
        return permission in self.visitor.permits

    def demand(self, permission: str) -> None:
        """Raises Forbidden where the visitor may not do that."""
        if not self.may(permission):
            raise Forbidden(f"Your roles do not permit this: it takes '{permission}'.")

    def url(self, page: str, **values: Any) -> str:
        """The address of a page, of the same tenant unless another is named."""
        if self.owner is not None and has_place(page, TENANT):
            values.setdefault(TENANT, self.owner.slug)
        return address(page, **values)
