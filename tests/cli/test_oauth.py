"""`scim-server oauth`: clients, secrets and keys; and an OAuth client off the shelf against a server of its own."""

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT

from tests.cli.commands import CommandLine, free_port
from tests.cli.test_serving import serving
from tests.programs import KEYS, public_set
from tests.worlds import USER


def create(cli: CommandLine, *options: str) -> dict[str, Any]:
    made: dict[str, Any] = cli.json("oauth", "client", "create", "acme", *options)
    return made


def test_a_client_is_registered_and_changed(acme_cli: CommandLine) -> None:
    said = acme_cli.done("oauth", "client", "create", "acme", "idp", "--connection", "okta", "--scope", "scim").out
    assert "/oauth/acme/token" in said
    assert "oauth secret issue acme" in said
    (made,) = acme_cli.json("oauth", "client", "list", "acme")
    told = {name: made[name] for name in ("name", "connection", "method", "scopes", "tokenSeconds")}
    assert told == {
        "name": "idp",
        "connection": "okta",
        "method": "client_secret_basic",
        "scopes": ["scim:read", "scim:write"],
        "tokenSeconds": 3600,
    }
    acme_cli.done("oauth", "client", "edit", "acme", "idp", "--token-seconds", "3599")
    assert "3600 seconds" in acme_cli.failed(1, "oauth", "client", "edit", "acme", "idp", "--method", "federation")
    edited = acme_cli.json(
        "oauth", "client", "edit", "acme", "idp", "--scope", "scim:read", "--token-seconds", "7200", "--name", "entra",
        "--method", "client_secret_post", "--dpop", "--no-pkce",
    )  # fmt: skip
    assert (edited["scopes"], edited["pkce"]) == (["scim:read"], False)
    assert acme_cli.json("oauth", "client", "show", "acme", made["id"]) == edited
    shown = acme_cli.done("oauth", "client", "show", "acme", "entra").out
    assert "/scim/acme/v2" in shown
    acme_cli.done("oauth", "client", "revoke", "acme", "entra")
    assert "revoked" in acme_cli.failed(1, "oauth", "client", "edit", "acme", "entra", "--no-dpop")
    assert "revoked" in acme_cli.failed(1, "oauth", "secret", "issue", "acme", "entra")


WRONG = {
    "no scope": (["idp", "--connection", "okta"], 2, "--scope"),
    "no connection": (["idp", "--scope", "scim"], 1, "connection"),
    "another connection": (["idp", "--scope", "scim", "--connection", "entra"], 1, "no connection 'entra'"),
    "a connection for nothing": (["idp", "--scope", "people.read", "--connection", "okta"], 1, "scope of SCIM"),
    "no name": ([" ", "--scope", "people.read"], 1, "name"),
    "too short for Entra": (
        ["idp", "--connection", "okta", "--scope", "scim", "--method", "federation", "--token-seconds", "3599"],
        1,
        "3600 seconds at least",
    ),
    "too short": (["idp", "--scope", "people.read", "--token-seconds", "1"], 1, "300 to 21600"),
    "no keys": (["idp", "--scope", "people.read", "--method", "private_key_jwt"], 1, "public keys"),
    "keys for nothing": (["idp", "--scope", "people.read", "--jwks-uri", "https://x.test/k"], 1, "no keys"),
    "keys in clear": (
        ["idp", "--scope", "people.read", "--method", "private_key_jwt", "--jwks-uri", "http://x.test/k"], 1, "https",
    ),
    "redirected in clear": (["idp", "--scope", "people.read", "--redirect-uri", "http://x.test/back"], 1, "https"),
    "redirected to a fragment": (["idp", "--scope", "people.read", "--redirect-uri", "https://x.test/#a"], 1, "https"),
    "redirected to no port": (["idp", "--scope", "people.read", "--redirect-uri", "https://x.test:99999/"], 1, "https"),
}  # fmt: skip


def test_what_no_client_can_be_is_refused(acme_cli: CommandLine) -> None:
    for name, (options, code, word) in WRONG.items():
        assert word in acme_cli.failed(code, "oauth", "client", "create", "acme", *options), name
    assert acme_cli.json("oauth", "client", "list", "acme") == []
    create(acme_cli, "idp", "--scope", "people.read")
    assert "already" in acme_cli.failed(1, "oauth", "client", "create", "acme", "idp", "--scope", "people.read")


