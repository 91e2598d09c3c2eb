"""RFC 7644 section 3.9: attributes and excludedAttributes."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.populations import people
from scim_conformance.servers import ENTERPRISE
from scim_conformance.tables import rows
from scim_conformance.verdicts import require, same, same_items

project = Section("7644-3.9", "project")

ALWAYS = "schemas id"


def only(attributes: str, gives: str, scim: Probe) -> None:
    """A user read with `attributes` shows these names and no others."""
    made = scim.user(title="Engineer", displayName="Shown", password=scim.name("Corr3ct-Horse"))
    read = scim.read(made, attributes=attributes.replace("{user}", USER))
    same_items(list(read), [*ALWAYS.split(), *gives.split()], f"names in the answer to attributes={attributes}")


for _, name, row in rows("queries", "project"):
    run, level = partial(only, row["attributes"], row["gives"]), Level(row.get("level", Level.MUST))
    project.add(level, f"attributes-{name}", row["says"], run, row["covers"], row.get("needs", "User"))


@project.must(
    "excluded",
    "`excludedAttributes` takes away what it names and leaves the rest.",
    "R-7644-3.4.2.5-02 R-7643-2.2-09",
    needs="User.title User.displayName",
)
def excluded(scim: Probe) -> None:
    made = scim.user(title="Engineer", displayName="Shown")
    read = scim.read(made, excludedAttributes="title")
    same(read, {name: value for name, value in scim.read(made).items() if name != "title"}, "resource without title")


@project.must(
    "excluded-always", "What is always returned stays, though it is excluded.", "R-7644-3.4.2.5-02 R-7643-2.2-07"
)
def excluded_always(scim: Probe) -> None:
    read = scim.read(scim.user(), excludedAttributes="id,schemas")
    require("id" in read and "schemas" in read, "id or schemas are missing")


@project.must(
    "part",
    "A sub-attribute can be asked for; the others stay away.",
    "R-7644-3.4.2.5-04",
    needs="User.name.givenName User.name.familyName",
)
def part(scim: Probe) -> None:
    made = scim.user(name={"givenName": "Ana", "familyName": "Lima"})
    same(scim.read(made, attributes="name.givenName").get("name"), {"givenName": "Ana"}, "name")


@project.must(
    "list-part", "A sub-attribute of a list can be asked for.", "R-7644-3.4.2.5-04 C-100", needs="User.emails"
)
def list_part(scim: Probe) -> None:
    made = scim.user(emails=[{"value": scim.email("a"), "type": "work"}, {"value": scim.email("b"), "type": "home"}])
    read = scim.read(made, attributes="emails.value")
    same_items(read.get("emails"), [{"value": scim.email("a")}, {"value": scim.email("b")}], "emails")


@project.must(
    "excluded-part", "A sub-attribute can be excluded; the others stay.", "R-7644-3.4.2.5-04", needs="User.emails.type"
)
def excluded_part(scim: Probe) -> None:
    made = scim.user(emails=[{"value": scim.email("a"), "type": "work"}])
    emails = scim.read(made, excludedAttributes="emails.type").get("emails") or [{}]
    same((emails[0].get("value"), "type" in emails[0]), (scim.email("a"), False), "value, and whether type is there")


@project.must(
    "extension", "An extension can be asked for by its URN.", "R-7644-3.4.2.5-05", needs="enterprise.department"
)
def extension(scim: Probe) -> None:
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Sales", "division": "North"}})
    read = scim.read(made, attributes=ENTERPRISE)
    same_items(list(read), [*ALWAYS.split(), ENTERPRISE], "names in the answer")
    same(read[ENTERPRISE].get("department"), "Sales", "department")


@project.must(
    "extension-attribute",
    "An attribute of an extension can be asked for.",
    "R-7644-3.4.2.5-05",
    needs="enterprise.department enterprise.division",
)
def extension_attribute(scim: Probe) -> None:
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Sales", "division": "North"}})
    read = scim.read(made, attributes=f"{ENTERPRISE}:division")
    same(read.get(ENTERPRISE), {"division": "North"}, "the extension")


@project.must("excluded-extension", "An extension can be excluded.", "R-7644-3.4.2.5-05", needs="enterprise.department")
def excluded_extension(scim: Probe) -> None:
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": "Sales"}})
    require(ENTERPRISE not in scim.read(made, excludedAttributes=ENTERPRISE), "the extension is there")


@project.should("both", "attributes and excludedAttributes together are refused with 400.", "R-7644-3.4.2.5-03 C-99")
def both(scim: Probe) -> None:
    made = scim.user()
    params = {"attributes": "userName", "excludedAttributes": "title"}
    scim.get(scim.path(made), **params).refused(400, types=("invalidValue", "invalidSyntax"))


@project.must("list", "Projection holds for the resources of a list.", "R-7644-3.4.2.5-07", needs="filter User")
def in_list(scim: Probe) -> None:
    known = scim.shared(people)
    for each in scim.find(scim.users, known.within("userName pr"), attributes="userName"):
        same_items(list(each), [*ALWAYS.split(), "userName"], "names of a resource in the list")


@project.must(
    "list-excluded", "Exclusion holds for the resources of a list.", "R-7644-3.4.2.5-07", needs="filter User.emails"
)
def excluded_in_list(scim: Probe) -> None:
    known = scim.shared(people)
    found = scim.find(scim.users, known.within("emails pr"), excludedAttributes="emails")
    require(found and not any("emails" in each for each in found), "emails are there although they were excluded")
    require(all("userName" in each for each in found), "userName is missing although it was not excluded")


@project.must(
    "members-excluded", "A group can be read without its members.", "R-7644-3.4.2.5-08", needs="Group.members"
)
def members_excluded(scim: Probe) -> None:
    read = scim.read(scim.group(scim.user()), excludedAttributes="members")
    require("members" not in read and "displayName" in read, "members are there, or displayName is not")


@project.must("put", "Projection holds for the answer to PUT.", "R-7644-3.4.2.5-07")
def in_put(scim: Probe) -> None:
    made = scim.user()
    reply = scim.put(made, scim.user_body(userName=made["userName"]), params={"attributes": "userName"})
    same_items(list(reply.expect(200).resource), [*ALWAYS.split(), "userName"], "names in the answer")


@project.must(
    "patch",
    "A PATCH that names attributes is answered with 200 and just these.",
    "R-7644-3.4.2.5-07 R-7644-3.5.2-05 C-35",
    needs="patch User.title",
)
def in_patch(scim: Probe) -> None:
    change = {"op": "replace", "path": "title", "value": "New"}
    reply = scim.patch(scim.user(), change, params={"attributes": "userName"})
    same_items(list(reply.expect(200).resource), [*ALWAYS.split(), "userName"], "names in the answer")


@project.must(
    "version-unchanged", "The ETag does not depend on the projection.", "R-7644-3.4.2.5-09", needs="etag User"
)
def version_unchanged(scim: Probe) -> None:
    path = scim.path(scim.user())
    whole = scim.get(path).headers.get("ETag")
    require(whole, "the ETag header is missing")
    same(scim.get(path, attributes="userName").headers.get("ETag"), whole, "ETag")
