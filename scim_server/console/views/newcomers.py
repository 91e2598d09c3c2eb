"""People added by hand, one or several at once, and those who wait because their address is in use elsewhere."""

import re
from dataclasses import dataclass

from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.refusals import refusal_of
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import called
from scim_server.domain.errors import Invalid, Refusal
from scim_server.domain.particulars import Listed, Newcomer, PendingAdd
from scim_server.services import joining, people_facets
from scim_server.services.csv_rows import csv_lines

newcomers = Section("people")
PEOPLE = f"{TENANT}/people"
MOST_LINES = 200
"""Addresses at once; the import takes any number."""
_LINE = re.compile(r"(?P<names>.*?)\s*<(?P<address>[^<>]+)>")
COLUMNS = ("email", "firstName", "lastName", "products", "created")


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one line: `refusal` says why nobody was added, `pending` that the address is in use elsewhere."""

    line: str
    refusal: str | None = None
    pending: bool = False


@newcomers.get(f"{PEOPLE}/add", "people.write")
def add_people(call: Call) -> str:
    """The form for one person, and that for several."""
    return _form(call, [])


@newcomers.post(f"{PEOPLE}/add", "people.write")
def add_them(call: Call) -> str | Response:
    """Add whom the form names."""
    return _add_several(call) if "addresses" in call.form else _add_one(call)


def _form(call: Call, entries: list[Entry]) -> str:
    facets = people_facets.facets(call.units, call.tenant)
    mine = [role for role in facets.roles[1:] if role.permissions <= call.visitor.permits]
    return render(
        "people/add.html",
        products=facets.products if call.may("seats.write") else [],
        roles=[(role.code, called(role)) for role in mine] if call.may("roles.grant") else [],
        entries=entries,
    )


def _add_one(call: Call) -> Response:
    text = {name: call.form.get(name, "").strip() for name in ("address", "first", "last", "role", "language")}
    products = _products(call)
    if text["role"]:
        call.demand("roles.grant")
    newcomer = Newcomer(
        text["address"],
        text["first"],
        text["last"],
        products,
        text["role"] or None,
        "quiet" in call.form,
        text["language"] or None,
    )
    added = joining.add_person(call.units, call.tenant, call.cause, newcomer)
    if isinstance(added, PendingAdd):
        said = gettext("%(address)s is in use outside this tenant, so the add waits.", address=newcomer.address)
        return go(call.url("list_pending_adds"), said)
    return go(call.url("show_person", user=added.user.id), gettext("Added."), undo=call)


def _add_several(call: Call) -> str | Response:
    lines = [line.strip() for line in call.form["addresses"].splitlines() if line.strip()]
    if not lines:
        raise Invalid(gettext("Write at least one address."))
    if len(lines) > MOST_LINES:
        raise Invalid(gettext("At most %(most)s addresses are added at once: import a list.", most=MOST_LINES))
    products = _products(call)
    entries = [_entered(call, line, products) for line in lines]
    if any(entry.refusal or entry.pending for entry in entries):
        return _form(call, entries)
    said = ngettext("%(num)d person was added.", "%(num)d people were added.", len(entries))
    return go(call.url("list_people"), said, undo=call)


def _entered(call: Call, line: str, products: tuple[str, ...]) -> Entry:
    found = _LINE.fullmatch(line)
    address, names = (found["address"].strip(), found["names"]) if found else (line, "")
    first, _, last = names.strip(' "').partition(" ")
    try:
        newcomer = Newcomer(address, first, last.strip(), products, quiet="quiet" in call.form, listed=Listed())
        added = joining.add_person(call.units, call.tenant, call.cause, newcomer)
    except Refusal as error:
        return Entry(line, refusal_of(error)[1])
    return Entry(line, pending=isinstance(added, PendingAdd))


def _products(call: Call) -> tuple[str, ...]:
    products = tuple(call.form.getlist("product"))
    if products:
        call.demand("seats.write")
    return products


@newcomers.get(f"{PEOPLE}/pending", "people.read")
def list_pending_adds(call: Call) -> str:
    """Who is added once the address is free, oldest first."""
    return render("people/pending.html", pending=joining.waiting_adds(call.units, call.tenant))


@newcomers.get(f"{PEOPLE}/pending.csv", "people.read")
def export_pending_adds(call: Call) -> Response:
    """The same as CSV."""
    rows = map(_row, joining.waiting_adds(call.units, call.tenant))
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-pending-adds.csv")


@newcomers.get(f"{PEOPLE}/pending/<add>/cancel", "people.write")
def look_at_pending_add(call: Call) -> str:
    """Whom calling it off concerns."""
    pending = joining.waiting_add(call.units, call.tenant, call.path["add"])
    return render("people/cancel_add.html", pending=pending, back=call.url("list_pending_adds"), danger=True)


@newcomers.post(f"{PEOPLE}/pending/<add>/cancel", "people.write")
def cancel_pending_add(call: Call) -> Response:
    """Call it off."""
    cancelled = joining.cancel_add(call.units, call.tenant, call.cause, call.path["add"])
    said = gettext("The add of %(address)s was called off.", address=cancelled.newcomer.address)
    return go(call.url("list_pending_adds"), said)


def _row(pending: PendingAdd) -> list[str]:
    newcomer = pending.newcomer
    return [newcomer.address, newcomer.first, newcomer.last, " ".join(newcomer.products), pending.created]
