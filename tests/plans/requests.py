"""What clients, admins and reports ask of a large directory, each with what it may read."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.api.callers import Caller
from tests.plans.directories import GROUP, LARGE, PERSON, SPREAD, Directory
from tests.worlds import ENTERPRISE, USER

Ask = Callable[[Directory, Caller], TestResponse]

NUMBER = "000077"
ANA, SALES, TEAM = f"{PERSON}{NUMBER}", f"{GROUP}000001", f"{GROUP}000079"
"""A person, a group of 5,000 that they are in, and one of 200."""
A_PAGE = 2_000
"""Rows of the large tables that a page of 100, with the groups of each, may look at."""
DEEP = 90_000
AGAIN = 7
"""After five uses of a prepared statement PostgreSQL may plan it for whatever values."""


@dataclass(frozen=True)
class Request:
    """A request; `most` rows it may read on PostgreSQL. `walks`: on SQLite it reads all of the tenant.

    Asked so many `times`; the last one counts.
    """

    ask: Ask
    most: int = A_PAGE
    walks: bool = False
    times: int = 1


def _get(path: str, **limits: int) -> Request:
    return Request(lambda directory, _: directory.client.get(path), **limits)  # type: ignore[arg-type]


def _find(kind: str, text: str, **limits: int) -> Request:
    joint = "&" if "?" in kind else "?"
    return _get(f"/{kind}{joint}filter={quote(text)}", **{"times": AGAIN, **limits})


def _api(path: str, **limits: int) -> Request:
    return Request(lambda _, api: api.get(f"~{path}"), **limits)  # type: ignore[arg-type]


def _page(query: str) -> Request:
    """A page far on the way, by its cursor."""

    def ask(directory: Directory, _: Caller) -> TestResponse:
        page = directory.client.get(f"/Users?{query}count=100&attributes=userName&cursor=")
        for _turn in range(7):
            page = directory.client.get(f"/Users?{query}count=100&attributes=userName&cursor={page.json['nextCursor']}")
        return page

    return Request(ask)


def _patch(path: str, op: str, target: str, value: object) -> Request:
    operation = {"op": op, "path": target, "value": value}
    return Request(lambda directory, _: directory.client.patch(path, operation))


FILTERS = {
    "userName eq": _find("Users", f'userName eq "person.{NUMBER}@large.test"'),
    "externalId eq": _find("Users", f'externalId eq "ext-{NUMBER}"'),
    "displayName eq": _find("Users", f'displayName eq "Person{NUMBER} Of large"'),
    "emails eq": _find("Users", f'emails.value eq "home.{NUMBER}@large.test"'),
    "emails[work] eq": _find("Users", f'emails[type eq "work"].value eq "person.{NUMBER}@large.test"'),
    "emails[work and value]": _find("Users", f'emails[type eq "work" and value eq "person.{NUMBER}@large.test"]'),
    "id eq": _find("Users", f'id eq "{ANA}"'),
    "active and userName": _find("Users", f'active eq true and userName eq "person.{NUMBER}@large.test"'),
    "userName or externalId": _find("Users", f'userName eq "person.1@x.test" or externalId eq "ext-{NUMBER}"'),
    "userName sw": _find("Users", 'userName sw "person.00007"'),
    "externalId sw": _find("Users", 'externalId sw "ext-00007"'),
    "displayName sw": _find("Users", 'displayName sw "person00007"'),
    "emails sw": _find("Users", 'emails.value sw "home.00007"'),
    "userName co": _find("Users", 'userName co "n.000077@"', walks=True),
    "displayName co": _find("Users", 'displayName co "n000077 o"', walks=True),
    "displayName ew": _find("Groups", 'displayName ew "p 000077"', walks=True),
    "emails co": _find("Users", 'emails.value co "e.000077@"', walks=True),
    "lastModified gt": _find("Users", 'meta.lastModified gt "2026-01-01T00:00:00.099980Z"', walks=True),
    "title eq": _find("Users", f'title eq "title {NUMBER}"', walks=True),
    "employeeNumber eq": _find("Users", f'{ENTERPRISE}:employeeNumber eq "e{NUMBER}"', walks=True),
    "locality eq": _find("Users", f'addresses[type eq "work" and locality eq "town {NUMBER}"]', walks=True),
    "groups eq": _find("Users", f'groups.value eq "{TEAM}"'),
    "group displayName eq": _find("Groups", 'displayName eq "Group 000077"'),
    "group displayName co": _find("Groups", 'displayName co "p 000077"', walks=True),
    "group members eq": _find("Groups", f'members.value eq "{ANA}"', most=4 * LARGE),
    "group id and members": _find("Groups?excludedAttributes=members", f'id eq "{SALES}" and members eq "{ANA}"'),
}
READS = {
    "user": _get(f"/Users/{ANA}", times=AGAIN),
    "group": _get(f"/Groups/{TEAM}"),
    "group without members": _get(f"/Groups/{SALES}?excludedAttributes=members"),
}
LISTS = {
    "first page": _get("/Users?count=100", times=AGAIN),
    "how many": _get("/Users?count=0"),
    "groups": _get("/Groups?count=100&excludedAttributes=members"),
    "api people": _api("/users?limit=100"),
    "everything": _get("/?count=100&attributes=id"),
    **{
        f"deep by {key or 'id'}": _get(
            f"/Users?count=100&startIndex={DEEP}&attributes=userName&sortBy={key}", most=DEEP + 3 * 100, times=AGAIN
        )
        for key in ("", "userName", "displayName", "meta.lastModified")
    },
    **{
        f"{order} by {key}": _get(f"/Users?count=100&attributes=userName&sortBy={key}&sortOrder={order}")
        for key in ("userName", "displayName", "meta.lastModified")
        for order in ("ascending", "descending")
    },
    **{
        f"cursor {query}": _page(query)
        for query in ("", "sortBy=userName&", "sortBy=displayName&", "sortBy=meta.lastModified&sortOrder=descending&")
    },
}
API = {
    "api person": _api(f"/users/{ANA}"),
    "api text": _api("/users?text=person000077", walks=True),
    "api userName": _api(f"/users?userName=person.{NUMBER}@large.test"),
    "api address": _api(f"/users?email=home.{NUMBER}@large.test"),
    "api externalId": _api(f"/users?externalId=ext-{NUMBER}"),
    "api group": _api(f"/users?group={TEAM}", most=LARGE + SPREAD),
    "api groups": _api("/groups?limit=1", most=2 * LARGE),
    "api log": _api(f"/log?user={ANA}"),
    "api audit": _api("/audit/entries"),
    "api idle seats": _api("/reports/idle-seats"),
    "api queue": _api("/reports/waiting-list"),
}
WRITES = {
    "create": Request(
        lambda directory, _: directory.client.post(
            "/Users", {"schemas": [USER], "userName": "new@x.test", "emails": [{"value": "new@x.test"}]}
        )
    ),
    "suspend": _patch(f"/Users/{ANA}", "replace", "active", False),
    "add member": _patch(f"/Groups/{SALES}", "add", "members", [{"value": f"{PERSON}009999"}]),
    "remove member": _patch(f"/Groups/{SALES}", "remove", f'members[value eq "{PERSON}009999"]', None),
    "delete": Request(lambda directory, _: directory.client.delete(f"/Users/{PERSON}000078")),
}
REQUESTS = FILTERS | READS | LISTS | API | WRITES
