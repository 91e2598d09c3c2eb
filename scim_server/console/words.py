"""Codes of the business in words: statuses, reasons, states and sources, as pages show them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from scim_server.console.habit_words import HABITS
from scim_server.console.people_words import PEOPLE
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
    "source": {
        "direct": lazy_gettext("By the identity provider"),
        "direct:admin": lazy_gettext("By an admin"),
        "import": lazy_gettext("By an import"),
        "transfer": lazy_gettext("By a transfer"),
        "held": lazy_gettext("By nothing any more"),
        "fallback": lazy_gettext("In place of a product that is waited for"),
    },
    **PEOPLE,
    "policy": {
        "wait": lazy_gettext("Wait for a seat"),
        "reject": lazy_gettext("Refuse"),
        "downgrade": lazy_gettext("Give what the product includes"),
        "overage": lazy_gettext("Go beyond, within the allowance"),
    },
    "import": {
        "reading": lazy_gettext("Being read"),
        "ready": lazy_gettext("Ready"),
        "running": lazy_gettext("Running"),
        "done": lazy_gettext("Done"),
        "refused": lazy_gettext("Refused"),
        "cancelled": lazy_gettext("Called off"),
    },
    "import_mode": {
        "all_or_nothing": lazy_gettext("All or nothing"),
        "best_effort": lazy_gettext("As far as it goes"),
    },
    "import_mode_means": {
        "all_or_nothing": lazy_gettext(
            "One step: where a single row cannot be carried out, nobody is changed. Other changes of this tenant wait "
            "meanwhile."
        ),
        "best_effort": lazy_gettext(
            "Every row that can be is carried out, each judged as things are then. The others are in the error file."
        ),
    },
    "import_column": {
        "email": lazy_gettext("Who it is: an address, or the user name of somebody who is here. The only one needed."),
        "first_name": lazy_gettext("First name"),
        "last_name": lazy_gettext("Last name"),
        "products": lazy_gettext("Codes of products to give."),
        "role": lazy_gettext("Codes of roles to grant, for everybody in the tenant."),
        "groups": lazy_gettext("Names of groups to join; they must be there already."),
        "language": lazy_gettext("A language tag such as fr or pt-BR."),
    },
    "row": {
        "create": lazy_gettext("Add"),
        "update": lazy_gettext("Change"),
        "restore": lazy_gettext("Bring back"),
        "unchanged": lazy_gettext("Nothing to do"),
        "pending": lazy_gettext("Add later"),
        "conflict": lazy_gettext("Refuse"),
        "would_wait": lazy_gettext("Would wait for a seat"),
    },
    "row_means": {
        "create": lazy_gettext("Somebody new"),
        "update": lazy_gettext("Somebody who is here gets what the row adds"),
        "restore": lazy_gettext("Somebody who was deleted comes back, and gets what the row adds"),
        "unchanged": lazy_gettext("The person has all of it"),
        "pending": lazy_gettext("The address is in use elsewhere; they are added once it is free"),
        "conflict": lazy_gettext("Cannot be carried out; the reason says what to do"),
        "would_wait": lazy_gettext("Carried out, but no seat is free of some product"),
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
    "choice": {
        "none": lazy_gettext("none"),
        "no": lazy_gettext("no"),
        "yes": lazy_gettext("yes"),
        "keep": lazy_gettext("they stay"),
        "cancel": lazy_gettext("they are cancelled"),
        "manager": lazy_gettext("the manager gets them"),
        "heir": lazy_gettext("the person named below gets them"),
    },
    "need": {
        "issues": lazy_gettext("Open issues"),
        "waiting": lazy_gettext("People waiting for seats"),
        "refused": lazy_gettext("Refused requests of late"),
        "unsealed": lazy_gettext("Audit trail not sealed"),
    },
    "claim": {
        "email": lazy_gettext("E-mail address that the provider has verified (email)"),
        "preferred_username": lazy_gettext("User name (preferred_username)"),
        "sub": lazy_gettext("externalId (sub)"),
        "oid": lazy_gettext("externalId (oid, Microsoft Entra)"),
    },
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
