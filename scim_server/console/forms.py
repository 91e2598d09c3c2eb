"""What was typed into a form, read."""

from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.domain.errors import Invalid

C = TypeVar("C", bound=StrEnum)
LONGEST_NUMBER = 9
"""Digits of a number that anybody means."""


def one_of(call: Call, name: str, usual: C) -> C:
    """What was chosen in that field among what `usual` is one of. Raises Invalid."""
    text = call.form.get(name, usual.value)
    try:
        return type(usual)(text)
    except ValueError as error:
        raise Invalid(gettext("“%(text)s” is none of the choices.", text=text)) from error


def text_of(call: Call, name: str) -> str:
    """What was typed into that field, without the spaces around it."""
    return call.form.get(name, "").strip()


def words_of(call: Call, name: str) -> tuple[str, ...]:
    """What was typed into that field with spaces or commas between."""
    return tuple(call.form.get(name, "").replace(",", " ").split())


def whole_number(call: Call, name: str) -> int:
    """The number in that field, 0 or more. Raises Invalid."""
    text = text_of(call, name)
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Invalid(gettext("“%(text)s” is no whole number.", text=text))
    return int(text)
