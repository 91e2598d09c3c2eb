"""The kinds of members that items, bodies and queries have."""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import orjson
from marshmallow import ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from scim_server.domain.errors import Invalid
from scim_server.domain.periods import begins

LONGEST_TEXT = 512
MOST_NUMBER = 2**31 - 1
Get = Callable[[Any], Any]


class _Got:
    """A field that may say how its value is got from the object that is shown."""

    def __init__(self, *arguments: Any, get: Get | None = None, about: str | None = None, **options: Any) -> None:
        self.get = get
        if about is not None:
            options["metadata"] = {**options.get("metadata", {}), "description": about}
        super().__init__(*arguments, **options)

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = None) -> Any:
        if self.get is not None:
            return self.get(obj)
        return super().get_value(obj, attr, accessor, default)  # type: ignore[misc]


class Text(_Got, fields.String):
    """A text without control characters, of 1 to 512 characters unless `most` says otherwise."""

    def __init__(self, *, most: int = LONGEST_TEXT, least: int = 1, get: Get | None = None, **options: Any) -> None:
        if get is None:
            options.setdefault("validate", Length(least, most))
        super().__init__(get=get, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        if "\0" in text:
            raise ValidationError("A text holds no NUL character.")
        return text


class Choice(Text):
    """One of a few texts."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(**{"validate": OneOf([str(each) for each in choices]), **options})


class Number(_Got, fields.Integer):
    """A whole number within limits; of a query, which is text, it need not be `strict`."""

    def __init__(self, least: int = 0, most: int = MOST_NUMBER, *, strict: bool = True, **options: Any) -> None:
        super().__init__(strict=strict, validate=Range(least, most), **options)

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Flag(_Got, fields.Boolean):
    """True or false, and nothing that looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> bool:
        del attr, data, options
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Switch(_Got, fields.Boolean):
    """`true` or `false` in an address."""

    truthy = {"true"}  # noqa: RUF012 what marshmallow calls so
    falsy = {"false"}  # noqa: RUF012


class Moment(_Got, fields.String):
    """An instant in UTC. In: a date, or a date and time, in UTC where no zone is named. Out: to the microsecond."""

    def __init__(self, **options: Any) -> None:
        given = options.pop("metadata", {})
        super().__init__(metadata={"example": "2026-11-30T08:15:00.000000Z", **given}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text = super()._deserialize(value, attr, data, **options)
        try:
            return begins(text)
        except Invalid as invalid:
            raise ValidationError(invalid.detail) from invalid


class Texts(_Got, fields.List[str]):
    """A list of texts, or of one of a few texts."""

    def __init__(self, inner: fields.Field[Any] | None = None, *, most: int = 1000, **options: Any) -> None:
        if options.get("get") is None:
            options.setdefault("validate", Length(0, most))
        super().__init__(inner or Text(), **options)


class Many(_Got, fields.List[Any]):
    """A list of items."""

    def __init__(self, kind: Any, *, most: int | None = None, **options: Any) -> None:
        if most is not None:
            options.setdefault("validate", Length(0, most))
        super().__init__(fields.Nested(kind), **options)


class One(_Got, fields.Nested):
    """One item inside another."""


class Facts(_Got, fields.Dict):
    """Members that are not known beforehand, by name."""


class TextMap(_Got, fields.Dict):
    """Texts by name, `most` of them; a name is as long as a value."""

    def __init__(self, values: Text, *, most: int, **options: Any) -> None:
        longest = next(each.max for each in values.validators if isinstance(each, Length)) or LONGEST_TEXT
        super().__init__(keys=Text(most=longest), values=values, validate=Length(0, most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **options)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            raise ValidationError(_by_name(error.messages)) from error


def _by_name(messages: Any) -> Any:
    """Complaints about keys and values, told apart by marshmallow, as complaints about names."""
    if not isinstance(messages, dict):
        return messages
    return {name: [each for part in parts.values() for each in part] for name, parts in messages.items()}


class Anything(_Got, fields.Raw):
    """Any JSON value."""


class Cursor(fields.String):
    """Where a page ended: the key of its last item, opaque to whoever is shown it. `kinds` are those of its parts."""

    def __init__(self, *kinds: type, **options: Any) -> None:
        self.kinds = kinds or (str,)
        super().__init__(load_default=None, allow_none=False, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        parts = _decoded(text)
        if not _fits(parts, self.kinds):
            raise ValidationError("This is no cursor: send the `next` of a page as it came.")
        return parts[0] if len(parts) == 1 else tuple(parts)


def cursor(key: Any) -> str:
    """The cursor behind an item with that key, a text or a number or several of them."""
    parts = list(key) if isinstance(key, tuple) else [key]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _decoded(text: str) -> Any:
    try:
        return orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None


def _fits(parts: Any, kinds: tuple[type, ...]) -> bool:
    if not isinstance(parts, list) or len(parts) != len(kinds):
        return False
    return all(type(part) is kind and _storable(part) for part, kind in zip(parts, kinds, strict=True))


def _storable(part: Any) -> bool:
    """Whether every database takes the part of a key."""
    return "\0" not in part if isinstance(part, str) else 0 <= part <= MOST_NUMBER
