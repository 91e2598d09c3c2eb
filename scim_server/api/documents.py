"""The OpenAPI 3.1 document of the admin API, made from the table of endpoints (apispec)."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from scim_server.api import problems
from scim_server.api.blueprints import PLACE, PREFIX
from scim_server.api.endpoints import JSON, Endpoint
from scim_server.api.fields import Text
from scim_server.api.keys import HEADER, LONGEST
from scim_server.api.nouns import NOUNS
from scim_server.api.shapes import Item, camel_case

DISTRIBUTION = "scim-server"
ABOUT = """\
Everything of the seat ledger, for programs. Lists are answered in pages: send the `next` of one as `after` for the
one behind it. A POST may carry an `Idempotency-Key`: sent again with the same key, it is carried out once.
Refusals are problem details (RFC 9457) that list every wrong field at once.
"""
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your own, for example a UUID: sent again with it, the request is carried out once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[ -~]+$"},
}
REFUSALS = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)


class Problem(Item):
    """Problem details (RFC 9457)."""

    type = Text(about="What kind of problem it is, always the same for the same kind.")
    title = Text()
    status = fields.Integer()
    detail = Text(about="What was wrong, where, and what to do.")
    instance = Text(about="The request, as the logs name it.")
    errors = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))


def document(endpoints: Sequence[Endpoint], public_url: str) -> dict[str, Any]:
    """The document, for a server that clients reach at `public_url`."""
    spec = APISpec(
        title=f"{DISTRIBUTION} admin API",
        version=version(DISTRIBUTION),
        openapi_version="3.1.0",
        info={"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": public_url + PREFIX}],
        tags=[{"name": noun.name, "description": noun.about} for noun in NOUNS],
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=Problem)
    for endpoint in endpoints:
        spec.path(path=endpoint.path, operations={endpoint.method.lower(): _operation(endpoint)})
    return spec.to_dict()


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": camel_case(endpoint.name),
        "tags": [endpoint.noun],
        "summary": endpoint.summary,
        "description": f"{endpoint.description}\n\nScope: `{endpoint.scope}`.".strip(),
        "security": [{"bearer": []}],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
    }
    if endpoint.takes != JSON:
        file = {"schema": {"type": "string"}}
        operation["requestBody"] = {"required": True, "content": {endpoint.takes: file}}
    elif endpoint.body is not None:
        needed = any(field.required for field in endpoint.body().fields.values())
        operation["requestBody"] = {"required": needed, "content": {JSON: {"schema": endpoint.body}}}
    return operation


def _parameters(endpoint: Endpoint) -> list[Any]:
    text = {"type": "string", "minLength": 1}
    places = [{"name": name, "in": "path", "required": True, "schema": text} for name in PLACE.findall(endpoint.path)]
    queries = [{"in": "query", "schema": endpoint.query}] if endpoint.query().fields else []
    return [*places, *queries, *([KEY] if endpoint.method == "POST" and endpoint.keyed else [])]


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    problem = {problems.MEDIA_TYPE: {"schema": Problem}}
    refused: dict[str, Any] = {str(status): {"description": _title(status), "content": problem} for status in REFUSALS}
    if endpoint.refuses is not None:
        for status in ("400", "415"):
            refused[status]["content"] = {**problem, JSON: {"schema": endpoint.refuses}}
    return {**_success(endpoint), **refused}


def _success(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.shows is None and endpoint.gives is None:
        return {"204": {"description": "Done."}}
    content: dict[str, Any] = {}
    if endpoint.shows is not None:
        content[JSON] = {"schema": _listed(endpoint.shows) if endpoint.lists else endpoint.shows}
    if endpoint.gives is not None:
        content[endpoint.gives] = {"schema": {"type": "string"}}
    done = {str(endpoint.status): {"description": endpoint.summary + ".", "content": content}}
    if endpoint.defers is None:
        return done
    return {**done, "202": {"description": "It will be done.", "content": {JSON: {"schema": endpoint.defers}}}}


def _listed(kind: type[Schema]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": kind},
            "next": {"type": ["string", "null"], "description": "Send it as `after` for the next page."},
        },
    }


def _title(status: int) -> str:
    return " ".join(dict.fromkeys(kind.title for kind in problems.EVERY if kind.status == status))
