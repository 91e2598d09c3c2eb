"""What was typed into a form, read."""

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.domain.errors import Invalid

LONGEST_NUMBER = 9
"""Digits of a number that anybody means."""


def whole_number(call: Call, name: str) -> int:
    """The number in that field, 0 or more. Raises Invalid."""
    text = call.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Invalid(gettext("“%(text)s” is no whole number.", text=text))
    return int(text)
