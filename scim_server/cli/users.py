"""`scim-server user`: people, what they hold, and why."""

from typing import Any

import click

from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, listing, print_json
from scim_server.services import people, tenancy
from scim_server.services.people import Portrait

COLUMNS = {
    "User name": "userName",
    "Name": "displayName",
    "Active": "active",
    "Status": "status",
    "Reason": "reason",
    "Seats": "seats",
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
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Everybody in TENANT, oldest first."""
    units = migrated().units
    found = [_facts(portrait) for portrait in people.people(units, tenancy.tenant(units, tenant))]
    rows = found if as_json else [{**facts, "seats": _held(facts)} for facts in found]
    listing(rows, COLUMNS, f"Tenant '{tenant}' has no users yet.", as_json=as_json)


@users.command("show")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@json_option
def show(tenant: str, user_name: str, as_json: bool) -> None:
    """One person of TENANT: status, live seats, claims, roles, language, settings and open issues."""
    units = migrated().units
    facts = _facts(people.person(units, tenancy.tenant(units, tenant), user_name))
    if as_json:
        print_json(facts)
        return
    listing([{**facts, "seats": _held(facts)}], COLUMNS, "", as_json=False)
    if facts["language"]:
        click.echo(f"Language by rule: {facts['language']}")
    settings = [
        {"product": product, "key": key, "value": value}
        for product, values in facts["settings"].items()
        for key, value in values.items()
    ]
    if settings:
        listing(settings, SETTING_COLUMNS, "", as_json=False)
    parts = {"seats": SEAT_COLUMNS, "claims": CLAIM_COLUMNS, "roles": ROLE_COLUMNS, "issues": ISSUE_COLUMNS}
    for member, columns in parts.items():
        if facts[member]:
            listing(facts[member], columns, "", as_json=False)


def _facts(portrait: Portrait) -> dict[str, Any]:
    user = portrait.user
    return {
        "id": user.id,
        "userName": user.user_name,
        "displayName": user.display_name,
        "active": user.active,
        "status": portrait.status.value,
        "reason": portrait.reason,
        "seats": [
            {
                "product": seat.product,
                "state": seat.state.value,
                "since": seat.since,
                "source": portrait.source(seat),
            }
            for seat in sorted(portrait.seats, key=lambda seat: seat.product)
        ],
        "claims": [
            {"product": claim.product, "source": claim.source, "since": claim.place.since}
            for claim in sorted(portrait.claims, key=lambda claim: (claim.product, claim.source))
        ],
        "roles": [
            {"role": grant.role, "source": grant.source, "scope": list(grant.scope), "since": grant.since}
            for grant in portrait.grants
        ],
        "language": portrait.settings.language,
        "settings": portrait.settings.products,
        "issues": [
            {"code": issue.code, "product": issue.product, "subject": issue.subject, "opened": issue.opened}
            for issue in portrait.issues
        ],
    }


def _held(facts: dict[str, Any]) -> list[str]:
    return [f"{seat['product']} ({seat['state']})" for seat in facts["seats"]]
