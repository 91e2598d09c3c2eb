"""RFC 7644 section 3.12: everything under /scim that is not served is answered as a SCIM Error."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from scim_server.resources.operations import Operations
from tests import databases
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import Connection, World, build

UNKNOWN = [
    "/Nope",
    "/users",
    "/Nope/1",
    "/Users/1/2",
    "/Users.scim",
    "/Schemas/a/b",
    "/Users/1%2F2",
    "/../v2x",
]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_404(client: Connection, house: World, path: str) -> None:
    with unchanged(house):
        for method in ("GET", "POST", "DELETE"):
            check_refusal(client.send(method, path, {} if method == "POST" else None), 404)


@pytest.mark.parametrize(
    "address", ["/scim", "/scim/", "/scim/{slug}", "/scim/{slug}/v1/Users", "/scim/{slug}/V2/Users", "/scim//v2/Users"]
)
def test_nothing_is_served_beside_the_base_address(client: Connection, address: str) -> None:
    answer = client.http.get(address.format(slug=client.slug), headers={"Authorization": f"Bearer {client.token}"})
    check_refusal(answer, 404)


def test_scim_is_a_whole_segment(client: Connection) -> None:
    headers = {"Authorization": f"Bearer {client.token}"}
    assert client.http.get(f"/scim{client.slug}/v2/Users", headers=headers).status_code == 404


WRONG_METHODS = {
    "/Users": (["PUT", "PATCH", "DELETE", "TRACE", "PURGE"], "GET, POST, HEAD, OPTIONS"),
    "/Groups": (["PUT", "PATCH", "DELETE", "TRACE", "CONNECT"], "GET, POST, HEAD, OPTIONS"),
    "": (["POST", "PUT", "DELETE"], "GET, HEAD, OPTIONS"),
    "/": (["POST", "PATCH", "TRACE"], "GET, HEAD, OPTIONS"),
    "/.search": (["GET", "PUT", "DELETE"], "POST, OPTIONS"),
    "/Users/.search": (["GET", "PATCH", "DELETE"], "POST, OPTIONS"),
    "/Users/1": (["POST", "TRACE", "QUERY"], "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
}


@pytest.mark.parametrize(("path", "methods", "allowed"), [(p, *rest) for p, rest in WRONG_METHODS.items()])
def test_a_wrong_method_is_405(client: Connection, house: World, path: str, methods: list, allowed: str) -> None:
    """R-7644-3.2-02, whatever the method is called."""
    with unchanged(house):
        for method in methods:
            answer = client.send(method, path)
            check_refusal(answer, 405, None, method, allowed)
            assert answer.headers["Allow"] == allowed


def test_options_names_the_methods(client: Connection) -> None:
    answer = client.send("OPTIONS", "/Users")
    assert (answer.status_code, answer.data, answer.headers["Allow"]) == (204, b"", "GET, POST, HEAD, OPTIONS")


ODD_IDS = ["%00", "%ff", "%F0%9F%98%80", "a" * 5_000, "..", "'%20OR%201=1", "null", "%0d%0aX-Evil:1"]


@pytest.mark.parametrize("odd", ODD_IDS, ids=range(len(ODD_IDS)))
def test_any_text_is_an_id_nobody_has(client: Connection, house: World, odd: str) -> None:
    with unchanged(house):
        for endpoint in ("/Users", "/Groups"):
            for method in ("GET", "PUT", "PATCH", "DELETE"):
                answer = client.send(method, f"{endpoint}/{odd}", None if method in {"GET", "DELETE"} else {})
                check_refusal(answer, 404)
                assert "X-Evil" not in answer.headers


def test_every_answer_names_its_request(client: Connection) -> None:
    """A new id each time, on success, refusal and everywhere else."""
    ana = client.create_user("ana")
    answers = [
        client.get("/Users"),
        client.get(f"/Users/{ana['id']}", If_None_Match="*"),
        client.patch(f"/Users/{ana['id']}", {"op": "add", "path": "shoe", "value": 1}),
        client.delete(f"/Users/{ana['id']}"),
        client.http.get("/healthz"),
        client.http.get("/nope"),
        client.http.get("/scim"),
    ]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert all(answer.headers["X-Content-Type-Options"] == "nosniff" for answer in answers)


def test_the_audit_trail_names_the_request(client: Connection, house: World) -> None:
    answer = client.post("/Users", {"userName": "ana"})
    made = [entry for entry in house.trail() if entry.object_id == answer.json["id"]]
    assert [entry.request_id for entry in made] == [answer.headers["X-Request-Id"]]


@pytest.fixture
def broken(sqlite_databases: databases.Fresh, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A client of a server with a fault of its own in every read and create."""
    world = build(sqlite_databases())
    client = world.connect(world.tenant())

    def fail(self: Operations, *args: object) -> None:
        secret = "canary-2718"  # noqa: F841 it is what must not be logged
        raise ZeroDivisionError("canary-1618")

    monkeypatch.setattr(Operations, "read", fail)
    monkeypatch.setattr(Operations, "create", fail)
    return client


def test_a_fault_is_a_500_that_shows_nothing(broken: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    """R-7644-3.12-03: the answer quotes the request's id, the log has the place and nobody's data."""
    for send in (
        lambda: broken.get("/Users/canary-3141"),
        lambda: broken.post("/Users", {"userName": "canary-3141", "password": "canary-3141"}),
    ):
        answer = send()
        request_id = answer.headers["X-Request-Id"]
        check_refusal(answer, 500, None, request_id)
        assert "ZeroDivisionError" not in answer.text
        assert "canary" not in answer.text
        (line,) = capsys.readouterr().err.splitlines()
        logged = json.loads(line)
        assert (logged["level"], logged["event"], logged["request_id"]) == ("error", "request failed", request_id)
        assert logged["exception"][0]["type"] == "ZeroDivisionError"
        assert any("test_errors.py" in place and "fail" in place for place in logged["exception"][0]["at"])
        assert "canary" not in line
        assert broken.token.split("_")[2] not in line


def test_the_server_goes_on_after_a_fault(broken: Connection) -> None:
    broken.get("/Users/1")
    assert broken.get("/Users").status_code == 200


def test_refusals_are_not_logged_as_faults(client: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/Users/none")
    client.post("/Users", "{")
    replace(client, token="x").get("/Users")
    assert capsys.readouterr().err == ""


def test_markup_in_a_request_stays_text(client: Connection) -> None:
    """An echo is JSON, never a page."""
    answer = client.get('/Users?filter=%3Cscript%3E eq "x"')
    check_refusal(answer, 400, "invalidFilter")
    assert Path(__file__).name not in answer.text
