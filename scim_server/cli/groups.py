"""`scim-server group`: groups by hand, and who is in them."""

import click

from scim_server.api.items.groups import GroupItem, MemberItem, RegroupedItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import asks, counted, json_option, listing, print_json, report, yes_option
from scim_server.services import grouping, groups_seen, linking, tenancy
from scim_server.services.group_changes import NOBODY, Regrouped, Wanted
from scim_server.services.groups_seen import GroupView

COLUMNS = {"Group": "displayName", "People": "people", "Groups": "groups", "Connection": "connection", "Id": "id"}
RULE_COLUMNS = {"Priority": "priority", "Products": "products", "Role": "role", "Enabled": "enabled", "Rule": "id"}
MEMBER_COLUMNS = {"Member": "name", "Kind": "kind", "Name": "displayName", "Id": "id"}

tenant_argument = click.argument("tenant")
group_argument = click.argument("group", metavar="GROUP")
users_argument = click.argument("users", nargs=-1, metavar="[USER]...")
nested_option = click.option("--group", "nested", multiple=True, metavar="GROUP", help="A group; repeatable.")


@click.group("group")
def groups() -> None:
    """Groups and who is in them. GROUP is a name or an id, USER a user name or an id."""


@groups.command("list")
@tenant_argument
@click.option("--name", metavar="TEXT", help="Those whose name begins so.")
@json_option
def list_(tenant: str, name: str | None, as_json: bool) -> None:
    """The groups of TENANT, oldest first."""
    units = migrated().units
    found = dump_all(GroupItem, groups_seen.groups(units, tenancy.tenant(units, tenant), name=name))
    listing(found, COLUMNS, f"Tenant '{tenant}' has no such group." if name else _none(tenant), as_json=as_json)


@groups.command("show")
@tenant_argument
@group_argument
@json_option
def show(tenant: str, group: str, as_json: bool) -> None:
    """One group of TENANT with the rules for it and the groups it is in."""
    units = migrated().units
    found = dump(GroupItem, groups_seen.group(units, tenancy.tenant(units, tenant), group))
    if as_json:
        print_json(found)
        return
    listing([found], COLUMNS, "", as_json=False)
    if found["rules"]:
        listing(found["rules"], RULE_COLUMNS, "", as_json=False)
    if found["memberOf"]:
        click.echo(f"It is in {', '.join(each['displayName'] for each in found['memberOf'])}.")


@groups.command("members")
@tenant_argument
@group_argument
@json_option
def members(tenant: str, group: str, as_json: bool) -> None:
    """Who is in a group of TENANT directly."""
    units = migrated().units
    found = dump_all(MemberItem, groups_seen.every_member(units, tenancy.tenant(units, tenant), group))
    listing(found, MEMBER_COLUMNS, f"Nobody is in '{group}'.", as_json=as_json)


@groups.command("create")
@tenant_argument
@click.argument("name")
@users_argument
@nested_option
@json_option
def create(tenant: str, name: str, users: tuple[str, ...], nested: tuple[str, ...], as_json: bool) -> None:
    """Make a group of TENANT with those members. Rules that waited for a group of that name begin."""
    units = migrated().units
    view = grouping.create_group(units, tenancy.tenant(units, tenant), cause(), name, Wanted(users, nested))
    report(dump(GroupItem, view), f"Group '{view.group.display_name}' is made, with {_size(view)}.", as_json=as_json)


@groups.command("rename")
@tenant_argument
@group_argument
@click.argument("name")
@json_option
def rename(tenant: str, group: str, name: str, as_json: bool) -> None:
    """Give a group of TENANT another name; its rules follow it."""
    units = migrated().units
    done = grouping.rename_group(units, tenancy.tenant(units, tenant), cause(), group, name)
    called = "is now called" if done.changed else "is called so already:"
    sentence = f"The group {called} '{done.view.group.display_name}'.{_overwriting(done)}"
    report(dump(GroupItem, done.view), sentence, as_json=as_json)


@groups.command("delete")
@tenant_argument
@group_argument
@yes_option
@json_option
def delete(tenant: str, group: str, yes: bool, as_json: bool) -> None:
    """Take a group of TENANT out: memberships end at once, its rules wait for another of its name."""
    units = migrated().units
    owner = tenancy.tenant(units, tenant)
    if asks(yes=yes, as_json=as_json):
        view = groups_seen.group(units, owner, group)
        rules = counted(len(view.rules), "rule")
        click.confirm(f"'{view.group.display_name}' has {_size(view)} and {rules}. Delete?", abort=True)
    gone = grouping.delete_group(units, owner, cause(), group)
    report(dump(GroupItem, gone), f"Group '{gone.group.display_name}' is deleted.", as_json=as_json)


@groups.command("link")
@tenant_argument
@group_argument
@click.argument("connection")
@json_option
def link(tenant: str, group: str, connection: str, as_json: bool) -> None:
    """Have CONNECTION manage a group of TENANT, as if it had created it; whatever managed it before does so no more."""
    units = migrated().units
    view = linking.link_group(units, tenancy.tenant(units, tenant), cause(), group, connection)
    sentence = f"Connection '{view.connection}' manages the group '{view.group.display_name}' now."
    report(dump(GroupItem, view), sentence, as_json=as_json)


@groups.command("add")
@tenant_argument
@group_argument
@users_argument
@nested_option
@json_option
def add(tenant: str, group: str, users: tuple[str, ...], nested: tuple[str, ...], as_json: bool) -> None:
    """Let people, or groups, join a group of TENANT."""
    _change(tenant, group, join=_wanted(users, nested), as_json=as_json)


@groups.command("remove")
@tenant_argument
@group_argument
@users_argument
@nested_option
@json_option
def remove(tenant: str, group: str, users: tuple[str, ...], nested: tuple[str, ...], as_json: bool) -> None:
    """Let people, or groups, leave a group of TENANT. Seats that too many would lose at once are held."""
    _change(tenant, group, leave=_wanted(users, nested), as_json=as_json)


def _change(tenant: str, group: str, *, join: Wanted = NOBODY, leave: Wanted = NOBODY, as_json: bool) -> None:
    units = migrated().units
    done = grouping.change_members(units, tenancy.tenant(units, tenant), cause(), group, join=join, leave=leave)
    name = done.view.group.display_name
    moved = f"{counted(done.added, 'member')} joined" if done.added else f"{counted(done.removed, 'member')} left"
    sentence = f"{moved} '{name}', which has {_size(done.view)} now." if done.changed else f"'{name}' is so already."
    report(dump(RegroupedItem, done), sentence + _overwriting(done), as_json=as_json)


def _wanted(users: tuple[str, ...], nested: tuple[str, ...]) -> Wanted:
    if not (users or nested):
        raise click.UsageError("Say who: at least one USER or --group.", click.get_current_context())
    return Wanted(users, nested)


def _overwriting(done: Regrouped) -> str:
    connection = done.view.connection
    if connection is None or not done.changed:
        return ""
    return f" Connection '{connection}' manages the group: its identity provider may overwrite this."


def _size(view: GroupView) -> str:
    people = counted(view.people, "person", "people")
    return f"{people} and {counted(view.nested, 'group')}" if view.nested else people


def _none(tenant: str) -> str:
    return f"Tenant '{tenant}' has no group yet."
