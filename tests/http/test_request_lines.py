"""One request writes one line into the log, whatever is in it, and the line holds nothing that a client wrote."""

import json
import traceback
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from flask import Response

from scim_server.domain.tenants import Tenant
from scim_server.http.request_lines import BrokenOff
from scim_server.resources.operations import Operations
from scim_server.resources.steps import Steps
from scim_server.services.credentials import Prefix, new_text
from tests.api import callers
from tests.worlds import PATCH_OP, Connection, World

KNOWN = {"event", "level", "timestamp", "request_id", "method", "route", "status", "ms", "client"}
Log = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world that logs all there is to log."""
    return build_world(log_level="debug", trusted_proxies=(ip_network("10.0.0.0/8"),))


@pytest.fixture
def log(world: World, capsys: pytest.CaptureFixture[str]) -> Log:
    """Takes the lines that were written since it was last called."""

    def take() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.isascii()
        return [json.loads(line) for line in captured.err.split("\n")[:-1]]

    take()
    return take


def test_a_line_says_what_was_asked_by_whom_and_how_it_ended(okta: Connection, log: Log) -> None:
    answer = okta.post("/Users", {"userName": "ana"})
    (line,) = log()
    assert line.keys() == {*KNOWN, "tenant", "actor"}
    assert (line["event"], line["level"], line["request_id"]) == ("request", "info", answer.headers["X-Request-Id"])
    assert (line["method"], line["route"], line["status"]) == ("POST", "/scim/{tenant}/v2/Users", 201)
    assert (line["tenant"], line["client"]) == ("acme", "127.0.0.1")
    assert line["actor"].startswith("connection:")
    assert line["ms"] > 0


def test_the_client_is_whom_the_proxies_name(okta: Connection, log: Log) -> None:
    okta.http.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    okta.get("/Users", X_Forwarded_For="198.51.100.7")
    okta.http.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    okta.get("/Users", X_Forwarded_For="198.51.100.7")
    assert [line["client"] for line in log()] == ["198.51.100.7", "192.0.2.1"]


def test_addresses_are_told_by_their_route(world: World, acme: Tenant, okta: Connection, log: Log) -> None:
    api, secret = callers.caller(world, acme), new_text(Prefix.INVITATION, acme.id)[1]
    calls: dict[str, Callable[[], Any]] = {
        "/scim/{tenant}/v2": lambda: okta.get("/"),
        "/scim/{tenant}/v2/Users/{id}": lambda: okta.get("/Users/secret"),
        "/scim/{tenant}/v2/Users/.search": lambda: okta.search("/Users", filter='userName eq "secret"'),
        "/scim/{tenant}/v2/{id}/{id}/{id}": lambda: okta.get("/secret/secret/secret/secret"),
        "/scim/{rest}": lambda: okta.http.get("/scim/secret/v2/Users"),
        "/api/v1/tenants/{tenant}/users/{user}": lambda: api.get("~/users/secret"),
        "nowhere": lambda: okta.http.get("/secret?secret=secret"),
        "/invitations/{token}": lambda: okta.http.get(f"/invitations/{secret}"),
    }
    log()
    for route, call in calls.items():
        call()
        (line,) = log()
        assert line["route"] == route
        assert "secret" not in json.dumps(line)
        assert secret not in json.dumps(line)


BREAKS = "\r\n\x85\u2028\u2029\x0b\x0c\x00\x1b[31m\u202e\u200b{}\"\\'"
"""What ends a line somewhere, paints it, turns it round or ends a text."""
FORGED = '\n{"event": "request", "level": "error", "status": 200}\n'


def test_one_request_is_one_line_whatever_is_in_it(okta: Connection, log: Log) -> None:
    """E5 and D6: in the path, the query, headers, bodies, names of methods."""
    for text in (BREAKS, FORGED, "a" * 5000):
        path = text.replace("\0", "%00").replace("?", "").replace("#", "")
        requests: list[Callable[[], Any]] = [
            lambda path=path: okta.get(f"/Users/{path}"),
            lambda path=path: okta.get(f"/{path}"),
            lambda text=text: okta.http.get("/scim", query_string={"filter": text, text: text}),
            lambda text=text: okta.search("/Users", filter=text),
            lambda text=text: okta.post("/Users", {"userName": text, text: text}),
            lambda text=text: okta.post("/Users", text),
            lambda text=text: okta.send("PATCH", "/Users/1", {"schemas": [PATCH_OP], "Operations": [{"op": text}]}),
            lambda text=text: okta.get("/Users", **_header(text)),
            lambda text=text: okta.get("/Users", Authorization=f"Bearer {_header(text)['X_Any']}"),
            lambda text=text: okta.send("X" * 3000, "/Users"),
        ]
        for request in requests:
            answer = request()
            (line,) = log()
            assert line["request_id"] == answer.headers["X-Request-Id"]
            assert line["event"] == "request"
            assert len(json.dumps(line)) < 1000


def _header(text: str) -> dict[str, str]:
    """The text as far as a server would let it through: no CR, LF or NUL."""
    return {"X_Any": "".join(letter for letter in text if letter not in "\r\n\0").encode().decode("latin-1")}


def test_a_fault_is_in_the_line_of_its_request(okta: Connection, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds and places of each exception, and no message."""

    def fail(self: Operations, *args: object) -> None:
        raise ZeroDivisionError("canary")

    monkeypatch.setattr(Operations, "delete", fail)
    okta.delete("/Users/1")
    (line,) = log()
    assert (line["event"], line["level"], line["status"], line["faults"]) == ("request failed", "error", 500, 1)
    assert line["exception"][0]["type"] == "ZeroDivisionError"
    assert "canary" not in json.dumps(line)


