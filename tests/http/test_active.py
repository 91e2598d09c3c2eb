"""`active`: stated, left out, taken away (RFC 7643 section 2.5, RFC 7644 section 3.3; corner case C-140)."""

import pytest

from tests.worlds import USER, Connection

REMOVALS = [
    {"op": "remove", "path": "active"},
    {"op": "replace", "path": "active", "value": None},
]


def found(client: Connection, filter_: str) -> list[str]:
    return [user["userName"] for user in client.find("/Users", filter_)]


@pytest.mark.covers("R-7644-3.3-06", "R-7644-3.4.2.2-34")
def test_left_out_of_a_create_it_is_true_and_shown(client: Connection) -> None:
    assert client.create_user("ana")["active"] is True
    assert found(client, "active eq true") == ["ana"]


@pytest.mark.covers("R-7644-3.3-04", "C-140")
def test_null_in_a_create_beats_the_default(client: Connection) -> None:
    ana = client.create_user("ana", active=None)
    assert "active" not in ana
    assert found(client, "active eq true") == []
    assert found(client, "not (active pr)") == ["ana"]


@pytest.mark.covers("R-7644-3.5.2.2-02")
@pytest.mark.parametrize("removal", REMOVALS, ids=lambda each: each["op"])
@pytest.mark.parametrize("active", [True, False])
def test_taken_away_it_is_gone_and_the_person_is_as_before(client: Connection, removal: dict, active: bool) -> None:
    ana = client.create_user("ana", active=active)
    answer = client.patch(f"/Users/{ana['id']}?excludedAttributes=name", removal)
    assert answer.status_code == 200
    assert "active" not in answer.json
    assert "active" not in client.get(f"/Users/{ana['id']}").json
    assert found(client, f"active eq {str(active).lower()}") == []
    status = client.get(f"/Users/{ana['id']}?attributes=urn:scim-server:schemas:extension:seats:2.0:User").json
    suspended = status["urn:scim-server:schemas:extension:seats:2.0:User"]["status"] == "suspended"
    assert suspended is not active


def test_a_put_that_leaves_it_out_changes_nothing(client: Connection) -> None:
    """Nobody comes back by omission."""
    ana = client.create_user("ana", active=False)
    path = f"/Users/{ana['id']}"
    assert client.put(path, {"schemas": [USER], "userName": "ana", "title": "x"}).json["active"] is False
    assert "active" not in client.put(path, {"schemas": [USER], "userName": "ana", "active": None}).json
    assert "active" not in client.put(path, {"schemas": [USER], "userName": "ana", "title": "y"}).json
    assert client.put(path, {"schemas": [USER], "userName": "ana", "active": True}).json["active"] is True


def test_a_suspended_person_comes_back_from_having_no_active(client: Connection) -> None:
    ana = client.create_user("ana", active=False)
    path = f"/Users/{ana['id']}"
    client.patch(path, REMOVALS[0])
    answer = client.patch(path, {"op": "add", "path": "active", "value": True})
    assert answer.json["active"] is True
    assert found(client, "active eq true") == ["ana"]
