"""RFC 7644 section 3.5.2: PATCH messages, their paths, and the habits of clients."""

import json
from random import Random
from typing import Any

from scim_server.protocol.schemas import ResourceType
from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars import filters
from tests.fuzz.grammars.sending import any_id, any_kind, any_path, scim
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request
from tests.worlds import PATCH_OP

OPS = ("add", "replace", "remove", "Add", "REPLACE", "delete", "", "move")


def patches(random: Random, ground: Ground) -> Request:
    """A resource that is changed."""
    kind = any_kind(random, ground)
    body = chances.written(random, patch(random, ground, kind))
    request = scim(random, ground, "PATCH", any_path(random, ground, kind), body)
    return request.with_header("If-Match", random.choice(('W/"1"', "*", '"9"', "x"))) if often(random, 0.1) else request


def patch(random: Random, ground: Ground, kind: ResourceType) -> dict[str, Any]:
    """A PatchOp."""
    many = random.choice((0, 1, 1, 1, 2, 3, 8))
    operations = [_operation(random, ground, kind) for _ in range(many)]
    body: dict[str, Any] = {"schemas": [PATCH_OP], "Operations": operations}
    if often(random, 0.03):
        body["schemas"] = chances.value(random, 1)
    if often(random, 0.03):
        body[random.choice(("operations", "Operations ", "x"))] = chances.value(random)
    return body


def _operation(random: Random, ground: Ground, kind: ResourceType) -> Any:
    if often(random, 0.03):
        return chances.value(random)
    operation: dict[str, Any] = {"op": random.choice((*OPS[:3], *OPS[:3], *OPS))}
    if often(random, 0.85):
        operation["path"] = path(random, ground, kind)
    if often(random, 0.85):
        operation["value"] = _value(random, ground, kind, "path" in operation)
    if often(random, 0.03):
        operation[chances.text(random)] = chances.value(random)
    return operation


def path(random: Random, ground: Ground, kind: ResourceType) -> Any:
    """PATH = attrPath / valuePath [subAttr]."""
    found = filters.path(random, kind)
    if often(random, 0.3):
        inner = filters.expression(random, ground, kind, 1) if often(random, 0.4) else _element(random, ground, kind)
        found = f"{found.partition('.')[0]}[{inner}]{random.choice(('', '', '.value', '.display', '.x'))}"
    if often(random, 0.1):
        found = chances.mutated(random, found)
    return chances.value(random, 1) if often(random, 0.02) else found


def _element(random: Random, ground: Ground, kind: ResourceType) -> str:
    held = random.choice((any_id(random, ground, kind), "work", chances.text(random)))
    return f"{random.choice(('value', 'type', 'display', 'primary'))} eq {json.dumps(held)}"


def _value(random: Random, ground: Ground, kind: ResourceType, has_path: bool) -> Any:
    choice = random.randint(0, 5)
    if not has_path and choice < 5:
        return {filters.path(random, kind): chances.value(random, 2) for _ in range(random.randint(0, 3))}
    if choice == 0:
        return [{"value": any_id(random, ground, kind)} for _ in range(random.randint(0, 4))]
    if choice == 1:
        return {"value": any_id(random, ground, kind), "type": "work", "primary": True}
    if choice == 2:
        return random.choice(("True", "False", True, False))
    return chances.value(random)
