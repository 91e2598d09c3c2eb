"""RFC 7644 section 3.4.2.3: sortBy and sortOrder over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.refusals import check_refusal
from tests.worlds import ENTERPRISE, USER, Connection, World

PEOPLE: dict[str, dict[str, Any]] = {
    "Bob": {
        "externalId": "b",
        "title": "z",
        "name": {"familyName": "Åberg"},
        "emails": [{"value": "z@x.test", "type": "work"}, {"value": "b@x.test", "type": "home", "primary": True}],
        "phoneNumbers": [{"value": "2"}, {"value": "1"}],
        ENTERPRISE: {"employeeNumber": "10"},
    },
    "alice": {
        "externalId": "B",
        "title": "é",
        "active": False,
        "emails": [{"value": "C@x.test"}],
        "name": {"familyName": "Zorn"},
        "phoneNumbers": [{"value": "1", "primary": True}],
    },
    "carol": {"externalId": "a", "title": "Z", "name": {"givenName": "C"}, ENTERPRISE: {"employeeNumber": "9"}},
    "dan": {"title": "ſ", "emails": [{"display": "D", "type": "work"}, {"value": "0@x.test"}]},
    "eve": {"title": "a_", "name": {"familyName": "aaa"}},
}


@pytest.fixture(scope="module")
def staff(house: World) -> Connection:
    client = house.connect(house.tenant(f"staff-{uuid4().hex}"))
    for name, attributes in PEOPLE.items():
        client.create_user(name, **attributes)
    return client


def names(client: Connection, query: str) -> str:
    answer = client.get(f"/Users?{query}")
    assert answer.status_code == 200, answer.text
    return " ".join(user["userName"] for user in answer.json["Resources"])


SORTED = {
    "sortBy=userName": "alice Bob carol dan eve",
    "sortBy=USERNAME&sortOrder=ASCENDING": "alice Bob carol dan eve",
    f"sortBy={USER}:userName": "alice Bob carol dan eve",
    "sortBy=userName&sortOrder=descending": "eve dan carol Bob alice",
    "sortBy=externalId": "alice carol Bob dan eve",
    "sortBy=externalId&sortOrder=descending": "dan eve Bob carol alice",
    "sortBy=title": "eve dan Bob carol alice",
    "sortBy=title&sortOrder=descending": "alice Bob carol dan eve",
    "sortBy=name.familyName": "eve alice Bob carol dan",
    "sortBy=name.familyName&sortOrder=descending": "carol dan Bob alice eve",
    "sortBy=active": "alice Bob carol dan eve",
    "sortBy=active&sortOrder=descending": "Bob carol dan eve alice",
    "sortBy=emails": "Bob alice carol dan eve",
    "sortBy=emails.value": "Bob alice carol dan eve",
    "sortBy=emails&sortOrder=descending": "carol dan eve alice Bob",
    "sortBy=emails.type": "Bob dan alice carol eve",
    "sortBy=phoneNumbers": "alice Bob carol dan eve",
    f"sortBy={ENTERPRISE}:employeeNumber": "Bob carol alice dan eve",
    "sortBy=meta.created": "Bob alice carol dan eve",
    "sortBy=meta.created&sortOrder=descending": "eve dan carol alice Bob",
    "sortBy=id&sortOrder=descending": "eve dan carol alice Bob",
    "sortBy=meta.resourceType": "Bob alice carol dan eve",
    "sortOrder=descending": "Bob alice carol dan eve",
    "sortBy=&sortOrder=descending": "Bob alice carol dan eve",
    "sortBy=nickName": "Bob alice carol dan eve",
}


@pytest.mark.covers(
    *("R-7644-3.4.2.3-01", "R-7644-3.4.2.3-02", "R-7644-3.4.2.3-03", "R-7644-3.4.2.3-04", "R-7644-3.4.2.3-05"),
    *("R-7644-3.4.2.3-09", "C-92", "C-93", "C-94", "C-95"),
)
@pytest.mark.parametrize(("query", "expected"), SORTED.items(), ids=SORTED.keys())
def test_people_are_sorted(staff: Connection, query: str, expected: str) -> None:
    """By code point under the case rule, missing values last ascending and first descending, ties oldest first."""
    assert names(staff, query) == expected


@pytest.mark.covers("R-7644-3.4.2.3-04", "R-7644-3.4.2.3-06", "R-7644-3.4.2.3-07", "C-96", "C-97")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("sortBy=shoeSize", "shoeSize"),
        ("sortBy=name", "name"),
        ("sortBy=name.shoe", "shoe"),
        ("sortBy=password", "password"),
        ("sortBy=emails%5Btype+eq+%22work%22%5D", "emails"),
        ("sortBy=emails%5Btype+eq+%22work%22%5D.value", "emails"),
        (f"sortBy={ENTERPRISE}", "enterprise"),
        ("sortBy=urn:x:y:z", "urn:x:y"),
        ("sortBy=groups", "groups"),
        ("sortBy=members", "members"),
        ("sortBy=userName,title", "userName"),
        ("sortBy=%00", "sortBy"),
        ("sortBy=userName&sortOrder=down", "sortOrder"),
        ("sortOrder=down", "sortOrder"),
    ],
)
def test_refuses_to_sort_by(staff: Connection, query: str, named: str) -> None:
    check_refusal(staff.get(f"/Users?{query}"), 400, "invalidValue", named)
    check_refusal(staff.get(f"/Users?{query}&cursor="), 400, "invalidValue", named)


@pytest.mark.covers("R-7644-3.4.2.3-08")
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_pages_of_equals_do_not_overlap(client: Connection, order: str) -> None:
    for number in range(40):
        client.create_user(f"u{number}", title="same")
    pages = [
        client.get(f"/Users?sortBy=title&sortOrder={order}&count=10&startIndex={start}").json["Resources"]
        for start in (1, 11, 21, 31)
    ]
    assert len({user["id"] for page in pages for user in page}) == 40


def test_groups_are_sorted(client: Connection) -> None:
    for name in ("beta", "Alpha", "gamma"):
        client.create_group(name)
    found = client.get("/Groups?sortBy=displayName").json["Resources"]
    assert [group["displayName"] for group in found] == ["Alpha", "beta", "gamma"]
    check_refusal(client.get("/Groups?sortBy=members"), 400, "invalidValue", "members")
