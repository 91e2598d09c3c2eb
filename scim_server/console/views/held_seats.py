"""Held seats of a product: what a mass removal would have taken, released or kept one by one or all at once."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import Section
from scim_server.console.views.subscriptions import ONE, subscriptions
from scim_server.domain.errors import Invalid
from scim_server.services import removing, subscribing
from scim_server.services.csv_rows import Cell, csv_lines

held_seats = Section(subscriptions.name)
HELD = f"{ONE}/held"
DECIDES = "seats.write"
MOST_NAMED = 50
COLUMNS = ("userName", "since", "due", "request", "userId")


@held_seats.get(HELD, "people.read")
def list_held(call: Call) -> str:
    """Whose seats are held, the first due first."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    after = place(call.query.get("after"), 2)
    behind = None if after is None else (after[0], after[1])
    found = removing.held(call.units, call.tenant, behind, PAGE + 1, seating.product)
    shown, more = cut(found, lambda removal: (removal.due, removal.id))
    template = "subscriptions/held_rows.html" if wants_part() else "subscriptions/held.html"
    return render(template, seating=seating, removals=shown, more=more)


@held_seats.get(f"{HELD}.csv", "people.read")
def export_held(call: Call) -> Response:
    """The same as a file."""
    seating = subscribing.subscription(call.units, call.tenant, call.path["product"])
    found = removing.held(call.units, call.tenant, product=seating.product)
    rows: Iterator[list[Cell]] = ([each.user_name, each.since, each.due, each.held_for, each.user_id] for each in found)
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-{seating.product}-held.csv")


@held_seats.get(f"{HELD}/release", DECIDES)
def release_held(call: Call) -> str:
    """Who would lose the seat, and how many wait for it."""
    return _preview(call, "subscriptions/release.html")


@held_seats.post(f"{HELD}/release", DECIDES)
def save_release(call: Call) -> Response:
    """Release them now."""
    done = removing.approve(call.units, call.tenant, call.cause, _chosen(call))
    said = ngettext("%(num)s seat was released.", "%(num)s seats were released.", len(done))
    return go(call.url("list_held", product=call.path["product"]), said)


@held_seats.get(f"{HELD}/keep", DECIDES)
def keep_held(call: Call) -> str:
    """Who would keep the seat."""
    return _preview(call, "subscriptions/keep.html")


@held_seats.post(f"{HELD}/keep", DECIDES)
def save_keeping(call: Call) -> Response:
    """Let people keep them, whatever their groups say."""
    done = removing.restore(call.units, call.tenant, call.cause, _chosen(call))
    said = ngettext("%(num)s seat is kept.", "%(num)s seats are kept.", len(done))
    return go(call.url("list_held", product=call.path["product"]), said, undo=call)


def _preview(call: Call, template: str) -> str:
    """The chosen seats; of all there are the first, and how many were held until now."""
    asked, product = _asked(call), call.path["product"]
    seating = subscribing.subscription(call.units, call.tenant, product)
    ids = asked.getlist("id")
    if "all" in asked:
        chosen, count = removing.held(call.units, call.tenant, most=MOST_NAMED, product=product), seating.held
    else:
        chosen = removing.among(call.units, call.tenant, product, set(ids))
        count = len(chosen)
    _refuse_none(chosen)
    return render(
        template,
        seating=seating,
        chosen=chosen[:MOST_NAMED],
        count=count,
        until=call.units.now() if "all" in asked else None,
        ids=ids,
        danger=True,
        back=call.url("list_held", product=product),
    )


def _chosen(call: Call) -> list[str]:
    """The ids of those that were shown, and of nobody's who was held meanwhile."""
    asked, product = _asked(call), call.path["product"]
    if "all" in asked:
        ids = removing.held_until(call.units, call.tenant, product, asked.get("until", ""))
    else:
        ids = [each.id for each in removing.among(call.units, call.tenant, product, set(asked.getlist("id")))]
    _refuse_none(ids)
    return ids


def _refuse_none(chosen: Sequence[object]) -> None:
    if not chosen:
        raise Invalid(gettext("No held seat is chosen, or it was decided already. Go back to the list and tick some."))


def _asked(call: Call) -> MultiDict[str, str]:
    """What the list asked for, and then the form again."""
    return call.form or call.query
