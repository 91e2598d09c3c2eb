"""RFC 7644 section 3.4.2.2: the literals of a filter, and what each type of attribute may be compared with.

compValue = false / null / true / number / string    ; rules from JSON
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Constant:
    """`compValue = false / null / true / number / string`, as a Python value.

    `text` is what was written, without its quotes; `bare` says that it was a word the grammar does not know.
    """

    value: Any
    text: str
    bare: bool = False


def read(constant: Constant, attribute_type: str, *, tolerant: bool) -> Any:
    """The constant as a value of an attribute of that type. Raises ValueError, saying what to write instead.

    `tolerant` takes an unquoted word for text, and the text of a boolean for a boolean (corner cases C-67 to C-69).
    """
    return _READERS[attribute_type](constant, tolerant)


def _text(constant: Constant, tolerant: bool) -> str:
    if isinstance(constant.value, str):
        return constant.value
    if tolerant:
        return constant.text
    raise ValueError(f'put the text in double quotes: "{constant.text}"')


def _date_time(constant: Constant, tolerant: bool) -> str:
    text = _text(constant, tolerant)
    if " " in text:
        raise ValueError("write the plus sign of an offset as %2B in an address")
    return text


def _boolean(constant: Constant, tolerant: bool) -> bool:
    if isinstance(constant.value, bool):
        return constant.value
    if tolerant and constant.text.lower() in {"true", "false"}:
        return constant.text.lower() == "true"
    raise ValueError("compare with true or false, without quotes")


def _number(constant: Constant, _tolerant: bool) -> int | float:
    if isinstance(constant.value, int | float) and not isinstance(constant.value, bool):
        return constant.value
    raise ValueError("compare with a number, without quotes")


_READERS: dict[str, Callable[[Constant, bool], Any]] = {
    "string": _text,
    "reference": _text,
    "binary": _text,
    "dateTime": _date_time,
    "boolean": _boolean,
    "integer": _number,
    "decimal": _number,
}
