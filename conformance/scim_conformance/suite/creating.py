"""RFC 7644 section 3.3: POST creates, answers with the whole resource, and names where it lives."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import GROUP, USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import like, require, same, same_items

create = Section("7644-3.3", "create")


@create.must(
    "status",
    "A new user is answered with 201 and its whole representation, userName spelt as given.",
    "R-7644-3.3-01 R-7644-5-02 R-7642-2.2-01",
)
def created(scim: Probe) -> None:
    body = scim.user_body(userName=scim.name("Mixed-Case"))
    made = scim.post(scim.users, body).expect(201).resource
    same(made.get("userName"), body["userName"], "userName")
    require(isinstance(made.get("id"), str) and made["id"], "id is missing or no text")
    require(USER in (made.get("schemas") or ()), f"schemas do not name {USER}")


@create.must(
    "location-header",
    "The answer to a creation has a Location header, equal to meta.location.",
    "R-7644-3.3-01 R-7643-3.1-06",
)
def location(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body()).expect(201)
    require(reply.headers.get("Location"), "the Location header is missing")
    same((reply.resource.get("meta") or {}).get("location"), reply.headers["Location"], "meta.location")


@create.must(
    "location-leads-there",
    "Location ends with the endpoint and the new id, and reading there gives the resource.",
    "R-7644-3.3-01",
)
def location_leads(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body()).expect(201)
    identifier, address = reply.resource["id"], str(reply.headers.get("Location"))
    require(address.endswith(f"{scim.users}/{identifier}"), f"Location {address} does not end with the new id")
    same(scim.get(f"{scim.users}/{identifier}").expect(200).resource["id"], identifier, "id")


@create.must(
    "duplicate",
    "A second user with the same userName is refused with 409 and scimType uniqueness, and is not stored.",
    "R-7644-3.3-02 R-7643-2.2-11 R-7643-4.1-01 R-7644-3.12-05",
)
def duplicate(scim: Probe) -> None:
    name = scim.user()["userName"]
    scim.post(scim.users, scim.user_body(userName=name)).refused(409, types=("uniqueness",))
    same(len(scim.find(scim.users, f'userName eq "{name}"')), 1, "number of users of that name")


@create.must(
    "duplicate-ignores-case",
    "userName is not case exact: the same name in capitals is a duplicate.",
    "R-7643-2.2-03 R-7643-2.2-11 C-50",
)
def duplicate_in_capitals(scim: Probe) -> None:
    name = scim.user()["userName"].upper()
    scim.post(scim.users, scim.user_body(userName=name)).refused(409, types=("uniqueness",))


@create.must(
    "read-only-ignored",
    "readOnly attributes in a new resource (id, meta, groups) are ignored, neither stored nor refused.",
    "R-7644-3.3-03 R-7643-2.2-04 R-7643-3.1-01 C-47",
)
def read_only_ignored(scim: Probe) -> None:
    meta = {"resourceType": "Nothing", "created": "2001-01-01T00:00:00Z", "location": "https://nowhere.invalid/x"}
    made = scim.user(id="chosen-by-client", meta=meta, groups=[{"value": "chosen-by-client"}])
    require(made["id"] != "chosen-by-client", "the client's id was taken")
    same(made["meta"].get("resourceType"), "User", "meta.resourceType")
    require("nowhere.invalid" not in str(made["meta"].get("location")), "the client's meta.location was taken")
    require("2001-01-01" not in str(made["meta"].get("created")), "the client's meta.created was taken")
    require(not made.get("groups"), "the client's groups were taken")


@create.must(
    "projection",
    "`attributes` shapes the answer to a creation: id, schemas and what was asked for, nothing else.",
    "R-7644-3.3-05 R-7644-3.4.2.5-07",
)
def projected(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(displayName="Shown"), params={"attributes": "userName"}).expect(201)
    same_items(list(reply.resource), ["schemas", "id", "userName"], "attributes in the answer")


@create.must(
    "excluded-attributes",
    "`excludedAttributes` shapes the answer to a creation: what it names is left out, the rest stays.",
    "R-7644-3.3-05 R-7644-3.4.2.5-07",
    needs="User.displayName User.title",
)
def excluded(scim: Probe) -> None:
    body = scim.user_body(displayName="Hidden", title="Shown")
    made = scim.post(scim.users, body, params={"excludedAttributes": "displayName"}).expect(201).resource
    require("displayName" not in made, "displayName is there although it was excluded")
    same(made.get("title"), "Shown", "title")


@create.must("required-missing", "A user without userName is refused with 400 invalidValue.", "R-7643-2.2-02")
def required_missing(scim: Probe) -> None:
    scim.post(scim.users, {"schemas": [USER], "displayName": "Nameless"}).refused(400, types=("invalidValue",))


@create.must("required-empty", "An empty userName is refused with 400.", "R-7643-2.5-03 R-7643-4.1-01")
def required_empty(scim: Probe) -> None:
    scim.post(scim.users, scim.user_body(userName="")).refused(400, types=("invalidValue",))


@create.must("required-null", "A null userName is refused with 400.", "R-7643-2.2-02 R-7643-2.5-01")
def required_null(scim: Probe) -> None:
    scim.post(scim.users, scim.user_body(userName=None)).refused(400, types=("invalidValue",))


@create.must(
    "other-schema",
    "The representation of another resource type is refused: a group sent to the users' endpoint creates nothing.",
    "R-7644-3.3-07 R-7643-3-02",
)
def other_schema(scim: Probe) -> None:
    body = {"schemas": [GROUP], "displayName": scim.name("group")}
    scim.post(scim.users, body).refused(400, types=("invalidSyntax", "invalidValue"))


@create.must(
    "resource-type",
    "meta.resourceType of a new resource is the name of the endpoint's resource type.",
    "R-7644-3.3.1-01",
    needs="User Group",
)
def resource_type(scim: Probe) -> None:
    same(scim.user()["meta"].get("resourceType"), "User", "meta.resourceType")
    same(scim.group()["meta"].get("resourceType"), "Group", "meta.resourceType")


@create.must(
    "null-is-unset",
    "null and an empty list in a new resource mean that the attribute is not set.",
    "R-7644-3.3-04 R-7643-2.5-01",
    needs="User.title User.emails",
)
def null_is_unset(scim: Probe) -> None:
    like(scim.read(scim.user(title=None, emails=[])), {"title": None, "emails": None}, "user")


@create.must(
    "read-at-once",
    "What was just created is found at once, by address and by filter.",
    "R-7642-2.2-02",
    needs="User filter",
)
def read_at_once(scim: Probe) -> None:
    external = scim.name("ext")
    made, _ = scim.user(externalId=external), scim.user()
    found = scim.find(scim.users, f'externalId eq "{external}"')
    same([each["id"] for each in found], [made["id"]], "users with that externalId")


@create.must(
    "answer-equals-reading",
    "The answer to a creation is the resource that reading gives afterwards.",
    "R-7644-3.3-01 R-7644-3.3-06",
    needs="User.name User.emails",
)
def answer_equals_reading(scim: Probe) -> None:
    made = scim.user(
        name={"givenName": "Ana", "familyName": "Lima"}, emails=[{"value": scim.email("ana"), "type": "work"}]
    )
    same(scim.read(made), made, "the resource")


@create.should(
    "default-shown",
    "Where the server sets `active` by default, the answer to the creation shows it.",
    "R-7644-3.3-06 R-7644-3.4.2.2-34",
    needs="User.active",
)
def default_shown(scim: Probe) -> None:
    made = scim.user()
    same(made.get("active"), scim.read(made).get("active"), "active in the answer to the creation and on reading")


@create.should(
    "extension-without-urn",
    "Extension data whose URN is not in schemas is taken and the URN added, or refused with 400.",
    "R-7643-3-05",
    needs="enterprise.department",
)
def extension_without_urn(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(**{ENTERPRISE: {"department": "Sales"}}))
    if reply.status == 400:
        reply.refused(400)
        return
    made = reply.expect(201).resource
    like(made.get(ENTERPRISE), {"department": "Sales"}, "the extension")
    require(ENTERPRISE in made["schemas"], "the extension's URN is missing in schemas")
