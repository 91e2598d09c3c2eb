"""Changes: whom they are about, and how many seats they move."""

from typing import Any

import pytest

from scim_server.domain.events import Change

ANA = "01890000-0000-7000-8000-00000000000a"
BEN = "01890000-0000-7000-8000-00000000000b"


@pytest.mark.parametrize(
    ("kind", "before", "after", "person"),
    [
        ("user", None, {"userName": "ana"}, "it"),
        ("invitation", {"address": "ana@x.test", "user": None}, {"address": "ana@x.test", "user": ANA}, "it"),
        ("add", None, {"address": "ana@x.test"}, "it"),
        ("seat", {"user": ANA}, None, ANA),
        ("grant", None, {"user": ANA, "role": "admin"}, ANA),
        ("session", {"organiser": ANA, "title": "x"}, {"organiser": BEN, "title": "x"}, BEN),
        ("token", None, None, None),
        ("group", None, {"displayName": "Sales", "members": [ANA]}, None),
        ("device", None, {"user": "somebody"}, None),
        ("device", None, {"user": {"value": ANA}}, None),
    ],
)
def test_a_change_knows_whom_it_is_about(
    kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, person: str | None
) -> None:
    assert Change(kind, "it", "changed", before, after).person == person


@pytest.mark.parametrize(
    ("kind", "before", "after", "delta"),
    [
        ("seat", None, "assigned", {"meeting": 1}),
        ("seat", None, "waiting", {}),
        ("seat", "waiting", "assigned", {"meeting": 1}),
        ("seat", "waiting", None, {}),
        ("seat", "assigned", "held", {}),
        ("seat", "held", None, {"meeting": -1}),
        ("reservation", None, None, {}),
        ("user", None, "assigned", {}),
    ],
)
def test_a_seat_counts_unless_it_waits(kind: str, before: str | None, after: str | None, delta: dict[str, int]) -> None:
    then, now = (None if state is None else {"product": "meeting", "state": state} for state in (before, after))
    assert Change(kind, "it", "changed", then, now).seats == delta


def test_a_reservation_counts_as_long_as_it_is_there() -> None:
    facts = {"invitation": "i", "product": "meeting"}
    assert Change("reservation", "it", "reservation.made", None, facts).seats == {"meeting": 1}
    assert Change("reservation", "it", "reservation.ended", facts, None).seats == {"meeting": -1}
