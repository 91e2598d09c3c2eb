"""What an endpoint may answer besides an object that is shown as its item."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.api.fields import cursor

Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list, with the cursor of the next part; None where there is none."""

    items: Sequence[Any]
    next: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """Something new, and its address below /api/v1."""

    value: Any
    location: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Something that is begun, and will go on after the answer."""

    value: Any


@dataclass(frozen=True, slots=True)
class Stream:
    """A file, in pieces."""

    pieces: Iterator[bytes]
    media_type: str
    file_name: str


Answered = Any
"""An object to be shown, one of the above, or None for an answer without a body."""


def page_of(found: Sequence[Any], limit: int, key: Key) -> Page:
    """A page of what a query found, which was asked for one item more than `limit`."""
    shown = found[:limit]
    return Page(shown, cursor(key(shown[-1])) if len(found) > limit else None)


def part_of(whole: Sequence[Any], after: Any, limit: int, key: Key) -> Page:
    """A page of a whole list, which is in the order of its keys."""
    return page_of([each for each in whole if after is None or key(each) > after][: limit + 1], limit, key)
