"""A small SCIM server in memory, to run checks against, and checks made for a test."""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from scim_conformance.checks import Check, Level
from scim_conformance.clients import Client
from scim_conformance.fixtures import Probe

TOKEN = "s3cret-t0ken"
BASE = "https://scim.example/scim/v2"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
CORE = "urn:ietf:params:scim:schemas:core:2.0"
USER, GROUP = f"{CORE}:User", f"{CORE}:Group"


class Stub:
    """Users and groups in memory; it can be told to fail in one way or another.

    `answers` maps `METHOD /path` to a fixed status and body, or to a function that gives them.
    """

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.received: list[tuple[str, str]] = []
        self.answers: dict[str, Any] = {}
        self.config: dict[str, Any] = {"patch": {"supported": True}, "bulk": {"supported": False}}
        self.refuses_deletion = False
        self.headers: list[tuple[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/scim/v2")
        self.received.append((method, path))
        content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, body = self.answer(method, path, content, environ.get("HTTP_AUTHORIZATION"))
        headers = [("Content-Type", "application/scim+json"), *self.headers]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        yield json.dumps(body).encode() if body is not None else b""

    def answer(self, method: str, path: str, content: bytes, credential: str | None) -> tuple[int, Any]:
        fixed = self.answers.get(f"{method} {path}")
        if fixed is not None:
            return fixed() if callable(fixed) else fixed
        if credential != f"Bearer {TOKEN}":
            return _error(401)
        if method == "GET" and path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas"):
            return 200, self.discovery(path)
        if method == "POST":
            return self.create(path, json.loads(content))
        if path not in self.resources:
            return _error(404)
        if method == "DELETE":
            return _error(403) if self.refuses_deletion else (204, self.resources.pop(path) and None)
        return 200, self.resources[path]

    def discovery(self, path: str) -> dict[str, Any]:
        if path == "/ServiceProviderConfig":
            return {"schemas": [f"{CORE}:ServiceProviderConfig"], **self.config}
        types = [{"name": name, "endpoint": f"/{name}s", "schema": f"{CORE}:{name}"} for name in ("User", "Group")]
        listed = types if path == "/ResourceTypes" else [{"id": USER, "attributes": [{"name": "userName"}]}]
        return {"schemas": [LIST_RESPONSE], "totalResults": len(listed), "Resources": listed}

    def create(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        identifier = f"x{len(self.received)}"
        self.resources[f"{path}/{identifier}"] = {**body, "id": identifier}
        return 201, self.resources[f"{path}/{identifier}"]


def _error(status: int) -> tuple[int, dict[str, Any]]:
    return status, {"schemas": [ERROR], "status": str(status), "detail": "refused"}


def made(run: Callable[[Probe], Any], **members: Any) -> Check:
    """A check of that function."""
    defaults: dict[str, Any] = {
        "id": "test.check",
        "section": "7644-3.3",
        "level": Level.MUST,
        "requirement": "A thing is so.",
        "needs": (),
    }
    return Check(run=run, **{**defaults, **members})


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def client(stub: Stub) -> Iterator[Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(transport=httpx.WSGITransport(app=stub), base_url=BASE, headers=headers) as http:
        yield Client(http)
