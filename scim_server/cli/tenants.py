"""`scim-server tenant`: customer organisations."""

from collections.abc import Collection, Mapping
from typing import Any

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
from scim_server.dialects.switches import HABIT_SWITCHES
from scim_server.domain.settings import SETTINGS
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import PROFILES, SWITCHES, TOLERANT, Choice, UnknownSwitch, profile_of, read_switches
from scim_server.services import tenancy

CHOICES: Mapping[str, Choice] = {**SWITCHES, **HABIT_SWITCHES}
"""Everything that a tenant can set otherwise than its profile does."""

COLUMNS = {"Slug": "slug", "Name": "name", "Profile": "profile", "SCIM base address": "baseAddress"}
SWITCH_COLUMNS = {
    "Switch": "name",
    "Position": "position",
    "Set by": "set",
    "Positions": "positions",
    "Decides": "decides",
}
SETTING_COLUMNS = {"Setting": "name", "Value": "value", "Wants": "wants", "Decides": "decides"}
DEFAULT = "default"


@click.group("tenant")
def tenants() -> None:
    """Tenants: customer organisations, each behind its own wall."""


@tenants.command("create")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default=TOLERANT.name,
    show_default=True,
    help="How strictly its clients are held to the standard.",
)
@json_option
def create(slug: str, name: str, profile: str, as_json: bool) -> None:
    """Open a tenant. SLUG is its name in addresses: lower-case letters, digits and hyphens."""
    installation = migrated()
    tenant = tenancy.create_tenant(installation.units, cause(), slug, name, profile)
    facts = _facts(tenant, installation.settings.public_url)
    report(facts, f"Tenant '{slug}' is open; its SCIM base address is {facts['baseAddress']}", as_json=as_json)


@tenants.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every tenant by slug."""
    installation = migrated()
    found = [_facts(tenant, installation.settings.public_url) for tenant in tenancy.tenants(installation.units)]
    listing(found, COLUMNS, "There is no tenant yet: `scim-server tenant create` opens one.", as_json=as_json)


@tenants.command("show")
@click.argument("slug")
@json_option
def show(slug: str, as_json: bool) -> None:
    """One tenant, how each of its protocol switches stands, and its settings."""
    installation = migrated()
    _show(tenancy.tenant(installation.units, slug), installation.settings.public_url, as_json=as_json)


@tenants.command("set")
@click.argument("slug")
@click.argument("choices", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--name", help="What people call it.")
@click.option("--profile", type=click.Choice(list(PROFILES)), help="Which switches it starts from.")
@json_option
def set_(slug: str, choices: tuple[str, ...], name: str | None, profile: str | None, as_json: bool) -> None:
    """Change a tenant's name, profile, single switches or settings; `NAME=default` goes back.

    `tenant show` lists the switches with their positions, and the settings with what they can be.
    """
    settings = dict(_pair(text) for text in choices if _pair(text)[0] in SETTINGS)
    switches = _switches([text for text in choices if _pair(text)[0] not in SETTINGS])
    installation = migrated()
    owner = tenancy.tenant(installation.units, slug)
    changed = tenancy.set_terms(
        installation.units, owner, cause(), name=name, profile=profile, switches=switches, settings=settings
    )
    _show(changed, installation.settings.public_url, as_json=as_json)


def _pair(text: str) -> tuple[str, str | None]:
    """NAME=VALUE; None for `default`."""
    name, _, value = text.partition("=")
    return name, None if value == DEFAULT else value


def _switches(texts: Collection[str]) -> dict[str, str | None]:
    try:
        return read_switches(texts, CHOICES)
    except UnknownSwitch as unknown:
        raise click.BadParameter(f"{unknown} Settings are {', '.join(SETTINGS)}.") from unknown


def _show(tenant: Tenant, public_url: str, *, as_json: bool) -> None:
    facts, profile = _facts(tenant, public_url), profile_of(tenant.profile, tenant.switched)
    if as_json:
        switches = {name: switch.position(profile) for name, switch in CHOICES.items()}
        print_json({**facts, "switches": switches, "settings": {name: tenant.settings.text(name) for name in SETTINGS}})
        return
    listing([facts], COLUMNS, "", as_json=False)
    own = dict(tenant.switched)
    rows = [
        {
            "name": name,
            "position": switch.position(profile),
            "set": "tenant" if name in own else "profile",
            "positions": list(switch.positions),
            "decides": switch.decides,
        }
        for name, switch in CHOICES.items()
    ]
    listing(rows, SWITCH_COLUMNS, "", as_json=False)
    settings = [
        {"name": name, "value": tenant.settings.text(name), "wants": setting.wants, "decides": setting.decides}
        for name, setting in SETTINGS.items()
    ]
    listing(settings, SETTING_COLUMNS, "", as_json=False)


def base_address(public_url: str, slug: str) -> str:
    """What goes before /Users in the addresses of a tenant."""
    return f"{public_url}/scim/{slug}/v2"


def _facts(tenant: Tenant, public_url: str) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "profile": tenant.profile,
        "created": tenant.created,
        "baseAddress": base_address(public_url, tenant.slug),
    }
