"""RFC 7644 sections 3.7.1 and 3.7.2: operations of a bulk request that refer to each other by bulkId."""

from scim_conformance.checks import Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.servers import ENTERPRISE
from scim_conformance.suite.bulk import at, creating, grouping, patching, results, send, statuses
from scim_conformance.verdicts import require, same, same_items

bulk = Section("7644-3.7", "bulk", needs="bulk User")


@bulk.must(
    "reference",
    "bulkId:x stands for the id of what another operation creates.",
    "R-7644-3.7.2-01",
    needs="bulk User Group.members",
)
def reference(scim: Probe) -> None:
    found = results(send(scim, creating(scim, "a"), grouping(scim, "g", "a")))
    same(statuses(found), ["201", "201"], "statuses")
    members = scim.get(at(found[1]["location"])).resource.get("members") or []
    same([each["value"] for each in members], [at(found[0]["location"]).rpartition("/")[2]], "members")


@bulk.must(
    "reference-forward",
    "A reference may point to a later operation.",
    "R-7644-3.7.2-02 R-7644-3.7-13 C-118",
    needs="bulk User Group.members",
)
def reference_forward(scim: Probe) -> None:
    found = results(send(scim, grouping(scim, "g", "a"), creating(scim, "a")))
    same(statuses(found), ["201", "201"], "statuses")
    members = scim.get(at(found[0]["location"])).resource.get("members") or []
    same([each["value"] for each in members], [at(found[1]["location"]).rpartition("/")[2]], "members")


@bulk.must(
    "reference-circular",
    "Operations that reference each other are both carried out, or both refused with 409.",
    "R-7644-3.7.1-01 R-7643-4.2-05 C-119",
    needs="bulk User Group.members",
)
def reference_circular(scim: Probe) -> None:
    found = results(send(scim, grouping(scim, "a", "b"), grouping(scim, "b", "a")))
    if statuses(found) == ["409", "409"]:
        return
    same(statuses(found), ["201", "201"], "statuses")
    for here, there in ((0, 1), (1, 0)):
        members = scim.get(at(found[here]["location"])).resource.get("members") or []
        same([each["value"] for each in members], [at(found[there]["location"]).rpartition("/")[2]], "members")


@bulk.must(
    "reference-in-extension", "References work in extensions.", "R-7644-3.7.2-01", needs="bulk User enterprise.manager"
)
def reference_in_extension(scim: Probe) -> None:
    data = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"manager": {"value": "bulkId:boss"}}}
    found = results(send(scim, creating(scim, "boss"), creating(scim, "report", **data)))
    same(statuses(found), ["201", "201"], "statuses")
    came = scim.get(at(found[1]["location"])).resource.get(ENTERPRISE, {}).get("manager", {}).get("value")
    same(came, at(found[0]["location"]).rpartition("/")[2], "manager")


@bulk.must(
    "reference-in-patch",
    "References work in the values of a PATCH.",
    "R-7644-3.7.2-01",
    needs="bulk patch User Group.members",
)
def reference_in_patch(scim: Probe) -> None:
    group = scim.group()
    change = {"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]}
    found = results(send(scim, creating(scim, "a"), patching(scim.path(group), change)))
    members = scim.read(group).get("members") or []
    same([each["value"] for each in members], [at(found[0]["location"]).rpartition("/")[2]], "members")


@bulk.should(
    "reference-in-path",
    "A reference in a path leads to what was just created.",
    "R-7644-3.7.2-03 C-117",
    needs="bulk patch User.title",
)
def reference_in_path(scim: Probe) -> None:
    change = {"op": "add", "path": "title", "value": "Patched"}
    found = results(send(scim, creating(scim, "a"), patching("/Users/bulkId:a", change)))
    require(statuses(found)[0] == "201" and statuses(found)[1] in ("200", "204"), f"statuses are {statuses(found)}")
    same(found[1].get("location"), found[0]["location"], "location of the second result")
    same(scim.get(at(found[0]["location"])).resource.get("title"), "Patched", "title")


@bulk.must(
    "reference-failed",
    "A reference to an operation that failed makes its own fail, with 409.",
    "R-7644-3.7.2-04 C-120",
    needs="bulk User Group.members",
)
def reference_failed(scim: Probe) -> None:
    taken = scim.user()["userName"]
    found = results(send(scim, creating(scim, "a", userName=taken), grouping(scim, "g", "a")))
    same(statuses(found)[0], "409", "status of the first")
    require(statuses(found)[1] in ("409", "400"), f"status of the second is {statuses(found)[1]}")


@bulk.must(
    "reference-unknown",
    "A reference to no operation makes its own fail.",
    "R-7644-3.7.2-04",
    needs="bulk User Group.members",
)
def reference_unknown(scim: Probe) -> None:
    reply = send(scim, grouping(scim, "g", "nobody"))
    if reply.status == 200:
        require(statuses(results(reply))[0] in ("400", "409"), f"status is {statuses(results(reply))[0]}")
    else:
        reply.refused(400, 409)


@bulk.must(
    "members-of-many", "A group of several new users has them all.", "R-7644-3.7.2-01", needs="bulk User Group.members"
)
def members_of_many(scim: Probe) -> None:
    names = ["a", "b", "c"]
    found = results(send(scim, *(creating(scim, name) for name in names), grouping(scim, "g", *names)))
    members = scim.get(at(found[3]["location"])).resource.get("members") or []
    same_items(
        [each["value"] for each in members], [at(each["location"]).rpartition("/")[2] for each in found[:3]], "members"
    )
