"""Every answer tells browsers and caches to do nothing with it but show it."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.worlds import Connection, World

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
TELLING = ("Server", "X-Powered-By", "Via", "X-AspNet-Version")
"""Headers that would tell what the server runs on."""


def answers(client: Connection) -> dict[str, TestResponse]:
    """One of each kind there is."""
    ana = client.create_user("ana")
    http = client.http
    return {
        "resource": client.get(f"/Users/{ana['id']}"),
        "list": client.get("/Users"),
        "unchanged": client.get(f"/Users/{ana['id']}", If_None_Match="*"),
        "deleted": client.delete(f"/Users/{ana['id']}"),
        "refusal": client.get("/Users/nobody"),
        "anonymous refusal": http.get("/scim/x/v2/Users"),
        "misdirected": client.get("/Users", Host="evil.test"),
        "problem": http.get("/api/v1/products"),
        "document": http.get("/api/v1/openapi.json"),
        "page": http.get("/api/v1/docs", buffered=True),
        "file": http.get("/api/v1/docs/browser.js", buffered=True),
        "no file": http.get("/api/v1/docs/nothing.js"),
        "invitation": http.get("/invitations/nothing"),
        "keys": http.get("/oauth/x/jwks"),
        "metadata": http.get("/.well-known/oauth-protected-resource/api/v1"),
        "no token": http.post("/oauth/x/token"),
        "consent": http.get("/oauth/x/authorize"),
        "health": http.get("/healthz"),
        "nowhere": http.get("/nothing"),
        "wrong method": http.put("/healthz"),
        "options": http.options("/healthz"),
    }


def test_every_answer_has_them(client: Connection) -> None:
    for name, answer in answers(client).items():
        for header, value in ALWAYS.items():
            assert answer.headers.getlist(header) == [value], (name, header)
        assert not [header for header in TELLING if header in answer.headers], name
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        said = dict(part.partition(" ")[::2] for part in policy.split("; "))
        assert said["default-src"] == said["frame-ancestors"] == said["base-uri"] == "'none'", name
        assert said["form-action"] in {"'none'", "'self'"}, name
        assert "unsafe" not in policy, name
        assert "*" not in policy, name


CAN_BE_KEPT = {
    "file": "no-cache",
    "page": "no-cache",
    "keys": "public, max-age=900",
    "metadata": "public, max-age=3600",
}
"""What is the same for everybody."""


def test_nothing_is_kept_but_what_is_the_same_for_everybody(client: Connection) -> None:
    for name, answer in answers(client).items():
        assert answer.headers["Cache-Control"] == CAN_BE_KEPT.get(name, "no-store"), name


def test_what_the_server_says_of_itself_is_asked_for_anew(client: Connection) -> None:
    """Discovery says nothing of anybody, and its tag spares the answer."""
    for path in ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes"):
        assert client.get(path).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost"])
def test_without_tls_nobody_is_told_to_insist_on_it(build_world: Callable[..., World], url: str) -> None:
    answer = build_world(public_url=url).app.test_client().get("/healthz")
    assert "Strict-Transport-Security" not in answer.headers
