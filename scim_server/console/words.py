"""Codes of the business in words: statuses, reasons, states and sources, as pages show them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from scim_server.console.habit_words import HABITS
from scim_server.console.trail_words import FACTS, OBJECTS, STAYING, VERBS

WORDS: Mapping[str, Mapping[str, LazyString]] = {
    "status": {
        "active": lazy_gettext("Active"),
        "inactive": lazy_gettext("Inactive"),
        "invited": lazy_gettext("Invited"),
        "waiting": lazy_gettext("Waiting"),
        "unassigned": lazy_gettext("Unassigned"),
        "suspended": lazy_gettext("Suspended"),
        "deleted": lazy_gettext("Deleted"),
    },
    "reason": {
        "no_seat": lazy_gettext("no seat is free"),
        "no_product": lazy_gettext("no product and no role"),
        "never_seen": lazy_gettext("never signed in"),
        "not_seen": lazy_gettext("has not signed in for long"),
        "by_idp": lazy_gettext("by the identity provider"),
        "by_admin": lazy_gettext("by an admin"),
        "declined": lazy_gettext("declined the invitation"),
        "moved_away": lazy_gettext("moved to another organisation"),
    },
    "seat": {
        "assigned": lazy_gettext("Assigned"),
        "waiting": lazy_gettext("Waiting"),
        "held": lazy_gettext("Held"),
    },
    "policy": {
        "wait": lazy_gettext("Wait for a seat"),
        "reject": lazy_gettext("Refuse"),
        "downgrade": lazy_gettext("Give what the product includes"),
        "overage": lazy_gettext("Go beyond, within the allowance"),
    },
    "answer": {
        "carried_out": lazy_gettext("Carried out"),
        "refused": lazy_gettext("Refused"),
        "2xx": lazy_gettext("Carried out"),
        "4xx": lazy_gettext("Refused, to the client’s account"),
        "5xx": lazy_gettext("Failed, to the server’s account"),
    },
    "actor": {
        "connection": lazy_gettext("Connection"),
        "person": lazy_gettext("Person"),
        "api": lazy_gettext("API token"),
        "client": lazy_gettext("OAuth client"),
        "operator": lazy_gettext("Operator"),
        "cli": lazy_gettext("Command line"),
        "system": lazy_gettext("The server itself"),
        "invited": lazy_gettext("Whoever was invited"),
    },
    "object": OBJECTS,
    "verb": VERBS,
    "fact": FACTS,
    "staying": STAYING,
    "habit": HABITS,
    "theme": {
        "auto": lazy_gettext("As the system"),
        "light": lazy_gettext("Light"),
        "dark": lazy_gettext("Dark"),
    },
}


def word(kind: str, code: str | None) -> str:
    """A code in words; a code that has none, as a tenant's own have, stays as it is."""
    return "" if code is None else str(WORDS[kind].get(code, code))
