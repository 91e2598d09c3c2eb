"""What every answer must be: in time, in the right shape, without a byte of another tenant, refused without a trace."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.fuzz.grounds import Ground
from tests.walls.matrices import allowed, outside
from tests.walls.requests import Answer, Application, Request, send
from tests.walls.writes import Writes
from tests.worlds import ERROR

LONGEST = 1.0
"""Seconds of the process's CPU clock, which runs no faster on a machine that others share."""
PAGE = "text/html"
SCIM = ("application/scim+json", "application/json")
PROBLEM = "application/problem+json"
SHOWN = 300
_ORDERED = re.compile(r"\b(?:gt|ge|lt|le)\b", re.IGNORECASE)
"""A text and its twin stand at different places among the caller's own: more or less of them may be found."""
_IN_USE = "is in use outside this tenant"
"""The one answer that tells of somebody else: an address belongs to one person everywhere (design section 6, 5)."""
_OF_RECEIVERS = re.compile(r"/oauth/[^/]*/ssf/.*|/api/v1/tenants/[^/]*/streams/[^/]*/poll")
"""RFC 8935 section 2.3 has the words of refusals there."""
_LOG = re.compile(r"/api/v1/tenants/[^/]*/log")


@dataclass(frozen=True)
class Fault:
    """What was wrong, in a word and in full."""

    kind: str
    detail: str


@dataclass
class Judge:
    """Sends requests to an application and tells what is wrong with the answers.

    `given` is what the caller was allowed to write of the other tenant's, and may read again; `sent` is whatever it
    sent, which its log shows.
    """

    app: Application
    ground: Ground
    writes: Writes
    given: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    """Tables that accepted requests changed."""

    def judge(self, request: Request) -> tuple[Answer | None, list[Fault]]:
        """The answer, None where there is none, and all that is wrong with it."""
        self.writes.taken()
        self.sent |= self.ground.secrets.named(request.whole())
        try:
            answer = send(self.app, request)
        except Exception as error:  # whatever leaves the application has no answer
            return None, [Fault("escaped", repr(error)[:SHOWN])]
        faults = [
            *_timing(answer),
            *_shape(request, answer),
            *self._leaks(request, answer),
            *self._changes(request, answer),
        ]
        if answer.status < 300 and not request.is_read:
            self.given |= self.ground.secrets.named(request.whole())
        return answer, faults

    def compare(self, request: Request) -> list[Fault]:
        """Whether somebody outside can tell another tenant's names from nobody's; for requests that change nothing."""
        twin = request.replaced(self.ground.secrets.disguised)
        if twin == request or _ORDERED.search(unquote(request.whole())):
            return []
        theirs, nobodys = (send(self.app, each) for each in (request, twin))
        if _IN_USE in theirs.text and nobodys.status < 400:
            self.touched |= self.writes.taken()
            return []
        if self.ground.secrets.named(nobodys.text) & self.given:
            return []  # the caller's own data have such words in them by now
        told = outside(request, theirs, self.ground.secrets.disguised)
        if told == outside(twin, nobodys, str):
            return []
        return [Fault("oracle", f"{theirs.status} {theirs.text[:SHOWN]} but {nobodys.status} {nobodys.text[:SHOWN]}")]

    def _leaks(self, request: Request, answer: Answer) -> Iterator[Fault]:
        if any(self.ground.operator in text for _, text in request.headers):
            return  # the operator sees every tenant
        known = self.sent if _LOG.match(request.path) else self.given
        leaks = self.ground.secrets.leaks(answer.text + repr(answer.headers), f"{request.whole()} {' '.join(known)}")
        if leaks:
            yield Fault("leak", f"{answer.status} with {sorted(leaks)[:5]}")

    def _changes(self, request: Request, answer: Answer) -> Iterator[Fault]:
        changed = self.writes.taken()
        if answer.status < 400 and not request.is_read:
            self.touched |= changed
        elif changed - allowed(answer):
            yield Fault("changed", f"{request.method} answered {answer.status}, and {sorted(changed)} changed")


def _timing(answer: Answer) -> Iterator[Fault]:
    if answer.seconds > LONGEST:
        yield Fault("slow", f"{answer.seconds:.2f} s for {answer.status}")


def _shape(request: Request, answer: Answer) -> Iterator[Fault]:
    said = f"{answer.status} {answer.media_type} {answer.text[:SHOWN]}"
    if answer.status >= 500 and answer.status != 501:
        yield Fault("broken", said)
    if "Traceback" in answer.text or "\r" in repr(answer.headers):
        yield Fault("shape", said)
    if answer.status < 400 or request.method == "HEAD":
        return
    if not _fits(unquote(request.path), answer):
        yield Fault("shape", said)


def _fits(path: str, answer: Answer) -> bool:
    """Whether a refusal is the Error, the problem details or the page that is due at the address."""
    path = f"/{path.lstrip('/')}"
    if f"{path}/".startswith("/scim/"):
        return answer.media_type in SCIM and _is_error(answer)
    if f"{path}/".startswith(("/invitations/", "/console/")):
        return answer.media_type in {PAGE, PROBLEM}
    if _OF_RECEIVERS.fullmatch(path) and answer.media_type != PROBLEM and "err" in answer.json:
        return isinstance(answer.json["err"], str) and isinstance(answer.json["description"], str)
    if f"{path}/".startswith("/oauth/") or (path.startswith("/.well-known/") and answer.media_type != PROBLEM):
        return answer.media_type == PAGE or isinstance(answer.json["error"], str)
    return answer.media_type == PROBLEM and answer.json["status"] == answer.status


def _is_error(answer: Answer) -> bool:
    body = answer.json
    return body["schemas"] == [ERROR] and body["status"] == str(answer.status) and isinstance(body["detail"], str)
