"""RFC 7644 section 3.4.2.2: the literals of a filter, and what each type of attribute may be compared with.

compValue = false / null / true / number / string    ; rules from JSON
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    """`compValue = false / null / true / number / string`, as a Python value.

    `text` is what was written, without its quotes; `bare` says that it was a word without quotes that JSON does
    not know, which only a lenient lexer reads.
    """

    value: Any
    text: str
    bare: bool = False


def read(constant: Constant, attribute_type: str) -> Any:
    """The constant as a value of an attribute of that type. Raises ValueError, saying what to write instead."""
    return _READERS[attribute_type](constant)


def _text(constant: Constant) -> str:
    if isinstance(constant.value, str):
        return constant.value
    raise ValueError(f'put the text in double quotes: "{constant.text}"')


def _date_time(constant: Constant) -> str:
    text = _text(constant)
    if " " in text:
        raise ValueError("write the plus sign of an offset as %2B in an address")
    return text


def _boolean(constant: Constant) -> bool:
    if isinstance(constant.value, bool):
        return constant.value
    raise ValueError("compare with true or false, without quotes")


def _number(constant: Constant) -> int | float:
    if isinstance(constant.value, int | float) and not isinstance(constant.value, bool):
        return constant.value
    raise ValueError("compare with a number, without quotes")


_READERS: dict[str, Callable[[Constant], Any]] = {
    "string": _text,
    "reference": _text,
    "binary": _text,
    "dateTime": _date_time,
    "boolean": _boolean,
    "integer": _number,
    "decimal": _number,
}
