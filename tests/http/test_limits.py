"""docs/limits.md against the server: as much as each limit allows is taken, one more is refused as the page says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.config import VARIABLES
from scim_server.domain.tenants import Tenant
from scim_server.protocol.messages import MAX_COUNT
from tests.api import callers
from tests.api.callers import Caller
from tests.http.hostile_requests import BULK
from tests.http.refusals import unchanged
from tests.worlds import PATCH_OP, SEARCH, USER, Connection, World

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([a-zI][^|]+) \| `([\w.]+)` \| (\d+) \| (\d{3})(?: `(\w+)`)? \| (.+) \|$", re.MULTILINE)
SETTINGS = {
    "max_body_bytes": 100_000,
    "import_max_bytes": 2000,
    "max_header_bytes": 20_000,
    "bulk_max_operations": 3,
    "patch_max_operations": 4,
    "patch_max_members": 5,
}
"""Smaller than by default, so that the requests are."""
CSV = {"Content_Type": "text/csv"}


@dataclass(frozen=True)
class Callers:
    """Who asks, and what is there to ask for."""

    okta: Connection
    api: Caller
    user: str
    group: str

    def patch(self, path: str, value: Any) -> TestResponse:
        return self.okta.patch(f"/Groups/{self.group}", {"op": "add", "path": path, "value": value})

    def find(self, text: str) -> TestResponse:
        return self.okta.post("/Users/.search", {"schemas": [SEARCH], "filter": text, "count": 0})


def filled(before: str, after: str, size: int) -> str:
    """A text of that many characters."""
    return before + "a" * (size - len(before) - len(after)) + after


def operations(schema: str, operation: dict[str, Any], count: int) -> dict[str, Any]:
    return {"schemas": [schema], "Operations": [operation] * count}


def headers(who: Callers, size: int) -> TestResponse:
    bare = who.okta.get("/Users", X_Filler="").request.headers
    return who.okta.get("/Users", X_Filler="a" * (size - sum(len(name) + len(value) + 4 for name, value in bare)))


def nested(size: int) -> str:
    return '{"userName": "ana", "x": ' + "[" * (size - 1) + "]" * (size - 1) + "}"


def people(size: int) -> bytes:
    return b"userName\nana@x.test\n".ljust(size, b"\n")


title = {"op": "add", "path": "title", "value": "x"}
gone = {"method": "DELETE", "path": "/Users/nobody"}

ASKED: dict[str, Callable[[Callers, int], TestResponse]] = {
    "bytes of a body": lambda who, n: who.okta.post("/Users", '{"userName": "bo"}'.ljust(n)),
    "bytes of a body of the admin API": lambda who, n: who.api.send("POST", "~/users", "{}".ljust(n)),
    "bytes of a file of people": lambda who, n: who.api.send("POST", "~/imports?name=x.csv", people(n), **CSV),
    "bytes of all headers together": headers,
    "characters of an Authorization header": lambda who, n: who.okta.get(
        "/Users", Authorization="Bearer" + who.okta.token.rjust(n - len("Bearer"))
    ),
    "operations of a bulk": lambda who, n: who.okta.post("/Bulk", operations(BULK, gone, n)),
    "operations of a PATCH": lambda who, n: who.okta.send(
        "PATCH", f"/Users/{who.user}", operations(PATCH_OP, title, n)
    ),
    "members that a PATCH names": lambda who, n: who.patch("members", [{"value": str(each)} for each in range(n)]),
    "elements of an attribute that is no list of members": lambda who, n: who.okta.post(
        "/Users", {"schemas": [USER], "userName": "bo", "phoneNumbers": [{"value": str(each)} for each in range(n)]}
    ),
    "characters of a text that is searched by": lambda who, n: who.okta.post("/Users", {"userName": "b" * n}),
    "characters of a filter": lambda who, n: who.find(filled('title eq "', '"', n)),
    "terms of a filter": lambda who, n: who.find(" or ".join(["title pr"] * n)),
    "brackets of a filter within each other": lambda who, n: who.find("(" * n + "title pr" + ")" * n),
    "characters of the path of a PATCH": lambda who, n: who.patch(filled('members[value eq "', '"]', n), {}),
    "terms of the path of a PATCH": lambda who, n: who.patch(f"members[{' or '.join(['value pr'] * n)}]", {}),
    "levels of a JSON text": lambda who, n: who.okta.post("/Users", nested(n)),
    "items of a page of the admin API": lambda who, n: who.api.send("GET", f"~/users?limit={n}"),
    "bytes of a form of the authorization server": lambda who, n: who.okta.http.post(
        "/oauth/acme/token", data=filled("grant_type=", "", n), content_type="application/x-www-form-urlencoded"
    ),
    "characters of an Idempotency-Key": lambda who, n: who.api.send(
        "POST", "~/groups", {"displayName": "K"}, Idempotency_Key="k" * n
    ),
}
"""Asks for exactly so much of each limit."""


def test_the_page_tells_all_limits_with_their_values() -> None:
    rows = ROW.findall(PAGE)
    assert [name for name, *_ in rows] == list(ASKED)
    for name, place, value, *_ in rows:
        assert int(value) == value_of(place), name
    assert f"`count` above {MAX_COUNT} is read as {MAX_COUNT}" in PAGE


def value_of(place: str) -> Any:
    """By default: of a setting, or of a constant by its module."""
    if place.startswith("SCIM_"):
        return VARIABLES[place.removeprefix("SCIM_").lower()].default
    module, _, constant = place.rpartition(".")
    return getattr(import_module(f"scim_server.{module}"), constant)


@pytest.fixture
def who(build_world: Callable[..., World]) -> tuple[World, Callers]:
    world = build_world(**SETTINGS)
    acme: Tenant = world.tenant()
    okta = world.connect(acme)
    user, group = okta.create_user("ana")["id"], okta.create_group("Sales")["id"]
    return world, Callers(okta, callers.caller(world, acme), user, group)


def test_one_more_than_a_limit_is_refused_and_changes_nothing(who: tuple[World, Callers]) -> None:
    world, asking = who
    for name, place, _, status, scim_type, message in ROW.findall(PAGE):
        most = SETTINGS.get(place.removeprefix("SCIM_").lower()) or value_of(place)
        with unchanged(world):
            answer = ASKED[name](asking, most + 1)
        assert answer.status_code == int(status), (name, answer.text)
        said = {message.replace("N", str(most)), message.replace("N", f"{most:,}")}
        assert any(each in answer.text for each in said), (name, answer.text)
        assert answer.json.get("scimType", "") == scim_type, name
        taken = ASKED[name](asking, most)
        assert not any(each in taken.text for each in said), (name, taken.text)


def test_what_is_published_is_what_is_enforced(who: tuple[World, Callers]) -> None:
    """RFC 7643 section 5."""
    told = who[1].okta.get("/ServiceProviderConfig").json
    assert told["bulk"]["maxOperations"] == SETTINGS["bulk_max_operations"]
    assert told["bulk"]["maxPayloadSize"] == SETTINGS["max_body_bytes"]
    assert told["filter"]["maxResults"] == told["pagination"]["maxPageSize"] == MAX_COUNT


@pytest.mark.parametrize("count", [MAX_COUNT, MAX_COUNT + 1, 10**9, -1, 10**14])
def test_a_page_has_at_most_so_many(client: Connection, count: int) -> None:
    client.create_user("ana")
    answer = client.get(f"/Users?count={count}")
    assert answer.status_code == 200
    assert len(answer.json["Resources"]) == (0 if count < 0 else 1)
