"""`name.formatted` does not go stale (RFC 7643 section 4.1.1)."""

import pytest

from tests.worlds import Connection

GIVEN = {"op": "replace", "path": "name.givenName", "value": "Bea"}


@pytest.mark.covers("R-7643-4.1-02")
@pytest.mark.parametrize(
    ("name", "after"),
    [
        ({"givenName": "Ana", "familyName": "Lima"}, None),
        ({"formatted": "Ana Lima", "givenName": "Ana", "familyName": "Lima"}, "Bea Lima"),
        ({"formatted": "Lima, Ana", "givenName": "Ana", "familyName": "Lima"}, "Lima, Bea"),
        ({"formatted": "Dr. Ana M", "givenName": "Ana", "familyName": "Lima"}, "Dr. Ana M"),
    ],
    ids=["absent", "usual", "family-first", "their-own"],
)
def test_it_follows_its_parts_where_it_was_made_of_them(client: Connection, name: dict, after: str | None) -> None:
    ana = client.create_user("ana", name=name)
    assert client.patch(f"/Users/{ana['id']}", GIVEN).json["name"].get("formatted") == after


def test_what_the_client_says_itself_stands(client: Connection) -> None:
    ana = client.create_user("ana", name={"formatted": "Ana Lima", "givenName": "Ana", "familyName": "Lima"})
    both = {"op": "replace", "path": "name", "value": {"givenName": "Bea", "formatted": "Mrs. B"}}
    assert client.patch(f"/Users/{ana['id']}", both).json["name"]["formatted"] == "Mrs. B"
    gone = client.patch(f"/Users/{ana['id']}", {"op": "remove", "path": "name.familyName"})
    assert gone.json["name"]["formatted"] == "Mrs. B"


def test_a_part_that_is_gone_leaves_nothing_to_compose(client: Connection) -> None:
    ana = client.create_user("ana", name={"formatted": "Ana Lima", "givenName": "Ana", "familyName": "Lima"})
    gone = client.patch(f"/Users/{ana['id']}", {"op": "remove", "path": "name.familyName"})
    assert gone.json["name"] == {"givenName": "Ana"}
