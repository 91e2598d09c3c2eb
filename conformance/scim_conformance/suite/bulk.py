"""RFC 7644 section 3.7: many operations in one request, and references between them."""

from typing import Any

from scim_conformance.checks import Section
from scim_conformance.clients import ERROR, PATCH_OP, Reply
from scim_conformance.fixtures import Probe, Resource
from scim_conformance.verdicts import CheckFailed, CheckSkipped, require, same

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

bulk = Section("7644-3.7", "bulk", needs="bulk User")


def creating(scim: Probe, name: str, **attributes: Any) -> Resource:
    """An operation that creates a user under this bulkId."""
    return {"method": "POST", "path": "/Users", "bulkId": name, "data": scim.user_body(**attributes)}


def grouping(scim: Probe, name: str, *members: str) -> Resource:
    """An operation that creates a group of such users."""
    data = {**scim.group_body(), "members": [{"value": f"bulkId:{member}"} for member in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": name, "data": data}


def patching(path: str, *operations: Resource, **members: Any) -> Resource:
    """An operation that modifies what is at a path."""
    data = {"schemas": [PATCH_OP], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **members}


def send(scim: Probe, *operations: Resource, **members: Any) -> Reply:
    """The answer to a bulk request."""
    return scim.post("/Bulk", {"schemas": [BULK_REQUEST], "Operations": list(operations), **members})


def results(reply: Reply) -> list[dict[str, Any]]:
    """The results of a bulk request that was processed."""
    answer = reply.expect(200).resource
    require(BULK_RESPONSE in (answer.get("schemas") or ()), f"schemas do not name {BULK_RESPONSE}")
    found = answer.get("Operations")
    if not isinstance(found, list):
        raise CheckFailed("Operations are missing")
    return found


def statuses(found: list[dict[str, Any]]) -> list[Any]:
    """The status of each result, which is text."""
    return [each.get("status") for each in found]


def at(location: Any) -> str:
    """The path of an address in a result."""
    return "/" + "/".join(str(location).rsplit("/", 2)[-2:])


@bulk.must(
    "create",
    "Users are created by one request; each result has method, bulkId, location and status as text.",
    "R-7644-3.7-01 R-7644-3.7-02 R-7644-3.7-03 C-121",
)
def create(scim: Probe) -> None:
    found = results(send(scim, creating(scim, "a"), creating(scim, "b")))
    same(statuses(found), ["201", "201"], "statuses")
    same(
        [(each.get("method"), each.get("bulkId")) for each in found], [("POST", "a"), ("POST", "b")], "methods and ids"
    )
    for each in found:
        same(scim.get(at(each.get("location"))).expect(200).resource["meta"]["location"], each["location"], "location")


@bulk.must(
    "all-methods", "POST, PUT, PATCH and DELETE work in one request.", "R-7644-3.7-01", needs="bulk patch User.title"
)
def all_methods(scim: Probe) -> None:
    put, patched, deleted = scim.user(), scim.user(), scim.user()
    operations = [
        creating(scim, "a"),
        {"method": "PUT", "path": scim.path(put), "data": scim.user_body(userName=put["userName"], title="Put")},
        patching(scim.path(patched), {"op": "add", "path": "title", "value": "Patched"}),
        {"method": "DELETE", "path": scim.path(deleted)},
    ]
    found = results(send(scim, *operations))
    same([each.get("method") for each in found], ["POST", "PUT", "PATCH", "DELETE"], "methods")
    require(statuses(found)[0] == "201" and statuses(found)[3] == "204", f"statuses are {statuses(found)}")
    same((scim.read(put).get("title"), scim.read(patched).get("title")), ("Put", "Patched"), "titles")
    scim.get(scim.path(deleted)).refused(404)


@bulk.must("order", "Results keep the order of the request.", "R-7644-3.7.3-01")
def order(scim: Probe) -> None:
    names = ["c", "a", "d", "b"]
    found = results(send(scim, *(creating(scim, name) for name in names)))
    same([each.get("bulkId") for each in found], names, "bulkIds")


@bulk.must(
    "failure-inside",
    "An operation that fails is told with its status and an Error; the others are carried out.",
    "R-7644-3.7-02 R-7644-3.7-04 R-7644-3.7-05",
)
def failure_inside(scim: Probe) -> None:
    taken = scim.user()["userName"]
    found = results(send(scim, creating(scim, "a", userName=taken), creating(scim, "b")))
    same(statuses(found), ["409", "201"], "statuses")
    error = found[0].get("response") or {}
    require(ERROR in (error.get("schemas") or ()), "response is no Error")
    same((error.get("status"), error.get("scimType")), ("409", "uniqueness"), "status and scimType in response")
    require("location" not in found[0], "a failed creation has a location")


@bulk.must(
    "stop-at-first",
    "failOnErrors 1 stops at the first error: what follows is neither done nor told.",
    "R-7644-3.7-06 C-122",
)
def stop_at_first(scim: Probe) -> None:
    taken, name = scim.user()["userName"], scim.name()
    operations = [creating(scim, "a"), creating(scim, "b", userName=taken), creating(scim, "c", userName=name)]
    found = results(send(scim, *operations, failOnErrors=1))
    same(statuses(found), ["201", "409"], "statuses")
    same(scim.find(scim.users, f'userName eq "{name}"'), [], "users of the operation after the error")


@bulk.must("stop-at-second", "failOnErrors 2 goes on after the first error.", "R-7644-3.7-06")
def stop_at_second(scim: Probe) -> None:
    taken = scim.user()["userName"]
    wrong = [creating(scim, name, userName=taken) for name in ("a", "b")]
    found = results(send(scim, wrong[0], creating(scim, "c"), wrong[1], creating(scim, "d"), failOnErrors=2))
    same(statuses(found), ["409", "201", "409"], "statuses")


@bulk.must(
    "other-method",
    "GET inside a bulk request is refused; the other operations are carried out, or none is.",
    "R-7644-3.7-01",
)
def other_method(scim: Probe) -> None:
    reply = send(scim, {"method": "GET", "path": "/Users"}, creating(scim, "b"))
    if reply.status == 200:
        found = statuses(results(reply))
        require(found[0] in ("400", "405", "501") and found[1] == "201", f"statuses are {found}")
    else:
        reply.refused(400)


@bulk.should("id-required", "A POST without bulkId is refused.", "R-7644-3.7-07")
def id_required(scim: Probe) -> None:
    operation = creating(scim, "a")
    del operation["bulkId"]
    reply = send(scim, operation)
    if reply.status == 200:
        same(statuses(results(reply)), ["400"], "statuses")
    else:
        reply.refused(400)


@bulk.should("id-twice", "Two operations of one bulkId are refused, and nothing is done.", "R-7644-3.7-08")
def id_twice(scim: Probe) -> None:
    first, second = creating(scim, "a"), creating(scim, "a")
    send(scim, first, second).refused(400)
    same(scim.find(scim.users, f'userName eq "{first["data"]["userName"]}"'), [], "users of the first operation")


@bulk.must(
    "version",
    "version in an operation is a condition: a stale one gives 412 there.",
    "R-7644-3.7-10",
    needs="bulk etag patch User.title",
)
def version(scim: Probe) -> None:
    made = scim.user()
    change = {"op": "add", "path": "title", "value": "Patched"}
    found = results(send(scim, patching(scim.path(made), change, version='W/"no-such-version"')))
    same(statuses(found), ["412"], "statuses")
    require(not scim.read(made).get("title"), "the resource was changed all the same")


@bulk.must("foreign-path", "A path to another server, or to no endpoint, is refused.", "R-7644-3.7-11 C-124")
def foreign_path(scim: Probe) -> None:
    for path in ("https://nowhere.invalid/Users", "/Nothing", "/Bulk"):
        operation = {**creating(scim, "a"), "path": path}
        reply = send(scim, operation)
        came = statuses(results(reply))[0] if reply.status == 200 else str(reply.status)
        require(came in ("400", "403", "404", "405", "501"), f"status of an operation at {path} is {came}")


@bulk.must("missing", "An operation on what does not exist is told with 404.", "R-7644-3.7-04")
def missing(scim: Probe) -> None:
    found = results(send(scim, {"method": "DELETE", "path": f"/Users/{scim.name('nobody')}"}))
    same(statuses(found), ["404"], "statuses")


@bulk.must(
    "patch-data",
    "data of a PATCH is a whole PatchOp message; a bare list of operations is refused.",
    "R-7644-3.7-09",
    needs="bulk patch User.title",
)
def patch_data(scim: Probe) -> None:
    made = scim.user()
    bare = [{"op": "add", "path": "title", "value": "Patched"}]
    reply = send(scim, {"method": "PATCH", "path": scim.path(made), "data": bare})
    if reply.status == 200:
        same(statuses(results(reply)), ["400"], "statuses")
    else:
        reply.refused(400)


@bulk.must(
    "too-many",
    "More operations than maxOperations are refused with 413, and nothing is done.",
    "R-7644-3.7.4-02 R-7643-5-04",
)
def too_many(scim: Probe) -> None:
    limit = scim.server.limit("bulk", "maxOperations")
    if limit is None or limit > 5_000:
        raise CheckSkipped(f"maxOperations is {limit}")
    first = creating(scim, "a")
    rest = ({"method": "DELETE", "path": f"/Users/nobody-{number}"} for number in range(limit))
    send(scim, first, *rest).refused(413)
    same(scim.find(scim.users, f'userName eq "{first["data"]["userName"]}"'), [], "users of the first operation")


@bulk.must(
    "too-large", "A body beyond maxPayloadSize is refused with 413, and nothing is done.", "R-7644-3.7.4-02 R-7643-5-04"
)
def too_large(scim: Probe) -> None:
    limit = scim.server.limit("bulk", "maxPayloadSize")
    if limit is None or limit > 20_000_000:
        raise CheckSkipped(f"maxPayloadSize is {limit}")
    operation = creating(scim, "a")
    padded = {**operation, "data": {**operation["data"], "displayName": "x" * limit}}
    send(scim, padded).refused(413)
    same(scim.find(scim.users, f'userName eq "{operation["data"]["userName"]}"'), [], "users of the operation")


@bulk.must("malformed", "A bulk request without Operations is refused with 400.", "R-7644-3.7-01")
def malformed(scim: Probe) -> None:
    bodies: list[Any] = [{"schemas": [BULK_REQUEST]}, {"schemas": [BULK_REQUEST], "Operations": {}}, []]
    for body in bodies:
        scim.post("/Bulk", body).refused(400)


@bulk.must("only-post", "/Bulk takes POST alone.", "R-7644-3.2-02")
def only_post(scim: Probe) -> None:
    scim.get("/Bulk").refused(404, 405)


@bulk.must(
    "atomic-operation",
    "An operation that fails changes nothing of its resource.",
    "R-7644-3.5.2-04",
    needs="bulk patch User.title",
)
def atomic_operation(scim: Probe) -> None:
    made = scim.user(title="Old")
    good, bad = ({"op": "replace", "path": path, "value": "New"} for path in ("title", "bogus"))
    same(statuses(results(send(scim, patching(scim.path(made), good, bad)))), ["400"], "statuses")
    same(scim.read(made).get("title"), "Old", "title")
