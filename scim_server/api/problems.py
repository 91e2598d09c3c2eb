"""Refusals of the admin API as problem details (RFC 9457), and the one table from exceptions to them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scim_server.domain import errors as business
from scim_server.oauth.headers import AmbiguousCredentials, InsufficientScope, Unauthenticated
from scim_server.oauth.rates import TooManyRequests

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:scim-server:problem:"
RETRY_AFTER = "5"


@dataclass(frozen=True, slots=True)
class WrongField:
    """One thing that is wrong: at a JSON `pointer` (RFC 6901) into the body, or in a `parameter` of the address."""

    place: str
    name: str
    detail: str

    @classmethod
    def at_pointer(cls, path: Sequence[str], detail: str) -> "WrongField":
        pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)
        return cls("pointer", pointer, detail)

    @classmethod
    def at_parameter(cls, path: Sequence[str], detail: str) -> "WrongField":
        return cls("parameter", path[0] if path else "", detail)

    def facts(self) -> dict[str, str]:
        """As JSON."""
        return {self.place: self.name, "detail": self.detail}


class FieldErrors(Exception):
    """Members or parameters are wrong: all of them at once."""

    def __init__(self, wrong: Sequence[WrongField]) -> None:
        super().__init__(f"{len(wrong)} wrong fields")
        count = len(wrong)
        self.wrong = tuple(wrong)
        self.detail = f"{'One field is' if count == 1 else f'{count} fields are'} wrong; see `errors`."


class Malformed(Exception):
    """The body cannot be read at all."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class UnsupportedMediaType(Malformed):
    """The body is of a kind that the endpoint does not take."""


class MethodNotAllowed(Exception):
    """The address exists and does not take this method."""

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(method)
        self.detail = f"{method} is not possible here; this address takes {allowed}."
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, the end of its type, and its title."""

    status: int
    code: str
    title: str


PROBLEMS: Mapping[type[Exception], Kind] = {
    FieldErrors: Kind(422, "wrong-fields", "Some fields are wrong."),
    UnsupportedMediaType: Kind(415, "unsupported-media-type", "The body is of another kind than expected."),
    Malformed: Kind(400, "malformed", "The request cannot be read."),
    MethodNotAllowed: Kind(405, "method-not-allowed", "The method is not possible at this address."),
    Unauthenticated: Kind(401, "unauthenticated", "No valid token."),
    AmbiguousCredentials: Kind(400, "ambiguous-credentials", "More than one credential."),
    TooManyRequests: Kind(429, "too-many-requests", "The tenant sends too many requests."),
    InsufficientScope: Kind(403, "forbidden", "The token does not permit that."),
    business.Missing: Kind(404, "not-found", "There is no such thing."),
    business.Gone: Kind(410, "gone", "It is over."),
    business.SeatLimit: Kind(409, "seat-limit", "No seat is free."),
    business.Unproven: Kind(409, "unproven", "The proof of the domain was not found."),
    business.SeatsInUse: Kind(409, "seats-in-use", "People hold these seats."),
    business.StillManages: Kind(409, "still-manages", "People or groups belong to it."),
    business.AddressTaken: Kind(409, "address-in-use", "The address is in use outside the tenant."),
    business.Taken: Kind(409, "taken", "It is in use or there already."),
    business.InProgress: Kind(409, "in-progress", "The same request is being carried out."),
    business.Lost: Kind(409, "answer-lost", "The request was carried out, its answer is lost."),
    business.KeyReused: Kind(422, "key-reused", "The Idempotency-Key came before with another request."),
    business.LaterChanges: Kind(409, "later-changes", "It was changed again since."),
    business.RoleAboveMax: Kind(403, "role-above-max", "The role permits more than may be granted here."),
    business.LastSuperAdmin: Kind(409, "last-super-admin", "The tenant needs a super admin."),
    business.Forbidden: Kind(403, "forbidden", "The token does not permit that."),
    business.TooMany: Kind(422, "too-many", "The search costs too much."),
    business.Invalid: Kind(422, "invalid", "The request makes no sense."),
    business.Refusal: Kind(422, "refused", "The request was refused."),
    business.Contention: Kind(503, "contended", "Too many requests change the same things at once."),
    business.WrongKey: Kind(503, "wrong-key", "What is stored cannot be opened."),
    business.Unavailable: Kind(503, "unavailable", "The database cannot be reached."),
}
"""Looked up along the class's ancestors, nearest first."""
TOO_LARGE = Kind(413, "too-large", "The body is too large.")
NO_ADDRESS = Kind(404, "no-address", "There is nothing at this address.")
BROKEN = Kind(500, "failed", "The server failed.")
EVERY = (*PROBLEMS.values(), TOO_LARGE, NO_ADDRESS, BROKEN)

UNAVAILABLE = "The server cannot reach its database just now. Send the request again."
FAILED = "The server failed while handling the request, which changed nothing. Quote request {id} to its operator."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is answered to a request that was not carried out."""

    kind: Kind
    detail: str
    request_id: str
    errors: tuple[WrongField, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """RFC 9457 section 3.1, with `errors` as an extension member."""
        known = asdict(self.kind)
        return {
            "type": TYPE + known["code"],
            "title": known["title"],
            "status": known["status"],
            "detail": self.detail,
            "instance": f"urn:uuid:{self.request_id}",
            "errors": [each.facts() for each in self.errors],
        }


def problem_of(error: Exception, request_id: str) -> Problem | None:
    """The problem that an error means to the caller; None for what nobody expected."""
    kind = next((PROBLEMS[each] for each in type(error).__mro__ if each in PROBLEMS), None)
    if kind is None:
        return None
    if kind.status == 503:
        detail = getattr(error, "ADVICE", UNAVAILABLE)
        return Problem(kind, detail, request_id)
    return Problem(kind, getattr(error, "detail", str(error)), request_id, getattr(error, "wrong", ()))
