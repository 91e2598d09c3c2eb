"""RFC 7644 section 7.5: passwords taken out of a body that is kept to be carried out later.

What is writeOnly is dropped whenever a body is read, so that nothing is lost here, and nothing else is taken out.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import Attribute
from scim_server.protocol.texts import parse_json


def without_passwords(body: bytes, registry: Registry) -> str:
    """A JSON body as it came, or written anew where it says what is writeOnly."""
    names = {name.lower() for schema in registry.schemas.values() for name in _write_only(schema.attributes)}
    lowered = body.lower()
    if b"\\u" not in lowered and not any(name.encode() in lowered for name in names):
        return body.decode()
    return json.dumps(_without(parse_json(body), names), ensure_ascii=False)


def _write_only(attributes: Sequence[Attribute]) -> Iterator[str]:
    for attribute in attributes:
        if attribute.mutability == "writeOnly":
            yield attribute.name
        yield from _write_only(attribute.sub_attributes)


def _without(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_without(each, names) for each in value]
    if not isinstance(value, Mapping):
        return value
    kept = {key: _without(inner, names) for key, inner in value.items() if not _is_secret(key, names)}
    if any(_is_secret(str(inner), names) for key, inner in kept.items() if key.lower() == "path"):
        return {key: "" if key.lower() == "value" else inner for key, inner in kept.items()}
    return kept


def _is_secret(path: str, names: Collection[str]) -> bool:
    """Whether the attribute at the end of a path is writeOnly."""
    return path.lower().rpartition(":")[2].rpartition(".")[2].strip() in names
