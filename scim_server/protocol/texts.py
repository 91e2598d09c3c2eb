"""The one strict gate for JSON texts: what passes means the same to every reader (RFC 8259 sections 4 to 9).

Refused are duplicate names, NaN and Infinity, lone surrogates, NUL, numbers beyond 64 bits, decimals that would
be rounded (RFC 7643 section 2.3.3), deep nesting and anything after the value.
"""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from scim_server.protocol.errors import InvalidSyntax

DEEPEST = 32
LONGEST_NUMBER = 100

_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_LARGEST = 2**63


def parse_json(body: bytes) -> Any:
    """A JSON text in UTF-8; raises InvalidSyntax saying what is wrong with it."""
    if not body.strip():
        raise InvalidSyntax("The request has no body; send a JSON object.")
    _check_depth(body)
    if b"\x00" in body or (b"\\u0000" in body and _NUL.search(body)):
        raise InvalidSyntax("The body contains a NUL character, which no text may hold.")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except UnicodeDecodeError as error:
        raise InvalidSyntax(f"The body is not UTF-8: byte {error.start} fits no character.") from error
    except json.JSONDecodeError as error:
        raise InvalidSyntax(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from error
    _check_surrogates(body, value)
    return value


def _check_depth(body: bytes) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(_TEXTS.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            raise InvalidSyntax(f"The body is nested deeper than {DEEPEST} levels.")


def _check_surrogates(body: bytes, value: Any) -> None:
    if b"\\u" not in body:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidSyntax("The body contains half of a surrogate pair, which is no character.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidSyntax(f"The body names '{twice[:80]}' twice in one object.")
    return members


def _constant(text: str) -> NoReturn:
    raise InvalidSyntax(f"The body contains {text}, which is no JSON number.")


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER or not -_LARGEST <= (number := int(text)) < _LARGEST:
        raise InvalidSyntax("The body contains an integer beyond 64 bits.")
    return number


def _decimal(text: str) -> float:
    number = float(text) if len(text) <= LONGEST_NUMBER else float("inf")
    if abs(number) == float("inf"):
        raise InvalidSyntax("The body contains a number too large or too long to keep.")
    if Decimal(text) != Decimal(repr(number)):
        raise InvalidSyntax("The body contains a decimal with more digits than can be kept exactly; 15 always can.")
    return number
