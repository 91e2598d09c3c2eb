"""`scim-server role`: what people may do, and who gave it to them."""

import click

from scim_server.api.items.roles import GrantEntryItem, PermissionItem, RemainderItem, RoleItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, print_json, report, yes_option
from scim_server.domain.access import PERMISSIONS, every_permission
from scim_server.services import authorising, tenancy

COLUMNS = {"Code": "code", "Name": "name", "Custom": "custom", "People": "people", "Permissions": "permissions"}
PERMISSION_COLUMNS = {"Permission": "code", "Opens": "opens", "Operator's": "operators"}
GRANT_COLUMNS = {"User name": "userName", "Role": "role", "Source": "source", "Groups": "scope", "Since": "since"}


@click.group("role")
def roles() -> None:
    """Roles: what people may do, beside the products that they use."""


@roles.command("list")
@click.argument("tenant")
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every role of TENANT, and how many people have it. Everybody is a member without any grant."""
    units = migrated().units
    posts = authorising.roles(units, tenancy.tenant(units, tenant))
    listing(dump_all(RoleItem, posts), COLUMNS, "", as_json=as_json)


@roles.command("show")
@click.argument("tenant")
@click.argument("role")
@json_option
def show(tenant: str, role: str, as_json: bool) -> None:
    """One role of TENANT."""
    units = migrated().units
    item = dump(RoleItem, authorising.role(units, tenancy.tenant(units, tenant), role))
    if as_json:
        print_json(item)
    else:
        listing([item], COLUMNS, "", as_json=False)


@roles.command("permissions")
@json_option
def permissions(as_json: bool) -> None:
    """All that roles and tokens of the admin API can permit."""
    listing(dump_all(PermissionItem, every_permission()), PERMISSION_COLUMNS, "", as_json=as_json)


@roles.command("grants")
@click.argument("tenant")
@click.option("--role", help="Who has that role.")
@click.option("--user", "user_name", metavar="USERNAME", help="Which roles that person has.")
@json_option
def grants(tenant: str, role: str | None, user_name: str | None, as_json: bool) -> None:
    """Who has which role in TENANT, and who gave it to them."""
    units = migrated().units
    found = dump_all(GrantEntryItem, authorising.grants(units, tenancy.tenant(units, tenant), user_name, role))
    listing(found, GRANT_COLUMNS, "Nobody has a role beyond what everybody is.", as_json=as_json)


@roles.command("create")
@click.argument("tenant")
@click.argument("code")
@click.option("--name", required=True, help="What people read.")
@click.option("--description", default="", help="What it is for.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    required=True,
    metavar="CODE",
    help=f"What it permits; repeatable. One of {', '.join(PERMISSIONS)}.",
)
@json_option
def create(tenant: str, code: str, name: str, description: str, permissions: tuple[str, ...], as_json: bool) -> None:
    """Make a custom role CODE in TENANT.

    People whose identity provider named it before get it now, where that connection may grant as much.
    """
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    role = authorising.create_role(units, owner, cause(), code, name, description, permissions)
    item = dump(RoleItem, authorising.role(units, owner, role.code))
    report(item, f"Role '{code}' permits {', '.join(item['permissions'])}.", as_json=as_json)


@roles.command("delete")
@click.argument("tenant")
@click.argument("code")
@yes_option
@json_option
def delete(tenant: str, code: str, yes: bool, as_json: bool) -> None:
    """Delete the custom role CODE of TENANT; whoever has it loses it."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if asks(yes=yes, as_json=as_json):
        having = sum(post.people for post in authorising.roles(units, owner) if post.role.code == code.casefold())
        click.confirm(f"{counted(having, 'person loses', 'people lose')} the role '{code}'. Delete it?", abort=True)
    people = authorising.delete_role(units, owner, cause(), code)
    had = counted(people, "person", "people")
    report({"code": code, "people": people}, f"Role '{code}' is gone; {had} had it.", as_json=as_json)


@roles.command("grant")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@click.argument("role")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Limits it to a group's people; repeatable.")
@json_option
def grant(tenant: str, user_name: str, role: str, groups: tuple[str, ...], as_json: bool) -> None:
    """Give USERNAME of TENANT a role, for everybody or for the people of some groups."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    granted = authorising.grant_role(units, owner, cause(), user_name, role, groups)
    limits = f" for the people of {', '.join(groups)}" if groups else ""
    sentence = f"'{granted.user_name}' has the role '{granted.role}'{limits}."
    nothing = "Everybody is a member: nothing was to be granted."
    report(dump(GrantEntryItem, granted), sentence if granted.source else nothing, as_json=as_json)


@roles.command("revoke")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@click.argument("role")
@json_option
def revoke(tenant: str, user_name: str, role: str, as_json: bool) -> None:
    """Take back a role that USERNAME of TENANT was given by hand."""
    units = migrated().units
    left = authorising.revoke_role(units, tenancy.tenant(units, tenant), cause(), user_name, role)
    sentence = f"'{left.user.user_name}' no longer has the role '{role}'."
    if left.remaining:
        sentence = f"'{left.user.user_name}' still has the role '{role}', by {', '.join(left.remaining)}."
    report(dump(RemainderItem, left), sentence, as_json=as_json)
