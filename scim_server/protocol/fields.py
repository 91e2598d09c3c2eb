"""RFC 7643 section 2.3: marshmallow fields generated from the attribute tree, once, and kept.

Nothing is coerced, trimmed or reformatted: a value fits its type and is kept as the client wrote it, or it is
refused. What an error says names the kind of value that came, never the value, which may be long or private.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields

from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.normalising import instant
from scim_server.protocol.schemas import Attribute

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_MAX_INTEGER = 2**63 - 1


def is_dropped(attribute: Attribute) -> bool:
    """Whether a client's value is ignored: the server makes its own, and secrets it never keeps."""
    return attribute.mutability in {"readOnly", "writeOnly"}


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_INTEGER


def _is_decimal(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float | Decimal) and isfinite(value))


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(instant(value))
    except ValueError:
        return False


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        return False
    digits = len(value.rstrip("="))
    return digits % 4 != 1 and (digits == len(value) or len(value) % 4 == 0)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (_is_text, "a text"),
    "reference": (_is_text, "a text that holds a URI"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "integer": (_is_integer, "a whole number of at most 64 bits, without fraction or exponent"),
    "decimal": (_is_decimal, "a number"),
    "dateTime": (_is_instant, "a date with time, such as 2026-11-22T01:02:03Z"),
    "binary": (_is_base64, "base64 without line breaks (RFC 4648 section 4)"),
    "any": (lambda _value: True, "anything"),
}
"""By type: whether a JSON value fits it, and what was expected, in words."""


class _Simple(fields.Field[Any]):
    """A value of a simple type, kept as it is or refused."""

    def __init__(self, type_name: str) -> None:
        super().__init__(allow_none=True)
        self.fits, self.expected = TYPES[type_name]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if not self.fits(value):
            raise _unexpected(self.expected, value)
        return value


class _Complex(fields.Field[Any]):
    """An object with known sub-attributes, their names in any letter case."""

    def __init__(self, attribute: Attribute) -> None:
        super().__init__(allow_none=True)
        self.where = f"{attribute.name}."
        self.names = {sub.name.lower(): sub for sub in attribute.sub_attributes}
        self.members = {sub.name: field_of(sub) for sub in attribute.sub_attributes}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if not isinstance(value, Mapping):
            raise _unexpected("an object", value)
        decoded: dict[str, Any] = {}
        complaints: dict[str, Any] = {}
        for name, inner in canonical(value, self.names, self.where).items():
            try:
                decoded[name] = self.members[name].deserialize(inner)
            except ValidationError as refused:
                complaints[name] = refused.messages
        if complaints:
            raise ValidationError(complaints)
        return decoded


class _Several(fields.List[Any]):
    """A list of values."""

    def __init__(self, element: fields.Field[Any], *, names_resources: bool) -> None:
        super().__init__(element, allow_none=True)
        self.names_resources = names_resources

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _unexpected("a list", value)
        elements = super()._deserialize(value, attr, data, **kwargs)
        if self.names_resources and value and not any(element and element.get("value") for element in elements):
            raise ValidationError("no element has a 'value', so none names anybody; to clear it, send []")
        return elements


def _unexpected(expected: str, value: Any) -> ValidationError:
    return ValidationError(f"expected {expected}, got {kind_of(value)}")


def kind_of(value: Any) -> str:
    """What kind of JSON value it is; the value itself may be long, or private, so it is never shown."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds = ((str, "a text" if value else "an empty text"), (Mapping, "an object"), (list, "a list"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")


def canonical(value: Mapping[str, Any], names: Mapping[str, Attribute], where: str) -> dict[str, Any]:
    """The members of an object under their canonical names, without those that a client cannot write."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        attribute = names.get(key.lower())
        if attribute is None:
            expected = ", ".join(known.name for known in names.values())
            raise InvalidSyntax(f"'{where}{key[:100]}' is unknown; expected one of {expected}")
        if attribute.name in found:
            raise InvalidSyntax(f"'{where}{attribute.name}' is given twice, if only in other letter case")
        found[attribute.name] = inner
    return {name: inner for name, inner in found.items() if not is_dropped(names[name.lower()])}


@cache
def field_of(attribute: Attribute) -> fields.Field[Any]:
    element = _Complex(attribute) if attribute.is_complex else _Simple(attribute.type)
    if not attribute.multi_valued:
        return element
    return _Several(element, names_resources=attribute.names_resources)


@cache
def schema_of(attributes: tuple[Attribute, ...]) -> marshmallow.Schema:
    members = {attribute.name: field_of(attribute) for attribute in attributes}
    return marshmallow.Schema.from_dict(members)()
