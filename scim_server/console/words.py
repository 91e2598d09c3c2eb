"""Codes of the business in words: statuses, reasons, states and sources, as pages show them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

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
    "outcome": {
        "assigned": lazy_gettext("Assigned"),
        "held": lazy_gettext("Held"),
        "waiting": lazy_gettext("Waiting"),
        "covered": lazy_gettext("Included"),
        "fallback": lazy_gettext("In place of another"),
        "none": lazy_gettext("None"),
    },
    "source": {
        "direct": lazy_gettext("the identity provider assigned it"),
        "direct:admin": lazy_gettext("an admin gave it by hand"),
        "import": lazy_gettext("an import gave it"),
        "transfer": lazy_gettext("it came by a transfer"),
        "kept": lazy_gettext("kept for the last super admin"),
        "rule": lazy_gettext("by a rule"),
    },
    "role": {
        "member": lazy_gettext("Member"),
        "manager": lazy_gettext("Manager"),
        "admin": lazy_gettext("Admin"),
        "super_admin": lazy_gettext("Super admin"),
    },
    "origin": {
        "admin": lazy_gettext("By hand"),
        "connection": lazy_gettext("Any connection"),
        "invitation": lazy_gettext("By invitation"),
    },
    "happened": {
        "user.created": lazy_gettext("Added"),
        "user.changed": lazy_gettext("Edited"),
        "user.suspended": lazy_gettext("Suspended"),
        "user.reactivated": lazy_gettext("Reactivated"),
        "user.deleted": lazy_gettext("Deleted"),
        "user.restored": lazy_gettext("Restored"),
        "user.linked": lazy_gettext("Linked to a connection"),
        "user.taken_over": lazy_gettext("Taken over by somebody new"),
        "user.got_address": lazy_gettext("Became owner of the address"),
        "user.lost_address": lazy_gettext("Gave up the address"),
        "claims.changed": lazy_gettext("What they should have changed"),
        "seat.assigned": lazy_gettext("Got a seat"),
        "seat.waiting": lazy_gettext("Began to wait for a seat"),
        "seat.held": lazy_gettext("The seat is held"),
        "seat.released": lazy_gettext("The seat was released"),
        "role.granted": lazy_gettext("Got a role"),
        "role.removed": lazy_gettext("Lost a role"),
        "welcome.sent": lazy_gettext("Was sent a welcome"),
        "tombstone.left": lazy_gettext("Kept for a return"),
        "tombstone.removed": lazy_gettext("Came back"),
        "tombstone.continued": lazy_gettext("Somebody new continues them"),
    },
    "session": {
        "meeting": lazy_gettext("Meeting"),
        "webinar": lazy_gettext("Webinar"),
        "training": lazy_gettext("Training"),
    },
    "invitation": {
        "open": lazy_gettext("Open"),
        "accepted": lazy_gettext("Accepted"),
        "declined": lazy_gettext("Declined"),
        "expired": lazy_gettext("Expired"),
    },
    "policy": {
        "wait": lazy_gettext("Wait for a seat"),
        "reject": lazy_gettext("Refuse"),
        "downgrade": lazy_gettext("Give what the product includes"),
        "overage": lazy_gettext("Go beyond, within the allowance"),
    },
    "theme": {
        "auto": lazy_gettext("As the system"),
        "light": lazy_gettext("Light"),
        "dark": lazy_gettext("Dark"),
    },
}


def word(kind: str, code: str | None) -> str:
    """A code in words; a code that has none, as a tenant's own have, stays as it is."""
    return "" if code is None else str(WORDS[kind].get(code, code))
