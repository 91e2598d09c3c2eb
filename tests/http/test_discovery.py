"""RFC 7644 section 4: what the server says about itself."""

from typing import Any

import pytest

from scim_server.domain.streams import Delivery, Form, Status
from scim_server.domain.tenants import Tenant
from scim_server.services import stream_changes, streaming
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import CAUSE, ENTERPRISE, GROUP, SEATS, USER, Connection, World

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def test_the_configuration_is_what_the_server_does(client: Connection) -> None:
    answer = client.get("/ServiceProviderConfig")
    config = answer.json
    assert answer.status_code == 200
    assert answer.content_type == "application/scim+json"
    assert config["patch"] == {"supported": True}
    assert config["etag"] == {"supported": True}
    assert config["sort"] == {"supported": True}
    assert config["changePassword"] == {"supported": False}
    assert config["bulk"] == {"supported": True, "maxOperations": 1000, "maxPayloadSize": 100_000}
    assert config["filter"] == {"supported": True, "maxResults": 200}
    assert [scheme["name"] for scheme in config["authenticationSchemes"]] == [
        "Bearer token",
        "OAuth 2.0",
        "OAuth 2.0 with DPoP",
    ]
    address = f"https://seats.example.com/scim/{client.slug}/v2/ServiceProviderConfig"
    assert config["meta"] == {"resourceType": "ServiceProviderConfig", "location": address}


@pytest.mark.covers("R-7644-2-02")
def test_the_schemes_are_those_that_the_connection_takes(client: Connection, house: World) -> None:
    """Whoever is not known learns of those that everybody may use."""
    anonymous = client.http.get(f"/scim/{client.slug}/v2/ServiceProviderConfig").json["authenticationSchemes"]
    house.accept(client, accepts_basic=True)
    schemes = client.get("/ServiceProviderConfig").json["authenticationSchemes"]
    assert schemes == [*anonymous, schemes[-1]]
    assert schemes[-1]["type"] == "httpbasic"
    assert [scheme for scheme in schemes if scheme.get("primary")] == schemes[:1]
    again = client.http.get(f"/scim/{client.slug}/v2/ServiceProviderConfig").json["authenticationSchemes"]
    assert again == anonymous


def test_resource_types(client: Connection) -> None:
    listed = client.get("/ResourceTypes").json
    assert listed["schemas"] == [LIST]
    assert listed["totalResults"] == len(listed["Resources"]) == 2
    kinds = {kind["id"]: kind for kind in listed["Resources"]}
    user, group = kinds["User"], kinds["Group"]
    assert (user["name"], user["endpoint"], user["schema"]) == ("User", "/Users", USER)
    assert user["schemaExtensions"] == [{"schema": ENTERPRISE, "required": False}]
    assert (group["name"], group["endpoint"], group["schema"]) == ("Group", "/Groups", GROUP)
    for kind in (user, group):
        assert client.get(f"/ResourceTypes/{kind['id']}").json == kind
        assert kind["meta"]["location"].endswith(f"/v2/ResourceTypes/{kind['id']}")


def test_schemas(client: Connection) -> None:
    listed = client.get("/Schemas").json
    urns = [schema["id"] for schema in listed["Resources"]]
    assert listed["totalResults"] == len(urns)
    assert {USER, GROUP, ENTERPRISE} <= set(urns)
    for schema in listed["Resources"]:
        assert client.get(f"/Schemas/{schema['id']}").json == schema
        assert client.get(f"/Schemas/{schema['id'].upper()}").json == schema
        assert schema["meta"] == {
            "resourceType": "Schema",
            "location": f"https://seats.example.com/scim/{client.slug}/v2/Schemas/{schema['id']}",
        }


def test_the_seats_extension_is_served_though_not_listed(client: Connection) -> None:
    """Design section 7: always at its address, listed only under a switch."""
    listed = [schema["id"] for schema in client.get("/Schemas").json["Resources"]]
    assert SEATS not in listed
    assert client.get(f"/Schemas/{SEATS}").json["id"] == SEATS


def test_nothing_in_a_schema_is_null(client: Connection) -> None:
    """Quirk 74."""
    assert "null" not in client.get("/Schemas").text


def test_what_does_not_exist_is_404(client: Connection) -> None:
    check_refusal(client.get("/Schemas/urn:nope"), 404, None, "urn:nope")
    check_refusal(client.get("/ResourceTypes/Shoe"), 404, None, "Shoe")
    check_refusal(client.get("/ServiceProviderConfig/x"), 404)


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"])
def test_discovery_is_read_only(client: Connection, house: World, path: str) -> None:
    with unchanged(house):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = client.send(method, path, {})
            check_refusal(answer, 405, None, method)
            assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes"])
def test_discovery_is_not_searched(client: Connection, path: str) -> None:
    """RFC 7644 section 4: 403, so that no client takes the whole list for its answer."""
    check_refusal(client.get(f'{path}?filter=id eq "User"'), 403, None, "filter")


@pytest.mark.covers("R-9967-4-01")
def test_the_configuration_tells_the_events_that_streams_can_have(world: World, acme: Tenant, okta: Connection) -> None:
    def told() -> Any:
        return okta.get("/ServiceProviderConfig").json.get("securityEvents")

    web = world.installation.web
    assert told() is None
    new = NewStream("hr", Delivery.POLL, requested=("urn:ietf:params:scim:event:prov:*", "urn:example:other"))
    streaming.create_stream(world.units, web, acme, CAUSE, new)
    event = "urn:ietf:params:scim:event:prov"
    kinds = ("create:notice", "patch:notice", "put:notice", "delete", "activate", "deactivate")
    assert told() == {"asyncRequest": "none", "eventUris": [f"{event}:{kind}" for kind in kinds]}
    stream_changes.change_stream(world.units, web, acme, CAUSE, "hr", StreamWishes(form=Form.FULL))
    assert f"{event}:patch:full" in told()["eventUris"]
    stream_changes.change_stream(world.units, web, acme, CAUSE, "hr", StreamWishes(status=Status.DISABLED))
    assert told() is None
    anonymous = world.app.test_client().get(f"/scim/{acme.slug}/v2/ServiceProviderConfig").json
    assert "securityEvents" not in anonymous
