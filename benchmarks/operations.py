"""What is measured: each operation with its requests, and the figures it is to reach (two cores for all of it)."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from benchmarks.drivers import Request
from benchmarks.figures import Goal
from benchmarks.loads import Person
from benchmarks.people import person
from tests.worlds import PATCH_OP

HELLO = "hello"
RAW = "raw"
PAGE = 100
SAMPLE = 2_000
"""Different people that are asked for over and over."""
MOST_OPERATIONS = 500
"""Of one PATCH."""
FASTEST = 4_000
"""Requests a second that no operation that is sent once reaches."""


@dataclass(frozen=True, slots=True)
class Site:
    """What operations know of the place they are measured at.

    `base` is the path that every address begins with, `people` some who are there; the first `members` of them are in
    the group `crowd`. `numbers` are those of people who are not there yet, `deep` is the cursor of a page far down the
    list.
    """

    base: str
    people: Sequence[Person]
    crowd: str
    members: int
    numbers: Iterator[int]
    deep: str = ""

    def at(self, path: str) -> str:
        return f"{self.base}{path}"


Requests = Callable[[Site], Iterator[Request]]
Undoing = Callable[[Site, Sequence[Request]], Iterator[Request]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row. `requests` are sent over and over, or `once` each; `undo` brings back what those that were sent did."""

    name: str
    title: str
    requests: Requests
    goals: tuple[Goal, ...] = ()
    once: bool = False
    undo: Undoing | None = None

    @property
    def grows(self) -> bool:
        """Whether it leaves the directory larger than it was."""
        return self.once and self.undo is None


def create(number: int, at: Callable[[str], str]) -> Request:
    """The creation of person `number`."""
    return Request("POST", at("/Users"), json.dumps(person(number)))


def find(user_name: str, at: Callable[[str], str]) -> Request:
    """The look-up that comes before a creation."""
    wanted = f'userName eq "{user_name}"'
    return Request("GET", at(f"/Users?filter={quote(wanted)}"))


def _get(site: Site) -> Iterator[Request]:
    for each in site.people[:SAMPLE]:
        yield Request("GET", site.at(f"/Users/{each.id}"))


def _find(site: Site) -> Iterator[Request]:
    for each in site.people[:SAMPLE]:
        yield find(each.user_name, site.at)


def _list(site: Site) -> Iterator[Request]:
    yield Request("GET", site.at(f"/Users?count={PAGE}"))


def _page(site: Site) -> Iterator[Request]:
    yield Request("GET", site.at(f"/Users?count={PAGE}&cursor={quote(site.deep)}"))


def _create(site: Site) -> Iterator[Request]:
    for number in site.numbers:
        yield create(number, site.at)


def patch(path: str, *operations: dict[str, Any]) -> Request:
    """A PatchOp of those operations."""
    return Request("PATCH", path, json.dumps({"schemas": [PATCH_OP], "Operations": operations}))


def _suspend(site: Site) -> Iterator[Request]:
    for each in site.people:
        yield patch(site.at(f"/Users/{each.id}"), {"op": "replace", "path": "active", "value": False})


def _reactivate(site: Site, sent: Sequence[Request]) -> Iterator[Request]:
    del site
    for each in sent:
        yield patch(each.path, {"op": "replace", "path": "active", "value": True})


def _outsiders(site: Site) -> Iterator[dict[str, str]]:
    for each in site.people[site.members :]:
        yield {"value": each.id}


def _join(site: Site) -> Iterator[Request]:
    for each in _outsiders(site):
        yield patch(_crowd_path(site), {"op": "add", "path": "members", "value": [each]})


def _leave(site: Site, sent: Sequence[Request]) -> Iterator[Request]:
    for first in range(0, len(sent), MOST_OPERATIONS):
        left = islice(_outsiders(site), first, min(first + MOST_OPERATIONS, len(sent)))
        named = (f'members[value eq "{each["value"]}"]' for each in left)
        yield patch(_crowd_path(site), *({"op": "remove", "path": path} for path in named))


def _crowd_path(site: Site) -> str:
    return site.at(f"/Groups/{site.crowd}")


def _crowd(site: Site) -> Iterator[Request]:
    yield Request("GET", _crowd_path(site))


def _crowd_alone(site: Site) -> Iterator[Request]:
    yield Request("GET", f"{_crowd_path(site)}?excludedAttributes=members")


OPERATIONS = {
    each.name: each
    for each in (
        Operation(
            "get",
            "GET by id",
            _get,
            (Goal("rate", least=1_800), Goal("server_cpu", most=4.5, of=HELLO)),
        ),
        Operation(
            "find",
            "GET `userName eq`",
            _find,
            (Goal("rate", least=1_700), Goal("server_cpu", most=4.5, of=HELLO)),
        ),
        Operation("list", "list of 100, first page", _list, (Goal("rate", least=800),)),
        Operation("page", "list of 100, page at 9,900 by cursor", _page, (Goal("p50", most=1.2, of="list"),)),
        Operation(
            "suspend",
            "PATCH active false, releasing a seat",
            _suspend,
            (Goal("rate", least=700),),
            once=True,
            undo=_reactivate,
        ),
        Operation(
            "join",
            "PATCH: add one member to the large group",
            _join,
            (Goal("rate", least=600),),
            once=True,
            undo=_leave,
        ),
        Operation("crowd", "GET the large group whole", _crowd, (Goal("rate", least=400),)),
        Operation("alone", "GET it with excludedAttributes=members", _crowd_alone, (Goal("rate", least=1_500),)),
        Operation(
            "create",
            "create (user, log, audit, outbox, seat)",
            _create,
            (Goal("rate", least=900), Goal("rate", least=0.3, of=RAW)),
            once=True,
        ),
    )
}
"""By name, in the order of the table. Those that make the directory larger come last."""
GOALS = {name: each.goals for name, each in OPERATIONS.items()}
