"""RFC 7644 section 3.5.2: PATCH of users. The rows of `tables/patches.toml`, and what does not fit into a row."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.clients import PATCH_OP
from scim_conformance.fixtures import Probe
from scim_conformance.modifications import Modification, modify
from scim_conformance.tables import rows
from scim_conformance.verdicts import like, require, same

SECTIONS = {
    "message": Section("7644-3.5.2", "patch"),
    "path": Section("7644-3.5.2", "patch-path"),
    "add": Section("7644-3.5.2.1", "patch-add"),
    "remove": Section("7644-3.5.2.2", "patch-remove"),
    "replace": Section("7644-3.5.2.3", "patch-replace"),
}

for table, name, data in rows("patches"):
    row = Modification(**data)
    needs = f"patch User {row.needs}"
    SECTIONS[table].add(Level(row.level), name, row.says, partial(modify, row), row.covers, needs)

patch = Section("7644-3.5.2", "patch", needs="patch User.title")
NEW_TITLE = {"op": "replace", "path": "title", "value": "New"}


@patch.must("status", "PATCH is answered with 200 and the resource, or with 204 and no body.", "R-7644-3.5.2-05")
def status(scim: Probe) -> None:
    made = scim.user()
    reply = scim.patch(made, NEW_TITLE).expect(200, 204)
    read = scim.read(made)
    same(read.get("title"), "New", "title")
    require(reply.text == "" if reply.status == 204 else reply.resource == read, "the body is not as the status says")


@patch.must("modified", "PATCH that changes something moves lastModified and keeps created and id.", "R-7643-3.1-05")
def modified(scim: Probe) -> None:
    made = scim.user()
    scim.patch(made, NEW_TITLE).expect(200, 204)
    read = scim.read(made)
    same((read["id"], read["meta"]["created"]), (made["id"], made["meta"]["created"]), "id and created")
    require(read["meta"]["lastModified"] > made["meta"]["lastModified"], "lastModified did not move forward")


@patch.must("no-resource", "PATCH of an id that nothing has is answered with 404.", "R-7644-3.6-01")
def no_resource(scim: Probe) -> None:
    body = {"schemas": [PATCH_OP], "Operations": [NEW_TITLE]}
    scim.send("PATCH", f"{scim.users}/{scim.name('nobody')}", body).refused(404)


def _malformed(body: object, scim: Probe) -> None:
    """A body that is no PatchOp is refused and changes nothing."""
    made = scim.user()
    scim.send("PATCH", scim.path(made), body).refused(400, types=("invalidSyntax", "invalidValue"))
    same(scim.read(made), made, "the resource after the refusal")


for name, body, says in (
    ("no-operations", {"schemas": [PATCH_OP]}, "A message without Operations is refused."),
    ("operations-object", {"schemas": [PATCH_OP], "Operations": NEW_TITLE}, "Operations must be a list."),
    ("operation-text", {"schemas": [PATCH_OP], "Operations": ["replace"]}, "An operation must be an object."),
    ("operations-null", {"schemas": [PATCH_OP], "Operations": None}, "Operations must not be null."),
    ("body-list", [NEW_TITLE], "A bare list of operations is refused."),
    ("body-text", "replace", "A text is no message."),
):
    patch.add(Level.MUST, name, says, partial(_malformed, body), "R-7644-3.5.2-01")


@patch.should("empty", "An empty list of operations is refused with 400, or changes nothing.", "R-7644-3.5.2-01 C-30")
def empty(scim: Probe) -> None:
    made = scim.user()
    reply = scim.patch(made)
    if reply.status not in (200, 204):
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    same(scim.read(made), made, "the resource afterwards")


@patch.should(
    "schemas-missing",
    "A message without the PatchOp URN is refused with 400, or read as one that has it.",
    "R-7644-3.5.2-01",
)
def schemas_missing(scim: Probe) -> None:
    made = scim.user()
    reply = scim.send("PATCH", scim.path(made), {"Operations": [NEW_TITLE]})
    if reply.status not in (200, 204):
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    same(scim.read(made).get("title"), "New" if reply.status in (200, 204) else None, "title")


@patch.must(
    "schemas-wrong",
    "A message of another schema is refused, or read as a PatchOp; it never breaks the server.",
    "R-7644-3.5.2-01",
)
def schemas_wrong(scim: Probe) -> None:
    made = scim.user()
    body = {"schemas": ["urn:example:nothing"], "Operations": [NEW_TITLE]}
    reply = scim.send("PATCH", scim.path(made), body).expect(200, 204, 400)
    same(scim.read(made).get("title"), None if reply.status == 400 else "New", "title")


replace = Section("7644-3.5.2.3", "patch-replace", needs="patch User")


@replace.must(
    "duplicate",
    "PATCH to the userName of another user is refused with 409 uniqueness, and changes nothing.",
    "C-45 R-7643-2.2-11",
)
def duplicate(scim: Probe) -> None:
    other, made = scim.user(), scim.user()
    change = {"op": "replace", "path": "userName", "value": other["userName"].upper()}
    scim.patch(made, change).refused(409, types=("uniqueness",))
    same(scim.read(made), made, "the resource after the refusal")


@replace.must(
    "rename", "A user can be renamed, and is found by the new name.", "R-7644-3.5.2.3-01", needs="patch filter User"
)
def rename(scim: Probe) -> None:
    made, name = scim.user(), scim.name("renamed")
    scim.patch(made, {"op": "replace", "path": "userName", "value": name}).expect(200, 204)
    same([each["id"] for each in scim.find(scim.users, f'userName eq "{name}"')], [made["id"]], "found by the new name")
    same(scim.find(scim.users, f'userName eq "{made["userName"]}"'), [], "found by the old name")


@replace.should(
    "final-state", "Uniqueness is judged by the final state, not after each operation.", "R-7644-3.5.2.3-09 C-33"
)
def final_state(scim: Probe) -> None:
    other, made = scim.user(), scim.user()
    name = scim.name("last")
    steps = [{"op": "replace", "path": "userName", "value": value} for value in (other["userName"], name)]
    scim.patch(made, *steps).expect(200, 204)
    same(scim.read(made)["userName"], name, "userName")


@replace.must(
    "found-by-new-value",
    "What PATCH changed is found by its new value and not by its old one.",
    "R-7644-3.5.2.3-01",
    needs="patch filter User.title",
)
def found_by_new_value(scim: Probe) -> None:
    made = scim.user(title="Before")
    scim.patch(made, NEW_TITLE).expect(200, 204)
    for value, number in (("New", 1), ("Before", 0)):
        found = scim.find(scim.users, f'id eq "{made["id"]}" and title eq "{value}"')
        same(len(found), number, f"users found by title {value}")


@replace.must(
    "deactivate",
    "A deactivated user stays, shows active false, and can be activated again.",
    "R-7643-4.1-03 R-7644-3.5.2.3-01",
    needs="patch User.active",
)
def deactivate(scim: Probe) -> None:
    made = scim.user(active=True)
    for value in (False, True):
        scim.patch(made, {"op": "replace", "path": "active", "value": value}).expect(200, 204)
        same(scim.read(made).get("active"), value, "active")


remove = Section("7644-3.5.2.2", "patch-remove", needs="patch User.emails")


@remove.should(
    "value-list", "remove with a list of values never takes away what the list does not name.", "R-7644-3.5.2.2-07 C-22"
)
def value_list(scim: Probe) -> None:
    first, second = ({"value": scim.email(name), "type": name} for name in ("work", "home"))
    made = scim.user(emails=[first, second])
    reply = scim.patch(made, {"op": "remove", "path": "emails", "value": [first]}).expect(200, 204, 400)
    like(scim.read(made).get("emails"), [first, second] if reply.status == 400 else [second], "emails")
