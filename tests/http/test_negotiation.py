"""RFC 7644 section 3.8 and RFC 9110: media types, charsets, preferences, and tags of discovery."""

import pytest

from tests.http.refusals import SCIM_JSON, check_refusal, unchanged
from tests.worlds import GROUP, USER, Connection, World

TAKEN = ["", "*/*", "application/*", "application/json", "application/scim+json; charset=utf-8", "text/html, */*;q=0.1"]
NOT_TAKEN = ["application/xml", "text/html, image/*", "application/scim+json;q=0"]
JSON = "application/json"


@pytest.mark.covers("R-7644-3.8-01")
@pytest.mark.parametrize("accepted", TAKEN)
def test_who_takes_json_gets_it(client: Connection, accepted: str) -> None:
    answer = client.get("/Users", Accept=accepted)
    assert answer.status_code == 200
    assert answer.content_type == (JSON if accepted == JSON else SCIM_JSON)


@pytest.mark.covers("R-7644-3.8-03")
@pytest.mark.parametrize("accepted", NOT_TAKEN)
def test_who_takes_no_json_is_told_so_before_anything_is_done(client: Connection, house: World, accepted: str) -> None:
    with unchanged(house):
        check_refusal(client.get("/Users", Accept=accepted), 406, None, accepted)
        check_refusal(client.post("/Users", {"schemas": [USER], "userName": "ana"}, Accept=accepted), 406)


@pytest.mark.covers("R-7644-3.8-02", "R-7644-3.8-04")
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/scim+json; charset=iso-8859-1"},
        {"Content-Encoding": "gzip"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_a_body_in_another_form_is_not_read(client: Connection, house: World, headers: dict[str, str]) -> None:
    with unchanged(house):
        answer = client.post("/Users", {"schemas": [USER], "userName": "ana"}, **headers)
        check_refusal(answer, 415, None, "application/scim+json")


@pytest.mark.parametrize("kind", ["application/json", "application/scim+json;charset=UTF-8", "application/json; v=1"])
def test_json_by_any_of_its_names_is_read(client: Connection, kind: str) -> None:
    answer = client.post("/Users", {"schemas": [USER], "userName": "ana"}, Content_Type=kind)
    assert answer.status_code == 201


@pytest.mark.covers("R-7644-4-03")
@pytest.mark.parametrize("path", ["/ServiceProviderConfig", "/Schemas", f"/Schemas/{USER}", "/ResourceTypes/User"])
def test_discovery_is_asked_again_by_its_tag(client: Connection, path: str) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(path, If_None_Match=f'"other", {tag}')
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(path, If_None_Match='"other"').json == first.json


@pytest.mark.covers("R-7643-5-02", "R-7644-2-01")
def test_anybody_may_read_the_configuration_and_learns_of_no_tenant(client: Connection) -> None:
    read = {}
    for slug in (client.slug, "no-such-tenant"):
        answer = client.http.get(f"/scim/{slug}/v2/ServiceProviderConfig")
        assert answer.status_code == 200
        read[slug] = answer.text.replace(slug, "SLUG")
    assert len(set(read.values())) == 1
    wrong = {"Authorization": "Bearer wrong"}
    address = f"/scim/{client.slug}/v2/ServiceProviderConfig"
    check_refusal(client.http.get(address, headers=wrong), 401)
    check_refusal(client.http.post(address), 401)
    check_refusal(client.http.get(f"/scim/{client.slug}/v2/Schemas"), 401)


@pytest.mark.covers("R-7240-4-01")
def test_who_wants_a_short_answer_gets_one(client: Connection) -> None:
    short = {"Prefer": "respond-async, return=minimal"}
    created = client.post("/Users", {"schemas": [USER], "userName": "ana"}, **short)
    assert (created.status_code, created.data) == (201, b"")
    address = created.headers["Location"]
    assert (created.headers["ETag"], created.headers["Preference-Applied"]) == ('W/"1"', "return=minimal")
    path = address.partition("/v2")[2]
    assert client.get(path, **short).json["userName"] == "ana"
    replaced = client.put(path, {"schemas": [USER], "userName": "bea"}, **short)
    assert (replaced.status_code, replaced.data, replaced.headers["ETag"]) == (204, b"", 'W/"2"')
    patched = client.patch(path, {"op": "add", "path": "title", "value": "x"}, Prefer="return=representation")
    assert (patched.status_code, patched.json["title"]) == (200, "x")


@pytest.mark.covers("R-9110-9-01", "R-7644-3.2-02")
def test_methods(client: Connection, house: World) -> None:
    with unchanged(house):
        for method, path in (("TRACE", "/Users"), ("DELETE", "/Users"), ("PATCH", "/Groups"), ("BREW", "/Users/x")):
            answer = client.send(method, path)
            check_refusal(answer, 405, None, method)
            assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))
        check_refusal(client.send("GET", "/Nope"), 404)
        check_refusal(client.put("/Groups/new-id", {"schemas": [GROUP], "displayName": "x"}), 404)
    options = client.send("OPTIONS", "/Users")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, POST, HEAD, OPTIONS")
