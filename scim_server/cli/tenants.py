"""`scim-server tenant`: customer organisations."""

from collections.abc import Collection

import click

from scim_server.api.items.tenants import SettingItem, SwitchItem, TenantItem, TenantSheetItem, TermsItem
from scim_server.api.shapes import dump, dump_all
from scim_server.app import Installation
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import json_option, listing, print_json, report
from scim_server.dialects.terms import CHOICES, ProtocolTerms
from scim_server.domain.settings import SETTINGS
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import PROFILES, TOLERANT, UnknownSwitch, read_switches
from scim_server.services import tenancy
from scim_server.services.tenant_sheets import TenantSheet, sheet

COLUMNS = {"Slug": "slug", "Name": "name", "Profile": "profile", "SCIM base address": "baseAddress", "Cell": "cell"}
SWITCH_COLUMNS = {
    "Switch": "name",
    "Position": "position",
    "Set by": "set",
    "Positions": "positions",
    "Decides": "decides",
}
TERM_COLUMNS = {heading: SWITCH_COLUMNS[heading] for heading in ("Switch", "Positions", "Decides")}
SETTING_TERM_COLUMNS = {"Setting": "name", "Default": "default", "Wants": "wants", "Decides": "decides"}
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
    opened = _sheet(installation, tenant)
    sentence = f"Tenant '{slug}' is open; its SCIM base address is {opened.base_address}"
    report(dump(TenantSheetItem, opened), sentence, as_json=as_json)


@tenants.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every tenant by slug."""
    installation = migrated()
    found = [_sheet(installation, tenant) for tenant in tenancy.tenants(installation.units)]
    listing(
        dump_all(TenantItem, found),
        COLUMNS,
        "There is no tenant yet: `scim-server tenant create` opens one.",
        as_json=as_json,
    )


@tenants.command("show")
@click.argument("slug")
@json_option
def show(slug: str, as_json: bool) -> None:
    """One tenant, how each of its protocol switches stands, and its settings."""
    installation = migrated()
    _show(_sheet(installation, tenancy.tenant(installation.units, slug)), as_json=as_json)


@tenants.command("terms")
@json_option
def terms(as_json: bool) -> None:
    """What a tenant can choose: profiles, switches and settings."""
    item = dump(TermsItem, ProtocolTerms())
    if as_json:
        print_json(item)
        return
    click.echo(f"Profiles: {', '.join(item['profiles'])} (usually {item['usualProfile']})")
    listing(item["switches"], TERM_COLUMNS, "", as_json=False)
    listing(item["settings"], SETTING_TERM_COLUMNS, "", as_json=False)


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
    _show(_sheet(installation, changed), as_json=as_json)


def _pair(text: str) -> tuple[str, str | None]:
    """NAME=VALUE; None for `default`."""
    name, _, value = text.partition("=")
    return name, None if value == DEFAULT else value


def _switches(texts: Collection[str]) -> dict[str, str | None]:
    try:
        return read_switches(texts, CHOICES)
    except UnknownSwitch as unknown:
        raise click.BadParameter(f"{unknown} Settings are {', '.join(SETTINGS)}.") from unknown


def _show(shown: TenantSheet, *, as_json: bool) -> None:
    item = dump(TenantSheetItem, shown)
    if as_json:
        print_json(item)
        return
    listing([item], COLUMNS, "", as_json=False)
    own = dict(shown.tenant.switched)
    switches = [
        {
            **dump(SwitchItem, choice),
            "position": shown.switches[name],
            "set": "tenant" if name in own else "profile",
        }
        for name, choice in CHOICES.items()
    ]
    listing(switches, SWITCH_COLUMNS, "", as_json=False)
    settings = [{**dump(SettingItem, pair), "value": shown.settings[pair[0]]} for pair in SETTINGS.items()]
    listing(settings, SETTING_COLUMNS, "", as_json=False)


def _sheet(installation: Installation, tenant: Tenant) -> TenantSheet:
    return sheet(tenant, installation.settings.public_url, ProtocolTerms())
