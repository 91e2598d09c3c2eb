"""RFC 7644 section 3.4.3: a query as a POST to /.search, at the base address and below an endpoint."""

from typing import Any

from scim_conformance.checks import Section
from scim_conformance.clients import Reply
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.verdicts import require, same, same_items

SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

search = Section("7644-3.4.3", "search", needs="filter User")


def searched(scim: Probe, endpoint: str, **parameters: Any) -> Reply:
    """The answer to a SearchRequest; the check is skipped where the server does not offer it."""
    body = {"schemas": [SEARCH_REQUEST], **parameters}
    return scim.post(f"{endpoint}/.search", body).implemented()


@search.must(
    "users", "POST /Users/.search answers a query with 200 and a ListResponse.", "R-7644-3.4.3-01 R-7644-3.4.3-04"
)
def users(scim: Probe) -> None:
    known = scim.shared(people)
    reply = searched(scim, scim.users, filter=known.within("title pr"))
    same_items(known.nicknames(reply.resources), ["alice", "carol", "dave"], "found")


@search.must("groups", "POST /Groups/.search answers a query.", "R-7644-3.4.3-01", needs="filter Group")
def groups(scim: Probe) -> None:
    made = scim.group()
    reply = searched(scim, scim.groups, filter=f'displayName eq "{made["displayName"]}"')
    same([each["id"] for each in reply.resources], [made["id"]], "ids")


@search.must(
    "root", "POST /.search spans all resource types.", "R-7644-3.4.3-01 R-7644-3.4.2.1-01", needs="filter User Group"
)
def root(scim: Probe) -> None:
    external = scim.name("ext")
    made = [scim.user(externalId=external)["id"], scim.group(externalId=external)["id"]]
    reply = searched(scim, "", filter=f'externalId eq "{external}"')
    same_items([each["id"] for each in reply.resources], made, "ids")


@search.must(
    "like-get", "A search gives what the same query by GET gives.", "R-7644-3.4.3-03", needs="filter sort User"
)
def like_get(scim: Probe) -> None:
    known = scim.shared(people)
    within = known.within("active pr")
    parameters = {"startIndex": 2, "count": 2, "sortBy": "userName", "sortOrder": "descending"}
    reply = searched(scim, scim.users, filter=within, attributes=["userName"], **parameters)
    got = scim.get(scim.users, filter=within, attributes="userName", **{k: str(v) for k, v in parameters.items()})
    same(reply.listed, got.listed, "answer to the search")


@search.must("paged", "startIndex and count page a search.", "R-7644-3.4.2.4-06")
def paged(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    listed = searched(scim, scim.users, filter=within, startIndex=3, count=2).listed
    counters = [listed.get(name) for name in ("totalResults", "startIndex", "itemsPerPage")]
    same(counters, [5, 3, 2], "totalResults, startIndex, itemsPerPage")


@search.must(
    "negative-numbers",
    "startIndex below 1 counts as 1 and count below 0 as 0, as in a GET.",
    "R-7644-3.4.2.4-06 C-87 C-88",
)
def negative_numbers(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    same(searched(scim, scim.users, filter=within, startIndex=-1, count=2).listed.get("startIndex"), 1, "startIndex")
    same(searched(scim, scim.users, filter=within, count=-1).resources, [], "Resources at count -1")


@search.must("projection", "attributes of a search is a list of names and shapes the resources.", "R-7644-3.4.2.5-07")
def projection(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    for each in searched(scim, scim.users, filter=within, attributes=["userName"]).resources:
        same_items(list(each), ["schemas", "id", "userName"], "names of a resource in the list")


@search.must(
    "excluded", "excludedAttributes of a search shapes the resources.", "R-7644-3.4.2.5-07", needs="filter User.title"
)
def excluded(scim: Probe) -> None:
    within = scim.shared(people).within("title pr")
    found = searched(scim, scim.users, filter=within, excludedAttributes=["title"]).resources
    require(found and not any("title" in each for each in found), "title is there although it was excluded")


@search.must("bad-filter", "A bad filter is refused with 400 invalidFilter.", "R-7644-3.4.2.2-11")
def bad_filter(scim: Probe) -> None:
    searched(scim, scim.users, filter="userName eq").refused(400, types=("invalidFilter",))


@search.may("wrong-type", "A number given as text is refused with 400.", "R-7644-3.4.2.4-06")
def wrong_type(scim: Probe) -> None:
    searched(scim, scim.users, count="10").refused(400, types=("invalidValue", "invalidSyntax"))


@search.should(
    "schemas-required",
    "A search without the SearchRequest URN is refused, or answered as one that has it.",
    "R-7644-3.4.3-02",
)
def schemas_required(scim: Probe) -> None:
    known = scim.shared(people)
    reply = scim.post(f"{scim.users}/.search", {"filter": known.within("title pr")}).implemented()
    if reply.status == 200:
        same_items(known.nicknames(reply.resources), ["alice", "carol", "dave"], "found")
    else:
        reply.refused(400, types=("invalidSyntax", "invalidValue"))


@search.must("no-body", "A search without a JSON object is refused with 400.", "R-7644-3.1-01")
def no_body(scim: Probe) -> None:
    scim.send("POST", f"{scim.users}/.search", [1]).implemented().refused(400)


@search.must("only-post", "/.search is not read by GET.", "R-7644-3.2-02")
def only_post(scim: Probe) -> None:
    searched(scim, scim.users, count=0)
    scim.get(f"{scim.users}/.search").refused(404, 405)


@search.must(
    "many-terms", "A filter of 10,000 terms is refused, or answered; it never breaks the server.", "R-7644-3.4.2.2-13"
)
def many_terms(scim: Probe) -> None:
    reply = searched(scim, scim.users, filter=" or ".join(['userName eq "a"'] * 10_000))
    if reply.status != 200:
        reply.refused(400, 413)
    else:
        same(reply.resources, [], "found")
