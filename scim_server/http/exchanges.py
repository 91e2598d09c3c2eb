"""One authenticated SCIM request: who calls, what the path names, and what came, in the RFC's shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import Request, g

from scim_server.dialects.catalogue import normalise
from scim_server.dialects.habits import Message, Verb
from scim_server.domain.tenants import SCIM_WRITE, Tenant
from scim_server.http.admissions import ASYNC_REQUESTS, check_network, check_scope, scope_of
from scim_server.http.bodies import read_json
from scim_server.http.provisioning_logs import LogSink, Recording
from scim_server.http.responses import check_acceptable
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.presented import Presented, presented
from scim_server.oauth.rates import RateLimits
from scim_server.protocol.errors import NotFound
from scim_server.protocol.messages import Query, parse_query
from scim_server.protocol.preferences import RESPOND_ASYNC, preferences
from scim_server.protocol.redactions import Redaction
from scim_server.protocol.registry import Registries
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import Conditions
from scim_server.resources.callers import Caller
from scim_server.resources.operations import Operations
from scim_server.resources.progress import Progress
from scim_server.resources.searches import Searches
from scim_server.services.ports import TokenSigner, Units

VERSION = "v2"
NOTHING_SPECIAL = parse_query({})
NUL = "\0"
"""No database text can hold it, so it is part of no id."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """What it takes to carry requests out after their answers: where they are kept, whom to tell, and who signs what
    came of them."""

    units: Units
    wake: Callable[[], None]
    signer: TokenSigner


class Door(Protocol):
    """Says whose the credential is that a request shows."""

    def authenticate(self, presented: Presented) -> Bearer: ...


@dataclass(frozen=True, slots=True)
class ScimService:
    """What requests are served with. `public_url` is the server's address as clients know it.

    `switched_off` names habits that are left alone, so that one can see what each of them is for.
    `passes_certificates` says whether certificates of clients get here. Without a `deferral` every request is carried
    out before it is answered.
    """

    authenticator: Door
    operations: Operations
    searches: Searches
    log: LogSink
    redaction: Redaction
    registries: Registries
    public_url: str
    max_body_bytes: int
    rates: RateLimits
    switched_off: frozenset[str] = frozenset()
    passes_certificates: bool = False
    deferral: Deferral | None = None

    def base_url(self, slug: str) -> str:
        """The SCIM base address of the tenant of that slug, without a final slash."""
        return f"{self.public_url}/scim/{slug}/{VERSION}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its caller; `path` are the segments below the base address."""

    service: ScimService
    request: Request
    caller: Caller
    path: tuple[str, ...]
    recording: Recording
    is_async: bool = False
    """Whether the client would have it carried out after the answer, and the tenant lets it."""
    token_id: str = ""

    @classmethod
    def begin(cls, service: ScimService, rest: str, request: Request, recording: Recording) -> "Exchange":
        """Authenticate first; a path of another tenant is answered as if it did not exist.

        Raises Unauthenticated, Forbidden, NotFound, TooManyRequests, InsufficientScope, NotAcceptable.
        """
        url = f"{service.public_url}{request.path}"
        segments = tuple(segment for segment in rest.split("/") if segment)
        slug = segments[0] if segments else ""
        shown = presented(request.headers, request.method, url, g.client, g.certificate, slug)
        bearer = service.authenticator.authenticate(shown)
        g.tenant, g.actor = bearer.tenant.slug, ":".join(bearer.owner)
        g.dialect = bearer.connection.idp if bearer.connection else None
        recording.begin(bearer.tenant, g.actor, gathers=segments[2:] == ("Bulk",))
        check_network(bearer, shown.address)
        if segments[:2] != (bearer.tenant.slug, VERSION) or NUL in rest:
            raise NotFound("There is nothing at this address.")
        service.rates.take(bearer.tenant, *bearer.owner)
        check_scope(bearer, service.public_url, shown, segments[2:])
        is_async = service.deferral is not None and _wants_async(bearer.tenant, request, segments[2:])
        if not is_async and segments[2:3] != (ASYNC_REQUESTS,):
            check_acceptable(request)
        progress: Progress | None = g.get("progress")
        if progress is not None:
            recording.note(progress.note)
        caller = Caller(
            tenant=bearer.tenant,
            connection=bearer.connection,
            base_url=service.base_url(bearer.tenant.slug),
            request_id=g.request_id,
            registry=service.registries.of(bearer.tenant.slug),
            log=recording,
            person_id=bearer.person.id if bearer.person else None,
            progress=progress,
        )
        return cls(service, request, caller, segments[2:], recording, is_async, bearer.token_id)

    @property
    def prefers(self) -> Mapping[str, str]:
        """What the client prefers (RFC 7240)."""
        return preferences(self.request.headers.getlist("Prefer"))

    def query(self, kind: ResourceType | None) -> Query:
        """What the address asks for of one resource type, or of all; most requests ask for nothing special."""
        if not self.request.query_string:
            return NOTHING_SPECIAL
        args = self.request.args
        return parse_query(self.asked("query", kind, args.to_dict()) if args else args)

    def asked(self, verb: Verb, kind: ResourceType | None, query: Any) -> Any:
        """A query in the RFC's shape; one over all types as each of them would have it."""
        for each in [kind] if kind else self.caller.registry.resource_types.values():
            query = self.normalised(verb, each, query)
        return query

    def conditions(self) -> Conditions:
        """What the client expects of the resource it names."""
        headers = self.request.headers
        required = self.caller.profile.require_if_match
        return Conditions(headers.get("If-Match"), headers.get("If-None-Match"), required)

    def body(self, verb: Verb, kind: ResourceType) -> Any:
        """The body of a write in the RFC's shape."""
        return self.normalised(verb, kind, self.json())

    def json(self, most_operations: int | None = None) -> Any:
        """The body as it came, which may have that many operations."""
        return self.recording.came(read_json(self.request, most_operations))

    def normalised(self, verb: Verb, kind: ResourceType, body: Any) -> Any:
        """The body in the RFC's shape, whatever client it comes from; what was put right is noted for the log."""
        message, fired = normalise(Message(verb, kind, body), self.caller.profile, self.service.switched_off)
        self.recording.understood(fired)
        return message.body


def _wants_async(tenant: Tenant, request: Request, path: tuple[str, ...]) -> bool:
    """RFC 9967 section 2.5.1.1: whether the client would have a change carried out after the answer."""
    asked = request.headers.getlist("Prefer")
    if not asked or not tenant.settings.takes_async_requests or scope_of(request.method, path) != SCIM_WRITE:
        return False
    return RESPOND_ASYNC in preferences(asked)
