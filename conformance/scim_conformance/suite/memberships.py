"""RFC 7643 section 4.2 and RFC 7644 section 3.5.2: PATCH of a group's members."""

from typing import Any

from scim_conformance.checks import Section
from scim_conformance.fixtures import Probe, Resource
from scim_conformance.verdicts import require, same, same_items

NEEDS = "patch User Group.members"
add = Section("7644-3.5.2.1", "members-add", needs=NEEDS)
remove = Section("7644-3.5.2.2", "members-remove", needs=NEEDS)
replace = Section("7644-3.5.2.3", "members-replace", needs=NEEDS)


def named(*users: Resource) -> list[dict[str, Any]]:
    """Members as a client names them."""
    return [{"value": user["id"]} for user in users]


def in_brackets(*users: Resource) -> str:
    """A path that selects these members."""
    terms = " or ".join(f'value eq "{user["id"]}"' for user in users)
    return f"members[{terms}]"


def members_are(scim: Probe, group: Resource, *users: Resource) -> None:
    """The group must have exactly these members."""
    members = scim.read(group).get("members") or []
    same_items([each.get("value") for each in members], [user["id"] for user in users], "members")


@add.must("one", "A member can be added; the others stay.", "R-7644-3.5.2.1-04 R-7642-2.2-01")
def add_one(scim: Probe) -> None:
    old, new = scim.user(), scim.user()
    group = scim.group(old)
    scim.patch(group, {"op": "add", "path": "members", "value": named(new)}).expect(200, 204)
    members_are(scim, group, old, new)


@add.must("first", "The first member of an empty group can be added.", "R-7644-3.5.2.1-04")
def add_first(scim: Probe) -> None:
    group, new = scim.group(), scim.user()
    scim.patch(group, {"op": "add", "path": "members", "value": named(new)}).expect(200, 204)
    members_are(scim, group, new)


@add.must("no-path", "Members can be added without a path.", "R-7644-3.5.2.1-01")
def add_no_path(scim: Probe) -> None:
    old, new = scim.user(), scim.user()
    group = scim.group(old)
    scim.patch(group, {"op": "add", "value": {"members": named(new)}}).expect(200, 204)
    members_are(scim, group, old, new)


@add.must(
    "there-already",
    "Adding a member who is in changes nothing, not even lastModified.",
    "R-7644-3.5.2.1-05 R-7644-3.5.2.1-06 C-04 C-05",
)
def add_there_already(scim: Probe) -> None:
    member = scim.user()
    group = scim.group(member)
    before = scim.read(group)
    scim.patch(group, {"op": "add", "path": "members", "value": named(member)}).expect(200, 204)
    same(scim.read(group), before, "the group")


@add.must("twice", "A member named twice in one operation is one member.", "R-7643-2.4-03")
def add_twice(scim: Probe) -> None:
    group, new = scim.group(), scim.user()
    scim.patch(group, {"op": "add", "path": "members", "value": named(new, new)}).expect(200, 204)
    members_are(scim, group, new)


@add.should("many", "Fifty members can be added and twenty-five removed in one request.", "R-7644-3.5.2-11")
def add_many(scim: Probe) -> None:
    people = [scim.user() for _ in range(50)]
    group = scim.group()
    joining = [{"op": "add", "path": "members", "value": named(person)} for person in people]
    leaving = [{"op": "remove", "path": in_brackets(person)} for person in people[::2]]
    scim.patch(group, *joining, *leaving).expect(200, 204)
    members_are(scim, group, *people[1::2])


@add.should(
    "unknown", "A member who does not exist is refused with 400, or skipped; it is not listed.", "R-7643-4.2-03"
)
def add_unknown(scim: Probe) -> None:
    group, member = scim.group(), scim.user()
    change = {"op": "add", "path": "members", "value": [*named(member), {"value": scim.name("nobody")}]}
    reply = scim.patch(group, change)
    if reply.status not in (200, 204):
        reply.refused(400, 404)
        members_are(scim, group)
    else:
        members_are(scim, group, member)


@remove.must(
    "one", "A member can be removed by a filter in brackets; the others stay.", "R-7644-3.5.2.2-02 R-7642-2.2-01"
)
def remove_one(scim: Probe) -> None:
    leaver, stayer = scim.user(), scim.user()
    group = scim.group(leaver, stayer)
    scim.patch(group, {"op": "remove", "path": in_brackets(leaver)}).expect(200, 204)
    members_are(scim, group, stayer)


@remove.must("several", "Several members can be removed by one filter.", "R-7644-3.5.2-17")
def remove_several(scim: Probe) -> None:
    first, second, stayer = scim.user(), scim.user(), scim.user()
    group = scim.group(first, second, stayer)
    scim.patch(group, {"op": "remove", "path": in_brackets(first, second)}).expect(200, 204)
    members_are(scim, group, stayer)


@remove.must("all", "remove of members without filter empties the group.", "R-7644-3.5.2.2-02")
def remove_all(scim: Probe) -> None:
    group = scim.group(scim.user(), scim.user())
    scim.patch(group, {"op": "remove", "path": "members"}).expect(200, 204)
    members_are(scim, group)


