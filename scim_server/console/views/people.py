"""People: who they are, what they hold, and why."""

from flask_babel import lazy_gettext

from scim_server.console.answers import render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.services import explaining
from scim_server.services import people as directory
from scim_server.services.sought_people import SoughtPeople

people = Section("people", lazy_gettext("People"), "list_people")
PEOPLE = f"{TENANT}/people"


@people.get(PEOPLE, "people.read")
def list_people(call: Call) -> str:
    """People who meet the conditions of the form above them, oldest first."""
    text = call.query.get("text", "").strip() or None
    product, role, group = (call.query.get(name) or None for name in ("product", "role", "group"))
    sought = SoughtPeople(text=text, product=product, role=role, group=group)
    (after,) = place(call.query.get("after"), 1) or ("",)
    found = directory.page(call.units, call.tenant, sought, after=after, limit=PAGE + 1)
    shown, more = cut(found, lambda portrait: (portrait.user.id,))
    template = "people/rows.html" if wants_part() else "people/list.html"
    return render(template, found=shown, more=more, sought=sought)


@people.get(f"{PEOPLE}/<user>", "people.read")
def show_person(call: Call) -> str:
    """One person: status, seats and why, groups, roles."""
    portrait = directory.person(call.units, call.tenant, call.path["user"])
    account = explaining.explain(call.units, call.tenant, portrait.user.id)
    return render("people/show.html", portrait=portrait, account=account)
