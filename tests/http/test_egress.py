"""What clients send is never an order to fetch something (security table, row E2)."""

from tests.webs import answer, serving
from tests.worlds import USER, Connection


def test_addresses_in_a_resource_are_never_fetched(client: Connection) -> None:
    with serving(answer(b"here")) as server:
        there = f"http://127.0.0.1:{server.port}"
        photo = {"value": f"{there}/photo", "type": "photo"}
        manager = {"value": "nobody", "$ref": f"{there}/Users/1"}
        ana = client.create_user("ana", photos=[photo], profileUrl=f"{there}/profile")["id"]
        client.post("/Groups", {"displayName": "Sales", "members": [{"value": ana, "$ref": f"{there}/Users/{ana}"}]})
        enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        client.put(
            f"/Users/{ana}", {"schemas": [USER, enterprise], "userName": "ana", enterprise: {"manager": manager}}
        )
        client.get(f"/Users?filter=photos.value%20eq%20%22{there}%2Fphoto%22")
    assert server.requests == []
