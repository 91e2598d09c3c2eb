"""People as the business sees them: address, entitlements, status, versions."""

import pytest

from scim_server.domain.directory import Group, Status, User, standing
from scim_server.domain.events import Change
from scim_server.domain.instants import after
from scim_server.domain.seats import Place, Seat, SeatState, Want

NOW = "2026-01-01T00:00:00.000000Z"


def seat(state: SeatState) -> Seat:
    return Seat("s", "u", "meeting", state, NOW, Want(Place(0, NOW)))


@pytest.mark.parametrize(
    ("user_name", "emails", "address"),
    [
        ("ana", ({"value": "a@x"}, {"value": "b@x", "primary": True}), "b@x"),
        ("ana", ({"value": "a@x"}, {"value": "b@x", "primary": False}), "a@x"),
        ("ana@x", ({"type": "work"}, {"value": ""}), "ana@x"),
        ("ana@x", (), "ana@x"),
        ("ana", (), None),
        ("@x", (), None),
    ],
)
def test_the_address_is_the_primary_mail_else_the_first_else_the_user_name(
    user_name: str, emails: tuple[dict[str, object], ...], address: str | None
) -> None:
    assert User("u", user_name, "test", emails=emails).address == address


def test_entitlements_without_a_value_name_nothing() -> None:
    user = User("u", "ana", "test", entitlements=({"value": "b"}, {"display": "x"}, {"value": "a"}))
    assert user.entitlement_values == ["b", "a"]


@pytest.mark.parametrize(
    ("changes", "claimed", "seats", "expected"),
    [
        ({"active": False, "blocked_for": "by_admin"}, {"meeting"}, [], (Status.SUSPENDED, "by_idp")),
        ({"blocked_for": "by_admin"}, {"meeting"}, [], (Status.SUSPENDED, "by_admin")),
        ({}, {"meeting"}, [seat(SeatState.ASSIGNED)], (Status.ACTIVE, None)),
        ({}, set(), [seat(SeatState.HELD)], (Status.ACTIVE, None)),
        ({}, {"meeting"}, [seat(SeatState.WAITING)], (Status.WAITING, "no_seat")),
        ({}, set(), [], (Status.UNASSIGNED, "no_product")),
    ],
)
def test_a_status_is_derived_with_a_reason(
    changes: dict[str, bool], claimed: set[str], seats: list[Seat], expected: tuple[Status, str | None]
) -> None:
    assert standing(User("u", "ana", "test", **changes), claimed, seats) == expected


@pytest.mark.parametrize(
    ("seats", "roles", "last_seen", "expected"),
    [
        ([seat(SeatState.ASSIGNED)], [], None, (Status.INVITED, "never_seen")),
        ([], ["admin"], None, (Status.INVITED, "never_seen")),
        ([seat(SeatState.WAITING)], ["admin"], NOW, (Status.ACTIVE, None)),
        ([seat(SeatState.HELD)], [], "2025-12-31T23:59:59.999999Z", (Status.INACTIVE, "not_seen")),
        ([seat(SeatState.WAITING)], [], NOW, (Status.WAITING, "no_seat")),
    ],
)
def test_sign_ins_matter_for_who_has_a_seat_or_a_role(
    seats: list[Seat], roles: list[str], last_seen: str | None, expected: tuple[Status, str | None]
) -> None:
    ana = User("u", "ana", "test")
    assert standing(ana, {"meeting"}, seats, roles=roles, last_seen=last_seen, idle_before=NOW) == expected
    if expected[0] is not Status.WAITING:
        assert standing(ana, {"meeting"}, seats, roles=roles, last_seen=last_seen) == (Status.ACTIVE, None)


@pytest.mark.parametrize("made", [User("", "ana", "test"), Group("", "Sales", "test")])
def test_each_version_is_later_than_the_one_before_even_if_the_clock_is_not(made: User | Group) -> None:
    first = made.begun("id", NOW)
    second = first.revised(NOW)
    third = second.revised("2025-01-01T00:00:00.000000Z")
    assert [each.version for each in (first, second, third)] == [1, 2, 3]
    assert first.modified < second.modified < third.modified
    assert first.created == third.created == NOW


def test_a_later_moment_is_taken_as_it_is() -> None:
    assert after(NOW, "2027-01-01T00:00:00.000000Z") == "2027-01-01T00:00:00.000000Z"


def change(action: str, before: dict[str, int] | None, now: dict[str, int] | None) -> Change:
    return Change("seat", "s", action, before, now)


def test_changes_of_one_object_become_one() -> None:
    """What is made stays made, else the last name counts; what came and went in one transaction never was."""
    made, changed, gone = (
        change("made", None, {"n": 1}),
        change("changed", {"n": 1}, {"n": 2}),
        change("gone", {"n": 2}, None),
    )
    assert made.followed_by(changed) == change("made", None, {"n": 2})
    assert changed.followed_by(gone) == change("gone", {"n": 1}, None)
    assert made.followed_by(gone) is None
