"""What is said of people: where they come from, what happened to them, what is done to them and becomes of them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

PEOPLE: Mapping[str, Mapping[str, LazyString]] = {
    "outcome": {
        "assigned": lazy_gettext("Seat assigned"),
        "held": lazy_gettext("Seat held"),
        "waiting": lazy_gettext("Waiting"),
        "covered": lazy_gettext("Included"),
        "fallback": lazy_gettext("In place of another"),
        "none": lazy_gettext("None"),
    },
    "claimed": {
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
        "session.loaded": lazy_gettext("A session was planned or changed"),
        "session.cancelled": lazy_gettext("A session was cancelled"),
        "session.reassigned": lazy_gettext("A session was handed over"),
        "welcome.sent": lazy_gettext("Was sent a welcome"),
        "tombstone.left": lazy_gettext("Kept for a return"),
        "tombstone.removed": lazy_gettext("Came back"),
        "tombstone.continued": lazy_gettext("Somebody new continues them"),
    },
    "attribute": {
        "first": lazy_gettext("First name"),
        "last": lazy_gettext("Last name"),
        "display_name": lazy_gettext("Display name"),
        "address": lazy_gettext("E-mail"),
        "user_name": lazy_gettext("User name"),
        "userName": lazy_gettext("User name"),
        "displayName": lazy_gettext("Display name"),
        "externalId": lazy_gettext("Id with the identity provider"),
        "language": lazy_gettext("Preferred language"),
        "title": lazy_gettext("Title"),
        "department": lazy_gettext("Department"),
        "division": lazy_gettext("Division"),
        "organization": lazy_gettext("Organisation"),
        "cost_center": lazy_gettext("Cost centre"),
        "employee_number": lazy_gettext("Employee number"),
        "manager": lazy_gettext("Line manager"),
    },
    "mode": {
        "seat": lazy_gettext("Seats"),
        "seat_and_events": lazy_gettext("Seats and upcoming sessions"),
        "take_over": lazy_gettext("Everything: somebody new takes the place"),
    },
    "deed": {
        "suspend": lazy_gettext("Suspend"),
        "reactivate": lazy_gettext("Reactivate"),
        "delete": lazy_gettext("Delete"),
        "give": lazy_gettext("Give"),
        "take": lazy_gettext("Take"),
    },
    "deed_means": {
        "suspend": lazy_gettext(
            "No seat and no role until an admin lifts it, whatever the identity provider says. What they should have "
            "is kept for their return."
        ),
        "reactivate": lazy_gettext(
            "They ask for what they should have as of now, behind whoever waits already. Roles that were given by hand "
            "do not return."
        ),
        "delete": lazy_gettext("Name, address and seats are free at once."),
        "give": lazy_gettext("Given by hand, until it is taken by hand. What kept them out of it is lifted."),
        "take": lazy_gettext("Who would get it by a rule or an entitlement is kept out of it until that is lifted."),
    },
    "done": {
        "suspend": lazy_gettext("Suspended"),
        "reactivate": lazy_gettext("Reactivated"),
        "delete": lazy_gettext("Deleted"),
        "give": lazy_gettext("Given"),
        "take": lazy_gettext("Taken"),
    },
    "effect": {
        "nothing": lazy_gettext("Nothing changes"),
        "loses": lazy_gettext("Loses what they have"),
        "loses_nothing": lazy_gettext("Has nothing to lose"),
        "barred": lazy_gettext("Stays suspended, also when the identity provider brings them back"),
        "kept_out": lazy_gettext("Loses it, and is kept out of it although it would be given"),
        "returns": lazy_gettext("Comes back, and asks anew for what they should have"),
        "stays_suspended": lazy_gettext("Stays suspended by the identity provider"),
        "refused_by_idp": lazy_gettext("Is suspended by the identity provider, which alone can lift that"),
        "refused_as_last": lazy_gettext("Is refused: the last super admin stays"),
        "gets_seat": lazy_gettext("Gets a seat"),
        "covered": lazy_gettext("Has it already with another product"),
        "waits": lazy_gettext("Waits: no seat is free"),
        "later": lazy_gettext("Is suspended, and gets it with their return"),
        "refused_full": lazy_gettext("Is refused: no seat is free"),
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
}
