"""Lists that go on: a page shows so many, and the address of the rest carries the key of the last."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import orjson

from scim_server.domain.errors import Invalid

PAGE = 50
Each = TypeVar("Each")


def cut(
    found: Sequence[Each], key: Callable[[Each], tuple[str, ...]], size: int = PAGE
) -> tuple[list[Each], str | None]:
    """What is shown of what a query found, which was asked for one more than `size`; and the cursor of the rest."""
    shown = list(found[:size])
    return shown, cursor(key(shown[-1])) if len(found) > size else None


def cursor(key: tuple[str, ...]) -> str:
    """A key as it stands in an address."""
    return orjson.dumps(key).decode()


def place(text: str | None, parts: int) -> tuple[str, ...] | None:
    """The key in an address, of so many parts; None at the beginning of a list. Raises Invalid for what is none."""
    if not text:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(each, str) for each in found):
        raise Invalid("The address of this page is damaged. Go back to the beginning of the list.")
    return tuple(found)
