"""`scim-server connection`: links of identity providers to tenants."""

import click

from scim_server.api.items.connections import ConnectionItem, ConnectionRemovalItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.diagnoses import doctor
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import confirm, counted, json_option, listing, print_json, report, yes_option
from scim_server.domain.access import ROLES
from scim_server.domain.tenants import IDPS, MANAGES_ENTITLEMENTS
from scim_server.services import connecting, disconnecting, tenancy
from scim_server.services.disconnecting import Fate, Removal

COLUMNS = {
    "Name": "name",
    "Identity provider": "idp",
    "Manages entitlements": "managesEntitlements",
    "Highest role": "maxRole",
    "By Basic": "acceptsBasic",
    "Raw": "acceptsRaw",
    "Creator only": "creatorOnly",
    "Networks": "networks",
    "Created": "created",
}
MANAGES = "Whether a user sent without entitlements has none; auto: yes once it has sent some."


@click.group("connection")
def connections() -> None:
    """Connections: an identity provider's link to a tenant."""


connections.add_command(doctor)


@connections.command("create")
@click.argument("tenant")
@click.argument("name")
@click.option("--idp", type=click.Choice(IDPS), required=True, help="Which identity provider it is.")
@click.option(
    "--manages-entitlements", type=click.Choice(MANAGES_ENTITLEMENTS), default="auto", show_default=True, help=MANAGES
)
@click.option(
    "--max-role", type=click.Choice(ROLES), default="admin", show_default=True, help="The highest role it may grant."
)
@json_option
def create(tenant: str, name: str, idp: str, manages_entitlements: str, max_role: str, as_json: bool) -> None:
    """Add a connection NAME to TENANT."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    connection = tenancy.create_connection(
        units, owner, cause(), name, idp=idp, manages_entitlements=manages_entitlements, max_role=max_role
    )
    report(
        dump(ConnectionItem, connection),
        f"Connection '{tenant}/{name}' is there; `scim-server token issue {tenant}/{name}` makes a token for it.",
        as_json=as_json,
    )


@connections.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every connection of TENANT by name."""
    units = migrated().units
    found = tenancy.connections(units, tenancy.tenant(units, tenant))
    listing(dump_all(ConnectionItem, found), COLUMNS, f"Tenant '{tenant}' has no connection yet.", as_json=as_json)


@connections.command("show")
@click.argument("tenant")
@click.argument("connection")
@json_option
def show(tenant: str, connection: str, as_json: bool) -> None:
    """One connection of TENANT, by its name or id."""
    units = migrated().units
    item = dump(ConnectionItem, connecting.connection(units, tenancy.tenant(units, tenant), connection))
    if as_json:
        print_json(item)
    else:
        listing([item], COLUMNS, "", as_json=False)


@connections.command("edit")
@click.argument("tenant")
@click.argument("connection")
@click.option("--name", help="What people call it.")
@click.option("--idp", type=click.Choice(IDPS), help="Which identity provider it is.")
@click.option("--manages-entitlements", type=click.Choice(MANAGES_ENTITLEMENTS), help=MANAGES)
@click.option("--max-role", type=click.Choice(ROLES), help="The highest role it may grant.")
@click.option("--accept-basic/--no-accept-basic", "accepts_basic", default=None, help="Whether its tokens may come by "
              "HTTP Basic, as the password under its name.")  # fmt: skip
@click.option("--accept-raw/--no-accept-raw", "accepts_raw", default=None, help="Whether its tokens may come without "
              "the word Bearer.")  # fmt: skip
@click.option("--creator-only/--no-creator-only", default=None, help="Whether it changes nothing but what it created, "
              "or what an admin linked to it.")  # fmt: skip
@click.option("--network", "networks", metavar="CIDR", multiple=True, help="Where it takes requests from, in place of "
              "what was said before: 10.0.0.0/8; repeatable.")  # fmt: skip
