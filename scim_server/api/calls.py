"""One authenticated request to the admin API, with all that was checked of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.domain.directory import User
from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.oauth.api_bearers import REALM, ApiAuthenticator, ApiBearer
from scim_server.oauth.challenges import insufficient_scope
from scim_server.oauth.rates import RateLimits
from scim_server.services import tenancy
from scim_server.services.addresses import api_address
from scim_server.services.chores import Chore
from scim_server.services.ports import Cells, CheckUps, Proofs, Terms, TokenSigner, Units, Web
from scim_server.services.pulling import Watch


@dataclass(frozen=True, slots=True)
class ApiService:
    """What calls are served with. `parse` reads a JSON text strictly and raises Malformed.

    `max_upload_bytes` is for bodies that are files. `signing_key` is what the audit trail is signed with, `terms` are
    what tenants can choose of a protocol that this edge does not know, `proofs` is where domains are proved, `web` the
    way out, `signer` signs security event tokens, `rates` are what tenants may send, `cells` where they live,
    `check_ups` plays what clients send, `hurry` has the chore of a name run at once, beside requests, `by_mail` says
    whether there is a mail server.
    Requests wait for events where there is a `watch`.
    """

    authenticator: ApiAuthenticator
    units: Units
    parse: Callable[[bytes], Any]
    public_url: str
    max_upload_bytes: int
    signing_key: Callable[[], Ed25519PrivateKey]
    terms: Terms
    chores: Sequence[Chore]
    proofs: Proofs
    web: Web
    signer: TokenSigner
    rates: RateLimits
    cells: Cells
    check_ups: CheckUps
    hurry: Callable[[str], None]
    by_mail: bool = False
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its caller. `owner` is the tenant that its address names, if it names one."""

    service: ApiService
    bearer: ApiBearer
    request_id: str
    reason: str
    path: Mapping[str, str]
    owner: Tenant | None
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    upload: IO[bytes] | None
    accepts: str

    @property
    def units(self) -> Units:
        return self.service.units

    @property
    def tenant(self) -> Tenant:
        """The tenant that the address names."""
        assert self.owner is not None, "the address names a tenant"
        return self.owner

    @property
    def person(self) -> User:
        """Whose token it is, where it is a person's."""
        assert self.bearer.person is not None, "the token is a person's"
        return self.bearer.person

    @property
    def cause(self) -> Cause:
        """What writes are recorded under."""
        return Cause(self.bearer.actor, self.request_id, self.reason, permits=self.bearer.scopes)

    @property
    def limit(self) -> int:
        """How many items a page may have."""
        return int(self.query["limit"])

    @property
    def after(self) -> Any:
        """The key of the last item of the page before."""
        return self.query["after"]


def tenant_called(units: Units, bearer: ApiBearer, slug: str) -> Tenant:
    """The tenant of that slug, as far as the caller can see. Raises Missing."""
    if bearer.tenant is None:
        return tenancy.tenant(units, slug)
    if bearer.tenant.slug != slug:
        raise Missing(f"There is no tenant '{slug}'.")
    return bearer.tenant


def check_scope(bearer: ApiBearer, scope: str, public_url: str) -> None:
    """Raises InsufficientScope where the caller's token does not permit that."""
    if scope not in bearer.scopes:
        raise insufficient_scope(REALM, public_url, api_address(public_url), bearer, scope)
