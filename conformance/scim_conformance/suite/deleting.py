"""RFC 7644 section 3.6: DELETE, and what must be gone afterwards."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import Probe
from scim_conformance.verdicts import require, same, same_items

delete = Section("7644-3.6", "delete")
TITLE = {"op": "replace", "path": "title", "value": "New"}


@delete.must("status", "DELETE is answered with 204 and no body.", "R-7644-3.6-01")
def status(scim: Probe) -> None:
    same(scim.delete(scim.user()).expect(204).text, "", "body")


@delete.must("group", "A group can be deleted; its members stay.", "R-7644-3.6-01", needs="User Group.members")
def group(scim: Probe) -> None:
    member = scim.user()
    made = scim.group(member)
    scim.delete(made).expect(204)
    scim.get(scim.path(made)).refused(404)
    same(scim.read(member)["id"], member["id"], "id of the former member")


@delete.must("get-afterwards", "A deleted resource cannot be read: 404.", "R-7644-3.6-01 R-7644-3.6-05")
def get_afterwards(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    scim.get(scim.path(made)).refused(404)


@delete.must("twice", "DELETE of a deleted resource is answered with 404.", "R-7644-3.6-01 C-126")
def twice(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    scim.delete(made).refused(404)


@delete.must(
    "patch-afterwards", "A deleted resource cannot be patched: 404.", "R-7644-3.6-01", needs="patch User.title"
)
def patch_afterwards(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    scim.patch(made, TITLE).refused(404)


@delete.must("unknown", "DELETE of an id that nothing has is answered with 404.", "R-7644-3.6-01")
def unknown(scim: Probe) -> None:
    scim.send("DELETE", f"{scim.users}/{scim.name('nobody')}").refused(404)


@delete.must("gone-from-lists", "A deleted resource is in no list and no count.", "R-7644-3.6-02", needs="User filter")
def gone_from_lists(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    for filter_ in (f'id eq "{made["id"]}"', f'userName eq "{made["userName"]}"'):
        same(scim.get(scim.users, filter=filter_).listed["totalResults"], 0, f"totalResults of {filter_}")


@delete.must(
    "gone-from-groups",
    "A deleted user is no member of any group.",
    "R-7644-3.6-02 R-7643-4.2-04",
    needs="User Group.members",
)
def gone_from_groups(scim: Probe) -> None:
    leaver, stayer = scim.user(), scim.user()
    made = scim.group(leaver, stayer)
    scim.delete(leaver).expect(204)
    same([each["value"] for each in scim.read(made).get("members") or []], [stayer["id"]], "members")


@delete.must(
    "group-gone-from-user",
    "A deleted group is no longer among a user's groups.",
    "R-7644-3.6-02 R-7643-4.1-05",
    needs="User.groups Group.members",
)
def group_gone_from_user(scim: Probe) -> None:
    member = scim.user()
    made = scim.group(member)
    same_items([each["value"] for each in scim.read(member).get("groups") or []], [made["id"]], "groups before")
    scim.delete(made).expect(204)
    require(not scim.read(member).get("groups"), "the deleted group is still among the user's groups")


@delete.must(
    "name-free",
    "The userName of a deleted user can be taken again, under a new id.",
    "R-7644-3.6-03 R-7643-3.1-02 C-127",
)
def name_free(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    again = scim.user(userName=made["userName"])
    require(again["id"] != made["id"], "the id of the deleted user was given out again")


@delete.must("collection", "A collection cannot be deleted.", "R-7644-3.2-02")
def collection(scim: Probe) -> None:
    made = scim.user()
    scim.send("DELETE", scim.users).refused(404, 405, 501)
    same(scim.read(made)["id"], made["id"], "id of a user who was there")
