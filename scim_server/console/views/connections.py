"""Connections: the identity providers that a tenant is linked to, how each stands, and its terms."""

from collections.abc import Iterator

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.sections import TENANT, Section
from scim_server.console.terms_of_connections import typed_terms
from scim_server.domain.tenants import MOST_LIVE_TOKENS
from scim_server.services import connecting, connections_seen, disconnecting, tenancy
from scim_server.services.connections_seen import ConnectionView
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.disconnecting import Fate
from scim_server.services.guides import GUIDES

connections = Section("connections", lazy_gettext("Connections"), "list_connections")
PERMISSION = "connections.write"
CONNECTIONS = f"{TENANT}/connections"
ONE = f"{CONNECTIONS}/<connection>"
BY_HAND = "-"
"""What the form sends in place of a connection where nobody's connection manages what this one does."""
COLUMNS = (
    *("name", "idp", "last request", "requests of late", "refused of late", "live tokens", "tokens expire"),
    *("manages entitlements", "highest role", "creator only", "networks", "created", "id"),
)


@connections.get(CONNECTIONS, PERMISSION)
def list_connections(call: Call) -> str:
    """Every connection of the tenant."""
    return render("connections/list.html", views=connections_seen.connections_seen(call.units, call.tenant))


@connections.get(f"{CONNECTIONS}.csv", PERMISSION)
def export_connections(call: Call) -> Response:
    """The same as a file."""
    found = connections_seen.connections_seen(call.units, call.tenant)
    return file_of(csv_lines(COLUMNS, _rows(found)), f"{call.tenant.slug}-connections.csv")


@connections.get(ONE, PERMISSION)
def show_connection(call: Call) -> str:
    """One connection: its terms, what it comes in with, and what it did."""
    view = connections_seen.connection_seen(call.units, call.tenant, call.path["connection"])
    return render("connections/show.html", view=view, guide=GUIDES[view.connection.idp], most_tokens=MOST_LIVE_TOKENS)


@connections.get(f"{ONE}/managed", PERMISSION)
def count_managed(call: Call) -> str:
    """How many people and groups it manages: a part of its page that takes a moment to count."""
    found = connections_seen.managed(call.units, call.tenant, call.path["connection"])
    return render("connections/managed.html", found=found)


@connections.get(f"{ONE}/edit", PERMISSION)
def change_connection(call: Call) -> str:
    """The form with its terms."""
    connection = connecting.connection(call.units, call.tenant, call.path["connection"])
    return render("connections/edit.html", connection=connection)


@connections.post(f"{ONE}/edit", PERMISSION)
def save_connection(call: Call) -> Response:
    """Change its terms."""
    terms = typed_terms(call.form) | {name: name in call.form for name in ("accepts_basic", "accepts_raw")}
    changed = connecting.edit_connection(call.units, call.tenant, call.cause, call.path["connection"], **terms)
    return go(call.url("show_connection", connection=changed.id), gettext("The connection is changed."), undo=call)


@connections.get(f"{ONE}/remove", PERMISSION)
def end_connection(call: Call) -> str:
    """What it means to remove the connection, and what is to be decided."""
    removal = disconnecting.preview(call.units, call.tenant, call.cause, call.path["connection"], Fate())
    others = [each for each in tenancy.connections(call.units, call.tenant) if each.id != removal.connection.id]
    return render("connections/remove.html", removal=removal, others=others, by_hand=BY_HAND)


@connections.post(f"{ONE}/remove", PERMISSION)
def remove_connection(call: Call) -> Response:
    """Remove it."""
    chosen = call.form.get("fate", "")
    fate = Fate(to=chosen or None) if chosen != BY_HAND else Fate(release=True)
    disconnecting.remove_connection(call.units, call.tenant, call.cause, call.path["connection"], fate)
    return go(call.url("list_connections"), gettext("The connection is removed."))


def _rows(found: list[ConnectionView]) -> Iterator[list[Cell]]:
    for view in found:
        connection, activity, live = view.connection, view.activity, view.live_tokens
        yield [
            *(connection.name, connection.idp, view.last_request),
            *((activity.requests, activity.refused) if activity else (0, 0)),
            *(len(live), max((token.expires for token in live), default=None)),
            *(connection.manages_entitlements, connection.max_role, str(connection.creator_only).lower()),
            *(" ".join(connection.networks), connection.created, connection.id),
        ]
