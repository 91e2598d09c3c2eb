"""RFC 7643 section 3 and RFC 7644 section 3.3: request bodies decoded against the schemas.

A body's keys are brought to their canonical places; `fields` then reads every value by its declared type.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import marshmallow
from marshmallow import ValidationError

from scim_server.protocol.errors import InvalidSyntax, InvalidValue, ScimError
from scim_server.protocol.fields import field_of, is_dropped, kind_of, schema_of
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import Attribute, ResourceType, Schema
from scim_server.protocol.validation import assigned, settle

_MAX_COMPLAINTS = 3


def decode_resource(body: Any, resource_type: ResourceType, profile: Profile) -> dict[str, Any]:
    """The document that a POST or PUT body describes: canonical names, nothing unassigned, nothing read-only.

    A list that the body gives and leaves empty is there as []: emptying a group is not the same as not
    speaking of its members. So is a boolean that the body sets to null, as None: null beats a default of the
    server, which an omission takes (RFC 7644 section 3.3). Extension attributes come in an object under their
    URN, or as flat `urn:...:department` keys; what the schemas do not know is refused. Whether required attributes
    are there is for `validation.check`. Raises InvalidSyntax or InvalidValue, naming the attribute.
    """
    if not isinstance(body, Mapping):
        raise InvalidSyntax(f"the body must be a {resource_type.name}, a JSON object, not {kind_of(body)}")
    parts = _arranged(body, resource_type, profile)
    _check_schemas(parts.setdefault(None, {}).pop("schemas", None), resource_type)
    document: dict[str, Any] = {}
    for urn, part in parts.items():
        decoded = _load(_part(resource_type, urn), part, f"{urn}:" if urn else "")
        if urn is None:
            document.update(decoded)
        else:
            document[urn] = decoded
    settled = settle(document, resource_type)
    return {**_emptied(document, resource_type), **settled}


def _emptied(document: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """What is left of the core lists and booleans that were given, where settling drops them."""
    given = ((name, resource_type.attribute(name)) for name in document)
    found = [(name, attribute) for name, attribute in given if attribute is not None]
    return {
        name: [] if attribute.multi_valued else None
        for name, attribute in found
        if attribute.multi_valued or attribute.type == "boolean"
    }


def decode_value(attribute: Attribute, value: Any) -> Any:
    """One attribute's value in a PATCH, a list where it is multi-valued; None where it means unassigned.

    A null sub-attribute of a single complex value is kept as None, so that a merge clears it.
    Raises InvalidValue, or InvalidSyntax for an unknown sub-attribute, naming the attribute.
    """
    try:
        decoded = field_of(attribute).deserialize(value)
    except ValidationError as refused:
        raise InvalidValue(_detail({attribute.name: refused.messages}, "")) from refused
    if attribute.multi_valued:
        return assigned(decoded)
    return None if decoded == {} else decoded


def decode_message(
    body: Any, message: Schema, refusal: type[ScimError] = InvalidSyntax, *, strict: bool = True
) -> dict[str, Any]:
    """The members of a protocol message, `schemas` apart, in which the message's URN must be.

    A null member is absent; within `Operations` it is kept, as a null `value` means something. Raises
    InvalidSyntax, and `refusal` for a member of the wrong type. Members that the message does not have, or has in
    other letter case, are refused; not `strict`, they are ignored as the parameters of an address are.
    """
    if not isinstance(body, Mapping):
        raise InvalidSyntax(f"the body must be a {message.name} message, a JSON object, not {kind_of(body)}")
    if strict:
        _check_names(body, message.attributes, message.name)
    _refuse_twins(body, message)
    known = {attribute.name for attribute in message.attributes} - {"schemas"}
    members = {name: value for name, value in body.items() if name in known}
    try:
        decoded = _load(schema_of(message.attributes), members, "")
    except InvalidValue as refused:
        raise refusal(f"{message.name}: {refused.detail}") from refused
    _check_urn(body.get("schemas"), message.urn)
    given = {name: value for name, value in decoded.items() if value is not None}
    for attribute in message.attributes:
        if attribute.required and attribute.name != "schemas" and attribute.name not in given:
            raise InvalidSyntax(f"{message.name}: '{attribute.name}' is missing")
    return given


def _refuse_twins(body: Mapping[str, Any], message: Schema) -> None:
    """One of two spellings of a member would be ignored, and nobody can tell which was meant."""
    spelt = Counter(name.lower() for name in body)
    for attribute in message.attributes:
        if spelt[attribute.name.lower()] > 1:
            raise InvalidSyntax(f"{message.name}: '{attribute.name}' is given twice, if only in other letter case")


def _check_names(value: Any, attributes: Sequence[Attribute], where: str) -> None:
    """The members of a message are keywords of the protocol: they are spelt as the RFC spells them."""
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, Mapping):
            continue
        known = {attribute.name: attribute for attribute in attributes}
        for name, inner in part.items():
            attribute = known.get(name)
            if attribute is None:
                raise InvalidSyntax(f"{where}: '{name[:100]}' is unknown; expected one of {', '.join(known)}")
            if attribute.is_complex:
                _check_names(inner, attribute.sub_attributes, f"{where}.{name}")


def _arranged(
    body: Mapping[str, Any], resource_type: ResourceType, profile: Profile
) -> dict[str | None, dict[str, Any]]:
    """The body's values by extension URN (None for the core) and canonical attribute name."""
    parts: dict[str | None, dict[str, Any]] = {}
    seen: set[tuple[str, ...]] = set()
    for path, value in _paths(body, resource_type):
        if path.keys in seen:
            raise InvalidSyntax(f"'{path}' is given twice, if only in other letter case")
        seen.add(path.keys)
        if path.attribute is None or is_dropped(path.attribute):
            refuse_secrets(path, profile)
        else:
            parts.setdefault(path.urn, {})[path.attribute.name] = value
    return parts


