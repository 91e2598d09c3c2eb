"""Roles: what each permits, who has it and why, and roles of the tenant's own."""

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import called
from scim_server.domain.access import PERMISSIONS
from scim_server.services import authorising, groups_seen, ruling
from scim_server.services.csv_rows import csv_lines

roles = Section("roles", lazy_gettext("Roles"), "list_roles")
ROLES = f"{TENANT}/roles"
ROLE = f"{ROLES}/<role>"
COLUMNS = ("code", "name", "custom", "people", "permissions")
GRANT_COLUMNS = ("user_name", "role", "source", "since", "groups")


@roles.get(ROLES, "people.read")
def list_roles(call: Call) -> str:
    """Every role, the built-in ones first."""
    return render("roles/list.html", posts=authorising.roles(call.units, call.tenant), called=called)


@roles.get(f"{ROLES}/export", "people.read")
def export_roles(call: Call) -> Response:
    """Every role as a file."""
    rows = (
        (
            post.role.code,
            post.role.name,
            str(post.role.created is not None).lower(),
            post.people,
            ", ".join(code for code in PERMISSIONS if code in post.role.permissions),
        )
        for post in authorising.roles(call.units, call.tenant)
    )
    return file_of(csv_lines(COLUMNS, rows), "roles.csv")


@roles.get(f"{ROLES}/new", "roles.write")
def create_role(call: Call) -> str:
    """The form of a role of the tenant's own."""
    return render("roles/new.html", permissions=[code for code in PERMISSIONS if call.may(code)])


@roles.post(f"{ROLES}/new", "roles.write")
def make_role(call: Call) -> Response:
    """Make it."""
    code, name, description = (call.form.get(field, "").strip() for field in ("code", "name", "description"))
    permissions = call.form.getlist("permission")
    role = authorising.create_role(call.units, call.tenant, call.cause, code, name, description, permissions)
    return go(call.url("show_role", role=role.code), gettext("The role is made: it can be granted now."), undo=call)


@roles.get(ROLE, "people.read")
def show_role(call: Call) -> str:
    """One role: what it permits, which rules give it, and who has it."""
    post = authorising.role(call.units, call.tenant, call.path["role"])
    after = place(call.query.get("after"), 3)
    key = None if after is None else (after[0], after[1], after[2])
    found = authorising.grants(call.units, call.tenant, role=post.role.code, after=key, most=PAGE + 1)
    shown, more = cut(found, lambda grant: grant.key)
    scopes = {group for grant in shown for group in grant.scope}
    names = groups_seen.names(call.units, call.tenant, scopes) if scopes else {}
    giving = {rule.source: rule for rule in ruling.rules(call.units, call.tenant) if rule.role == post.role.code}
    template = "roles/grants.html" if wants_part() else "roles/show.html"
    return render(
        template,
        post=post,
        grants=shown,
        more=more,
        names=names,
        giving=giving,
        permissions=list(PERMISSIONS),
        called=called,
    )


@roles.get(f"{ROLE}/export", "people.read")
def export_grants(call: Call) -> Response:
    """Everybody who has the role, as a file."""
    found = authorising.grants(call.units, call.tenant, role=call.path["role"])
    rows = ((each.user_name, each.role, each.source, each.since, ", ".join(each.scope)) for each in found)
    return file_of(csv_lines(GRANT_COLUMNS, rows), "grants.csv")


@roles.get(f"{ROLE}/delete", "roles.write")
def delete_role(call: Call) -> str:
    """Who would lose it, and the rules that stand against it."""
    post = authorising.role(call.units, call.tenant, call.path["role"])
    giving = [rule for rule in ruling.rules(call.units, call.tenant) if rule.role == post.role.code]
    back = call.url("show_role", role=post.role.code)
    return render("roles/delete.html", post=post, giving=giving, back=back, called=called)


@roles.post(f"{ROLE}/delete", "roles.write")
def drop_role(call: Call) -> Response:
    """Delete it, with its grants."""
    authorising.delete_role(call.units, call.tenant, call.cause, call.path["role"])
    return go(call.url("list_roles"), gettext("The role is deleted, and nobody has it any more."), undo=call)
