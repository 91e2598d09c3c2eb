"""What one tenant knows and another must not: its ids, and the mark that each of its names and texts carries.

`disguised` turns a request that names things of that tenant into its twin, which names what nobody has: ids of the
same shape and the same time, texts of the same length. Whoever stands outside must not be able to tell the two
apart.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from scim_server.domain.tenants import Tenant
from scim_server.store.tables import metadata
from tests.worlds import World

MARK = "zqjx"
NOBODYS = "zqxj"
"""In the place of the mark: as long, and beside it in every order."""

_HEAD = 24
"""Characters of a UUID, the time in them, that its twin has as well: answers that cut texts short may lack the rest."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{0,12}"
_SHORT = r"\b[0-9A-Za-z]{12}(?:[0-9A-Za-z]{10})?\b"
_ID = re.compile(f"{_UUID}|{_SHORT}")
_MARK = re.compile(MARK, re.IGNORECASE)
_SECRET = re.compile(f"{_UUID}|{_SHORT}|(?i:{MARK})")
_MARKED = re.compile(r"[\w.+-]*zqjx[\w.+-]*", re.IGNORECASE)
_SEALED = re.compile(r"[A-Za-z0-9+/]{100,}={0,2}")
_PLACES = ("id", "tenant_id")


class Secrets:
    """Of one tenant, whose names and texts are marked."""

    def __init__(self, ids: set[str]) -> None:
        self.ids = ids

    @classmethod
    def of(cls, world: World, tenant: Tenant) -> "Secrets":
        """Every id in the tenant's rows."""
        found: set[str] = set()
        for _, row in rows_of(world, tenant):
            found.update(row[place] for place in _PLACES if isinstance(row.get(place), str))
        return cls({each for each in found if _ID.fullmatch(each)})

    def disguised(self, text: str) -> str:
        """The text with what nobody has in the place of each secret."""
        return _SECRET.sub(lambda found: self._twin(found[0]), text)

    def leaks(self, said: str, asked: str) -> set[str]:
        """The secrets in what was said, those apart that whoever asked has named."""
        if not (found := self.named(said)):
            return found
        known = asked.casefold()
        return {each for each in found if each.casefold().rstrip(".") not in known}

    def named(self, text: str) -> set[str]:
        """The secrets in a text. Ciphertext in base 64 has every four letters in it somewhere, in any case."""
        plain = _SEALED.sub("", text) if MARK in text.casefold() else ""
        marked = set(_MARKED.findall(plain))
        return marked | {each for each in _ID.findall(text) if each in self.ids}

    @cached_property
    def _heads(self) -> frozenset[str]:
        return frozenset(each[:_HEAD] for each in self.ids)

    def _twin(self, found: str) -> str:
        if found.lower() == MARK:
            return NOBODYS if found.islower() else NOBODYS.title()
        if "-" not in found:
            return _shifted(found) if found in self.ids else _MARK.sub(lambda inner: self._twin(inner[0]), found)
        return found[:_HEAD] + "".join(map(_next_digit, found[_HEAD:])) if found[:_HEAD] in self._heads else found


def _shifted(text: str) -> str:
    return text[:-1] + ("a" if text[-1] != "a" else "b")


def _next_digit(digit: str) -> str:
    return f"{(int(digit, 16) + 5) % 16:x}"


def rows_of(world: World, tenant: Tenant) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every row of the tenant, with the name of its table."""
    for table in metadata.sorted_tables:
        if "tenant_id" in table.c:
            yield from ((table.name, row) for row in world.rows(table.name) if row["tenant_id"] == tenant.id)


def kept(world: World, tenant: Tenant) -> list[str]:
    """All that the tenant has, for comparing it before and after."""
    return sorted(repr(row) for row in rows_of(world, tenant))
