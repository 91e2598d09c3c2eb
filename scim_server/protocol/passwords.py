"""RFC 7644 section 7.5: passwords taken out of a body that is kept to be carried out later.

A `password` of a resource type that declares it writeOnly is dropped whenever a body is read, so that nothing is lost
here. Whatever else a body says, secrets of other attributes among it, is carried out as it came.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from scim_server.protocol.paths import named
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.texts import parse_json

PASSWORD = "password"  # noqa: S105 - an attribute's name
_SIGNS = (PASSWORD.encode(), b"\\u")
"""What a body has in it that may say a password: its letters may be written out."""
_BEHIND = re.compile(r"[.\[/\s]")
"""What may follow the name of an attribute in a path."""


def without_passwords(body: bytes, path: str, registry: Registry) -> str:
    """A JSON body that was sent to `path`, as it came, or written anew where it may say a password."""
    lowered = body.lower()
    if not any(sign in lowered for sign in _SIGNS):
        return body.decode()
    return json.dumps(_without(parse_json(body), _kind(path, registry), registry), ensure_ascii=False)


def _kind(path: str, registry: Registry) -> ResourceType:
    """What a request to that path, or an operation, is about; where that is nothing (/Me, /Bulk) likely a person."""
    return registry.at("/" + path.strip("/").partition("/")[0]) or registry.resource_type("User")


def _without(value: Any, kind: ResourceType, registry: Registry) -> Any:
    """A resource, a message or a part of one, however malformed; what attributes other than `password` hold is left."""
    if isinstance(value, list):
        return [_without(each, kind, registry) for each in value]
    if not isinstance(value, Mapping):
        return value
    told = {key.lower(): inner for key, inner in value.items()}
    path = told.get("path")
    if isinstance(path, str):
        kind = _kind(path, registry) if "method" in told else kind
        if _is_password(path, kind):
            return {key: "" if key.lower() == "value" else inner for key, inner in value.items()}
        if named(path, kind) is not None:
            return value
    return {
        key: inner if named(key, kind) is not None else _without(inner, kind, registry)
        for key, inner in value.items()
        if not _is_password(key, kind)
    }


def _is_password(path: str, kind: ResourceType) -> bool:
    declared = kind.schema.attribute(PASSWORD)
    if declared is None or declared.mutability != "writeOnly":
        return False
    name = path.strip().lower().lstrip("/").removeprefix(f"{kind.schema.urn.lower()}:")
    return _BEHIND.split(name, 1)[0] == PASSWORD
