"""/tenants/{tenant}/roles and /grants: what people may do, and who gave it to them."""

from scim_server.api.answers import Answered, Made, Page, page_of, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Text, Texts
from scim_server.api.items.roles import GrantEntryItem, PermissionItem, RemainderItem, RoleItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.access import ROLES, every_permission
from scim_server.services import authorising
from scim_server.services.authorising import Post

roles = Noun("roles", "What people may do, beside the products that they use. `{role}` is a code.")
ALL, ONE = f"{TENANT}/roles", f"{TENANT}/roles/{{role}}"
HELD = f"{TENANT}/users/{{user}}/roles/{{role}}"
LONGEST_CODE = 64


class NewRole(Body):
    """A role of the tenant's own."""

    code = Text(required=True, most=LONGEST_CODE)
    name = Text(required=True)
    description = Text(least=0, load_default="")
    permissions = Texts(required=True, about="What it permits: no more than the caller's token.")


class NewGrant(Body):
    """What a grant is limited to."""

    groups = Texts(load_default=(), about="Names or ids of groups: only for their people. None: for everybody.")


class RolesQuery(PageQuery):
    """A part of the list of roles."""

    after = Cursor(int, str)


class GrantsQuery(PageQuery):
    """A part of the list of grants."""

    after = Cursor(str, str, str)
    role = Text(about="Who has that role.")
    user = Text(about="Which roles that person has; an id or a user name.")


@roles.get("/permissions", "people.read", shows=PermissionItem, lists=True)
def list_permissions(call: Call) -> Answered:
    """List all that roles and tokens can permit, from the everyday to the rare."""
    del call
    return Page(every_permission(), None)


@roles.get(ALL, "people.read", shows=RoleItem, lists=True, query=RolesQuery)
def list_roles(call: Call) -> Answered:
    """List the tenant's roles with what they permit and how many people have each, the built-in ones first."""
    return part_of(authorising.roles(call.units, call.tenant), call.after, call.limit, _place)


@roles.post(ALL, "roles.write", shows=RoleItem, body=NewRole, status=201)
def create_role(call: Call) -> Answered:
    """Make a role of the tenant's own. People whose identity provider named it before get it now, where that
    connection may grant as much."""
    role = authorising.create_role(call.units, call.tenant, call.cause, **call.body)
    made = authorising.role(call.units, call.tenant, role.code)
    return Made(made, f"/tenants/{call.tenant.slug}/roles/{role.code}")


@roles.get(ONE, "people.read", shows=RoleItem)
def show_role(call: Call) -> Answered:
    """Show a role."""
    return authorising.role(call.units, call.tenant, call.path["role"])


@roles.delete(ONE, "roles.write")
def delete_role(call: Call) -> Answered:
    """Delete a role of the tenant's own; whoever has it loses it."""
    authorising.delete_role(call.units, call.tenant, call.cause, call.path["role"])


@roles.get(f"{TENANT}/grants", "people.read", shows=GrantEntryItem, lists=True, query=GrantsQuery)
def list_grants(call: Call) -> Answered:
    """List who has which role, and who gave it to them."""
    user, role = call.query.get("user"), call.query.get("role")
    found = authorising.grants(call.units, call.tenant, user, role, call.after, call.limit + 1)
    return page_of(found, call.limit, lambda grant: grant.key)


@roles.put(HELD, "roles.grant", shows=GrantEntryItem, body=NewGrant)
def grant_role(call: Call) -> Answered:
    """Give a person a role, for everybody or for the people of some groups. Given again, the new groups hold."""
    user, role, groups = call.path["user"], call.path["role"], call.body["groups"]
    return authorising.grant_role(call.units, call.tenant, call.cause, user, role, groups)


@roles.delete(HELD, "roles.grant", shows=RemainderItem)
def revoke_role(call: Call) -> Answered:
    """Take back a role that a person was given by hand. What else gives it is answered."""
    user, role = call.path["user"], call.path["role"]
    return authorising.revoke_role(call.units, call.tenant, call.cause, user, role)


def _place(post: Post) -> tuple[int, str]:
    """The tenant's own roles come behind the built-in ones, by code."""
    code = post.role.code
    return (list(ROLES).index(code), "") if code in ROLES else (len(ROLES), code)
