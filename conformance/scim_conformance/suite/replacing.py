"""RFC 7644 section 3.5.1: PUT replaces what a client may write and leaves alone what it may not."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import like, require, same

put = Section("7644-3.5.1", "put")


@put.must(
    "status", "PUT is answered with 200 and the whole resource.", "R-7644-3.5.1-01 R-7644-3.5.1-07", needs="User.title"
)
def status(scim: Probe) -> None:
    made = scim.user()
    reply = scim.put(made, scim.user_body(userName=made["userName"], title="New")).expect(200)
    like(reply.resource, {"id": made["id"], "userName": made["userName"], "title": "New"}, "answer")
    same(scim.read(made), reply.resource, "the resource when read")


@put.must(
    "location",
    "The answer to PUT names the resource's address: meta.location stays, and Location equals it.",
    "R-7644-3.5.1-07 R-7643-3.1-06",
)
def location(scim: Probe) -> None:
    made = scim.user()
    reply = scim.put(made, scim.user_body(userName=made["userName"])).expect(200)
    same(reply.resource["meta"].get("location"), made["meta"]["location"], "meta.location")
    same(reply.headers.get("Location", made["meta"]["location"]), made["meta"]["location"], "Location header")


@put.must(
    "replaces",
    "What PUT gives replaces what was there: a list as a whole, a complex attribute as a whole.",
    "R-7644-3.5.1-02",
    needs="User.emails User.name",
)
def replaces(scim: Probe) -> None:
    made = scim.user(emails=[{"value": scim.email("a"), "type": "work"}], name={"givenName": "Ana", "middleName": "B"})
    body = scim.user_body(
        userName=made["userName"], emails=[{"value": scim.email("b"), "type": "home"}], name={"givenName": "Eva"}
    )
    scim.put(made, body).expect(200)
    expected = {
        "emails": [{"value": scim.email("b"), "type": "home"}],
        "name": {"givenName": "Eva", "middleName": None},
    }
    like(scim.read(made), expected, "user")


@put.must(
    "omitted",
    "What PUT leaves out is unset, or kept: the same for text, list and complex attributes.",
    "R-7644-3.5.1-02 C-38",
    needs="User.title User.emails User.name",
)
def omitted(scim: Probe) -> None:
    made = scim.user(title="Old", emails=[{"value": scim.email("a")}], name={"givenName": "Ana"})
    scim.put(made, scim.user_body(userName=made["userName"])).expect(200)
    read = scim.read(made)
    there = {name for name in ("title", "emails", "name") if read.get(name)}
    require(len(there) in (0, 3), f"of title, emails and name, all left out, {', '.join(sorted(there))} alone stayed")


@put.must("null", "null and an empty list in PUT unset the attribute.", "R-7643-2.5-01", needs="User.title User.emails")
def null(scim: Probe) -> None:
    made = scim.user(title="Old", emails=[{"value": scim.email("a")}])
    scim.put(made, scim.user_body(userName=made["userName"], title=None, emails=[])).expect(200)
    like(scim.read(made), {"title": None, "emails": None}, "user")


@put.must(
    "read-only-ignored",
    "readOnly values in PUT are ignored, even a different id.",
    "R-7644-3.5.1-04 R-7643-2.2-04 C-42",
)
def read_only_ignored(scim: Probe) -> None:
    made = scim.user()
    meta = {"resourceType": "Nothing", "created": "2001-01-01T00:00:00Z", "location": "https://nowhere.invalid/x"}
    body = scim.user_body(userName=made["userName"], id="another", meta=meta, groups=[{"value": "x"}])
    scim.put(made, body).expect(200)
    read = scim.read(made)
    like(read, {"id": made["id"], "groups": None}, "user")
    for name in ("resourceType", "created", "location"):
        same(read["meta"].get(name), made["meta"][name], f"meta.{name}")


@put.must(
    "required-missing",
    "PUT without a required attribute is refused with 400, and changes nothing.",
    "R-7644-3.5.1-06 R-7643-2.2-02",
    needs="User.title",
)
def required_missing(scim: Probe) -> None:
    made = scim.user(title="Old")
    scim.put(made, {"schemas": [USER], "title": "New"}).refused(400, types=("invalidValue",))
    same(scim.read(made), made, "the resource after the refusal")


@put.must(
    "never-creates", "PUT at an id that nothing has is answered with 404 and creates nothing.", "R-7644-3.2-04 C-43"
)
def never_creates(scim: Probe) -> None:
    body = scim.user_body(id=scim.name("nobody"))
    scim.put(body).refused(404)
    same(scim.find(scim.users, f'userName eq "{body["userName"]}"'), [], "users of that name")


@put.must("collection", "The collection itself cannot be replaced.", "R-7644-3.2-02")
def collection(scim: Probe) -> None:
    scim.send("PUT", scim.users, scim.user_body()).refused(404, 405, 501)


@put.must(
    "duplicate",
    "PUT with the userName of another user is refused with 409 uniqueness, and changes nothing.",
    "R-7644-3.5.1-09 C-45",
)
def duplicate(scim: Probe) -> None:
    other, made = scim.user(), scim.user()
    scim.put(made, scim.user_body(userName=other["userName"])).refused(409, types=("uniqueness",))
    same(scim.read(made), made, "the resource after the refusal")


@put.must(
    "rename",
    "A user can be renamed; the old name is free, the new one is found.",
    "R-7644-3.5.1-02",
    needs="User filter",
)
def rename(scim: Probe) -> None:
    made, name = scim.user(), scim.name("renamed")
    scim.put(made, scim.user_body(userName=name)).expect(200)
    same([each["id"] for each in scim.find(scim.users, f'userName eq "{name}"')], [made["id"]], "found by the new name")
    same(scim.find(scim.users, f'userName eq "{made["userName"]}"'), [], "found by the old name")


@put.must("rename-case", "A user may be renamed to its own name in another case.", "R-7644-3.5.1-09 R-7643-2.2-03")
def rename_case(scim: Probe) -> None:
    made = scim.user()
    name = made["userName"].upper()
    same(scim.put(made, scim.user_body(userName=name)).expect(200).resource["userName"], name, "userName")


@put.should(
    "echo",
    "PUT of what was just read changes nothing: neither lastModified nor version.",
    "R-7644-3.5.1-08 C-44",
    needs="User.emails User.name",
)
def echo(scim: Probe) -> None:
    made = scim.user(name={"givenName": "Ana"}, emails=[{"value": scim.email("a"), "type": "work", "primary": True}])
    read = scim.read(made)
    scim.put(read).expect(200)
    same(scim.read(made), read, "the resource after its own PUT")


@put.must(
    "changes-modified",
    "PUT that changes something moves lastModified and keeps created.",
    "R-7643-3.1-05",
    needs="User.title",
)
def changes_modified(scim: Probe) -> None:
    made = scim.user()
    scim.put(made, scim.user_body(userName=made["userName"], title="New")).expect(200)
    meta = scim.read(made)["meta"]
    same(meta["created"], made["meta"]["created"], "meta.created")
    require(meta["lastModified"] != made["meta"]["lastModified"], "lastModified did not move")


@put.must(
    "extension",
    "PUT replaces an extension, and an empty one leaves schemas.",
    "R-7644-3.5.1-02 R-7643-3-06 C-39",
    needs="enterprise.department enterprise.division",
)
def extension(scim: Probe) -> None:
    schemas = [USER, ENTERPRISE]
    made = scim.user(schemas=schemas, **{ENTERPRISE: {"department": "Sales", "division": "North"}})
    name = made["userName"]
    body = scim.user_body(userName=name, schemas=schemas, **{ENTERPRISE: {"department": "Legal"}})
    scim.put(made, body).expect(200)
    like(scim.read(made)[ENTERPRISE], {"department": "Legal"}, "the extension")
    scim.put(
        made, scim.user_body(userName=name, schemas=[USER], **{ENTERPRISE: {"department": None, "division": None}})
    )
    read = scim.read(made)
    require(bool(read.get(ENTERPRISE)) == (ENTERPRISE in read["schemas"]), "schemas and the extension disagree")


@put.must("group", "PUT replaces the members of a group.", "R-7644-3.5.1-02", needs="User Group.members")
def group(scim: Probe) -> None:
    old, new = scim.user(), scim.user()
    made = scim.group(old)
    scim.put(made, scim.group_body(new, displayName=made["displayName"])).expect(200)
    same([each["value"] for each in scim.read(made).get("members") or []], [new["id"]], "members")


@put.must(
    "group-rename",
    "A group can be renamed with its members kept as sent.",
    "R-7644-3.5.1-02",
    needs="User Group.members",
)
def group_rename(scim: Probe) -> None:
    member = scim.user()
    made, name = scim.group(member), scim.name("renamed")
    scim.put(made, scim.group_body(member, displayName=name)).expect(200)
    like(scim.read(made), {"displayName": name, "members": [{"value": member["id"]}]}, "group")


@put.must("after-delete", "PUT on a deleted resource is answered with 404.", "R-7644-3.5.1-10 R-7644-3.6-01")
def after_delete(scim: Probe) -> None:
    made = scim.user()
    scim.delete(made).expect(204)
    scim.put(made, scim.user_body(userName=made["userName"])).refused(404)


@put.must(
    "wrong-type",
    "A value of another type than its attribute's is refused with 400, and changes nothing.",
    "R-7643-2.3.2-01",
    needs="User.active",
)
def wrong_type(scim: Probe) -> None:
    made = scim.user()
    scim.put(made, scim.user_body(userName=made["userName"], active="maybe")).refused(
        400, types=("invalidValue", "invalidSyntax")
    )
    same(scim.read(made), made, "the resource after the refusal")


@put.must("body-missing", "PUT without a body is refused with 400.", "R-7644-3.1-01")
def body_missing(scim: Probe) -> None:
    scim.send("PUT", scim.path(scim.user()), content=b"").refused(400)
