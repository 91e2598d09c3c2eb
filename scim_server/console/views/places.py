"""Who has a seat of a product, and who waits for one, in order."""

from collections.abc import Iterator

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import Section
from scim_server.console.sources import audiences, source, why_waiting
from scim_server.console.views.subscriptions import ONE, subscriptions
from scim_server.domain.errors import Invalid
from scim_server.domain.seats import SeatState
from scim_server.services import seats_seen, subscribing
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.seats_seen import Behind, SeatView, Waiter

places = Section(subscriptions.name)
COLUMNS = ("userName", "displayName", "since", "source", "userId")


@places.get(f"{ONE}/waiting", "people.read")
def list_waiting(call: Call) -> str:
    """Who waits, first come first, and why."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    after = _behind(call.query.get("after"))
    found = seats_seen.waiting(call.units, call.tenant, seating.product, after=after, limit=PAGE + 1)
    shown, more = cut(found, _key)
    template = "subscriptions/waiting_rows.html" if wants_part() else "subscriptions/waiting.html"
    return render(
        template, seating=seating, waiters=shown, more=more, why=why_waiting, source=source, rules=audiences(call)
    )


@places.get(f"{ONE}/waiting.csv", "people.read")
def export_waiting(call: Call) -> Response:
    """The same as a file."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    found = seats_seen.everybody_waiting(call.units, call.tenant, seating.product)
    rows: Iterator[list[Cell]] = ([each.place, *_cells(each.view)] for each in found)
    return file_of(csv_lines(("place", *COLUMNS), rows), f"{call.tenant.slug}-{seating.product}-waiting.csv")


@places.get(f"{ONE}/holders", "people.read")
def list_holders(call: Call) -> str:
    """Who has a seat that is not held, and where it comes from."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    after = place(call.query.get("after"), 1)
    found = seats_seen.seats(
        call.units,
        call.tenant,
        product=seating.product,
        state=SeatState.ASSIGNED,
        after=None if after is None else (after[0], seating.product),
        limit=PAGE + 1,
    )
    shown, more = cut(found, lambda view: (view.seat.user_id,))
    template = "subscriptions/holders_rows.html" if wants_part() else "subscriptions/holders.html"
    return render(template, seating=seating, views=shown, more=more, source=source, rules=audiences(call))


@places.get(f"{ONE}/holders.csv", "people.read")
def export_holders(call: Call) -> Response:
    """Everybody with a seat that works, held ones included, as a file."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    found = seats_seen.every_seat(call.units, call.tenant, product=seating.product)
    rows: Iterator[list[Cell]] = ([each.seat.state.value, *_cells(each)] for each in found if each.seat.counts)
    return file_of(csv_lines(("state", *COLUMNS), rows), f"{call.tenant.slug}-{seating.product}-holders.csv")


def _cells(view: SeatView) -> list[Cell]:
    return [view.user_name, view.display_name, view.seat.since, view.source, view.seat.user_id]


def _key(waiter: Waiter) -> tuple[str, ...]:
    return tuple(map(str, waiter.key))


def _behind(text: str | None) -> Behind | None:
    found = place(text, 4)
    if found is None:
        return None
    number, rank, since, seat_id = found
    if not (number.isascii() and number.isdigit() and rank.isascii() and rank.isdigit()):
        raise Invalid(gettext("The address of this page is damaged. Go back to the beginning of the list."))
    return int(number), int(rank), since, seat_id
