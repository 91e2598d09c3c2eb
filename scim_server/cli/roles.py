"""`scim-server role`: what people may do, and who gave it to them."""

from typing import Any

import click

from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, report, yes_option
from scim_server.domain.access import PERMISSIONS, Role
from scim_server.services import authorising, tenancy

COLUMNS = {"Code": "code", "Name": "name", "Custom": "custom", "People": "people", "Permissions": "permissions"}


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
    listing([{**_facts(post.role), "people": post.people} for post in posts], COLUMNS, "", as_json=as_json)


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
    report(_facts(role), f"Role '{code}' permits {', '.join(_facts(role)['permissions'])}.", as_json=as_json)


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
    user, granted = authorising.grant_role(units, owner, cause(), user_name, role, groups)
    facts = {
        "userName": user.user_name,
        "role": granted.role if granted else role.casefold(),
        "source": granted.source if granted else None,
        "scope": list(granted.scope) if granted else [],
    }
    limits = f" for the people of {', '.join(groups)}" if groups else ""
    sentence = f"'{user.user_name}' has the role '{facts['role']}'{limits}."
    report(facts, sentence if granted else "Everybody is a member: nothing was to be granted.", as_json=as_json)


@roles.command("revoke")
@click.argument("tenant")
@click.argument("user_name", metavar="USERNAME")
@click.argument("role")
@json_option
def revoke(tenant: str, user_name: str, role: str, as_json: bool) -> None:
    """Take back a role that USERNAME of TENANT was given by hand."""
    units = migrated().units
    user, remaining = authorising.revoke_role(units, tenancy.tenant(units, tenant), cause(), user_name, role)
    sentence = f"'{user.user_name}' no longer has the role '{role}'."
    if remaining:
        sentence = f"'{user.user_name}' still has the role '{role}', by {', '.join(remaining)}."
    report({"userName": user.user_name, "role": role, "remaining": remaining}, sentence, as_json=as_json)


def _facts(role: Role) -> dict[str, Any]:
    return {
        "code": role.code,
        "name": role.name,
        "description": role.description,
        "custom": role.created is not None,
        "scoped": role.scoped,
        "permissions": [code for code in PERMISSIONS if code in role.permissions],
    }
