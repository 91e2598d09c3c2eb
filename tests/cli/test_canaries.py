"""Secrets in the settings are printed by nothing that goes wrong at the start, and logged by nothing that serves."""

import json
import socket

import pytest

from tests.cli.commands import CommandLine, free_port
from tests.cli.test_serving import serving

CANARY = "canary-2718281828"
BAD = {
    "database that is not there": ("SCIM_DATABASE_URL", f"postgresql://scim:{CANARY}@127.0.0.1:9/none"),
    "database of another kind": ("SCIM_DATABASE_URL", f"mysql://scim:{CANARY}@db.test/none"),
    "database address that cannot be read": ("SCIM_DATABASE_URL", f"postgresql://scim:{CANARY}@[db.test:x/none"),
    "database port that is none": ("SCIM_DATABASE_URL", f"postgresql://scim:{CANARY}@127.0.0.1:{CANARY}/none"),
    "password that is not encoded": ("SCIM_DATABASE_URL", f"postgresql://scim:x@{CANARY}@127.0.0.1:9/none"),
    "mail server at no port": ("SCIM_SMTP_URL", f"smtp://mail:{CANARY}@mail.test:99999"),
    "mail server of another kind": ("SCIM_SMTP_URL", f"http://mail:{CANARY}@mail.test"),
    "key that is short": ("SCIM_SECRET_KEY", CANARY),
    "setting that is none": ("SCIM_PASSWORD", CANARY),
}


@pytest.mark.parametrize(("name", "value"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("command", [("tenant", "list"), ("serve",), ("db", "upgrade")], ids=" ".join)
def test_no_setting_is_told_when_it_is_wrong(
    bare_cli: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(name, value)
    outcome = bare_cli(*command)
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert CANARY not in outcome.out + outcome.err


REQUESTS = [
    b"GET /scim/acme/v2/Users HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s",
    b"GET http://evil.test/scim/acme/v2/ServiceProviderConfig HTTP/1.1\r\nHost: 127.0.0.1",
    b"GET /scim/acme/v2/ServiceProviderConfig HTTP/1.1\r\nHost: evil.test",
    b"GET /scim/acme/v2/ServiceProviderConfig HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test",
    b"GET /scim/acme/v2/ServiceProviderConfig HTTP/1.1",
    b"GET /healthz HTTP/1.1\r\nHost: evil.test",
    b"GET /%0d%0aX:%20y%1b%5b31m%e2%80%ae?a=%0a HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: \xe9\xff",
    b"GET /scim/acme/v2/Users HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + b"a" * 40_000,
    b"POST /scim/acme/v2/Users HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Length: 0",
    b"GET /scim/acme/v2/Users HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic " + CANARY.encode(),
]
"""As no library sends them. `%s` stands for the credential."""
STATUS = [200, 200, 421, 421, 421, 200, 404, 431, 400, 401]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_over_the_wire_each_request_has_one_line_and_no_secret(
    acme_cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the lowest level, with secrets in the settings; no answer tells which version runs."""
    token = acme_cli.json("token", "issue", "acme/okta")["token"]
    monkeypatch.setenv("SCIM_LOG_LEVEL", "debug")
    monkeypatch.setenv("SCIM_SECRET_KEY", CANARY * 4)
    monkeypatch.setenv("SCIM_SMTP_URL", f"smtp://mail:{CANARY}@127.0.0.1:9")
    port = free_port()
    with serving(port, 1) as (process, _):
        answers = [sent(port, each.replace(b"%s", token.encode())) for each in REQUESTS]
        process.terminate()
        process.wait()
        written = process.stderr.read() if process.stderr else ""
    assert [int(answer.split()[1]) for answer in answers] == STATUS
    assert b"evil.test" not in answers[1]
    for answer in answers:
        server = answer.lower().partition(b"server: ")[2].partition(b"\r\n")[0]
        assert not any(chr(letter).isdigit() for letter in server)
    lines = [json.loads(line) for line in written.splitlines()]
    told = [line["status"] for line in lines if line["event"] == "request" and line["route"] != "/readyz"]
    assert told == STATUS
    assert token.split("_")[2] not in written
    assert CANARY not in written


def sent(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request + b"\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return answer
