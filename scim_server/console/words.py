"""Codes of the business in words: statuses, reasons, states and sources, as pages show them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from scim_server.console.habit_words import HABITS
from scim_server.console.trail_words import FACTS, OBJECTS, STAYING, VERBS
from scim_server.domain.access import ROLES, Role

WORDS: Mapping[str, Mapping[str, LazyString | str]] = {
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
        "covered": lazy_gettext("Included in another"),
    },
    "outcome": {
        "assigned": lazy_gettext("Assigned"),
        "held": lazy_gettext("Held"),
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
        "language": lazy_gettext("Preferred language"),
        "title": lazy_gettext("Title"),
        "department": lazy_gettext("Department"),
        "division": lazy_gettext("Division"),
        "organization": lazy_gettext("Organisation"),
        "cost_center": lazy_gettext("Cost centre"),
        "employee_number": lazy_gettext("Employee number"),
        "manager": lazy_gettext("Manager"),
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
    "source": {
        "direct": lazy_gettext("By the identity provider"),
        "direct:admin": lazy_gettext("By an admin"),
        "import": lazy_gettext("By an import"),
        "transfer": lazy_gettext("By a transfer"),
        "held": lazy_gettext("By nothing any more"),
        "fallback": lazy_gettext("In place of a product that is waited for"),
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
    "idp": {
        "okta": "Okta",
        "entra": "Microsoft Entra ID",
        "onelogin": "OneLogin",
        "jumpcloud": "JumpCloud",
        "ping": "PingOne, PingFederate",
        "google": "Google Workspace",
        "generic": lazy_gettext("Any other with SCIM 2.0"),
    },
    "manages": {
        "auto": lazy_gettext("keeps them, until entitlements were sent once"),
        "yes": lazy_gettext("loses them"),
        "no": lazy_gettext("keeps them"),
    },
    "way": {
        "token": lazy_gettext("By a token that is pasted into it"),
        "client": lazy_gettext("As an OAuth client: it gets short-lived tokens by itself"),
        "issuer": lazy_gettext("By tokens that it signs itself: no secret is kept here"),
    },
    "token": {
        "live": lazy_gettext("Live"),
        "revoked": lazy_gettext("Revoked"),
        "expired": lazy_gettext("Expired"),
        "suspended": lazy_gettext("Suspended"),
    },
    "box": {
        "{token}": lazy_gettext("the token, which is made here"),
        "{client_id}": lazy_gettext("the client ID, which is made here"),
        "{secret}": lazy_gettext("the secret, which is made here"),
        "{nothing}": lazy_gettext("nothing: leave it empty"),
    },
    "verdict": {
        "good": lazy_gettext("In order."),
        "warning": lazy_gettext("Look at this:"),
        "bad": lazy_gettext("Wrong:"),
    },
    "diagnosis": {
        "good": lazy_gettext("All is in order."),
        "warning": lazy_gettext("It works; some things want to be looked at."),
        "bad": lazy_gettext("Something is wrong."),
    },
    "step": {
        "probe": lazy_gettext("Tests the connection"),
        "discover": lazy_gettext("Asks what the server can do"),
        "discover_types": lazy_gettext("Asks which types there are"),
        "discover_schemas": lazy_gettext("Asks for the attributes"),
        "list_users": lazy_gettext("Lists people"),
        "list_groups": lazy_gettext("Lists groups"),
        "list_entitlements": lazy_gettext("Lists products"),
        "list_roles": lazy_gettext("Lists roles"),
        "next_page": lazy_gettext("Asks for the next page"),
        "match": lazy_gettext("Looks for a person who is not there"),
        "match_external": lazy_gettext("Looks for a person by its own id"),
        "match_group": lazy_gettext("Looks for a group that is not there"),
        "create": lazy_gettext("Creates a person"),
        "create_again": lazy_gettext("Creates the same person again, and is refused"),
        "read": lazy_gettext("Reads the person"),
        "replace": lazy_gettext("Changes the person, whole"),
        "change": lazy_gettext("Changes the person, in parts"),
        "change_flagged": lazy_gettext("The same in the other dialect, behind the flag"),
        "set_manager": lazy_gettext("Names the person’s manager"),
        "check_manager": lazy_gettext("Asks whether that is the manager"),
        "deactivate": lazy_gettext("Suspends the person"),
        "still_found": lazy_gettext("Finds the person, suspended"),
        "reactivate": lazy_gettext("Reactivates the person"),
        "push_group": lazy_gettext("Creates a group"),
        "add_member": lazy_gettext("Puts the person into the group"),
        "check_member": lazy_gettext("Asks whether the person is in the group"),
        "remove_member": lazy_gettext("Takes the person out of the group"),
        "rename_group": lazy_gettext("Renames the group"),
        "delete_group": lazy_gettext("Deletes the group"),
        "delete": lazy_gettext("Deletes the person"),
        "gone": lazy_gettext("Reads the deleted person, and finds nobody"),
    },
    "permission": {
        "people.read": lazy_gettext("See people, what they hold and why"),
        "people.write": lazy_gettext("Add, edit, suspend, reactivate, delete and restore people"),
        "seats.write": lazy_gettext("Give, take and transfer seats; approve or restore held ones"),
        "reports.read": lazy_gettext("Run and download reports"),
        "sessions.write": lazy_gettext("Register sessions and report who was seen, as the application does"),
        "groups.write": lazy_gettext("Make groups and change who is in them"),
        "rules.write": lazy_gettext("Make, order and change rules and settings templates"),
        "roles.grant": lazy_gettext("Grant and revoke roles that are not above one’s own"),
        "connections.write": lazy_gettext("Link identity providers and issue their tokens"),
        "logs.read": lazy_gettext("Read the provisioning log"),
        "audit.read": lazy_gettext("Read, verify and export the audit trail"),
        "tenant.write": lazy_gettext("Change the tenant’s name, settings and protocol switches"),
        "roles.write": lazy_gettext("Make and delete custom roles"),
        "subscriptions.write": lazy_gettext("Buy and give back seats"),
        "tokens.write": lazy_gettext("Issue and revoke tokens of the admin API"),
        "super_admins.grant": lazy_gettext("Grant and revoke super admin"),
    },
    "grant": {
        "direct": lazy_gettext("the identity provider"),
        "direct:admin": lazy_gettext("an admin, by hand"),
        "kept": lazy_gettext("kept: the last super admin"),
    },
    "answer": {
        "carried_out": lazy_gettext("Carried out"),
        "refused": lazy_gettext("Refused"),
        "2xx": lazy_gettext("Carried out"),
        "4xx": lazy_gettext("Refused, to the client’s account"),
        "5xx": lazy_gettext("Failed, to the server’s account"),
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


def codes(kind: str) -> list[tuple[str, str]]:
    """Every code of a kind with its words, for a form to choose from."""
    return [(code, str(said)) for code, said in WORDS[kind].items()]


def word(kind: str, code: str | None) -> str:
    """A code in words; a code that has none, as a tenant's own have, stays as it is."""
    return "" if code is None else str(WORDS[kind].get(code, code))


def called(role: Role) -> str:
    """The name of a role; those that every tenant has are called in the language of the page."""
    return word("role", role.code) if role.code in ROLES else role.name
