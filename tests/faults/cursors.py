"""Faults of paging by cursor (RFC 9865)."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag

from scim_server.protocol import cursors, messages
from scim_server.protocol.cursors import Sealer
from scim_server.protocol.errors import InvalidCursor
from scim_server.protocol.messages import list_response
from scim_server.resources import searches
from scim_server.store import pages
from scim_server.store.keysets import Order
from tests.faults.catalogue import SQL, Area, Patch
from tests.faults.mutations import alter_answer, wrap_method

area = Area("cursors")


class _Open:
    """Binds a cursor to its query and leaves it open to be read and altered."""

    def encrypt(self, data: bytes, bound: list[bytes]) -> bytes:
        return sha256(bound[0]).digest()[:4] + data

    def decrypt(self, sealed: bytes, bound: list[bytes]) -> bytes:
        if sealed[:4] != sha256(bound[0]).digest()[:4]:
            raise InvalidTag
        json.loads(sealed[4:])  # What is no JSON any longer is refused by every server.
        return sealed[4:]


@area.fault("not-sealed", "A cursor is not sealed: who alters one is served.", "cursor.altered")
def not_sealed(patch: Patch) -> None:
    patch.setattr(Sealer, "_ciphers", property(lambda sealer: [_Open()]))


@area.fault("not-bound", "A cursor works for any query at any address.", "cursor.other-filter cursor.other-endpoint")
def not_bound(patch: Patch) -> None:
    patch.setattr(cursors, "_joined", lambda bound: b"")


@area.fault(
    "begins-again", "A cursor that is none begins a new walk.", "cursor.forged cursor.altered cursor.other-filter"
)
def begins_again(patch: Patch) -> None:
    def window(original: Any, walk: Any, query: Any, now: Any) -> Any:
        try:
            return original(walk, query, now)
        except InvalidCursor:
            return original(replace(walk, cursor=""), query, now)

    wrap_method(patch, searches._Walk, "window", window)


@area.fault(
    "row-skipped", "Between two pages a resource is left out.", "cursor.walk cursor.changes-under-way", databases=SQL
)
def row_skipped(patch: Patch) -> None:
    def walked(original: Any, total: int, rows: Any, window: Any, *, behind: bool) -> Any:
        found = original(total, rows, window, behind=behind)
        if found.after is None or len(rows) <= window.count:
            return found
        return replace(found, after=pages.position_of(rows[-1], backward=False))

    wrap_method(patch, pages, "_walked", walked)


@area.fault("row-repeated", "The last resource of a page is the first of the next.", "cursor.walk", databases=SQL)
def row_repeated(patch: Patch) -> None:
    def stretches(original: Any, order: Order, position: Any) -> Any:
        return [*original(order, position), order.at(position)]

    wrap_method(patch, Order, "stretches", stretches)


@area.fault("never-ends", "The last page has a nextCursor, too.", "cursor.last")
def never_ends(patch: Patch) -> None:
    def walked(original: Any, total: int, rows: Any, window: Any, *, behind: bool) -> Any:
        found = original(total, rows, window, behind=behind)
        return replace(found, after=pages.position_of(rows[-1], backward=False)) if rows else found

    wrap_method(patch, pages, "_walked", walked)


@area.fault("with-start", "Pages by cursor have a startIndex.", "cursor.no-start-index")
def with_start(patch: Patch) -> None:
    alter_answer(patch, list_response, lambda body: {"startIndex": 1, **body})


@area.fault("reserved-characters", "Cursors hold characters that an address must escape.", "cursor.characters")
def reserved_characters(patch: Patch) -> None:
    wrap_method(patch, Sealer, "seal", lambda original, *given: f"{original(*given)}==")


@area.fault("count-unread", "A count that is no number is ignored beside a cursor.", "cursor.count-no-number")
def count_unread(patch: Patch) -> None:
    def number(original: Any, name: str, text: str, refusal: Any) -> Any:
        try:
            return original(name, text, refusal)
        except messages.InvalidCount:
            return None

    wrap_method(patch, messages, "_integer", number)


@area.fault("order-lost", "A walk by cursor is not in the order asked for.", "cursor.sorted cursor.sorted-missing")
def order_lost(patch: Patch) -> None:
    original = searches.sort_paths_of

    def found(service: Any, caller: Any, kinds: Any, query: Any, **named: Any) -> Any:
        with Patch.context() as inner:
            if query.cursor is not None:
                inner.setattr(searches, "sort_paths_of", lambda text, kinds: original(None, kinds))
            return parts(service, caller, kinds, query, **named)

    parts = searches.Searches._parts
    patch.setattr(searches.Searches, "_parts", found)
