"""RFC 7644 section 3.4.2.3: the database and the evaluator in memory put the same resources into the same order."""

from typing import Any
from uuid import uuid4

import pytest

from scim_server.protocol.normalising import search_copy
from scim_server.protocol.ordering import ordered
from scim_server.protocol.paths import resolve
from scim_server.protocol.registry import standard_registry
from tests.worlds import ENTERPRISE, Connection, World

USER = standard_registry().resource_type("User")
PEOPLE: dict[str, dict[str, Any]] = {
    "b": {"name": {"familyName": "Ek"}, "emails": [{"value": "z@x.test"}, {"value": "a@x.test"}]},
    "A": {"name": {"familyName": "ek"}, "emails": [{"value": "y@x.test"}]},
    "c": {"title": "\N{LATIN SMALL LETTER E WITH ACUTE}", "active": False},
    "d": {"title": "Zoo", "emails": [{"value": "z@x.test"}, {"value": "b@x.test", "primary": True}]},
    "e": {"title": "zebra", ENTERPRISE: {"department": "R&D"}},
    "f": {"title": "\N{GRINNING FACE}", ENTERPRISE: {"department": "HR"}},
}
PATHS = ["userName", "name.familyName", "emails", "emails.value", "emails.primary", "title", "active", "id"]
PATHS += [f"{ENTERPRISE}:department", "meta.resourceType"]


@pytest.fixture(scope="module")
def client(house: World) -> Connection:
    client = house.connect(house.tenant(f"ordering-{uuid4().hex}"))
    for name, attributes in PEOPLE.items():
        client.create_user(name, **attributes)
    return client


@pytest.mark.parametrize("ascending", [True, False], ids=["ascending", "descending"])
@pytest.mark.parametrize("path", PATHS)
def test_both_give_the_same_order(client: Connection, path: str, ascending: bool) -> None:
    users = client.get("/Users").json["Resources"]
    searches = {user["id"]: search_copy(user, USER) for user in users}
    order = "ascending" if ascending else "descending"
    listed = client.get(f"/Users?sortBy={path}&sortOrder={order}").json["Resources"]
    assert ordered(searches, resolve(path, USER), ascending) == [user["id"] for user in listed]
    assert len(listed) == len(PEOPLE)
