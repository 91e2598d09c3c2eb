"""Subscriptions: the seats of each product, what was bought and on which terms."""

from collections.abc import Iterator

from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.forms import whole_number
from scim_server.console.seat_charts import forecast, seat_chart
from scim_server.console.sections import TENANT, Section
from scim_server.domain.errors import Invalid
from scim_server.domain.seats import Policy
from scim_server.services import buying, projecting, subscribing, tenancy
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.subscribing import Seating

subscriptions = Section("subscriptions", lazy_gettext("Subscriptions"), "list_subscriptions")
ALL, ONE = f"{TENANT}/subscriptions", f"{TENANT}/subscriptions/<product>"
BUYS = "subscriptions.write"
COLUMNS = ("product", "seats", "assigned", "held", "free", "waiting", "policy", "overage")


@subscriptions.get(ALL, "people.read")
def list_subscriptions(call: Call) -> str:
    """Every product that seats were bought of, or are waited for."""
    return render("subscriptions/list.html", seatings=subscribing.subscriptions(call.units, call.tenant))


@subscriptions.get(f"{ALL}.csv", "people.read")
def export_subscriptions(call: Call) -> Response:
    """The same as a file."""
    rows: Iterator[list[Cell]] = (
        [getattr(seating, name) for name in COLUMNS] for seating in subscribing.subscriptions(call.units, call.tenant)
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-subscriptions.csv")


@subscriptions.get(f"{TENANT}/new-subscription", BUYS)
def buy_seats(call: Call) -> str:
    """The form with the products that nothing was bought of."""
    bought = {each.product for each in subscribing.subscriptions(call.units, call.tenant) if each.seats}
    left = [(each.code, each.name) for each in tenancy.products(call.units) if each.code not in bought]
    return render("subscriptions/new.html", products=left, policies=Policy)


@subscriptions.post(f"{TENANT}/new-subscription", BUYS)
def save_purchase(call: Call) -> Response:
    """Buy the first seats of a product."""
    return _set_terms(call, call.form.get("product", ""))


@subscriptions.get(ONE, "people.read")
def show_subscription(call: Call) -> str:
    """The seats of a product, over time and ahead, with the form of its terms."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    projections = projecting.projections(call.units, call.tenant, seating.product)
    return render(
        "subscriptions/show.html",
        seating=seating,
        policies=Policy,
        chart=next((seat_chart(each, gettext("Seats over time")) for each in projections), None),
        forecast=next(map(forecast, projections), None),
        order=buying.last_order(call.units, call.tenant, seating.product),
    )


@subscriptions.post(ONE, BUYS)
def change_subscription(call: Call) -> Response:
    """Buy more, give some back, or change what happens when none is left."""
    return _set_terms(call, call.path["product"])


def _set_terms(call: Call, product: str) -> Response:
    policy = _policy(call.form.get("policy", ""))
    overage = whole_number(call, "overage") if policy is Policy.OVERAGE else 0
    seats = whole_number(call, "seats")
    subscribing.set_subscription(call.units, call.tenant, call.cause, product, seats, policy, overage)
    return go(call.url("show_subscription", product=product), gettext("The subscription was saved."), undo=call)


def _policy(text: str) -> Policy:
    if text not in {each.value for each in Policy}:
        raise Invalid(gettext("Choose what happens when no seat is left."))
    return Policy(text)


@subscriptions.get(f"{ONE}/add", "seats.write")
def add_seats(call: Call) -> str:
    """The form that asks how many more; where seats are bought elsewhere, the way there."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    order = buying.last_order(call.units, call.tenant, seating.product)
    return render("subscriptions/add.html", seating=seating, order=order, billing_url=_billing_url(call))


@subscriptions.post(f"{ONE}/add", "seats.write")
def save_more_seats(call: Call) -> Response:
    """Add them; where they are bought elsewhere, write down that somebody asked for them."""
    product, more = call.path["product"], whole_number(call, "more")
    if _billing_url(call) is not None:
        buying.ask_for_seats(call.units, call.tenant, call.cause, product, more)
        said = gettext("Your request was recorded. Now buy the licences on the billing page.")
        return go(call.url("add_seats", product=product), said)
    call.demand(BUYS)
    seating = subscribing.add_seats(call.units, call.tenant, call.cause, product, more)
    return go(call.url("show_subscription", product=product), _added(seating, more), undo=call)


def _added(seating: Seating, more: int) -> str:
    said = ngettext(
        "%(num)s licence was added: %(seats)s bought, %(free)s free, %(waiting)s waiting.",
        "%(num)s licences were added: %(seats)s bought, %(free)s free, %(waiting)s waiting.",
        more,
        seats=seating.seats,
        free=seating.free,
        waiting=seating.waiting,
    )
    return str(said)


def _billing_url(call: Call) -> str | None:
    return call.tenant.settings.address("billing_url")
