"""RFC 7644 section 3.3: POST creates, answers with the whole resource, and names where it lives."""

from scim_conformance.checks import Level, check
from scim_conformance.fixtures import GROUP, USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import require, same, same_items

SECTION = "7644-3.3"
ID_UNKNOWN = "no-such-id-of-ours"


@check(
    "create.status",
    SECTION,
    Level.MUST,
    "A new user is answered with 201 and its whole representation, userName as given.",
    covers=["R-7644-3.3-01", "R-7644-5-02"],
)
def created(scim: Probe) -> None:
    body = scim.user_body(userName=scim.name("Mixed-Case"))
    made = scim.send("POST", scim.server.endpoint("User"), body).expect(201).resource
    same(made.get("userName"), body["userName"], "userName")
    require(isinstance(made.get("id"), str) and made["id"], "id is missing or no text")
    require(USER in (made.get("schemas") or ()), f"schemas do not name {USER}")


@check(
    "create.location-header",
    SECTION,
    Level.MUST,
    "The answer to a creation has a Location header, equal to meta.location.",
    covers=["R-7644-3.3-01", "R-7643-3.1-06"],
)
def location(scim: Probe) -> None:
    reply = scim.send("POST", scim.server.endpoint("User"), scim.user_body()).expect(201)
    require(reply.headers.get("Location"), "the Location header is missing")
    same((reply.resource.get("meta") or {}).get("location"), reply.headers["Location"], "meta.location")


@check(
    "create.location-leads-to-it",
    SECTION,
    Level.MUST,
    "The address in Location ends with the endpoint and the new id, and reading there gives the resource.",
    covers=["R-7644-3.3-01"],
)
def location_leads(scim: Probe) -> None:
    endpoint = scim.server.endpoint("User")
    reply = scim.send("POST", endpoint, scim.user_body()).expect(201)
    identifier = reply.resource["id"]
    location = str(reply.headers.get("Location"))
    require(location.endswith(f"{endpoint}/{identifier}"), f"Location {location} does not end with the new id")
    same(scim.get(f"{endpoint}/{identifier}").expect(200).resource["id"], identifier, "id")


@check(
    "create.duplicate",
    SECTION,
    Level.MUST,
    "A second user with the same userName is refused with 409 and scimType uniqueness.",
    covers=["R-7644-3.3-02", "R-7643-2.2-11"],
)
def duplicate(scim: Probe) -> None:
    first = scim.user()
    again = scim.user_body(userName=first["userName"])
    scim.send("POST", scim.server.endpoint("User"), again).refused(409, types=("uniqueness",))
    same(len(scim.find(scim.server.endpoint("User"), f'userName eq "{first["userName"]}"')), 1, "users of that name")


@check(
    "create.duplicate-ignores-case",
    SECTION,
    Level.MUST,
    "userName is not case exact: the same name in capitals is a duplicate.",
    covers=["R-7643-2.2-03", "R-7643-2.2-11"],
)
def duplicate_in_capitals(scim: Probe) -> None:
    first = scim.user()
    again = scim.user_body(userName=first["userName"].upper())
    scim.send("POST", scim.server.endpoint("User"), again).refused(409, types=("uniqueness",))


@check(
    "create.read-only-ignored",
    SECTION,
    Level.MUST,
    "readOnly attributes in a new resource (id, meta, groups) are ignored, not stored and not refused.",
    covers=["R-7644-3.3-03", "R-7643-2.2-04", "R-7643-3.1-01", "C-47"],
)
def read_only_ignored(scim: Probe) -> None:
    sent = {
        "id": ID_UNKNOWN,
        "meta": {"resourceType": "Nothing", "created": "2001-01-01T00:00:00Z", "location": "https://nowhere.invalid/x"},
        "groups": [{"value": ID_UNKNOWN}],
    }
    made = scim.user(**sent)
    require(made["id"] != ID_UNKNOWN, "the client's id was taken")
    same(made["meta"].get("resourceType"), "User", "meta.resourceType")
    require("nowhere.invalid" not in str(made["meta"].get("location")), "the client's meta.location was taken")
    require("2001-01-01" not in str(made["meta"].get("created")), "the client's meta.created was taken")
    require(not made.get("groups"), "the client's groups were taken")


@check(
    "create.projection",
    SECTION,
    Level.MUST,
    "`attributes` shapes the answer to a creation: id, schemas and what was asked for, nothing else.",
    covers=["R-7644-3.3-05", "R-7644-3.4.2.5-07"],
)
def projected(scim: Probe) -> None:
    body = scim.user_body(displayName="Shown")
    reply = scim.send("POST", scim.server.endpoint("User"), body, params={"attributes": "userName"}).expect(201)
    same_items(set(reply.resource), ["schemas", "id", "userName"], "attributes in the answer")


@check(
    "create.required-missing",
    SECTION,
    Level.MUST,
    "A user without userName is refused with 400 invalidValue.",
    covers=["R-7643-2.2-02"],
)
def required_missing(scim: Probe) -> None:
    body = {"schemas": [USER], "displayName": "Nameless"}
    scim.send("POST", scim.server.endpoint("User"), body).refused(400, types=("invalidValue",))


@check(
    "create.other-schema",
    SECTION,
    Level.MUST,
    "The representation of another resource type is refused: a group sent to the users' endpoint creates nothing.",
    covers=["R-7644-3.3-07", "R-7643-3-02"],
)
def other_schema(scim: Probe) -> None:
    body = {"schemas": [GROUP], "displayName": scim.name("group")}
    scim.send("POST", scim.server.endpoint("User"), body).refused(400, types=("invalidSyntax", "invalidValue"))


@check(
    "create.resource-type",
    SECTION,
    Level.MUST,
    "meta.resourceType of a new resource is the name of the endpoint's resource type.",
    covers=["R-7644-3.3.1-01"],
    needs=["User", "Group"],
)
def resource_type(scim: Probe) -> None:
    same(scim.user()["meta"].get("resourceType"), "User", "meta.resourceType")
    same(scim.group()["meta"].get("resourceType"), "Group", "meta.resourceType")


@check(
    "create.extension-without-urn",
    SECTION,
    Level.SHOULD,
    "Extension data whose URN is not in schemas is taken and the URN added, or refused with 400; it is not stored unnamed.",
    covers=["R-7643-3-05"],
    needs=["User", "enterprise.department"],
)
def extension_without_urn(scim: Probe) -> None:
    body = scim.user_body(**{ENTERPRISE: {"department": "Sales"}})
    reply = scim.send("POST", scim.server.endpoint("User"), body)
    if reply.status == 400:
        reply.refused(400)
        return
    made = reply.expect(201).resource
    same((made.get(ENTERPRISE) or {}).get("department"), "Sales", "department")
    require(ENTERPRISE in made["schemas"], "the extension's URN is missing in schemas")


@check(
    "create.null-is-unset",
    SECTION,
    Level.MUST,
    "null and an empty list in a new resource mean that the attribute is not set.",
    covers=["R-7644-3.3-04", "R-7643-2.5-01"],
    needs=["User", "User.title", "User.emails"],
)
def null_is_unset(scim: Probe) -> None:
    made = scim.user(title=None, emails=[])
    read = scim.read(made)
    require(not read.get("title") and not read.get("emails"), "title or emails are there although they were unset")
