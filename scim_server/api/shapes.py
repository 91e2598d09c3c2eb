"""What goes in and out as JSON, declared as marshmallow schemas: items, bodies and queries.

Members are camelCase in JSON and snake_case in Python, converted here and nowhere else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from scim_server.api.fields import Cursor, Number
from scim_server.api.problems import FieldErrors, WrongField

LONGEST_PAGE = 1000
USUAL_PAGE = 100
REPEATED = "Send it once."


def camel_case(name: str) -> str:
    """`user_name` as `userName`."""
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in others)


class _Shape(Schema):
    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel_case(field_name)


class Item(_Shape):
    """What is shown of an object; every member is always there, null where there is nothing."""

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        field_obj.required = True
        for each in (field_obj, getattr(field_obj, "inner", field_obj)):
            each.validators = []  # limits are for what comes in


class Body(_Shape):
    """What a request sends."""


class Query(_Shape):
    """What an address asks for behind its question mark."""


class PageQuery(Query):
    """What a list is asked for: where to begin, and how much."""

    after = Cursor(metadata={"description": "Where the page before ended: its `next`."})
    limit = Number(
        1,
        LONGEST_PAGE,
        strict=False,
        load_default=USUAL_PAGE,
        metadata={"description": "How many items at most."},
    )


def dump(kind: type[Item], value: Any) -> dict[str, Any]:
    """An object as its item."""
    shown = _schema(kind).dump(value)
    assert isinstance(shown, dict)
    return shown


def dump_all(kind: type[Item], values: Iterable[Any]) -> list[dict[str, Any]]:
    """Objects as their items."""
    return [dump(kind, value) for value in values]


def load_body(kind: type[Body], value: Any) -> dict[str, Any]:
    """A body as it was meant. Raises FieldErrors naming every member that is wrong."""
    if not isinstance(value, dict):
        raise FieldErrors([WrongField("pointer", "", "Send a JSON object.")])
    return _load(kind, value, WrongField.at_pointer)


def load_query(kind: type[Query], given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A query as it was meant, of the values of each parameter. Raises FieldErrors naming every one that is wrong."""
    repeated = [WrongField.at_parameter([name], REPEATED) for name, values in given.items() if len(values) > 1]
    try:
        loaded = _load(kind, {name: values[0] for name, values in given.items()}, WrongField.at_parameter)
    except FieldErrors as error:
        raise FieldErrors([*repeated, *error.wrong]) from error
    if repeated:
        raise FieldErrors(repeated)
    return loaded


def _load(
    kind: type[_Shape], value: Mapping[str, Any], wrong: Callable[[Sequence[str], str], WrongField]
) -> dict[str, Any]:
    try:
        loaded = _schema(kind).load(value)
    except ValidationError as error:
        raise FieldErrors([wrong(path, detail) for path, detail in _messages(error.messages, [])]) from error
    assert isinstance(loaded, dict)
    return loaded


def _messages(messages: Any, path: list[str]) -> Iterable[tuple[list[str], str]]:
    """Every complaint with the path to what it is about."""
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            yield from _messages(below, path if name == "_schema" else [*path, str(name)])
    elif isinstance(messages, list):
        for each in messages:
            yield from _messages(each, path)
    else:
        yield path, str(messages)


@cache
def _schema(kind: type[_Shape]) -> _Shape:
    return kind()
