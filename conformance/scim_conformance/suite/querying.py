"""RFC 7644 sections 3.4.1 and 3.4.2: reading one resource, and lists of them."""

from scim_conformance.checks import Section
from scim_conformance.clients import LIST_RESPONSE
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.verdicts import CheckSkipped, require, same, same_items

retrieve = Section("7644-3.4.1", "retrieve")
query = Section("7644-3.4.2", "query")
root = Section("7644-3.4.2.1", "root", needs="User Group filter")


@retrieve.must("user", "Reading a user by its address gives 200 and the resource.", "R-7644-3.4.1-01 R-7642-2.2-01")
def user(scim: Probe) -> None:
    made = scim.user()
    read = scim.get(scim.path(made)).expect(200).resource
    same((read.get("id"), read.get("userName")), (made["id"], made["userName"]), "id and userName")


@retrieve.must("group", "Reading a group by its address gives 200 and the resource.", "R-7644-3.4.1-01", needs="Group")
def group(scim: Probe) -> None:
    made = scim.group()
    read = scim.get(scim.path(made)).expect(200).resource
    same((read.get("id"), read.get("displayName")), (made["id"], made["displayName"]), "id and displayName")


@retrieve.must("missing", "An id that nothing has is answered with 404 and an Error.", "R-7644-3.4.1-01")
def missing(scim: Probe) -> None:
    scim.get(f"{scim.users}/{scim.name('nobody')}").refused(404)


@retrieve.must("missing-group", "The same for groups.", "R-7644-3.4.1-01", needs="Group")
def missing_group(scim: Probe) -> None:
    scim.get(f"{scim.groups}/{scim.name('nothing')}").refused(404)


@retrieve.must(
    "other-type", "The id of a group is not found under the users' endpoint.", "R-7644-3.4.1-02", needs="User Group"
)
def other_type(scim: Probe) -> None:
    scim.get(f"{scim.users}/{scim.group()['id']}").refused(404)


@retrieve.must("id-exact", "An id in another letter case is not found.", "R-7643-3.1-03")
def id_exact(scim: Probe) -> None:
    made = scim.user()
    other = made["id"].swapcase()
    if other == made["id"]:
        raise CheckSkipped("the server's ids have no letters")
    scim.get(f"{scim.users}/{other}").refused(404)


@retrieve.must("same-twice", "Reading changes nothing: two readings are equal, meta included.", "R-7643-3.1-05")
def same_twice(scim: Probe) -> None:
    made = scim.user()
    same(scim.read(made), scim.read(made), "second reading")


@retrieve.may(
    "filter-on-one",
    "A filter at the address of one resource is refused or applied, not silently ignored.",
    "R-7644-3.4.1-04",
    needs="User filter",
)
def filter_on_one(scim: Probe) -> None:
    made = scim.user()
    reply = scim.get(scim.path(made), filter='userName eq "someone-else"')
    require(
        reply.status in (400, 403, 404) or (reply.status == 200 and "id" not in reply.resource),
        "the resource came although the filter excludes it",
    )


@query.must(
    "list-response", "A list is a ListResponse with an integer totalResults.", "R-7644-3.4.2-01 R-7644-3.4.2-05"
)
def list_response(scim: Probe) -> None:
    made, _ = scim.user(), scim.user()
    listed = scim.get(scim.users, filter=f'id eq "{made["id"]}"').listed
    same(listed["schemas"], [LIST_RESPONSE], "schemas")
    same(listed["totalResults"], 1, "totalResults")
    same([each["id"] for each in listed.get("Resources") or []], [made["id"]], "ids in Resources")


@query.must("no-hit", "A query that finds nothing is answered with 200 and totalResults 0.", "R-7644-3.4.2-01")
def no_hit(scim: Probe) -> None:
    reply = scim.get(scim.users, filter=f'userName eq "{scim.name("nobody")}"')
    same(reply.listed["totalResults"], 0, "totalResults")
    same(reply.resources, [], "Resources")


@query.must("representation", "A resource in a list is the resource that reading it gives.", "R-7644-3.4.2-01")
def representation(scim: Probe) -> None:
    made, _ = scim.user(), scim.user()
    same(scim.find(scim.users, f'id eq "{made["id"]}"'), [scim.read(made)], "Resources")


