"""A shorter request that goes wrong in the same way, as far as it is easy: parts are left out while it still does."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fuzz.verdicts import Fault, Judge
from tests.walls.requests import Request

MOST_TRIES = 200


def shrunk(judge: Judge, request: Request, fault: Fault) -> Request:
    """What is left of the request. What it needs of earlier requests may be gone by now: then it stays as it is."""
    tries = MOST_TRIES

    def fails(candidate: Request) -> bool:
        nonlocal tries
        tries -= 1
        if tries < 0:
            return False
        faults = judge.compare(candidate) if fault.kind == "oracle" else judge.judge(candidate)[1]
        return any(each.kind == fault.kind for each in faults)

    if not fails(request):
        return request
    for shorter in (_headers, _query, _body):
        request = _shortest(request, shorter, fails)
    return request


def _shortest(
    request: Request, shorter: Callable[[Request], Iterator[Request]], fails: Callable[[Request], bool]
) -> Request:
    while (found := next(filter(fails, shorter(request)), None)) is not None:
        request = found
    return request


def _headers(request: Request) -> Iterator[Request]:
    for number in range(len(request.headers)):
        yield replace(request, headers=request.headers[:number] + request.headers[number + 1 :])


def _query(request: Request) -> Iterator[Request]:
    parts = request.query.split("&") if request.query else []
    for number in range(len(parts)):
        yield replace(request, query="&".join(parts[:number] + parts[number + 1 :]))


def _body(request: Request) -> Iterator[Request]:
    size = len(request.body) // 2
    while size:
        for start in range(0, len(request.body), size):
            yield replace(request, body=request.body[:start] + request.body[start + size :])
        size //= 2
