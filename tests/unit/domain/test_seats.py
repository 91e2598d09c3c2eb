"""Who gets a seat, who waits, and at which place (design section 6, invariants 1, 2 and 4)."""

from hypothesis import given
from hypothesis import strategies as st

from scim_server.domain.products import Catalogue, Product
from scim_server.domain.seats import Person, Place, Seat, SeatState, Subscription, award, holdings

CATALOGUE = Catalogue(
    {
        "meeting": Product("meeting", "Meeting"),
        "webinar": Product("webinar", "Webinar", frozenset({"meeting"})),
    }
)


def seat(seat_id: str, rank: int = 0, since: str = "1", product: str = "meeting", state: str = "waiting") -> Seat:
    return Seat(seat_id, f"user-{seat_id}", product, SeatState(state), since, Place(rank, since))


seats = st.lists(
    st.builds(seat, st.uuids().map(str), st.integers(0, 3), st.sampled_from(("1", "2", "3"))),
    unique_by=lambda each: each.id,
    max_size=12,
)


@given(room=st.integers(0, 12), first=seats, newcomers=seats, queue=seats)
def test_no_more_seats_are_given_than_there_is_room_and_none_is_left_beside_a_queue(
    room: int, first: list[Seat], newcomers: list[Seat], queue: list[Seat]
) -> None:
    everybody = [*first, *newcomers, *queue]
    outcome = award(room, first, newcomers, queue)
    assert len(outcome.assigned) == min(room, len(everybody))
    assert {each.id for each in (*outcome.assigned, *outcome.waiting)} | {each.id for each in queue} == {
        each.id for each in everybody
    }
    assert not {each.id for each in outcome.waiting} & {each.id for each in queue}


@given(room=st.integers(0, 12), newcomers=seats, queue=seats)
def test_nobody_gets_a_seat_before_somebody_ahead_of_them(room: int, newcomers: list[Seat], queue: list[Seat]) -> None:
    given_to = {each.id for each in award(room, [], newcomers, queue).assigned}
    left = [each for each in (*newcomers, *queue) if each.id not in given_to]
    for winner in (each for each in (*newcomers, *queue) if each.id in given_to):
        assert all(winner.turn < loser.turn for loser in left)


def test_who_lost_a_cover_goes_first_whatever_their_place() -> None:
    outcome = award(1, [seat("late", rank=9, since="9")], [seat("new")], [seat("old")])
    assert [each.id for each in outcome.assigned] == ["late"]


def test_the_queue_goes_by_rank_then_time_then_id() -> None:
    expected = [seat("b", 0, "1"), seat("a", 0, "2"), seat("c", 0, "2"), seat("d", 1, "1")]
    assert list(award(4, [], list(reversed(expected)), []).assigned) == expected


def test_held_seats_count_and_waiting_ones_do_not() -> None:
    found = [seat("a", product="webinar", state="held"), seat("b", product="meeting", state="waiting")]
    assert holdings(found) == {"webinar"}


def test_free_never_falls_below_nothing_and_room_includes_the_allowance() -> None:
    lent = Subscription("meeting", seats=2, overage=3, assigned=4)
    assert (lent.free, lent.capacity, lent.room) == (0, 5, 1)


def test_a_covered_product_is_not_wanted_and_a_waiting_bundle_covers_nothing() -> None:
    claims = {"meeting": Place(0, "1"), "webinar": Place(0, "1")}
    person = Person("ana", True, claims, {"webinar": seat("s", product="webinar", state="assigned")})
    assert person.wanted("meeting", CATALOGUE) is None
    person.seats["webinar"] = seat("s", product="webinar")
    assert person.wanted("meeting", CATALOGUE) == Place(0, "1")


def test_nobody_suspended_wants_anything() -> None:
    assert Person("ana", False, {"meeting": Place(0, "1")}, {}).wanted("meeting", CATALOGUE) is None


def test_of_two_offers_the_better_place_counts_and_an_own_claim_before_both() -> None:
    person = Person("ana", True, {}, {})
    person.offer(["meeting"], Place(2, "1"))
    person.offer(["meeting"], Place(1, "5"))
    person.offer(["meeting"], Place(3, "0"))
    assert person.wanted("meeting", CATALOGUE) == Place(1, "5")
    person.claims["meeting"] = Place(4, "9")
    assert person.wanted("meeting", CATALOGUE) == Place(4, "9")


def test_a_visitor_wants_what_they_hold_or_wait_for() -> None:
    visitor = Person.visitor("ana", [seat("s", 2, "7")])
    assert visitor.wanted("meeting", CATALOGUE) == Place(2, "7")
    assert visitor.wanted("webinar", CATALOGUE) is None