@remove.must("not-there", "Removing one who is no member succeeds and changes nothing.", "R-7644-3.5.2.2-06 C-02")
def remove_not_there(scim: Probe) -> None:
    group, stranger = scim.group(scim.user()), scim.user()
    before = scim.read(group)
    scim.patch(group, {"op": "remove", "path": in_brackets(stranger)}).expect(200, 204)
    same(scim.read(group), before, "the group")


@remove.must(
    "value-list", "remove with a list of members never takes away others than these.", "R-7644-3.5.2.2-07 C-22"
)
def remove_value_list(scim: Probe) -> None:
    leaver, stayer = scim.user(), scim.user()
    group = scim.group(leaver, stayer)
    reply = scim.patch(group, {"op": "remove", "path": "members", "value": named(leaver)}).expect(200, 204, 400)
    members_are(scim, group, stayer, *([leaver] if reply.status == 400 else []))


@remove.must("atomic", "A removal before a bad operation is undone.", "R-7644-3.5.2-04")
def remove_atomic(scim: Probe) -> None:
    member = scim.user()
    group = scim.group(member)
    scim.patch(group, {"op": "remove", "path": "members"}, {"op": "remove", "path": "bogus"}).expect(400)
    members_are(scim, group, member)


@remove.must("required", "A group's displayName cannot be removed.", "R-7644-3.5.2.2-05 C-11 R-7643-4.2-01")
def remove_required(scim: Probe) -> None:
    group = scim.group()
    scim.patch(group, {"op": "remove", "path": "displayName"}).refused(400, types=("mutability", "invalidValue"))
    same(scim.read(group), group, "the group after the refusal")


@replace.must("all", "replace of members replaces them all.", "R-7644-3.5.2.3-02")
def replace_all(scim: Probe) -> None:
    old, kept, new = scim.user(), scim.user(), scim.user()
    group = scim.group(old, kept)
    scim.patch(group, {"op": "replace", "path": "members", "value": named(kept, new)}).expect(200, 204)
    members_are(scim, group, kept, new)


@replace.must("none", "replace of members by an empty list empties the group.", "R-7644-3.5.2.3-02")
def replace_none(scim: Probe) -> None:
    group = scim.group(scim.user())
    scim.patch(group, {"op": "replace", "path": "members", "value": []}).expect(200, 204)
    members_are(scim, group)


@replace.must("name-only", "Renaming a group leaves its members.", "R-7644-3.5.2.3-01")
def replace_name_only(scim: Probe) -> None:
    member, name = scim.user(), scim.name("renamed")
    group = scim.group(member)
    scim.patch(group, {"op": "replace", "path": "displayName", "value": name}).expect(200, 204)
    same(scim.read(group)["displayName"], name, "displayName")
    members_are(scim, group, member)


@replace.must(
    "name-without-path",
    "A group can be renamed without a path, with its id among the attributes.",
    "R-7644-3.5.2.3-01 C-14",
)
def replace_name_without_path(scim: Probe) -> None:
    member, name = scim.user(), scim.name("renamed")
    group = scim.group(member)
    scim.patch(group, {"op": "replace", "value": {"id": group["id"], "displayName": name}}).expect(200, 204)
    same(scim.read(group)["displayName"], name, "displayName")
    members_are(scim, group, member)


@replace.must(
    "in-place",
    "Who an element of members is cannot be edited in place: 400 mutability.",
    "R-7643-4.2-06 R-7643-2.2-05 C-16",
)
def replace_in_place(scim: Probe) -> None:
    old, new = scim.user(), scim.user()
    group = scim.group(old)
    change = {"op": "replace", "path": f"{in_brackets(old)}.value", "value": new["id"]}
    scim.patch(group, change).refused(400, types=("mutability",))
    members_are(scim, group, old)


@replace.must(
    "no-match",
    "replace of a member who is not in is refused with noTarget, or changes nothing else.",
    "R-7644-3.5.2.3-06 C-01",
)
def replace_no_match(scim: Probe) -> None:
    member, stranger = scim.user(), scim.user()
    group = scim.group(member)
    change = {"op": "replace", "path": in_brackets(stranger), "value": {"value": stranger["id"]}}
    reply = scim.patch(group, change)
    if reply.status in (200, 204):
        members_are(scim, group, member, stranger)
        return
    reply.refused(400, types=("noTarget", "mutability"))
    members_are(scim, group, member)


@add.should(
    "answer-with-attributes",
    "A PATCH of a group that names attributes is answered with 200 and these.",
    "R-7644-3.5.2-05 C-35",
)
def answer_with_attributes(scim: Probe) -> None:
    group, new = scim.group(), scim.user()
    change = {"op": "add", "path": "members", "value": named(new)}
    answer = scim.patch(group, change, params={"attributes": "members"}).expect(200).resource
    require("displayName" not in answer, "displayName is there although it was not asked for")
    same([each["value"] for each in answer.get("members") or []], [new["id"]], "members in the answer")
