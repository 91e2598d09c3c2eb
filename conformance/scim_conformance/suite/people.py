"""RFC 7643 sections 4.1 and 4.2: users and groups."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import Probe
from scim_conformance.verdicts import like, require, same, same_items

user = Section("7643-4.1", "user")
group = Section("7643-4.2", "group", needs="User Group.members")

WHOLE = {
    "displayName": "Ana Lima",
    "nickName": "Ani",
    "title": "Engineer",
    "userType": "Employee",
    "preferredLanguage": "pt-BR",
    "locale": "pt-BR",
    "timezone": "America/Sao_Paulo",
    "profileUrl": "https://people.example.com/ana",
    "active": True,
    "name": {
        "givenName": "Ana",
        "familyName": "Lima",
        "middleName": "B",
        "honorificPrefix": "Dr.",
        "honorificSuffix": "II",
    },
    "phoneNumbers": [
        {"value": "tel:+55-11-5555-0100", "type": "work"},
        {"value": "tel:+55-11-5555-0101", "type": "mobile"},
    ],
    "ims": [{"value": "ana", "type": "xmpp"}],
    "photos": [{"value": "https://people.example.com/ana.jpg", "type": "photo"}],
    "addresses": [
        {
            "streetAddress": "1 Main Road",
            "locality": "Santos",
            "region": "SP",
            "postalCode": "11000",
            "country": "BR",
            "type": "work",
        }
    ],
}


@user.must(
    "whole", "Every attribute of a user that the schema lists is stored and answered.", "R-7643-7-01 R-7643-2.3.1-01"
)
def whole(scim: Probe) -> None:
    sent = {name: value for name, value in WHOLE.items() if not scim.server.lacks(f"User.{name}")}
    like(scim.read(scim.user(**sent)), sent, "user")


@user.must("minimal", "A userName is enough for a user.", "R-7643-4.1-01")
def minimal(scim: Probe) -> None:
    scim.post(scim.users, scim.user_body()).expect(201)


@user.should(
    "formatted",
    "name.formatted, where the server gives one, fits the parts, also after they change.",
    "R-7643-4.1-02",
    needs="patch User.name.givenName",
)
def formatted(scim: Probe) -> None:
    made = scim.user(name={"givenName": "Ana", "familyName": "Lima"})
    scim.patch(made, {"op": "replace", "path": "name.givenName", "value": "Eva"}).expect(200, 204)
    name = scim.read(made).get("name") or {}
    same(name.get("givenName"), "Eva", "name.givenName")
    came = name.get("formatted")
    require(not came or ("Eva" in came and "Ana" not in came), f"name.formatted is {came!r} after the change")


@user.must(
    "groups",
    "A user's groups are computed from the groups' members.",
    "R-7643-4.1-05",
    needs="User.groups Group.members",
)
def groups(scim: Probe) -> None:
    member = scim.user()
    made = scim.group(member)
    came = scim.read(member).get("groups") or []
    same([each.get("value") for each in came], [made["id"]], "groups")
    require(came[0].get("type", "direct") == "direct", "the group is not marked as direct")


@user.must(
    "groups-leave",
    "A user who leaves a group no longer shows it.",
    "R-7643-4.1-05",
    needs="patch User.groups Group.members",
)
def groups_leave(scim: Probe) -> None:
    member = scim.user()
    made = scim.group(member)
    same([each["value"] for each in scim.read(member).get("groups") or []], [made["id"]], "groups before")
    scim.patch(made, {"op": "remove", "path": f'members[value eq "{member["id"]}"]'}).expect(200, 204)
    same(scim.read(member).get("groups") or [], [], "groups")


@user.must(
    "groups-reference",
    "The reference to a user's group leads to it.",
    "R-7643-4.1-05 R-7643-2.3.7-02",
    needs="User.groups Group.members",
)
def groups_reference(scim: Probe) -> None:
    member = scim.user()
    made = scim.group(member)
    reference = scim.read(member)["groups"][0].get("$ref")
    require(reference is None or reference == made["meta"]["location"], f"$ref is {reference}")


@user.should(
    "groups-indirect",
    "Groups that contain a user's group are shown as indirect.",
    "R-7643-4.1-05",
    needs="User.groups Group.members",
)
def groups_indirect(scim: Probe) -> None:
    member = scim.user()
    inner = scim.group(member)
    outer = scim.group(inner)
    came = {each.get("value"): each.get("type") for each in scim.read(member).get("groups") or []}
    same(came, {inner["id"]: "direct", outer["id"]: "indirect"}, "groups and their types")


@user.must(
    "groups-cycle",
    "A cycle of groups does not stop the server from answering their members.",
    "R-7643-4.1-06 C-131",
    needs="patch User.groups Group.members",
)
def groups_cycle(scim: Probe) -> None:
    member = scim.user()
    first = scim.group(member)
    second = scim.group(first)
    scim.patch(first, {"op": "add", "path": "members", "value": [{"value": second["id"]}]}).expect(200, 204, 400, 409)
    came = [each["value"] for each in scim.read(member).get("groups") or []]
    require(first["id"] in came, "the user's own group is missing")
    same(len(came), len(set(came)), "number of groups, each once")


@user.may(
    "country",
    "A country that is no two-letter code is taken as sent, or refused.",
    "R-7643-4.1-07",
    needs="User.addresses",
)
def country(scim: Probe) -> None:
    reply = scim.post(scim.users, scim.user_body(addresses=[{"country": "Brazil", "type": "work"}]))
    if reply.status != 400:
        like(scim.read(reply.expect(201).resource)["addresses"], [{"country": "Brazil"}], "addresses")


@group.must("name-required", "A group without displayName is refused with 400.", "R-7643-4.2-01 R-7643-2.2-02")
def name_required(scim: Probe) -> None:
    body = {"schemas": scim.group_body()["schemas"], "members": []}
    scim.post(scim.groups, body).refused(400, types=("invalidValue",))


@group.must("empty", "A group needs no members.", "R-7643-4.2-01")
def empty(scim: Probe) -> None:
    same(scim.read(scim.group()).get("members") or [], [], "members")


@group.must("members", "A group is created with its members.", "R-7643-4.2-02 R-7642-2.2-01")
def members(scim: Probe) -> None:
    people = [scim.user(), scim.user()]
    came = scim.read(scim.group(*people)).get("members") or []
    same_items([each.get("value") for each in came], [person["id"] for person in people], "members")


@group.must(
    "member-type", "A member's type is User or Group, as it is.", "R-7643-4.2-02", needs="User Group.members.type"
)
def member_type(scim: Probe) -> None:
    person, inner = scim.user(), scim.group()
    came = {each["value"]: each.get("type") for each in scim.read(scim.group(person, inner)).get("members") or []}
    same(came, {person["id"]: "User", inner["id"]: "Group"}, "members and their types")


@group.must(
    "member-reference",
    "The reference to a member is its address.",
    "R-7643-4.2-02 R-7643-2.3.7-02",
    needs="User Group.members.$ref",
)
def member_reference(scim: Probe) -> None:
    person = scim.user()
    came = scim.read(scim.group(person)).get("members") or [{}]
    same(came[0].get("$ref"), person["meta"]["location"], "$ref")


@group.may(
    "member-display",
    "A member's display, where the server gives one, is the member's name.",
    "R-7643-4.2-02",
    needs="User.displayName Group.members.display",
)
def member_display(scim: Probe) -> None:
    person = scim.user(displayName="Ana Lima")
    came = (scim.read(scim.group(person)).get("members") or [{}])[0].get("display")
    require(came in (None, "Ana Lima", person["userName"]), f"display is {came!r}")


@group.should(
    "member-unknown", "A member who does not exist is refused with 400, or skipped; it is not listed.", "R-7643-4.2-03"
)
def member_unknown(scim: Probe) -> None:
    reply = scim.post(scim.groups, {**scim.group_body(), "members": [{"value": scim.name("nobody")}]})
    if reply.status == 201:
        same(scim.read(reply.resource).get("members") or [], [], "members")
    else:
        reply.refused(400, 404)


@group.must("member-twice", "A member given twice is one member.", "R-7643-2.4-03")
def member_twice(scim: Probe) -> None:
    person = scim.user()
    came = scim.read(scim.group(person, person)).get("members") or []
    same([each["value"] for each in came], [person["id"]], "members")


@group.must("nested", "A group can contain a group.", "R-7643-4.2-05")
def nested(scim: Probe) -> None:
    inner = scim.group()
    came = scim.read(scim.group(inner)).get("members") or []
    same([each["value"] for each in came], [inner["id"]], "members")


@group.may(
    "name-twice", "A second group of the same displayName is created, or refused with 409 uniqueness.", "R-7643-2.2-03"
)
def name_twice(scim: Probe) -> None:
    name = scim.group()["displayName"]
    reply = scim.post(scim.groups, scim.group_body(displayName=name))
    if reply.status != 201:
        reply.refused(409, types=("uniqueness",))
