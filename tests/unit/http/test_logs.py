"""Logs are one JSON object a line, and hold nobody's data."""

import json
import logging
import sys
import threading
import time

import pytest
import structlog

from scim_server.http.logs import configure_logging, log_uncaught
from scim_server.protocol.redactions import REDACTED, without_secrets
from scim_server.services.credentials import Prefix, new_text


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_line_is_json_with_level_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    structlog.get_logger().warning("something\nodd", request_id="r-1")
    (line,) = lines(capsys)
    assert (line["level"], line["event"], line["request_id"]) == ("warning", "something\nodd", "r-1")
    assert line["timestamp"].endswith("Z")


def test_what_lies_below_the_level_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning")
    structlog.get_logger().info("too much")
    assert lines(capsys) == []


def test_an_exception_shows_kinds_and_places_only(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    try:
        _fail("ana@x.test")
    except KeyError as error:
        structlog.get_logger().error("failed", exc_info=error)
    (line,) = lines(capsys)
    assert [stack["type"] for stack in line["exception"]] == ["KeyError", "ValueError"]
    assert line["exception"][0]["at"][-1].endswith("_fail")
    assert "ana@x.test" not in json.dumps(line)


def _fail(address: str) -> None:
    try:
        raise ValueError(address)
    except ValueError as error:
        raise KeyError(address) from error


SECRETS = {
    "token of a connection": new_text(Prefix.CONNECTION, "a" * 12)[1],
    "token of the operator": new_text(Prefix.OPERATOR, "a" * 12)[1],
    "JWT": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "header": "Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==",
    "proof": "DPoP canary-canary",
    "password in an address": "postgresql://scim:canary/@:x@db.test:5432/scim?sslmode=require",
    "private key": "-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----",
}
HIDDEN = ("canary", "Y2FuYXJ5", "c2lnbmF0dXJl", "eyJzdWIi")


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_what_looks_like_a_secret_is_taken_out(capsys: pytest.CaptureFixture[str], secret: str) -> None:
    """Wherever it stands in a line, its event and names included, at the lowest level."""
    configure_logging("debug")
    around = f"before {secret}"
    structlog.get_logger().debug(around, reason=around, deep=[{"a": {around}, around: 1}], **{secret: 1})
    text = json.dumps(lines(capsys))
    assert secret not in text
    assert not [part for part in (*HIDDEN, secret.rpartition("_")[2][:43]) if part in text]
    assert text.count("before") == 4


NAMES = (
    "password",
    "client_secret",
    "Authorization",
    "Set-Cookie",
    "token",
    "secret_key",
    "database_url",
    "api-tokens",
)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_like_a_secret_is_taken_out(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure_logging("debug")
    structlog.get_logger().debug("odd", **{name: "canary"}, inner=[{name: {"x": "canary"}}], headers={"X": "canary"})
    assert "canary" not in json.dumps(lines(capsys))


def test_what_tells_something_stays(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    known = {"token_id": "a1", "tenant": "acme", "count": 3, "reason": "could not connect to http://db.test:80/x"}
    structlog.get_logger().info("the bearer token is unknown", **known)
    (line,) = lines(capsys)
    assert {name: line[name] for name in known} == known
    assert line["event"] == "the bearer token is unknown"


@pytest.mark.parametrize("prefix", Prefix)
def test_every_kind_of_credential_is_known_by_its_look(prefix: Prefix) -> None:
    assert without_secrets(new_text(prefix, "a" * 12)[1]) == REDACTED


PIECES = ["scim", "scim_a_", "eyJ", "eyJ.", "eyJaaaaaaaa.", "a.", "a://", "Bearer ", "Basic a ", "a:@", "-----BEGIN "]


@pytest.mark.parametrize("piece", PIECES)
def test_to_look_for_secrets_takes_time_in_proportion(piece: str) -> None:
    """Whatever a text repeats: eight times as much takes nowhere near 64 times as long."""

    def measured(count: int) -> float:
        text, least = piece * count, float("inf")
        for _ in range(5):
            begun = time.process_time()
            without_secrets(text)
            least = min(least, time.process_time() - begun)
        return least

    assert measured(40_000) < 0.02 + 20 * measured(5_000)


def test_an_object_is_told_by_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """Its representation might hold anything."""
    configure_logging("info")
    structlog.get_logger().info("odd", thing=_Telling())
    (line,) = lines(capsys)
    assert line["thing"] == "<_Telling>"


class _Telling:
    def __repr__(self) -> str:
        return "canary"


def test_the_log_of_the_framework_is_written_alike(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    try:
        _fail("ana@x.test")
    except KeyError:
        logging.getLogger("scim_server").exception("Exception on /x\n%s", "Bearer canary-canary")
    (line,) = lines(capsys)
    assert (line["level"], line["event"]) == ("error", "Exception on /x\nBearer [redacted]")
    assert [stack["type"] for stack in line["exception"]] == ["KeyError", "ValueError"]
    assert "ana@x.test" not in json.dumps(line)


def test_an_exception_that_nobody_catches_is_written_alike(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    configure_logging("info")
    log_uncaught()
    thread = threading.Thread(target=_fail, args=("ana@x.test",))
    thread.start()
    thread.join()
    (line,) = lines(capsys)
    assert (line["event"], line["exception"][0]["type"]) == ("uncaught exception", "KeyError")
    assert "ana@x.test" not in json.dumps(line)


def test_no_character_of_a_line_can_pass_for_another_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info")
    text = "\r\n\x85\u2028\u2029\x0b\x0c\x00\x1b[31m\u202e\ud800"
    structlog.get_logger().info(text, **{text: text})
    written = capsys.readouterr().err
    assert written.isascii()
    assert written.removesuffix("\n").isprintable()
    assert json.loads(written)["event"] == text


def test_a_line_for_people_has_moment_level_event_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "console")
    known = {"route": "/scim/{tenant}/v2/Users", "ms": 3.1, "tenant": "acme", "rest": ["a", 1]}
    structlog.get_logger().warning("odd", reason="the moon is full", empty="", twice="a=b", token="canary", **known)
    (line,) = capsys.readouterr().err.splitlines()
    moment, level, event, *facts = line.split(" ", 3)
    assert (moment[-1], level, event) == ("Z", "warning", "odd")
    assert facts == [
        'reason="the moon is full" empty="" twice="a=b" token=[redacted] route=/scim/{tenant}/v2/Users ms=3.1 '
        'tenant=acme rest=["a", 1]'
    ]


def test_no_character_of_a_line_for_people_can_pass_for_another_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "console")
    text = "\r\n\x85\u2028\u2029\x0b\x0c\x00\x1b[31m\u202e\ud800"
    structlog.get_logger().info(text, **{text: text})
    written = capsys.readouterr().err
    assert written.isascii()
    assert written.removesuffix("\n").isprintable()


def test_the_log_of_the_framework_is_for_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("info", "console")
    logging.getLogger("scim_server").warning("odd\nline")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(' warning "odd\\nline"')
