"""Codes of the business in words: statuses, reasons, states and sources, as pages show them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

from scim_server.console.words.connections import CONNECTIONS
from scim_server.console.words.habits import HABITS
from scim_server.console.words.imports import IMPORTS
from scim_server.console.words.people import PEOPLE
from scim_server.console.words.trails import FACTS, OBJECTS, STAYING, VERBS
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
    **IMPORTS,
    **CONNECTIONS,
    "policy": {
        "wait": lazy_gettext("Wait for a seat"),
        "reject": lazy_gettext("Refuse"),
        "downgrade": lazy_gettext("Give what the product includes"),
        "overage": lazy_gettext("Go beyond, within the allowance"),
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
        "events.read": lazy_gettext("Read the tenant's events"),
        "events.receive": lazy_gettext("Fetch security event tokens from one’s own streams"),
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
        "202": lazy_gettext("Accepted, waits to be carried out"),
        "4xx": lazy_gettext("Refused, to the client’s account"),
        "5xx": lazy_gettext("Failed, to the server’s account"),
    },
    "object": OBJECTS,
    "verb": VERBS,
    "fact": FACTS,
    "staying": STAYING,
    "habit": HABITS,
    "delivery": {
        "delivered": lazy_gettext("delivered"),
        "failed": lazy_gettext("failed"),
        "parked": lazy_gettext("parked"),
        "dead": lazy_gettext("dead"),
    },
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
