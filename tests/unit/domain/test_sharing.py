"""Who gets a seat, who waits, and at which place (design section 6, invariants 1, 2 and 4)."""

from hypothesis import given
from hypothesis import strategies as st

from scim_server.domain.products import Catalogue, Product
from scim_server.domain.seats import (
    DIRECT,
    EVERY_SOURCE,
    TRANSFERRED,
    Claim,
    Exclusion,
    Place,
    Policy,
    Seat,
    SeatState,
    Subscription,
    Want,
    keeping_out,
)
from scim_server.domain.sharing import Line, Person, award, holdings

CATALOGUE = Catalogue(
    {
        "meeting": Product("meeting", "Meeting"),
        "webinar": Product("webinar", "Webinar", frozenset({"meeting"})),
        "chat": Product("chat", "Chat"),
    }
)


def want(rank: int = 0, since: str = "1", policy: str | None = None, bond: str | None = None) -> Want:
    return Want(Place(rank, since), Policy(policy) if policy else None, bond)


def seat(
    seat_id: str,
    rank: int = 0,
    since: str = "1",
    product: str = "meeting",
    state: str = "waiting",
    policy: str | None = None,
    bond: str | None = None,
) -> Seat:
    return Seat(seat_id, f"user-{seat_id}", product, SeatState(state), since, want(rank, since, policy, bond))


def anybody(_: Seat) -> bool:
    return True


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """People in every part of a line, some under a policy of their rule."""
    policies = st.sampled_from((None, None, "wait", "overage"))
    parts: list[list[Seat]] = [[], [], [], []]
    for number in range(draw(st.integers(0, 14))):
        rank, since = draw(st.integers(0, 3)), draw(st.sampled_from("123"))
        part = draw(st.integers(0, 3))
        parts[part].append(seat(f"s{number:02}", rank, since, policy=draw(policies)))
    return Line(*parts)


@st.composite
def subscriptions(draw: st.DrawFn) -> Subscription:
    seats, overage = draw(st.integers(0, 8)), draw(st.integers(0, 4))
    assigned = draw(st.integers(0, seats + overage))
    return Subscription("meeting", seats, draw(st.sampled_from(Policy)), overage, assigned, 0)


@given(subscription=subscriptions(), line=lines())
def test_no_more_seats_are_given_than_anybodys_policy_allows(subscription: Subscription, line: Line) -> None:
    outcome = award(subscription, line, anybody)
    everybody = [*line.heirs, *line.in_order()]
    assert sorted(each.id for each in (*outcome.assigned, *outcome.waiting)) == sorted(each.id for each in everybody)
    now = subscription.assigned + len(outcome.assigned)
    assert now <= subscription.capacity
    if now > max(subscription.seats, subscription.assigned + len(line.heirs)):
        last = outcome.assigned[-1]
        assert subscription.policy_for(last.want) is Policy.OVERAGE


@given(subscription=subscriptions(), line=lines())
def test_nobody_waits_beside_a_seat_that_they_could_have(subscription: Subscription, line: Line) -> None:
    outcome = award(subscription, line, anybody)
    now = subscription.assigned + len(outcome.assigned)
    for each in outcome.waiting:
        assert now >= subscription.limit(subscription.policy_for(each.want))


@given(subscription=subscriptions(), line=lines())
def test_nobody_gets_a_seat_before_somebody_ahead_of_them_under_the_same_policy(
    subscription: Subscription, line: Line
) -> None:
    outcome = award(subscription, line, anybody)
    order = {each.id: place for place, each in enumerate([*line.heirs, *line.in_order()])}
    for winner in outcome.assigned:
        for loser in outcome.waiting:
            if subscription.policy_for(winner.want) is subscription.policy_for(loser.want):
                assert order[winner.id] < order[loser.id]


def test_who_lost_a_cover_goes_first_whatever_their_place() -> None:
    line = Line([], [seat("late", rank=9, since="9")], [seat("new")], [seat("old")])
    assert [each.id for each in award(Subscription("meeting", 1), line, anybody).assigned] == ["late"]


def test_heirs_come_before_everybody_and_may_use_what_an_allowance_lent() -> None:
    """The seat that is handed over is one beyond those bought; under `wait` nobody else could have it."""
    line = Line([seat("heir", rank=9)], [seat("first")], [], [seat("old")])
    lent = Subscription("meeting", seats=1, policy=Policy.WAIT, overage=1, assigned=1)
    assert [each.id for each in award(lent, line, anybody).assigned] == ["heir"]