def refuse_secrets(path: AttributePath, profile: Profile) -> None:
    """Raises InvalidSyntax for a writeOnly attribute where the profile forbids passwords; elsewhere it is dropped."""
    secret = path.attribute is not None and path.attribute.mutability == "writeOnly"
    if secret and profile.forbid_password:
        raise InvalidSyntax(f"'{path}' is not taken: this service holds no passwords. Leave it out.")


def _paths(body: Mapping[str, Any], resource_type: ResourceType) -> Iterator[tuple[AttributePath, Any]]:
    for key, value in body.items():
        extension = resource_type.extension(key)
        if extension is not None:
            yield from _extension_paths(extension, value)
        else:
            yield _path(key, resource_type), value


def _extension_paths(extension: Schema, value: Any) -> Iterator[tuple[AttributePath, Any]]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{extension.urn}: expected an object, got {kind_of(value)}")
    for name, inner in value.items():
        attribute = extension.attribute(name)
        if attribute is not None:
            yield AttributePath(extension.urn, attribute), inner
        elif not repeats_urn(name, inner, extension.urn):
            raise InvalidSyntax(f"'{extension.urn}' has no attribute '{name[:100]}'")


def repeats_urn(name: str, value: Any, urn: str) -> bool:
    """Whether a member of an extension's object is `schemas` and says again what the object's key says.

    RFC 7643 section 3 lets `schemas` name the schemas of "the current JSON structure"; some libraries put it
    into every structure.
    """
    return name.lower() == "schemas" and value == [urn]


def _path(key: str, resource_type: ResourceType) -> AttributePath:
    try:
        path = resolve(key, resource_type)
    except UnknownAttribute as unknown:
        raise _unknown(key, resource_type) from unknown
    if path.sub is not None:
        raise _unknown(key, resource_type)
    return path


def _unknown(key: str, resource_type: ResourceType) -> InvalidSyntax:
    return InvalidSyntax(f"'{key[:100]}' is no attribute and no extension of {resource_type.name}")


def _check_schemas(value: Any, resource_type: ResourceType) -> None:
    base = resource_type.schema.urn
    for urn in _check_urn(value, base):
        if urn.lower() != base.lower() and resource_type.extension(urn) is None:
            raise InvalidSyntax(f"schemas: '{urn[:200]}' is no schema of {resource_type.name}")


def _check_urn(value: Any, urn: str) -> list[str]:
    """The URNs in a `schemas` value, among which `urn` must be."""
    texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
    if urn.lower() not in {text.lower() for text in texts} or len(texts) != len(value):
        raise InvalidSyntax(f"schemas: expected a list of URNs with '{urn}' among them")
    return texts


@cache
def _part(resource_type: ResourceType, urn: str | None) -> marshmallow.Schema:
    """The schema of a resource type's core, or of one of its extensions."""
    attributes = (attribute for owner, attribute in resource_type.attributes() if owner == urn)
    return schema_of(tuple(attributes))


def _load(schema: marshmallow.Schema, part: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    try:
        decoded: dict[str, Any] = schema.load(part)
    except ValidationError as refused:
        raise InvalidValue(_detail(refused.messages, prefix)) from refused
    return decoded


def _detail(messages: Any, prefix: str) -> str:
    complaints = [prefix + complaint for complaint in _complaints(messages, "")]
    more = len(complaints) - _MAX_COMPLAINTS
    return "; ".join(complaints[:_MAX_COMPLAINTS]) + (f"; and {more} more" if more > 0 else "")


def _complaints(messages: Any, where: str) -> Iterator[str]:
    """marshmallow's tree of messages as lines like `emails[0].value: expected a text, got a number`."""
    if not isinstance(messages, Mapping):
        yield from (f"{where}: {message}" for message in messages)
        return
    for key, inner in messages.items():
        dotted = f"{where}.{key}" if where else str(key)
        yield from _complaints(inner, f"{where}[{key}]" if isinstance(key, int) else dotted)
