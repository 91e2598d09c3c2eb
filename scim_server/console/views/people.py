"""The list of people: sought by name, status, product, role, group and source, and exported as it is listed."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.cares import in_care
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import called, word
from scim_server.domain.directory import Status
from scim_server.services import people as directory
from scim_server.services import people_facets
from scim_server.services.csv_rows import csv_lines
from scim_server.services.people import Portrait
from scim_server.services.people_facets import Facets
from scim_server.services.sought_people import SoughtPeople

people = Section("people", lazy_gettext("People"), "list_people", within_care=True)
PEOPLE = f"{TENANT}/people"
CONDITIONS = ("text", "status", "product", "role", "group", "source")
"""What the address says of whom to list."""
STATUSES = tuple(status.value for status in Status if status is not Status.DELETED)
SOURCES = ("admin", "invitation", "connection")
COLUMNS = ("userName", "displayName", "email", "status", "reason", "products", "waiting", "roles", "source", "created")


@people.get(PEOPLE, "people.read")
def list_people(call: Call) -> str:
    """People who meet the conditions of the form above them, oldest first."""
    conditions = _conditions(call)
    (after,) = place(call.query.get("after"), 1) or ("",)
    found = directory.page(call.units, call.tenant, _sought(call, conditions), after=after, limit=PAGE + 1)
    shown, more = cut(found, lambda portrait: (portrait.user.id,))
    content = {"found": shown, "more": more, "conditions": conditions}
    if wants_part():
        return render("people/rows.html", **content)
    facets = people_facets.facets(call.units, call.tenant)
    return render("people/list.html", facets=facets, choices=_choices(facets), **content)


@people.get(f"{PEOPLE}.csv", "people.read")
def export_people(call: Call) -> Response:
    """All whom the list would show, as CSV."""
    found = directory.every_person(call.units, call.tenant, _sought(call, _conditions(call)))
    return file_of(csv_lines(COLUMNS, map(_row, found)), f"{call.tenant.slug}-people.csv")


def _choices(facets: Facets) -> Mapping[str, list[tuple[str, str]]]:
    """What each condition can be, with the words for it."""
    sources = [(source, word("origin", source)) for source in SOURCES]
    return {
        "status": [(status, word("status", status)) for status in STATUSES],
        "product": [(code, code) for code in facets.products],
        "role": [(role.code, called(role)) for role in facets.roles],
        "source": sources + [(f"connection:{each.id}", each.name) for each in facets.connections],
    }


def _conditions(call: Call) -> Mapping[str, str]:
    given = {name: call.query.get(name, "").strip() for name in CONDITIONS}
    return {name: text for name, text in given.items() if text}


def _sought(call: Call, conditions: Mapping[str, str]) -> SoughtPeople:
    """Within what the visitor may see. A status that there is not is met by nobody."""
    status = conditions.get("status")
    known = Status(status) if status in STATUSES else Status.DELETED
    return in_care(
        call,
        SoughtPeople(
            text=conditions.get("text"),
            status=known if status else None,
            product=conditions.get("product"),
            role=conditions.get("role"),
            group=conditions.get("group"),
            source=conditions.get("source"),
        ),
    )


def _row(portrait: Portrait) -> list[str]:
    user = portrait.user
    return [
        user.user_name,
        user.display_name or "",
        user.address or "",
        portrait.status.value,
        portrait.reason or "",
        " ".join(sorted(seat.product for seat in portrait.seats if seat.counts)),
        " ".join(sorted(seat.product for seat in portrait.seats if not seat.counts)),
        " ".join(sorted({grant.role for grant in portrait.grants})),
        user.origin,
        user.created,
    ]