def test_secrets_are_shown_once_and_end_alone(acme_cli: CommandLine) -> None:
    create(acme_cli, "idp", "--connection", "okta", "--scope", "scim")
    quiet = acme_cli.done("oauth", "secret", "issue", "acme", "idp", "--quiet").out
    assert re.fullmatch(r"scimcs_\w+\n", quiet)
    issued = [acme_cli.json("oauth", "secret", "issue", "acme", "idp", "--expires", "30d") for _ in range(4)]
    assert "5 live secrets" in acme_cli.failed(1, "oauth", "secret", "issue", "acme", "idp")
    acme_cli.done("oauth", "secret", "revoke", "acme", "idp", issued[0]["id"])
    assert "already" in acme_cli.failed(1, "oauth", "secret", "revoke", "acme", "idp", issued[0]["id"])
    assert "no secret" in acme_cli.failed(1, "oauth", "secret", "revoke", "acme", "idp", "x")
    listed = acme_cli.json("oauth", "secret", "list", "acme", "idp")
    assert sorted(each["state"] for each in listed) == ["live"] * 4 + ["revoked"]
    assert "scimcs" not in json.dumps(listed)


def test_keys_are_rotated(acme_cli: CommandLine) -> None:
    assert "no key yet" in acme_cli.done("oauth", "keys", "list").out
    first = acme_cli.json("oauth", "keys", "rotate")
    waiting = acme_cli.json("oauth", "keys", "rotate")
    assert f"Key '{waiting['id']}' is published already" in acme_cli.failed(1, "oauth", "keys", "rotate")
    assert {key["id"] for key in acme_cli.json("oauth", "keys", "list")} == {first["id"], waiting["id"]}
    second = acme_cli.json("oauth", "keys", "rotate", "--at-once")
    assert {key["id"] for key in acme_cli.json("oauth", "keys", "list")} == {first["id"], second["id"]}
    assert first["id"] in acme_cli.done("oauth", "keys", "list").out
    assert set(first["public"]) == {"kty", "n", "e", "kid", "use", "alg"}
    last = acme_cli.json("oauth", "keys", "rotate", "--compromised")
    assert [key["id"] for key in acme_cli.json("oauth", "keys", "list")] == [last["id"]]
    assert len({first["id"], second["id"], last["id"]}) == 3


def discovered(base: str) -> dict[str, Any]:
    """From a refusal to the metadata of the issuer, as RFC 9728 section 5 has it."""
    refused = requests.get(f"{base}/scim/acme/v2/Users", timeout=30)
    named = re.search(r'resource_metadata="([^"]+)"', refused.headers["WWW-Authenticate"])
    assert named is not None
    (issuer,) = requests.get(named[1], timeout=30).json()["authorization_servers"]
    address = issuer.replace("/oauth/", "/.well-known/oauth-authorization-server/oauth/")
    told: dict[str, Any] = requests.get(address, timeout=30).json()
    assert told["issuer"] == issuer
    return told


def provision(session: OAuth2Session, base: str, name: str) -> int:
    """A user, made and read with what the session obtained."""
    body = {"schemas": [USER], "userName": name}
    made = session.post(f"{base}/scim/acme/v2/Users", json=body, timeout=30)
    assert made.status_code == 201, made.text
    return int(session.get(made.headers["Location"], timeout=30).status_code)


def test_a_client_off_the_shelf_provisions_users(
    acme_cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By secret in the header and in the body, and by private key; the server is reached over TCP."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / "jwks.json").write_text(json.dumps(public_set(KEYS["ES256"])))
    terms = ["--connection", "okta", "--scope", "scim"]
    clients = {
        method: create(acme_cli, method, *terms, "--method", method)["id"]
        for method in ("client_secret_basic", "client_secret_post")
    }
    signs = create(acme_cli, "signs", *terms, "--method", "private_key_jwt", "--jwks", str(tmp_path / "jwks.json"))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with serving(port, 1):
        told = discovered(base)
        for method, client_id in clients.items():
            secret = acme_cli.json("oauth", "secret", "issue", "acme", client_id)["secret"]
            with OAuth2Session(client_id, secret, token_endpoint_auth_method=method) as session:
                session.fetch_token(told["token_endpoint"], grant_type="client_credentials", scope="scim")
                assert provision(session, base, method) == 200
        claims = {"aud": told["issuer"], "exp": int(time.time()) + 60}
        with OAuth2Session(signs["id"], KEYS["ES256"], token_endpoint_auth_method="private_key_jwt") as session:
            session.register_client_auth_method(PrivateKeyJWT(told["token_endpoint"], claims, alg="ES256"))
            token = session.fetch_token(told["token_endpoint"], grant_type="client_credentials")
            assert provision(session, base, "signs") == 200
        assert twice_authorized(port, token["access_token"]).startswith(b"HTTP/1.1 400 ")
    assert len(acme_cli.json("user", "list", "acme")) == 3


def twice_authorized(port: int, token: str) -> bytes:
    """What a request with two Authorization headers is answered, over the wire."""
    header = f"Authorization: Bearer {token}\r\n"
    request = f"GET /scim/acme/v2/Users HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{header}{header}\r\n"
    with socket.create_connection(("127.0.0.1", port), 30) as peer:
        peer.sendall(request.encode())
        return peer.recv(1000)