@query.must("unfiltered", "A query without filter gives the resources of the endpoint.", "R-7644-3.4.2-01")
def unfiltered(scim: Probe) -> None:
    scim.shared(people)
    reply = scim.get(scim.users)
    require(reply.listed["totalResults"] >= 5, "totalResults is less than the number of users there")
    require(reply.resources, "Resources are missing")
    same({each["meta"]["resourceType"] for each in reply.resources} - {"User"}, set(), "other resource types")


@query.must("groups", "Groups can be listed.", "R-7644-3.4.2-01", needs="Group")
def groups(scim: Probe) -> None:
    made, _ = scim.group(), scim.group()
    found = scim.find(scim.groups, f'displayName eq "{made["displayName"]}"')
    same([each["id"] for each in found], [made["id"]], "ids in Resources")


@query.must("total", "totalResults counts all matches, whatever the page.", "R-7644-3.4.2-03")
def total(scim: Probe) -> None:
    known = scim.shared(people)
    for count in ("1", "3", "50"):
        same(
            scim.get(scim.users, filter=known.within("userName pr"), count=count).listed["totalResults"],
            5,
            f"totalResults at count={count}",
        )


@query.must("unknown-parameter", "Unknown query parameters are ignored.", "R-7644-3.2-06", needs="User filter")
def unknown_parameter(scim: Probe) -> None:
    known = scim.shared(people)
    reply = scim.get(scim.users, filter=known.within("userName pr"), bogus="1", aadOptscim062020="")
    same(reply.listed["totalResults"], 5, "totalResults")


@query.must("no-patch", "A collection cannot be patched.", "R-7644-3.5.2-12")
def no_patch(scim: Probe) -> None:
    scim.send("PATCH", scim.users, {"schemas": [], "Operations": []}).refused(400, 404, 405, 501)


@root.must(
    "spans-types",
    "A query at the base address finds resources of all types.",
    "R-7644-3.4.2.1-01 R-7644-3.4.2.1-04",
)
def spans_types(scim: Probe) -> None:
    external = scim.name("ext")
    made = [scim.user(externalId=external)["id"], scim.group(externalId=external)["id"]]
    reply = scim.get("/", filter=f'externalId eq "{external}"').implemented(404)
    same_items([each["id"] for each in reply.resources], made, "ids")
    same_items([each["meta"]["resourceType"] for each in reply.resources], ["User", "Group"], "resource types")


@root.must(
    "resource-type",
    "meta.resourceType tells the types apart in a query at the base address.",
    "R-7644-3.4.2.1-01 R-7644-3.4.2.1-04",
)
def root_resource_type(scim: Probe) -> None:
    external = scim.name("ext")
    scim.user(externalId=external)
    made = scim.group(externalId=external)
    expression = f'externalId eq "{external}" and meta.resourceType eq "Group"'
    reply = scim.get("/", filter=expression).implemented(404)
    same([each["id"] for each in reply.resources], [made["id"]], "ids")


@root.must(
    "attribute-of-one-type",
    "An attribute that one type lacks is unset there; it is no error.",
    "R-7644-3.4.2.1-02 C-76",
)
def attribute_of_one_type(scim: Probe) -> None:
    external = scim.name("ext")
    made = scim.user(externalId=external)
    scim.group(externalId=external)
    reply = scim.get("/", filter=f'externalId eq "{external}" and userName pr').implemented(404)
    same([each["id"] for each in reply.resources], [made["id"]], "ids")


@root.must("attribute-of-no-type", "An attribute that no type has is refused with 400 invalidFilter.", "C-76")
def attribute_of_no_type(scim: Probe) -> None:
    scim.get("/", filter='bogus eq "a"').implemented(404).refused(400, types=("invalidFilter",))


@root.must("broad", "A query for everything is paged, or refused with 400 tooMany.", "R-7644-3.4.2.1-03")
def broad(scim: Probe) -> None:
    scim.user()
    reply = scim.get("/", count="2").implemented(404)
    if reply.status == 400:
        reply.refused(400, types=("tooMany",))
        return
    require(0 < len(reply.resources) <= 2, f"{len(reply.resources)} resources came although count was 2")