@click.option("--any-network", is_flag=True, help="It takes requests from anywhere.")
@json_option
def edit(
    tenant: str,
    connection: str,
    name: str | None,
    idp: str | None,
    manages_entitlements: str | None,
    max_role: str | None,
    accepts_basic: bool | None,
    accepts_raw: bool | None,
    creator_only: bool | None,
    networks: tuple[str, ...],
    any_network: bool,
    as_json: bool,
) -> None:
    """Change a connection of TENANT, by its name or id; what is left out stays.

    Roles that it granted stay. What was held back as above its highest role is granted now, as far as it may.
    """
    if networks and any_network:
        raise click.UsageError("--network and --any-network exclude each other.", click.get_current_context())
    wanted = networks if networks or any_network else None
    changes = (name, idp, manages_entitlements, max_role, accepts_basic, accepts_raw, creator_only, wanted)
    if all(each is None for each in changes):
        raise click.UsageError("Say what is to change: at least one option.", click.get_current_context())
    units = migrated().units
    changed = connecting.edit_connection(
        units,
        tenancy.tenant(units, tenant),
        cause(),
        connection,
        name=name,
        idp=idp,
        manages_entitlements=manages_entitlements,
        max_role=max_role,
        accepts_basic=accepts_basic,
        accepts_raw=accepts_raw,
        creator_only=creator_only,
        networks=wanted,
    )
    report(dump(ConnectionItem, changed), f"Connection '{tenant}/{changed.name}' is changed.", as_json=as_json)


@connections.command("remove")
@click.argument("tenant")
@click.argument("connection")
@click.option("--to", metavar="CONNECTION", help="Another connection has what it manages from then on.")
@click.option("--release", is_flag=True, help="What it manages is managed by hand, until another connection writes it.")
@click.option("--preview", is_flag=True, help="Say what would end and what it manages; nothing is changed.")
@yes_option
@json_option
def remove(
    tenant: str, connection: str, to: str | None, release: bool, preview: bool, yes: bool, as_json: bool
) -> None:
    """Remove a connection of TENANT for good, by its name or id; the name is free for another one.

    Its tokens, OAuth clients and trusted issuers end at once. People and groups that it manages stay as they are, with
    their seats; where there are any, --to or --release says whose they are then.
    """
    if to is not None and release:
        raise click.UsageError("--to and --release exclude each other.", click.get_current_context())
    units, fate = migrated().units, Fate(to, release)
    owner = tenancy.tenant(units, tenant)
    foreseen = disconnecting.preview(units, owner, cause(), connection, fate)
    if preview:
        told = f"Would end: {_ending(foreseen)}. {_whose(foreseen)}"
        report(dump(ConnectionRemovalItem, foreseen), told, as_json=as_json)
        return
    if not foreseen.is_undecided:
        confirm(f"End for good: {_ending(foreseen)}. {_whose(foreseen)} Go on?", yes=yes, as_json=as_json)
    done = disconnecting.remove_connection(units, owner, cause(), connection, fate)
    report(dump(ConnectionRemovalItem, done), f"Removed: {_ending(done)}. {_whose(done)}", as_json=as_json)


def _ending(removal: Removal) -> str:
    """What ends with it."""
    kinds = {"live token": removal.tokens, "OAuth client": removal.clients, "trusted issuer": removal.issuers}
    parts = [counted(number, kind) for kind, number in kinds.items() if number]
    return ", ".join([f"connection '{removal.connection.name}'", *parts])


def _whose(removal: Removal) -> str:
    """What it manages, and who does from then on."""
    if not removal.manages:
        return "It manages nothing."
    numbers = [counted(removal.people, "person", "people"), counted(removal.groups, "group")]
    if removal.resources:
        numbers.append(counted(removal.resources, "other resource"))
    owner = "managed by hand" if removal.to is None else f"managed by '{removal.to}'"
    whose = "say whose they are then, by --to or --release" if removal.is_undecided else f"{owner} from then on"
    return f"{', '.join(numbers)}: {whose}."
