"""Where the objects of the audit trail have pages."""

from collections.abc import Mapping

PLACES: Mapping[str, tuple[str, str]] = {
    "user": ("show_person", "user"),
    "group": ("show_group", "group"),
    "subscription": ("show_subscription", "product"),
    "connection": ("show_connection", "connection"),
    "rule": ("show_rule", "rule"),
    "role": ("show_role", "role"),
}
"""By type of object: its page, and what the page's address calls the object's id."""
