"""The first page of a tenant: where its seats are, and what needs somebody's attention."""

from flask_babel import lazy_gettext

from scim_server.console.answers import render
from scim_server.console.calls import Call
from scim_server.console.sections import TENANT, Section
from scim_server.services import subscribing

overviews = Section("overview", lazy_gettext("Overview"), "show_overview")


@overviews.get(TENANT, "people.read")
def show_overview(call: Call) -> str:
    """Where the seats are."""
    return render("overview/show.html", seatings=subscribing.subscriptions(call.units, call.tenant))
