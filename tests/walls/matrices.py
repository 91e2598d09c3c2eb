"""Probes of a wall: a request that names what is another tenant's, and its twin that names what nobody has."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tests.walls.requests import Answer, Application, Request, send
from tests.walls.secrets import Secrets
from tests.walls.writes import Writes

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"\d+")
_CUT = re.compile(r"'[^']*\.\.\.'")
"""Somebody's own words, broken off."""
_SEALED = re.compile(r'"(?:next|previous)Cursor":"[^"]*"')
"""A cursor is sealed anew each time."""


@dataclass(frozen=True)
class Probe:
    """`position` says in words where the name stands. The twin is given where a name is not written as it is."""

    position: str
    request: Request
    twin: Request | None = None


@dataclass
class Wall:
    """What stands between whoever sends probes and the tenant of the `secrets`.

    `mend` is told of what was accepted, so that it can be undone: the next probe wants to find things as they were.
    """

    app: Application
    secrets: Secrets
    writes: Writes
    mend: Callable[[Request, Answer], None] = lambda _request, _answer: None
    wrong: list[str] = field(default_factory=list)
    counted: int = 0
    given: str = ""
    """What was accepted: whoever sent it may read it again."""

    def stand(self, probes: Iterable[Probe]) -> None:
        """Send every probe and its twin, and note what differs, what leaks, and what changed although refused."""
        for probe in probes:
            twin = probe.twin or probe.request.replaced(self.secrets.disguised)
            told = self._told(probe.position, probe.request, self.secrets.disguised)
            if twin != probe.request and (nobodys := self._told(probe.position, twin, str)) != told:
                self.wrong.append(
                    f"{probe.position}: nobody's\n  {nobodys}\nis not another tenant's\n  {told}\n{probe.request.curl}"
                )
            self.counted += 1

    def _told(self, position: str, request: Request, disguised: Callable[[str], str]) -> tuple[object, ...]:
        self.writes.taken()
        answer = send(self.app, request)
        said = answer.text + repr(answer.headers)
        self.wrong += [f"{position}: {problem}\n{request.curl}" for problem in self._problems(request, answer, said)]
        if answer.status < 300 and not request.is_read:
            self.given += " ".join(self.secrets.named(request.whole()))
            self.mend(request, answer)
        return outside(request, answer, disguised)

    def _problems(self, request: Request, answer: Answer, said: str) -> Iterator[str]:
        if leaks := self.secrets.leaks(said, request.whole() + self.given):
            yield f"answers with {sorted(leaks)}"
        changed = self.writes.taken()
        if answer.status >= 400 or request.is_read:
            yield from (f"{answer.status}, but {table} changed" for table in changed - allowed(answer))
        if answer.status >= 500 and answer.status != 501:
            yield f"{answer.status} {answer.text[:200]}"


def allowed(answer: Answer) -> set[str]:
    """Tables that a refusal may write to: an address in use elsewhere opens an issue (design section 6, 5)."""
    return {"issues"} if answer.status == 409 else set()


def outside(request: Request, answer: Answer, disguised: Callable[[str], str]) -> tuple[object, ...]:
    """All that whoever asked can tell of an answer, what differs between any two requests apart.

    What was carried out twice has two results: ids, versions, digests, and places in an order.
    """
    own = answer.headers.get("X-Request-Id", "-")
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
    text = disguised(f"{answer.text} {sorted(headers.items())}").replace(own, "REQUEST")
    text = _SEALED.sub("SEALED", _CUT.sub("CUT", _INSTANT.sub("INSTANT", text)))
    if answer.status < 300 and not request.is_read:
        text = _DIGITS.sub("N", _UUID.sub("UUID", _DIGEST.sub("DIGEST", text)))
    return answer.status, text
