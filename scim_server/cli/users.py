"""`scim-server user`: people, what they hold, and why."""

from typing import Any

import click

from scim_server.api.items.users import DeletedUserItem, UserItem
from scim_server.api.shapes import dump
from scim_server.cli.installations import migrated
from scim_server.cli.outputs import counted, json_option, listing, print_json, to_the_second
from scim_server.domain.errors import Missing
from scim_server.domain.tenants import Tenant
from scim_server.services import naming, people, tenancy
from scim_server.services.people import Departed, Portrait
from scim_server.services.ports import Units
from scim_server.services.sought_people import EVERYBODY, SoughtPeople

COLUMNS = {
    "User name": "userName",
    "Name": "displayName",
    "Status": "status",
    "Reason": "reason",
    "Last seen": "lastSeen",
    "Seats": "seats",
}
DEPARTED_COLUMNS = {
    "User name": "userName",
    "Name": "displayName",
    "Status": "status",
    "Deleted": "deleted",
    "Restorable until": "restorableUntil",
    "Id": "id",
    "Continued by": "continuedBy",
}
SEAT_COLUMNS = {"Product": "product", "State": "state", "Since": "since", "Source": "source"}
CLAIM_COLUMNS = {"Claim on": "product", "Source": "source", "Since": "since"}
SETTING_COLUMNS = {"Settings of": "product", "Key": "key", "Value": "value"}
ROLE_COLUMNS = {"Role": "role", "Source": "source", "Groups": "scope", "Since": "since"}
ISSUE_COLUMNS = {"Issue": "code", "Product": "product", "About": "subject", "Opened": "opened"}


@click.group("user")
def users() -> None:
    """Users: people, what they hold, and why."""


@users.command("list")
@click.argument("tenant")
@click.option("--deleted", is_flag=True, help="Those who were deleted and are still kept, newest first.")
@click.option("--text", help="Whose user name, or a word of whose display name, begins so.")
@click.option("--email", "address", metavar="EMAIL", help="Who has that address.")
@click.option("--external-id", metavar="ID", help="Who has that id with the identity provider.")
@click.option("--active/--inactive", default=None, help="Whether the identity provider says that they are active.")
@click.option("--product", metavar="CODE", help="Who has, or waits for, a seat of that product.")
@click.option("--role", help="Who has that role.")
@click.option("--group", metavar="GROUP", help="Who is in the group of that name or id, or in one nested in it.")
@json_option
def list_(tenant: str, *, deleted: bool, as_json: bool, **conditions: Any) -> None:
    """Everybody in TENANT, oldest first, or those who meet every condition."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if deleted:
        if any(value is not None for value in conditions.values()):
            raise click.UsageError("--deleted goes with no other condition.", click.get_current_context())
        gone = [departed_facts(each) for each in people.departed(units, owner)]
        listing(gone, DEPARTED_COLUMNS, f"Tenant '{tenant}' keeps nobody who was deleted.", as_json=as_json)
        return
    sought = SoughtPeople(**conditions)
    found = [facts(portrait) for portrait in people.people(units, owner, sought)]
    rows = found if as_json else [{**each, "seats": _held(each)} for each in found]
    none = "has no users yet" if sought == EVERYBODY else "has nobody like that"
    listing(rows, COLUMNS, f"Tenant '{tenant}' {none}.", as_json=as_json)


@users.command("show")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@json_option
def show(tenant: str, user_name: str, as_json: bool) -> None:
    """One person of TENANT: status, seats, claims, roles, settings and issues; of a deleted one, until when kept."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    try:
        found = facts(people.person(units, owner, user_name))
    except Missing:
        _show_departed(units, owner, user_name, as_json=as_json)
        return
    if as_json:
        print_json(found)
        return
    listing([{**found, "seats": _held(found)}], COLUMNS, "", as_json=False)
    if found["welcome"]:
        sent, last = found["welcome"]["sent"], to_the_second(found["welcome"]["last"])
        click.echo(f"Welcomed by mail: {counted(sent, 'time')}, last {last}")
    if found["language"]:
        click.echo(f"Language by rule: {found['language']}")
    settings = [
        {"product": product, "key": key, "value": value}
        for product, values in found["settings"].items()
        for key, value in values.items()
    ]
    if settings:
        listing(settings, SETTING_COLUMNS, "", as_json=False)
    parts = {"seats": SEAT_COLUMNS, "claims": CLAIM_COLUMNS, "roles": ROLE_COLUMNS, "issues": ISSUE_COLUMNS}
    for member, columns in parts.items():
        if found[member]:
            listing(found[member], columns, "", as_json=False)
    if found["continues"]:
        click.echo(f"Continues the deleted {', '.join(found['continues'])}: `scim-server user list --deleted`.")


def _show_departed(units: Units, owner: Tenant, user_name: str, *, as_json: bool) -> None:
    gone = [departed_facts(each) for each in people.departed(units, owner, user_name)]
    if not gone:
        raise naming.no_user(owner, user_name)
    if as_json:
        print_json(gone[0])
    else:
        listing(gone, DEPARTED_COLUMNS, "", as_json=False)


def facts(portrait: Portrait) -> dict[str, Any]:
    """A person as JSON."""
    return dump(UserItem, portrait)


def departed_facts(gone: Departed) -> dict[str, Any]:
    """A deleted person as JSON."""
    return dump(DeletedUserItem, gone)


def _held(person: dict[str, Any]) -> list[str]:
    return [f"{seat['product']} ({seat['state']})" for seat in person["seats"]]
