"""Where the objects of the audit trail have pages."""

from collections.abc import Mapping

from flask import current_app

from scim_server.console.calls import Call

PLACES: Mapping[str, tuple[str, str, str]] = {
    "user": ("show_person", "user", "people.read"),
    "group": ("show_group", "group", "groups.read"),
    "subscription": ("show_subscription", "product", "subscriptions.read"),
}
"""By type of object: its page, what the page calls the object's id, and the permission it takes."""


def address_of(call: Call, object_type: str, object_id: str) -> str | None:
    """The address of an object's page; None where it has none, or none for this visitor."""
    page, parameter, permission = PLACES.get(object_type, ("", "", ""))
    if f"console.{page}" not in current_app.view_functions or not call.may(permission):
        return None
    return call.url(page, **{parameter: object_id})