def test_all_operations_of_a_bulk_that_fail_are_in_one_line(
    okta: Connection, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Steps, *args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Steps, "delete", fail)
    operations = [{"method": "DELETE", "path": f"/Users/{number}"} for number in range(3)]
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    answer = okta.post("/Bulk", {"schemas": [schema], "Operations": operations})
    assert [each["status"] for each in answer.json["Operations"]] == ["500"] * 3
    (line,) = log()
    assert (line["event"], line["faults"], line["status"]) == ("request failed", 3, 200)


def test_an_answer_that_breaks_off_is_told_without_its_words(
    world: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line was written when it began; the web server, which logs what it is told, is told nothing."""

    def pieces() -> Iterator[bytes]:
        yield b"first"
        raise ValueError("canary")

    monkeypatch.setitem(world.app.view_functions, "health.alive", lambda: Response(pieces()))
    with pytest.raises(BrokenOff) as told:
        world.app.test_client().get("/healthz", buffered=True)
    assert "canary" not in "".join(traceback.format_exception(told.value))
    begun, broken = log()
    assert (begun["event"], begun["status"]) == ("request", 200)
    assert (broken["event"], broken["exception"][0]["type"]) == ("an answer broke off", "ValueError")
    assert "canary" not in json.dumps(broken)


def test_every_line_of_a_request_says_whose_it_is(okta: Connection, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the store, too, which knows of no request."""
    read = Operations.read

    def told(*arguments: Any, **named: Any) -> Any:
        structlog.get_logger("scim_server.store").warning("odd")
        return read(*arguments, **named)

    monkeypatch.setattr(Operations, "read", told)
    answer = okta.get("/Users/1")
    odd, request = log()
    assert (odd["event"], request["event"]) == ("odd", "request")
    assert odd["request_id"] == request["request_id"] == answer.headers["X-Request-Id"]
    assert (odd["tenant"], odd["actor"]) == (request["tenant"], request["actor"])
    structlog.get_logger("scim_server.store").warning("odd")
    (line,) = log()
    assert "request_id" not in line
