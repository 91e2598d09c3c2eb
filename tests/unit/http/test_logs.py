"""Logs are one JSON object a line, and hold nobody's data."""

import json

import pytest
import structlog

from scim_server.http.logs import configure_logging


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