def test_the_queue_goes_by_rank_then_time_then_id() -> None:
    expected = [seat("b", 0, "1"), seat("a", 0, "2"), seat("c", 0, "2"), seat("d", 1, "1")]
    line = Line([], [], list(reversed(expected)), [])
    assert list(award(Subscription("meeting", 4), line, anybody).assigned) == expected


def test_who_cannot_take_a_seat_in_turn_leaves_it_to_the_next() -> None:
    line = Line([], [], [], [seat("a"), seat("b")])
    outcome = award(Subscription("meeting", 1), line, lambda each: each.id != "a")
    assert [each.id for each in outcome.assigned] == ["b"]


def test_held_seats_count_and_waiting_ones_do_not() -> None:
    found = [seat("a", product="webinar", state="held"), seat("b", product="meeting", state="waiting")]
    assert holdings(found) == {"webinar"}


def test_free_never_falls_below_nothing_and_only_overage_reaches_the_allowance() -> None:
    lent = Subscription("meeting", seats=2, overage=3, assigned=4)
    assert (lent.free, lent.capacity) == (0, 5)
    assert (lent.room(Policy.OVERAGE), lent.room(Policy.WAIT)) == (1, 0)


def test_a_subscription_is_low_below_its_share_of_free_seats() -> None:
    assert Subscription("meeting", seats=20, assigned=19).is_low(10)
    assert not Subscription("meeting", seats=20, assigned=18).is_low(10)
    assert not Subscription("meeting", seats=0).is_low(10)


def test_a_covered_product_is_not_wanted_and_a_waiting_bundle_covers_nothing() -> None:
    claims = {"meeting": want(), "webinar": want()}
    person = Person("ana", True, claims, {"webinar": seat("s", product="webinar", state="assigned")})
    assert person.wanted("meeting", CATALOGUE) is None
    person.seats["webinar"] = seat("s", product="webinar")
    assert person.wanted("meeting", CATALOGUE) == want()


def test_nobody_suspended_wants_anything() -> None:
    assert Person("ana", False, {"meeting": want()}, {}).wanted("meeting", CATALOGUE) is None


def test_of_two_offers_the_better_place_counts_and_an_own_claim_before_both() -> None:
    person = Person("ana", True, {}, {})
    for rank, since in ((2, "1"), (1, "5"), (3, "0")):
        person.offer(["meeting"], want(rank, since, policy="downgrade"))
    assert person.wanted("meeting", CATALOGUE) == want(1, "5")
    person.claim("meeting", want(4, "9"))
    assert person.wanted("meeting", CATALOGUE) == want(4, "9")


def test_of_two_claims_the_better_one_decides_and_one_that_is_free_frees_both() -> None:
    person = Person("ana", True, {}, {})
    person.claim("meeting", want(3, policy="overage", bond="rule:3"))
    person.claim("meeting", want(2, policy="wait", bond="rule:2"))
    assert person.wanted("meeting", CATALOGUE) == want(2, policy="wait", bond="rule:2")
    person.claim("meeting", want(5))
    assert person.wanted("meeting", CATALOGUE) == want(2, policy="wait")


def test_bound_products_leave_out_what_they_cover_and_what_is_assigned() -> None:
    claims = {code: want(bond="rule:1") for code in CATALOGUE.products}
    person = Person("ana", True, claims, {})
    assert person.bound("rule:1", CATALOGUE) == ["webinar", "chat"]
    person.seats["chat"] = seat("s", product="chat", state="assigned")
    assert person.bound("rule:1", CATALOGUE) == ["webinar"]
    assert person.bound("rule:2", CATALOGUE) == []


def test_a_visitor_wants_what_they_have_or_wait_for_and_not_what_is_held() -> None:
    visitor = Person.visitor("ana", [seat("s", 2, "7"), seat("t", product="chat", state="held")])
    assert visitor.wanted("meeting", CATALOGUE) == want(2, "7")
    assert visitor.wanted("webinar", CATALOGUE) is None
    assert visitor.wanted("chat", CATALOGUE) is None


def test_an_exclusion_covers_derived_claims_of_its_source_alone() -> None:
    def claim(source: str, user: str = "ana", product: str = "meeting") -> Claim:
        return Claim(user, product, source, Place(0, "1"))

    of_rule = keeping_out([Exclusion("ana", "meeting", "rule:1", "transfer", "1")])
    assert of_rule(claim("rule:1"))
    assert not of_rule(claim("rule:2"))
    assert not of_rule(claim("rule:1", user="bob"))
    assert not of_rule(claim("rule:1", product="chat"))
    of_all = keeping_out([Exclusion("ana", "meeting", EVERY_SOURCE, "by_admin", "1")])
    assert of_all(claim("rule:2"))
    assert of_all(claim(DIRECT))
    assert not of_all(claim(TRANSFERRED))
