"""RFC 7644 sections 3.1, 3.2 and 3.8: bodies, media types and addresses as clients really send them."""

import io

import pytest

from tests.http.refusals import check_refusal, unchanged
from tests.worlds import GROUP, PATCH_OP, USER, Connection, World

MALFORMED = {
    "empty": (b"", "body"),
    "not JSON": (b"{bad", "JSON"),
    "trailing data": (b'{"userName": "ana"}{}', "JSON"),
    "twice": (b'{"userName": "ana", "userName": "bo"}', "userName"),
    "twice in other case": (b'{"userName": "ana", "USERNAME": "bo"}', "userName"),
    "twice nested": (b'{"userName": "ana", "name": {"givenName": "a", "GivenName": "b"}}', "givenName"),
    "NaN": (b'{"userName": "ana", "x": NaN}', "NaN"),
    "lone surrogate": (b'{"userName": "\\ud83d"}', "surrogate"),
    "NUL": (b'{"userName": "a\\u0000"}', "NUL"),
    "digits": (b'{"userName": "ana", "x": ' + b"9" * 30 + b"}", "64 bits"),
    "depth": (b"[" * 10_000, "levels"),
    "not UTF-8": (b'{"userName": "\xe9"}', "UTF-8"),
    "list": (b"[]", "object"),
    "text": (b'"ana"', "object"),
    "null": (b"null", "object"),
    "number": (b"7", "object"),
}


@pytest.mark.parametrize(("body", "named"), MALFORMED.values(), ids=MALFORMED.keys())
def test_refuses_bodies(client: Connection, house: World, body: bytes, named: str) -> None:
    """Whichever verb carries them."""
    user, group = client.create_user("user")["id"], client.create_group("group")["id"]
    with unchanged(house):
        for method, path in (("POST", "/Users"), ("PUT", f"/Users/{user}")):
            answer = client.send(method, path, body)
            assert answer.json.get("scimType") in {"invalidSyntax", "invalidValue"}
            check_refusal(answer, 400, answer.json["scimType"], named)
        for path in (f"/Users/{user}", f"/Groups/{group}"):
            check_refusal(client.send("PATCH", path, body), 400, "invalidSyntax")


