"""RFC 7644 sections 3.3, 3.5.1 and 3.7: bodies of resources and of bulks."""

from random import Random
from typing import Any

from scim_server.protocol.schemas import Attribute, ResourceType
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars.patches import patch
from tests.fuzz.grammars.sending import any_id, any_kind, any_path, scim
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET", "post", "", "TRACE")


def bodies(random: Random, ground: Ground) -> Request:
    """A resource that is created or replaced; now and then any JSON, or no JSON at all."""
    kind = any_kind(random, ground)
    sent = chances.value(random, 6) if often(random, 0.1) else resource(random, ground, kind)
    body = random.randbytes(random.randint(1, 60)) if often(random, 0.03) else chances.written(random, sent)
    if often(random, 0.6):
        return scim(random, ground, "POST", kind.endpoint, body)
    return scim(random, ground, "PUT", any_path(random, ground, kind), body)


def bulks(random: Random, ground: Ground) -> Request:
    """A BulkRequest of a few operations."""
    operations = [_operation(random, ground) for _ in range(random.randint(0, 6))]
    body: dict[str, Any] = {"schemas": [BULK], "Operations": operations}
    if often(random, 0.2):
        body["failOnErrors"] = chances.value(random, 1)
    if often(random, 0.1):
        body[chances.text(random)] = chances.value(random)
    return scim(random, ground, "POST", "/Bulk", chances.written(random, body))


def resource(random: Random, ground: Ground, kind: ResourceType) -> dict[str, Any]:
    """Attributes of the type with values that fit, or do not."""
    body: dict[str, Any] = {"schemas": [kind.schema.urn, *_urns(random, kind)]}
    for urn, attribute in kind.attributes():
        if attribute.required or often(random, 0.2):
            name = chances.mutated(random, attribute.name) if often(random, 0.03) else attribute.name
            holder = body if urn is None else body.setdefault(urn, {})
            holder[name] = value_of(random, ground, attribute)
    if often(random, 0.1):
        body[chances.text(random)] = chances.value(random)
    return body


def value_of(random: Random, ground: Ground, attribute: Attribute) -> Any:
    """A value of the attribute's type; any JSON value in one of ten."""
    if often(random, 0.1):
        return chances.value(random)
    if attribute.multi_valued and often(random, 0.9):
        return [_one(random, ground, attribute) for _ in range(random.randint(0, 3))]
    return _one(random, ground, attribute)


def _one(random: Random, ground: Ground, attribute: Attribute) -> Any:
    if attribute.is_complex:
        chosen = [sub for sub in attribute.sub_attributes if often(random, 0.5)]
        return {sub.name: value_of(random, ground, sub) for sub in chosen}
    if attribute.type == "boolean":
        return random.choice((True, False, "True", "false", 1))
    if attribute.type in {"integer", "decimal"}:
        return random.choice(chances.NUMBERS)
    if attribute.name in {"value", "$ref"} and often(random, 0.5):
        known = any_id(random, ground, ground.registry.resource_type("User"))
        return random.choice((known, f"bulkId:{random.choice('abc')}", f"{ground.base}/Users/{known}"))
    if attribute.canonical_values and often(random, 0.5):
        return random.choice(attribute.canonical_values)
    return chances.text(random)


def _operation(random: Random, ground: Ground) -> Any:
    if often(random, 0.05):
        return chances.value(random)
    kind, method = any_kind(random, ground), random.choice((*METHODS[:4], *METHODS))
    path = kind.endpoint if method == "POST" else any_path(random, ground, kind)
    data = patch(random, ground, kind) if method == "PATCH" else resource(random, ground, kind)
    whole = {"method": method, "path": path, "bulkId": random.choice("abc"), "version": 'W/"1"', "data": data}
    if method == "DELETE":
        del whole["data"]
    if path.startswith("/Users") and often(random, 0.2):
        whole["path"] = f"/Users/bulkId:{random.choice('abc')}"
    kept = {name: each for name, each in whole.items() if often(random, 0.3 if name == "version" else 0.95)}
    return {**kept, chances.text(random): chances.value(random)} if often(random, 0.05) else kept


def _urns(random: Random, kind: ResourceType) -> list[str]:
    known = [extension.schema.urn for extension in kind.extensions if often(random, 0.5)]
    return [*known, chances.text(random)] if often(random, 0.05) else known
