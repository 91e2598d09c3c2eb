"""Groups: what they are and bring, who is in them, and changes of them by hand, tried out first."""

from functools import partial

from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.console.trials import lines, tried, tried_or_asked
from scim_server.services import group_changes, grouping, groups_seen
from scim_server.services.csv_rows import Cell, csv_lines
from scim_server.services.forecasting import Attempt
from scim_server.services.group_changes import Wanted
from scim_server.services.groups_seen import GroupView

groups = Section("groups", lazy_gettext("Groups"), "list_groups")
GROUPS = f"{TENANT}/groups"
GROUP = f"{GROUPS}/<group>"
COLUMNS = ("id", "display_name", "people", "groups", "connection", "rules")
MEMBER_COLUMNS = ("id", "kind", "name", "display_name")
MOST_SUGGESTED = 10


@groups.get(GROUPS, "people.read")
def list_groups(call: Call) -> str:
    """Groups whose name begins as the form says, oldest first."""
    name = call.query.get("name", "").strip() or None
    (after,) = place(call.query.get("after"), 1) or ("",)
    found = groups_seen.groups(call.units, call.tenant, name=name, after=after, limit=PAGE + 1)
    shown, more = cut(found, lambda view: (view.group.id,))
    template = "groups/rows.html" if wants_part() else "groups/list.html"
    return render(template, found=shown, more=more, name=name)


@groups.get(f"{GROUPS}/export", "people.read")
def export_groups(call: Call) -> Response:
    """Every group as a file."""
    found = groups_seen.groups(call.units, call.tenant, name=call.query.get("name") or None)
    return file_of(csv_lines(COLUMNS, map(_row, found)), "groups.csv")


@groups.get(f"{GROUPS}/names", "people.read")
def suggest_groups(call: Call) -> str:
    """Names that begin as what is typed so far in a field that takes a group."""
    typed = next((text.strip() for text in call.query.values()), "")
    found = groups_seen.groups(call.units, call.tenant, name=typed, limit=MOST_SUGGESTED) if typed else []
    return render("groups/names.html", found=found)


@groups.get(f"{GROUPS}/new", "groups.write")
def create_group(call: Call) -> str | Response:
    """The form of a new group, and what the group would bring its members."""
    return tried_or_asked(
        call,
        lambda: partial(group_changes.create, name=_name(call), members=_wanted(call, "join")),
        "groups/new.html",
        "groups/look_new.html",
        members=_wanted(call, "join"),
    )


@groups.post(f"{GROUPS}/new", "groups.write")
def make_group(call: Call) -> Response:
    """Make it."""
    view = grouping.create_group(call.units, call.tenant, call.cause, _name(call), _wanted(call, "join"))
    return go(call.url("show_group", group=view.group.id), gettext("The group is made."), undo=call)


@groups.get(GROUP, "people.read")
def show_group(call: Call) -> str:
    """One group: what it brings, by which rules, and its members."""
    view = groups_seen.group(call.units, call.tenant, call.path["group"])
    (after,) = place(call.query.get("after"), 1) or ("",)
    found = groups_seen.members(call.units, call.tenant, view.group.id, after=after, limit=PAGE + 1)
    members, more = cut(found, lambda member: (member.id,))
    if wants_part():
        return render("groups/members.html", view=view, members=members, more=more)
    inherited = groups_seen.inherited(call.units, call.tenant, view.group.id)
    return render("groups/show.html", view=view, members=members, more=more, inherited=inherited)


@groups.get(f"{GROUP}/export", "people.read")
def export_members(call: Call) -> Response:
    """Everybody in the group directly, as a file."""
    view = _view(call)
    found = groups_seen.every_member(call.units, call.tenant, view.group.id)
    rows = ([each.id, each.kind, each.name, each.display_name] for each in found)
    return file_of(csv_lines(MEMBER_COLUMNS, rows), "members.csv")


@groups.get(f"{GROUP}/name", "groups.write")
def rename_group(call: Call) -> str | Response:
    """The form of another name, and what that would do: rules may wait for it."""
    view = _view(call)
    return tried_or_asked(
        call,
        lambda: partial(group_changes.rename, group=view.group.id, name=_name(call)),
        "groups/rename.html",
        "groups/look_rename.html",
        view=view,
    )


@groups.post(f"{GROUP}/name", "groups.write")
def give_group_name(call: Call) -> Response:
    """Rename it."""
    grouping.rename_group(call.units, call.tenant, call.cause, call.path["group"], _name(call))
    return go(call.url("show_group", group=call.path["group"]), gettext("The group has its new name."), undo=call)


@groups.get(f"{GROUP}/members", "groups.write")
def change_members(call: Call) -> str | Response:
    """The form of who joins and leaves, and what they would gain and lose."""
    view, leaving = _view(call), _wanted(call, "leave")
    return tried_or_asked(
        call,
        lambda: _change(call, view),
        "groups/change.html",
        "groups/look_change.html",
        view=view,
        joining=_wanted(call, "join"),
        leaving=[*leaving.people, *groups_seen.names(call.units, call.tenant, leaving.groups).values()],
    )


@groups.post(f"{GROUP}/members", "groups.write")
def regroup(call: Call) -> Response:
    """Let them join and leave."""
    join, leave = _wanted(call, "join"), _wanted(call, "leave")
    done = grouping.change_members(call.units, call.tenant, call.cause, call.path["group"], join=join, leave=leave)
    came = ngettext("%(num)s member joined.", "%(num)s members joined.", done.added)
    went = ngettext("%(num)s member left.", "%(num)s members left.", done.removed)
    said = " ".join(sentence for sentence, some in ((came, done.added), (went, done.removed)) if some)
    address = call.url("show_group", group=call.path["group"])
    return go(address, said, undo=call) if done.changed else go(address, gettext("The group is so already."))


@groups.get(f"{GROUP}/delete", "groups.write")
def delete_group(call: Call) -> str | Response:
    """What would go with the group."""
    view = _view(call)
    return tried(call, partial(group_changes.delete, group=view.group.id), "groups/delete.html", view=view)


@groups.post(f"{GROUP}/delete", "groups.write")
def drop_group(call: Call) -> Response:
    """Delete it."""
    grouping.delete_group(call.units, call.tenant, call.cause, call.path["group"])
    return go(call.url("list_groups"), gettext("The group is deleted."), undo=call)


def _view(call: Call) -> GroupView:
    return groups_seen.group(call.units, call.tenant, call.path["group"])


def _name(call: Call) -> str:
    return call.query.get("name", "").strip()


def _wanted(call: Call, way: str) -> Wanted:
    """Who joins or leaves: one a line where they are typed, one a box where they are ticked."""
    people, nested = (
        [name for text in call.query.getlist(field) for name in lines(text)] for field in (way, f"{way}_groups")
    )
    return Wanted(people, nested)


def _change(call: Call, view: GroupView) -> Attempt:
    join, leave = _wanted(call, "join"), _wanted(call, "leave")
    return partial(group_changes.change_members, group=view.group.id, join=join, leave=leave)


def _row(view: GroupView) -> tuple[Cell, ...]:
    rules = ", ".join(str(rule.priority) for rule in view.rules)
    return view.group.id, view.group.display_name, view.people, view.nested, view.connection, rules