PATCH_MESSAGES = {
    "no operations": {"schemas": [PATCH_OP]},
    "null operations": {"schemas": [PATCH_OP], "Operations": None},
    "text for operations": {"schemas": [PATCH_OP], "Operations": "x"},
    "null for an operation": {"schemas": [PATCH_OP], "Operations": [None]},
    "list for an operation": {"schemas": [PATCH_OP], "Operations": [[]]},
    "number for an op": {"schemas": [PATCH_OP], "Operations": [{"op": 7, "path": "title", "value": "x"}]},
    "list for a path": {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": ["title"], "value": "x"}]},
    "operations twice": {"schemas": [PATCH_OP], "Operations": [], "operations": []},
}


@pytest.mark.parametrize("message", PATCH_MESSAGES.values(), ids=PATCH_MESSAGES.keys())
def test_refuses_patch_messages(client: Connection, house: World, message: dict) -> None:
    user, group = client.create_user("user")["id"], client.create_group("group")["id"]
    with unchanged(house):
        for path in (f"/Users/{user}", f"/Groups/{group}"):
            check_refusal(client.send("PATCH", path, message), 400, "invalidSyntax")


def test_a_patch_message_is_read_in_any_case_and_without_schemas(client: Connection) -> None:
    """Quirk 46."""
    user = client.create_user("user")["id"]
    message = {"operations": [{"OP": "REPLACE", "Path": "TITLE", "Value": "x"}]}
    assert client.send("PATCH", f"/Users/{user}", message).json["title"] == "x"


CONTENT_TYPES = [
    "application/scim+json",
    "application/json",
    "application/json; charset=utf-8",
    "application/scim+json;charset=UTF-8",
    "APPLICATION/SCIM+JSON",
    "",
]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_takes_json_of_either_type(client: Connection, content_type: str) -> None:
    """Quirk 34."""
    answer = client.post("/Users", {"schemas": [USER], "userName": "ana"}, Content_Type=content_type)
    assert answer.status_code == 201
    assert answer.content_type == "application/scim+json"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_refuses_other_types(client: Connection, house: World, content_type: str) -> None:
    user = client.create_user("user")["id"]
    body = {"schemas": [USER], "userName": "ana"}
    with unchanged(house):
        for method, path in (("POST", "/Users"), ("PUT", f"/Users/{user}"), ("PATCH", f"/Users/{user}")):
            answer = client.send(method, path, body, Content_Type=content_type)
            check_refusal(answer, 415, None, content_type, "application/scim+json")


def test_the_type_of_no_body_does_not_matter(client: Connection) -> None:
    user = client.create_user("user")["id"]
    assert client.get("/Users", Content_Type="text/plain").status_code == 200
    assert client.delete(f"/Users/{user}", Content_Type="text/plain").status_code == 204


ACCEPTS = {
    "application/json": "application/json",
    "application/json, text/plain, */*": "application/json",
    "Application/JSON;q=0.9": "application/json",
    "application/scim+json, application/json": "application/scim+json",
    "application/json;q=0.9, application/scim+json;q=0.1": "application/scim+json",
    "*/*": "application/scim+json",
    "text/html": "application/scim+json",
    "": "application/scim+json",
}


@pytest.mark.parametrize(("accept", "content_type"), ACCEPTS.items(), ids=ACCEPTS.keys())
def test_answers_json_to_who_knows_no_other(client: Connection, accept: str, content_type: str) -> None:
    """Quirk 35, errors included."""
    for path in ("/Users", "/Schemas", "/Users/none"):
        assert client.get(path, Accept=accept).content_type == content_type


@pytest.mark.covers("R-7644-3.12-09")
def test_a_body_over_the_limit_is_413(client: Connection, house: World) -> None:
    """The limit is named, so that a client can split its request."""
    body = {"schemas": [USER], "userName": "ana", "nickName": "x" * 100_000}
    with unchanged(house):
        check_refusal(client.post("/Users", body), 413, None, "100000 bytes")
    assert client.post("/Users", {**body, "nickName": "x" * 90_000}).status_code == 201


def test_a_body_of_unknown_length_is_limited_too(client: Connection, house: World) -> None:
    with unchanged(house):
        answer = client.http.post(
            f"/scim/{client.slug}/v2/Users",
            headers={"Authorization": f"Bearer {client.token}", "Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input": _Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
        )
    check_refusal(answer, 413, None, "100000 bytes")


class _Endless(io.RawIOBase):
    """A body that never ends."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        buffer[:] = b" " * len(buffer)
        return len(buffer)


ADDRESSES = [
    "/Users/",
    "//Users",
    "/Users//",
    "/Users?",
    "/Users?&",
    "/Users?count=5&",
    "/Users?&&aadOptscim062020&",
    "/Users?aadOptscim062020",
    "/Users?foo=bar&=x&%",
    "/Users?filter=userName+eq+%22ana%22",
    "/Users?FILTER=userName%20eq%20%22ana%22",
    "/Users?startIndex=&count=&sortBy=&attributes=",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_serves_addresses_as_clients_write_them(client: Connection, address: str) -> None:
    """Quirks 36 to 39: the resource itself, never a redirect."""
    ana = client.create_user("ana")
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert [user["id"] for user in answer.json["Resources"]] == [ana["id"]]


@pytest.mark.parametrize("path", ["/Users/", "//Users", "/Users//?", "/Users?x=y"])
def test_bodies_survive_odd_addresses(client: Connection, path: str) -> None:
    answer = client.post(path, {"schemas": [USER], "userName": "ana"})
    assert answer.status_code == 201
    ana = f"/{answer.json['id']}/"
    answer = client.patch(f"{path.partition('?')[0]}{ana}", {"op": "add", "path": "title", "value": "x"})
    assert answer.json["title"] == "x"
    assert client.delete(f"//Users/{ana}").status_code == 204


def test_slashes_before_the_base_address(client: Connection) -> None:
    answer = client.http.get(
        "/",
        headers={"Authorization": f"Bearer {client.token}"},
        environ_overrides={"PATH_INFO": f"//scim//{client.slug}//v2//Users"},
    )
    assert answer.status_code == 200


def test_unknown_attributes_and_schemas_are_ignored(client: Connection) -> None:
    """Quirks 40 to 42; the type is decided by the address."""
    ana = client.create_user("ana", shoeSize=7, **{"urn:x:y:User": {"a": 1}, "urn:x:y:User:b": 2})
    assert ana.keys() == {"schemas", "id", "userName", "active", "meta"}
    answer = client.post("/Users", {"schemas": [GROUP, "urn:nope"], "userName": "bo"})
    assert answer.json["schemas"] == [USER]
    assert client.post("/Users", {"userName": "cy"}).json["schemas"] == [USER]


STRICTLY_REFUSED = {
    "unknown attribute": ({"schemas": [USER], "userName": "ana", "shoeSize": 7}, "shoeSize"),
    "unknown sub-attribute": ({"schemas": [USER], "userName": "ana", "name": {"shoe": 7}}, "shoe"),
    "unknown schema": ({"schemas": [USER, "urn:x"], "userName": "ana"}, "urn:x"),
    "no schemas": ({"userName": "ana"}, "schemas"),
    "another schema": ({"schemas": [GROUP], "userName": "ana"}, "schemas"),
    "text for schemas": ({"schemas": USER, "userName": "ana"}, "schemas"),
}


@pytest.mark.parametrize("profile", ["rfc", "interop"])
@pytest.mark.parametrize(("body", "named"), STRICTLY_REFUSED.values(), ids=STRICTLY_REFUSED.keys())
def test_strict_profiles_refuse(connect_as: object, house: World, profile: str, body: dict, named: str) -> None:
    client = connect_as(profile)
    with unchanged(house):
        check_refusal(client.post("/Users", body), 400, "invalidSyntax", named)


def test_profile_rfc_wants_schemas_in_a_patch(strict: Connection, house: World) -> None:
    ana = strict.create_user("ana")
    with unchanged(house):
        message = {"Operations": [{"op": "add", "path": "title", "value": "x"}]}
        check_refusal(strict.send("PATCH", f"/Users/{ana['id']}", message), 400, "invalidSyntax", "schemas")


def test_profile_rfc_takes_what_the_design_says_it_takes(strict: Connection) -> None:
    """Op case, boolean text, bare manager text, dotted keys and value-list removal stay."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    ana, bo = strict.create_user("ana"), strict.create_user("bo")
    answer = strict.patch(
        f"/Users/{ana['id']}",
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "path": f"{enterprise}:manager", "value": bo["id"]},
        {"op": "Add", "value": {"name.givenName": "Ana"}},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["active"] is False
    assert answer.json[enterprise]["manager"]["value"] == bo["id"]
    assert answer.json["name"] == {"givenName": "Ana"}
    group = strict.create_group("Sales", ana["id"], bo["id"])
    strict.patch(f"/Groups/{group['id']}", {"op": "Remove", "path": "members", "value": [{"value": bo["id"]}]})
    assert strict.member_ids(group["id"]) == {ana["id"]}


def test_profile_rfc_makes_no_element_by_replace(strict: Connection, house: World) -> None:
    """C-01; tolerant makes it (quirk 5)."""
    ana = strict.create_user("ana")
    with unchanged(house):
        answer = strict.patch(
            f"/Users/{ana['id']}", {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.test"}
        )
        check_refusal(answer, 400, "noTarget", "emails")


def test_tolerant_makes_an_element_by_replace(client: Connection) -> None:
    ana = client.create_user("ana")
    answer = client.patch(
        f"/Users/{ana['id']}", {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.test"}
    )
    assert answer.json["emails"] == [{"type": "work", "value": "a@x.test"}]


def test_profile_interop_wants_a_path(connect_as: object, house: World) -> None:
    client = connect_as("interop")
    ana = client.create_user("ana")
    with unchanged(house):
        answer = client.patch(f"/Users/{ana['id']}", {"op": "replace", "value": {"title": "x"}})
        check_refusal(answer, 400, "invalidSyntax", "path")


def test_entitlements_nobody_sells(client: Connection, strict: Connection, house: World) -> None:
    """Tolerant keeps them, the others refuse them (design section 7)."""
    assert client.create_user("ana", entitlements=["gold"])["entitlements"] == [{"value": "gold"}]
    with unchanged(house):
        answer = strict.post("/Users", {"schemas": [USER], "userName": "ana", "entitlements": [{"value": "gold"}]})
        check_refusal(answer, 400, "invalidValue", "gold", "meeting")
