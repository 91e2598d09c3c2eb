"""RFC 7643 section 3: the schemas attribute, common attributes, extensions."""

from urllib.parse import urlsplit

from scim_conformance.checks import Section
from scim_conformance.fixtures import GROUP, USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import like, require, same, same_items

schemas = Section("7643-3", "schemas")
common = Section("7643-3.1", "common")
extensions = Section("7643-3.3", "extension", needs="enterprise.department enterprise.division")


@schemas.should(
    "missing", "A body without schemas is refused with 400, or taken and answered with them.", "R-7643-3-01"
)
def missing(scim: Probe) -> None:
    body = scim.user_body()
    del body["schemas"]
    reply = scim.post(scim.users, body)
    if reply.status == 400:
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    else:
        same(scim.written(reply.expect(201).resource).get("schemas"), [USER], "schemas")


@schemas.should("empty", "So is a body with empty schemas.", "R-7643-3-01")
def empty(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(schemas=[]))
    if reply.status == 400:
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    else:
        same(scim.written(reply.expect(201).resource).get("schemas"), [USER], "schemas")


@schemas.must(
    "unknown", "An unknown URN in schemas is refused with 400, or dropped: it is not answered.", "R-7643-3-03"
)
def unknown(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(schemas=[USER, "urn:example:nothing:2.0:User"]))
    if reply.status == 400:
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    else:
        same(scim.written(reply.expect(201).resource).get("schemas"), [USER], "schemas")


@schemas.must("twice", "A URN given twice is answered once, or refused.", "R-7643-3-04")
def twice(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(schemas=[USER, USER]))
    if reply.status == 400:
        reply.refused(400, types=("invalidSyntax", "invalidValue"))
    else:
        same(scim.written(reply.expect(201).resource).get("schemas"), [USER], "schemas")


@schemas.must("no-list", "schemas that are no list of texts are refused, or the answer has true ones.", "R-7643-3-01")
def no_list(scim: Probe) -> None:
    for wrong in (5, {"a": 1}, [[USER]], [None]):
        reply = scim.post(scim.users, scim.user_body(schemas=wrong))
        if reply.status == 400:
            reply.refused(400, types=("invalidSyntax", "invalidValue"))
        else:
            same(scim.written(reply.expect(201).resource).get("schemas"), [USER], "schemas")


@schemas.must("capitals", "URNs in schemas ignore case.", "R-7644-3.10-01")
def capitals(scim: Probe) -> None:
    same(scim.written(scim.user(schemas=[USER.upper()])).get("schemas"), [USER], "schemas")


@schemas.must(
    "unused-extension",
    "An extension that a resource does not use is not in its schemas.",
    "R-7643-3-06",
    needs="enterprise",
)
def unused_extension(scim: Probe) -> None:
    made = scim.user(schemas=[USER, ENTERPRISE])
    require(ENTERPRISE not in made["schemas"] or made.get(ENTERPRISE), "schemas name an extension without data")


@schemas.must("group", "A group's schemas name the group schema.", "R-7643-3-01", needs="Group")
def group(scim: Probe) -> None:
    same(scim.group().get("schemas"), [GROUP], "schemas")


@common.must("id-text", "id is a text that is not empty and does not contain bulkId.", "R-7643-3.1-02")
def id_text(scim: Probe) -> None:
    identifier = scim.user()["id"]
    require(isinstance(identifier, str) and identifier and "bulkid" not in identifier.lower(), f"id is {identifier!r}")


@common.must("ids-distinct", "ids are unique over all resource types.", "R-7643-3.1-02", needs="User Group")
def ids_distinct(scim: Probe) -> None:
    ids = [scim.user()["id"] for _ in range(5)] + [scim.group()["id"] for _ in range(5)]
    same(len(set(ids)), 10, "number of distinct ids among ten resources")


@common.must("external-id", "externalId is kept as the client sent it, and never made up.", "R-7643-3.1-04")
def external_id(scim: Probe) -> None:
    name = scim.name("Ext-MiXed")
    same(scim.read(scim.user(externalId=name)).get("externalId"), name, "externalId")
    same(scim.read(scim.user()).get("externalId"), None, "externalId of a user without one")


