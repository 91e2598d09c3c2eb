"""`scim-server domain`: domains that a tenant says are its own."""

import click

from scim_server.api.items.domains import DomainItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, json_option, listing, report, show_one, yes_option
from scim_server.domain.domains import Domain
from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy, verifying
from scim_server.services.ports import Units

COLUMNS = {"Domain": "name", "State": "state", "Verified": "verified", "TXT record": "record", "Text": "text"}


@click.group("domain")
def domains() -> None:
    """Domains: which ones are the tenant's own, by proof. With a verified one it takes addresses in those alone."""


@domains.command("add")
@click.argument("slug", metavar="TENANT")
@click.argument("name", metavar="DOMAIN")
@json_option
def add(slug: str, name: str, as_json: bool) -> None:
    """Note DOMAIN as TENANT's own, and say what its owner must publish; until it is verified nothing changes."""
    units = migrated().units
    new = verifying.add_domain(units, tenancy.tenant(units, slug), cause(), name)
    sentence = (
        f"Domain '{new.name}' is added. Publish the text `{new.text}` as TXT record {new.record}, or as a line of "
        f"{new.file}; then run `scim-server domain verify {slug} {new.name}`."
    )
    report(dump(DomainItem, new), sentence, as_json=as_json)


@domains.command("list")
@click.argument("slug", metavar="TENANT")
@json_option
def list_(slug: str, as_json: bool) -> None:
    """Every domain of TENANT by name."""
    units = migrated().units
    found = verifying.domains(units, tenancy.tenant(units, slug))
    empty = f"Tenant '{slug}' has no domain: it takes addresses in all. `scim-server domain add` notes one."
    listing(dump_all(DomainItem, found), COLUMNS, empty, as_json=as_json)


@domains.command("show")
@click.argument("slug", metavar="TENANT")
@click.argument("name", metavar="DOMAIN")
@json_option
def show(slug: str, name: str, as_json: bool) -> None:
    """One domain of TENANT, and what proves it."""
    units = migrated().units
    item = dump(DomainItem, verifying.domain(units, tenancy.tenant(units, slug), name))
    show_one(item, as_json=as_json)


@domains.command("verify")
@click.argument("slug", metavar="TENANT")
@click.argument("name", metavar="DOMAIN")
@json_option
def verify(slug: str, name: str, as_json: bool) -> None:
    """Look for the proof of DOMAIN, in DNS and then on its web server.

    From the first verified domain on TENANT takes no user whose address lies elsewhere. People who are here stay as
    they are until their address is changed.
    """
    installation = migrated()
    tenant = tenancy.tenant(installation.units, slug)
    found = verifying.verify_domain(installation.units, tenant, cause(), name, installation.proofs)
    sentence = f"Domain '{found.name}' is verified. New addresses of '{slug}' must lie in its verified domains."
    report(dump(DomainItem, found), sentence, as_json=as_json)


@domains.command("remove")
@click.argument("slug", metavar="TENANT")
@click.argument("name", metavar="DOMAIN")
@yes_option
@json_option
def remove(slug: str, name: str, yes: bool, as_json: bool) -> None:
    """Take DOMAIN out. Nobody loses an address; without a verified domain TENANT takes every address again."""
    units = migrated().units
    tenant = tenancy.tenant(units, slug)
    domain = verifying.domain(units, tenant, name)
    if asks(yes=yes, as_json=as_json):
        click.confirm(f"{_consequence(units, tenant, domain)} Remove it?", abort=True)
    verifying.remove_domain(units, tenant, cause(), domain.name)
    report({"name": domain.name, "state": "removed"}, f"Domain '{domain.name}' is removed.", as_json=as_json)


def _consequence(units: Units, tenant: Tenant, domain: Domain) -> str:
    verified = {each.name for each in verifying.domains(units, tenant) if each.verified is not None}
    if domain.name not in verified:
        return f"'{domain.name}' is not verified: nothing changes for addresses."
    if verified == {domain.name}:
        return f"'{domain.name}' is the only verified domain of '{tenant.slug}', which will take every address again."
    return f"'{tenant.slug}' will take no new addresses in '{domain.name}'."
