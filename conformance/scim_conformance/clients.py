"""A client that keeps what it sent and what came back, and never the credential."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from scim_conformance.verdicts import CheckFailed, CheckSkipped, quote, require, same

MEDIA_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

HIDDEN = "[token]"
KEPT_CHARACTERS = 6_000
PATIENCE = 3
LONGEST_WAIT = 30.0

_NOTHING: Final = object()


@dataclass(frozen=True)
class Exchange:
    """One request and its answer as text, long bodies cut. `status` is None where none came, `answer` then says why."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True)
class Reply:
    """What came back: `body` is decoded JSON, None where there is none or it is not JSON."""

    status: int
    headers: httpx.Headers
    text: str
    body: Any

    def expect(self, *statuses: int) -> "Reply":
        """The status must be one of these."""
        if self.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            raise CheckFailed(f"status {self.status} came, {wanted} was expected{self._detail()}")
        return self

    def refused(self, *statuses: int, types: tuple[str, ...] = ()) -> "Reply":
        """The answer must be an Error of one of these statuses, with one of these `scimType` where any are given."""
        self.expect(*statuses)
        require(isinstance(self.body, dict), "the error has no JSON body")
        require(ERROR in (self.body.get("schemas") or ()), f"the error's schemas do not name {ERROR}")
        same(self.body.get("status"), str(self.status), "status in the error body")
        if types:
            came = self.body.get("scimType")
            require(came in types, f"scimType: {quote(came)} came, {' or '.join(types)} was expected{self._detail()}")
        return self

    def implemented(self, *others: int) -> "Reply":
        """Skip the check where the server says that it does not offer this at all: 501, or another status given."""
        if self.status in (501, *others):
            raise CheckSkipped(f"the server does not offer this: it answers {self.status}")
        return self

    @property
    def resource(self) -> dict[str, Any]:
        """The body, which must be an object."""
        if not isinstance(self.body, dict):
            raise CheckFailed(f"a JSON object was expected as body, {quote(self.text) if self.text else 'none'} came")
        return self.body

    @property
    def listed(self) -> dict[str, Any]:
        """The body, which must be a ListResponse answered with 200."""
        self.expect(200)
        require(LIST_RESPONSE in (self.resource.get("schemas") or ()), f"schemas do not name {LIST_RESPONSE}")
        require(type(self.resource.get("totalResults")) is int, "totalResults is not a JSON integer")
        return self.resource

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The resources of a ListResponse, which may leave out an empty list."""
        found = self.listed.get("Resources") or []
        require(isinstance(found, list), "Resources is not an array")
        return found

    def _detail(self) -> str:
        detail = self.body.get("detail") if isinstance(self.body, dict) else None
        return f" ({' '.join(str(detail).split())})" if detail else ""


Observer = Callable[[str, str, Reply | None], None]


class Client:
    """Sends requests through an httpx client that knows the base address and carries the credential."""

    def __init__(self, http: httpx.Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self.http = http
        self.exchanges: list[Exchange] = []
        self.observers: list[Observer] = []
        self._sleep = sleep
        self._secret = http.headers.get("Authorization", "").rpartition(" ")[2]

    def send(
        self,
        method: str,
        path: str,
        body: Any = _NOTHING,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        anonymous: bool = False,
    ) -> Reply:
        """One request. `body` is sent as JSON, `content` as it is.

        A 429 that says when to come back is obeyed, so that a rate limit is not taken for a fault.

        :raises CheckFailed: if no answer comes.
        """
        if body is not _NOTHING:
            content = json.dumps(body, ensure_ascii=False).encode()
        sent = {
            "Accept": MEDIA_TYPE,
            **({"Content-Type": MEDIA_TYPE} if content is not None else {}),
            **(headers or {}),
        }
        request = self.http.build_request(method, path, params=params, headers=sent, content=content)
        if anonymous:
            request.headers.pop("Authorization", None)
        reply = None
        try:
            reply = self._exchange_patiently(request, content)
        finally:
            for observe in self.observers:
                observe(method, path, reply)
        return reply

    def hide(self, text: str) -> str:
        """A text without the credential."""
        return text.replace(self._secret, HIDDEN) if self._secret else text

    def _exchange_patiently(self, request: httpx.Request, content: bytes | None) -> Reply:
        for _ in range(PATIENCE):
            reply = self._exchange(request, content)
            if not self._waited(reply):
                break
        return reply

    def _exchange(self, request: httpx.Request, content: bytes | None) -> Reply:
        started = time.perf_counter()
        try:
            response = self.http.send(request)
        except httpx.HTTPError as error:
            reason = self.hide(str(error) or type(error).__name__)
            self._keep(request, content, started, None, {}, reason)
            raise CheckFailed(f"no answer came: {reason}") from error
        text = self.hide(response.text)
        self._keep(request, content, started, response.status_code, response.headers, text)
        return Reply(response.status_code, response.headers, text, _decoded(text))

    def _keep(
        self,
        request: httpx.Request,
        content: bytes | None,
        started: float,
        status: int | None,
        headers: Mapping[str, str],
        answer: str,
    ) -> None:
        sent = {name: value for name, value in request.headers.items() if name in ("content-type", "accept")}
        sent |= {name: value for name, value in request.headers.items() if name.startswith("if-")}
        path = request.url.raw_path.decode("ascii").removeprefix(
            self.http.base_url.raw_path.decode("ascii").rstrip("/")
        )
        self.exchanges.append(
            Exchange(
                method=request.method,
                path=_cut(self.hide(path)),
                headers=sent,
                body=_cut(self.hide((content or b"").decode("utf-8", "replace"))),
                status=status,
                answer_headers={name: self.hide(value) for name, value in headers.items()},
                answer=_cut(answer),
                milliseconds=(time.perf_counter() - started) * 1000,
            )
        )

    def _waited(self, reply: Reply) -> bool:
        pause = reply.headers.get("Retry-After", "") if reply.status == 429 else ""
        if not pause.isdigit():
            return False
        self._sleep(min(float(pause), LONGEST_WAIT))
        return True


def _decoded(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _cut(text: str) -> str:
    dropped = len(text) - KEPT_CHARACTERS
    return text if dropped <= 0 else f"{text[:KEPT_CHARACTERS]}... ({dropped} characters more)"
