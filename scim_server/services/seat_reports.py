"""Reports about seats: their use day by day, those that lie idle, and who waits for one."""

from datetime import timedelta

from scim_server.domain.directory import User
from scim_server.domain.instants import later
from scim_server.domain.seats import Claim, Seat, Subscription
from scim_server.services.people import source_of
from scim_server.services.ports import UnitOfWork
from scim_server.services.reports import (
    DAYS,
    FROM,
    PRODUCT,
    TO,
    Column,
    Form,
    Narrowing,
    Page,
    Position,
    Report,
    Row,
    cut,
    moment,
    number,
    text,
)

_FIRST, _LAST = "0000-00-00", "9999-12-31"
_PERSON = (text("userName", "Whose seat it is."), text("displayName", "What the person is called."))
_ID = text("userId", "The person's id.")


def _seat_use(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    product, day = after or ("", "")
    uses = uow.surveys.seat_uses(
        (str(product), str(day)),
        most,
        product=wanted.product,
        since=(wanted.since or _FIRST)[: len(_FIRST)],
        until=(wanted.until or _LAST)[: len(_LAST)],
        today=uow.now[: len(_FIRST)],
    )
    rows: list[Row] = [
        {
            "product": use.product,
            "day": use.day,
            "bought": use.seats,
            "assigned": use.assigned,
            "held": use.held,
            "waiting": use.waiting,
            "free": max(0, use.seats - use.assigned),
            "peak": use.peak,
        }
        for use in uses
    ]
    return cut(rows, [(use.product, use.day) for use in uses], most)


def _idle_seats(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    user_id, product = after or ("", "")
    before = later(uow.now, -timedelta(days=wanted.days))
    seats = uow.surveys.idle_seats((str(user_id), str(product)), most, before=before, product=wanted.product)
    ids = {seat.user_id for seat in seats}
    users, seen = _users(uow, seats), uow.sightings.of(ids)
    rows = [
        {
            **_named(users, seat),
            "product": seat.product,
            "since": seat.since,
            "lastSeen": seen.get(seat.user_id),
            "userId": seat.user_id,
        }
        for seat in seats
    ]
    return cut(rows, [(seat.user_id, seat.product) for seat in seats], most)


def _idle_products(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    (beyond,) = after or ("",)
    idle = uow.surveys.idle_counts(later(uow.now, -timedelta(days=wanted.days)))
    bought = [
        each
        for each in uow.ledger.subscriptions()
        if each.product > str(beyond) and wanted.product in (None, each.product)
    ][:most]
    rows: list[Row] = [
        {
            "product": each.product,
            "idle": idle.get(each.product, 0),
            "assigned": each.assigned,
            "bought": each.seats,
            "waiting": each.waiting,
        }
        for each in bought
    ]
    return cut(rows, [(each.product,) for each in bought], most)


def _waiting_list(uow: UnitOfWork, wanted: Narrowing, after: Position | None, most: int) -> Page:
    product, rank, since, seat_id, place = after or ("", 0, "", "", 0)
    seats = uow.surveys.queue((str(product), int(rank), str(since), str(seat_id)), most, wanted.product)
    users = _users(uow, seats)
    subscriptions = {each.product: each for each in uow.ledger.subscriptions()}
    claims: dict[str, list[Claim]] = {seat.user_id: [] for seat in seats}
    for claim in uow.ledger.claims(claims.keys()):
        claims[claim.user_id].append(claim)
    rows: list[Row] = []
    positions: list[Position] = []
    last, number_ = str(product), int(place)
    for seat in seats:
        last, number_ = seat.product, number_ + 1 if seat.product == last else 1
        rows.append(
            {
                "product": seat.product,
                "place": number_,
                **_named(users, seat),
                "since": seat.place.since,
                "source": source_of(seat, claims[seat.user_id]),
                "reason": _why_waiting(subscriptions[seat.product], seat),
                "userId": seat.user_id,
            }
        )
        positions.append((seat.product, seat.place.rank, seat.place.since, seat.id, number_))
    return cut(rows, positions, most)


def _why_waiting(subscription: Subscription, seat: Seat) -> str:
    if seat.want.bond is not None and subscription.room(subscription.policy_for(seat.want)):
        return f"{seat.want.bond} gives all of its products or none, and a seat of another one is missing."
    if not subscription.seats:
        return "No seat is bought."
    return f"{subscription.assigned} of {subscription.seats} seats are assigned."


def _users(uow: UnitOfWork, seats: list[Seat]) -> dict[str, User]:
    return {user.id: user for user in uow.users.some({seat.user_id for seat in seats})}


def _named(users: dict[str, User], seat: Seat) -> Row:
    user = users.get(seat.user_id)
    return {
        "userName": None if user is None else user.user_name,
        "displayName": None if user is None else user.display_name,
    }


SEAT_USE = Report(
    "seat-use",
    "Seat use over time",
    "How each subscription was used on each day (UTC): as last seen that day, today as it is at this moment.",
    (PRODUCT, FROM, TO),
    (
        text("product", "The product's code."),
        Column("day", Form.DAY, "The day, in UTC."),
        number("bought", "Seats bought."),
        number("assigned", "Seats assigned, held and reserved ones included."),
        number("held", "Of those, seats whose release is pending."),
        number("waiting", "People who wait for one."),
        number("free", "Seats bought and not assigned."),
        number("peak", "The most assigned seats seen on that day."),
    ),
    (str, str),
    _seat_use,
)
IDLE_SEATS = Report(
    "idle-seats",
    "Idle seats",
    "Seats that have been assigned for so many days to somebody whom the application has not seen in that time.",
    (PRODUCT, DAYS),
    (
        *_PERSON,
        text("product", "The product's code."),
        moment("since", "Since when the seat is assigned."),
        moment("lastSeen", "When the application last saw the person; missing where it never did."),
        _ID,
    ),
    (str, str),
    _idle_seats,
)
IDLE_PRODUCTS = Report(
    "idle-products",
    "Idle seats by product",
    "What idle seats cost: how many of each product there are, and how many people wait for one.",
    (PRODUCT, DAYS),
    (
        text("product", "The product's code."),
        number("idle", "Assigned seats that are idle."),
        number("assigned", "Seats assigned, held and reserved ones included."),
        number("bought", "Seats bought."),
        number("waiting", "People who wait for one."),
    ),
    (str,),
    _idle_products,
)
WAITING_LIST = Report(
    "waiting-list",
    "Waiting list",
    "Who waits for a seat of which product, in the order in which they get one.",
    (PRODUCT,),
    (
        text("product", "The product's code."),
        number("place", "The place in the queue, from 1."),
        *_PERSON,
        moment("since", "Since when the person has a claim on the product."),
        text("source", "Where the best claim comes from, for example direct or rule:ID."),
        text("reason", "Why there is no seat yet."),
        _ID,
    ),
    (str, int, str, str, int),
    _waiting_list,
)
