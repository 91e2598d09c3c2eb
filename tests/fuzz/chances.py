"""Choices from one seed: texts, JSON values and bytes that are nearly right, and mutations that make them less so."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")

WORDS = ("a", "ana", "Sales", "work", "true", "null", "x" * 40, "é", "2026-01-31T09:00:00Z", "7", "-1", 'W/"1"')
NASTY = (
    "", " ", "\t", "\n", "\r\n", "\0", "\x07", "\x7f", "\u00a0", "\u202e", "\u200d", "\ufeff", "\ufffd", "\U0001f4a9",
    "\u0130", "\u00df", "\u017f", "e\u0301\u0301\u0301", "\ud7ff", "\U0010ffff", '"', "'", "\\", '\\"', "%", "%00",
    "%2f", "..", "../", "//", ";", "--", "';--", "${7*7}", "{{7*7}}", "<script>", "\x1b[31m", "__proto__", "__class__",
    "constructor", "urn:", ":", "[", "]", "(", ")", "{", "}", ",", ".", "*", "=", "&", "?", "#", "@", "bulkId:",
    "bulkId:a", "NaN", "Infinity", "-0", "1e400", "9" * 19, "9" * 400, "0.1" + "0" * 30 + "1", "x" * 5000, "($ref", "$",
)  # fmt: skip
NUMBERS = (0, 1, -1, 7, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.1, -0.0, 1e-7, 1e22, 1e300)
PIECES = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"', b"\\", b"\\u0000", b"\\ud800", b",", b",,", b"}", b"{"),
    *(b"[", b"]", b":", b"NaN", b"1e999", b"-", b"0", b"//", b"/*", b"\n", b" ", b"'", b"true", b"null", b"{}"),
)


def one_of(random: Random, *makers: Callable[[Random], T]) -> T:
    """What one of the makers makes."""
    return random.choice(makers)(random)


def often(random: Random, chance: float) -> bool:
    """True as often as that, of 1."""
    return random.random() < chance


def text(random: Random) -> str:
    """A text: a word, something nasty, or some of both."""
    if often(random, 0.5):
        return random.choice(WORDS)
    return "".join(random.choice(NASTY if often(random, 0.5) else WORDS) for _ in range(random.randint(0, 3)))


def value(random: Random, depth: int = 3) -> Any:
    """Any JSON value."""
    kind = random.randint(0, 9)
    if depth == 0 or kind < 5:
        return random.choice((text(random), text(random), random.choice(NUMBERS), True, False, None))
    if kind < 7:
        return [value(random, depth - 1) for _ in range(random.randint(0, 4))]
    return {text(random): value(random, depth - 1) for _ in range(random.randint(0, 4))}


def written(random: Random, body: Any) -> bytes:
    """A JSON text of the value, now and then with something wrong in its bytes."""
    raw = json.dumps(body, ensure_ascii=often(random, 0.5)).encode("utf-8", "surrogatepass")
    return mutated_bytes(random, raw) if often(random, 0.3) else raw


def mutated(random: Random, whole: str, pieces: Sequence[str] = NASTY) -> str:
    """The text after one to three accidents: something put in, left out, doubled, or in another letter case."""
    for _ in range(random.randint(1, 3)):
        start, end = _slice(random, len(whole))
        match random.randint(0, 4):
            case 0:
                whole = whole[:start] + random.choice(pieces) + whole[start:]
            case 1:
                whole = whole[:start] + whole[end:]
            case 2:
                whole = whole[:end] + whole[start:]
            case 3:
                whole = whole[:start] + whole[start:end].swapcase() + whole[end:]
            case _:
                whole = whole[:start] + whole[start:end] * random.choice((2, 3, 50)) + whole[end:]
    return whole


def mutated_bytes(random: Random, raw: bytes) -> bytes:
    """The same of bytes, and single ones changed."""
    for _ in range(random.randint(1, 3)):
        start, end = _slice(random, len(raw))
        match random.randint(0, 4):
            case 0:
                raw = raw[:start] + random.choice(PIECES) + raw[start:]
            case 1:
                raw = raw[:start] + raw[end:]
            case 2:
                raw = raw[:end] + raw[start:]
            case 3:
                raw = raw[:start] + bytes([random.randrange(256)]) + raw[start + 1 :]
            case _:
                raw = raw[:start] + raw[start:end] * random.choice((2, 3, 50)) + raw[end:]
    return raw


def _slice(random: Random, length: int) -> tuple[int, int]:
    start = random.randint(0, length)
    return start, min(length, start + random.randint(1, 12))