@common.should("external-id-twice", "The server does not enforce that externalId is unique.", "R-7643-3.1-04 C-48")
def external_id_twice(scim: Probe) -> None:
    name = scim.name("ext")
    require(scim.user(externalId=name)["id"] != scim.user(externalId=name)["id"], "both users have one id")


@common.must("group-external-id", "A group has an externalId as well.", "R-7643-3.1-04", needs="Group")
def group_external_id(scim: Probe) -> None:
    name = scim.name("ext")
    same(scim.read(scim.group(externalId=name)).get("externalId"), name, "externalId")


@common.must("modified-at-first", "lastModified of a new resource equals created.", "R-7643-3.1-05")
def modified_at_first(scim: Probe) -> None:
    meta = scim.user()["meta"]
    same(meta.get("lastModified"), meta.get("created"), "lastModified")


@common.must("location-absolute", "meta.location is an absolute address.", "R-7643-3.1-06")
def location_absolute(scim: Probe) -> None:
    location = urlsplit(scim.user()["meta"]["location"])
    require(location.scheme in ("http", "https") and location.netloc, f"meta.location is {location.geturl()}")


@common.must(
    "location-stable",
    "meta.location is the same on creation, reading and in lists.",
    "R-7643-3.1-06 C-134",
    needs="User filter",
)
def location_stable(scim: Probe) -> None:
    made = scim.user()
    reply = scim.get(scim.path(made)).expect(200)
    listed = scim.find(scim.users, f'id eq "{made["id"]}"')[0]
    for came in (reply.resource["meta"]["location"], listed["meta"]["location"]):
        same(came, made["meta"]["location"], "meta.location")
    header = reply.headers.get("Content-Location") or reply.headers.get("Location") or made["meta"]["location"]
    same(header, made["meta"]["location"], "Location or Content-Location on reading")


@common.must(
    "version-header",
    "meta.version equals the ETag header, character for character.",
    "R-7643-3.1-07 R-7644-3.14-01",
    needs="User etag",
)
def version_header(scim: Probe) -> None:
    reply = scim.get(scim.path(scim.user())).expect(200)
    same(reply.resource["meta"].get("version"), reply.headers.get("ETag"), "meta.version")


@common.must("meta-complete", "meta has resourceType, created, lastModified and location.", "R-7643-3.1-01")
def meta_complete(scim: Probe) -> None:
    meta = scim.user()["meta"]
    same(
        [name for name in ("resourceType", "created", "lastModified", "location") if not meta.get(name)],
        [],
        "missing in meta",
    )


@extensions.must(
    "object", "Extension attributes live in an object under the extension's URN, which is in schemas.", "R-7643-3.3-01"
)
def in_object(scim: Probe) -> None:
    data = {"department": "Sales", "division": "North"}
    read = scim.read(scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: data}))
    like(read.get(ENTERPRISE), data, "the extension")
    same_items(scim.written(read)["schemas"], [USER, ENTERPRISE], "schemas")
    require("department" not in read, "department is among the core attributes")


@extensions.must("any-case", "The URN under which an extension is sent ignores case.", "R-7644-3.10-01")
def any_case(scim: Probe) -> None:
    made = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE.upper(): {"DEPARTMENT": "Sales"}})
    like(scim.read(made).get(ENTERPRISE), {"department": "Sales"}, "the extension")


@extensions.must("null", "An extension of nulls is unset, and not in schemas.", "R-7643-2.5-02 R-7643-3-06")
def null(scim: Probe) -> None:
    made = scim.read(scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": None}}))
    require(not made.get(ENTERPRISE) and ENTERPRISE not in made["schemas"], "the empty extension is there")


@extensions.must("type-checked", "Extension attributes are checked as core ones are.", "R-7643-3.3-01")
def type_checked(scim: Probe) -> None:
    body = scim.user_body(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"department": {"a": 1}}})
    scim.post(scim.users, body).refused(400, types=("invalidValue", "invalidSyntax"))
