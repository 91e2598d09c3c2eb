"""/tenants/{tenant}/groups: groups by hand, and who is in them."""

from scim_server.api.answers import Answered, Made, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Text, Texts
from scim_server.api.items.groups import GroupItem, MemberItem, RegroupedItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.services import grouping, groups_seen, linking
from scim_server.services.group_changes import Wanted
from scim_server.services.naming import LONGEST_GROUP_NAME

groups = Noun("groups", "Groups and who is in them. A group is named by name or id, the oldest of a name is meant.")
MOST_MEMBERS = 10_000
GROUP = f"{TENANT}/groups/{{group}}"


class GroupsQuery(PageQuery):
    """Which groups, and which part of their list."""

    name = Text(about="Those whose name begins so, letter case ignored.")


class NewGroup(Body):
    """A group to be made."""

    display_name = Text(required=True, most=LONGEST_GROUP_NAME)
    users = Texts(load_default=(), most=MOST_MEMBERS, about="Who is in it, by user name or id.")
    groups = Texts(load_default=(), about="Groups that are in it, by name or id.")


class GroupName(Body):
    """What is to change of a group."""

    display_name = Text(required=True, most=LONGEST_GROUP_NAME)


class Link(Body):
    """Who is to manage somebody or something."""

    connection = Text(required=True, about="A connection of the tenant, by name or id.")


class MemberChange(Body):
    """Who joins and who leaves: people by user name or id, groups by name or id. All of it or nothing."""

    add_users = Texts(load_default=(), most=MOST_MEMBERS)
    add_groups = Texts(load_default=())
    remove_users = Texts(load_default=(), most=MOST_MEMBERS)
    remove_groups = Texts(load_default=())


@groups.get(f"{TENANT}/groups", "people.read", shows=GroupItem, lists=True, query=GroupsQuery)
def list_groups(call: Call) -> Answered:
    """List groups, oldest first."""
    found = groups_seen.groups(
        call.units, call.tenant, name=call.query.get("name"), after=call.after or "", limit=call.limit + 1
    )
    return page_of(found, call.limit, lambda view: view.group.id)


@groups.post(f"{TENANT}/groups", "groups.write", shows=GroupItem, body=NewGroup, status=201)
def create_group(call: Call) -> Answered:
    """Make a group. Rules that waited for one of its name begin."""
    members = Wanted(call.body["users"], call.body["groups"])
    view = grouping.create_group(call.units, call.tenant, call.cause, call.body["display_name"], members)
    return Made(view, f"/tenants/{call.tenant.slug}/groups/{view.group.id}")


@groups.get(GROUP, "people.read", shows=GroupItem)
def show_group(call: Call) -> Answered:
    """Show a group with the rules for it."""
    return groups_seen.group(call.units, call.tenant, call.path["group"])


@groups.patch(GROUP, "groups.write", shows=GroupItem, body=GroupName)
def rename_group(call: Call) -> Answered:
    """Give a group another name. Its rules follow it; rules that waited for the new name begin."""
    name = call.body["display_name"]
    return grouping.rename_group(call.units, call.tenant, call.cause, call.path["group"], name).view


@groups.delete(GROUP, "groups.write")
def delete_group(call: Call) -> Answered:
    """Take a group out. Memberships end, its rules wait for another of its name."""
    grouping.delete_group(call.units, call.tenant, call.cause, call.path["group"])


@groups.post(f"{GROUP}/link", "connections.write", shows=GroupItem, body=Link)
def link_group(call: Call) -> Answered:
    """Have a connection manage a group, as if it had created it; whatever managed it before does so no more.

    A connection that is `creatorOnly` changes nothing but what it created or what was linked to it.
    """
    return linking.link_group(call.units, call.tenant, call.cause, call.path["group"], call.body["connection"])


@groups.get(f"{GROUP}/members", "people.read", shows=MemberItem, lists=True, query=PageQuery)
def list_members(call: Call) -> Answered:
    """List who is in a group directly."""
    found = groups_seen.members(
        call.units, call.tenant, call.path["group"], after=call.after or "", limit=call.limit + 1
    )
    return page_of(found, call.limit, lambda member: member.id)


@groups.patch(f"{GROUP}/members", "groups.write", shows=RegroupedItem, body=MemberChange)
def change_members(call: Call) -> Answered:
    """Let people and groups join and leave a group.

    The guard against mass removals holds seats that too many would lose at once. Where an identity provider manages
    the group it may overwrite the change.
    """
    body = call.body
    return grouping.change_members(
        call.units,
        call.tenant,
        call.cause,
        call.path["group"],
        join=Wanted(body["add_users"], body["add_groups"]),
        leave=Wanted(body["remove_users"], body["remove_groups"]),
    )
