"""A program that calls the admin API, and holds each answer against what the OpenAPI document says of it."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import jsonschema_rs
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scim_server.api.documents import document
from scim_server.api.nouns import ENDPOINTS
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens
from tests.worlds import CAUSE, World

PREFIX = "/api/v1"
DAY = timedelta(days=1)


@dataclass
class Caller:
    """A token of the admin API with an HTTP client; addresses of its tenant may be written without it."""

    http: FlaskClient
    token: str
    slug: str | None = None
    last: TestResponse | None = field(default=None, repr=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request, below /api/v1; a path that begins with `~` is below the tenant's own."""
        whole = PREFIX + path.replace("~", f"/tenants/{self.slug}", 1) if path.startswith("~") else PREFIX + path
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        data = {"data": body} if isinstance(body, str | bytes) else {"json": body} if body is not None else {}
        self.last = self.http.open(whole, method=method, headers=sent, **data)
        check(method, whole.partition("?")[0].removeprefix(PREFIX), self.last)
        return self.last

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.send("DELETE", path, **headers)

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a request that must succeed, None where there is no body."""
        answer = self.send(method, path, body, **headers)
        assert answer.status_code < 300, answer.text
        return answer.get_json() if answer.data else None

    def items(self, path: str) -> list[dict[str, Any]]:
        """A whole list, page by page."""
        found: list[dict[str, Any]] = []
        joint, after = "&" if "?" in path else "?", ""
        while True:
            page = self.done("GET", path + (f"{joint}after={after}" if after else ""))
            found += page["items"]
            if page["next"] is None:
                return found
            after = page["next"]

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The problem details of a request that must be refused."""
        answer = self.send(method, path, body, **headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
        problem = answer.get_json()
        assert problem["status"] == status
        return problem


def caller(world: World, tenant: Tenant, *scopes: str) -> Caller:
    """Whoever has a new token of the tenant with those scopes; all of them where none is named."""
    chosen = scopes or tuple(api_tokens.OF_TENANT)
    _, text = api_tokens.issue_token(world.units, tenant, CAUSE, "test", chosen, DAY)
    return Caller(world.app.test_client(), text, tenant.slug)


def operator(world: World, *scopes: str) -> Caller:
    """The same for the operator."""
    _, text = api_tokens.issue_operators_token(world.units, "test", scopes or tuple(api_tokens.OF_OPERATOR), DAY)
    return Caller(world.app.test_client(), text)


def check(method: str, path: str, answer: TestResponse) -> None:
    """The answer must be one that the document knows: its status, its media type and its shape."""
    known = next((each for each in _answers() if each[0] == method and each[1].fullmatch(path)), None)
    if known is None:
        assert answer.status_code in {404, 405}, answer.text
        return
    assert answer.status_code != 500, answer.text
    declared = known[2]["responses"].get(str(answer.status_code))
    assert declared is not None, f"{method} {path} answers {answer.status_code}, which the document does not know"
    if answer.status_code == 204:
        return
    assert answer.mimetype in declared["content"], (answer.mimetype, answer.text)
    if answer.is_json:
        _validator(known[0], known[1].pattern, answer.status_code, answer.mimetype).validate(answer.get_json())


@cache
def _document() -> dict[str, Any]:
    return document(ENDPOINTS, "https://seats.example.com")


@cache
def _answers() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    """Each operation with its method and the pattern of its address, fixed addresses first."""
    return [
        (method.upper(), re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), operation)
        for path, operations in sorted(_document()["paths"].items(), key=lambda each: each[0].count("{"))
        for method, operation in operations.items()
    ]


@cache
def _validator(method: str, pattern: str, status: int, media_type: str) -> Any:
    operation = next(each[2] for each in _answers() if (each[0], each[1].pattern) == (method, pattern))
    return _compiled(json.dumps(operation["responses"][str(status)]["content"][media_type]["schema"]))


@cache
def _compiled(schema: str) -> Any:
    """Most answers have a shape that others have as well: problems, for one."""
    return jsonschema_rs.validator_for({**json.loads(schema), "components": _document()["components"]})
