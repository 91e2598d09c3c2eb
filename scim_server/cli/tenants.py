"""`scim-server tenant`: customer organisations."""

from typing import Any

import click

from scim_server.cli.installations import migrated
from scim_server.cli.outputs import json_option, listing, report
from scim_server.domain.tenants import Tenant
from scim_server.protocol.profiles import PROFILES, TOLERANT
from scim_server.services import tenancy

COLUMNS = {"Slug": "slug", "Name": "name", "Profile": "profile", "SCIM base address": "baseAddress"}


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
    tenant = tenancy.create_tenant(installation.units, slug, name, profile)
    facts = _facts(tenant, installation.settings.public_url)
    report(facts, f"Tenant '{slug}' is open; its SCIM base address is {facts['baseAddress']}", as_json=as_json)


@tenants.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every tenant by slug."""
    installation = migrated()
    found = [_facts(tenant, installation.settings.public_url) for tenant in tenancy.tenants(installation.units)]
    listing(found, COLUMNS, "There is no tenant yet: `scim-server tenant create` opens one.", as_json=as_json)


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
