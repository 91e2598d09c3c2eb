"""RFC 9865: paging by cursor."""

import re
from typing import Any

from scim_conformance.checks import Section
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.suite.searching import searched
from scim_conformance.verdicts import CheckSkipped, require, same, same_items

NEEDS = "cursor filter User"
cursor = Section("9865-2", "cursor", needs=NEEDS)
posted = Section("9865-3", "cursor-search", needs=NEEDS)
advertised = Section("9865-4", "cursor-config", needs="pagination")

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]+")
ALTERATIONS = 24
"""Places in a cursor that are altered, spread over it; the last character may hold bits that decoders ignore."""
EVERYONE = ["alice", "bob", "carol", "dave", "erin"]


def page(scim: Probe, count: int | None = 2, at: str = "", **params: str) -> dict[str, Any]:
    """One page of the five people."""
    number = {} if count is None else {"count": str(count)}
    within = scim.shared(people).within("userName pr")
    return scim.get(scim.users, **{"filter": within, "cursor": at, **number, **params}).listed


def walk(scim: Probe, count: int = 2, **params: str) -> list[dict[str, Any]]:
    """All pages, following nextCursor; at most ten."""
    pages = [page(scim, count, **params)]
    while pages[-1].get("nextCursor"):
        require(len(pages) < 10, "nextCursor does not end after ten pages of five people")
        pages.append(page(scim, count, pages[-1]["nextCursor"], **params))
    return pages


def who(scim: Probe, *pages: dict[str, Any]) -> list[str]:
    """The people on these pages, in order."""
    return scim.shared(people).nicknames([each for one in pages for each in one.get("Resources") or []])


@cursor.must(
    "first",
    "An empty cursor asks for the first page, which has nextCursor if there are more.",
    "R-9865-2-01 R-9865-2-02",
)
def first(scim: Probe) -> None:
    came = page(scim)
    same(len(came.get("Resources") or []), 2, "number of resources")
    require(isinstance(came.get("nextCursor"), str) and came["nextCursor"], "nextCursor is missing")


@cursor.must("walk", "Following nextCursor gives every resource exactly once.", "R-9865-2-02 R-9865-2-10")
def walk_all(scim: Probe) -> None:
    pages = walk(scim)
    same_items(who(scim, *pages), EVERYONE, "people on all pages")
    same([each.get("itemsPerPage") for each in pages], [2, 2, 1], "itemsPerPage")


@cursor.must("last", "The last page has no nextCursor.", "R-9865-2-02")
def last(scim: Probe) -> None:
    same(page(scim, 50).get("nextCursor"), None, "nextCursor of the only page")


@cursor.must("exactly-full", "A last page that is full leads to no further resources.", "R-9865-2-03")
def exactly_full(scim: Probe) -> None:
    pages = walk(scim, 5)
    same_items(who(scim, *pages), EVERYONE, "people on all pages")
    require(len(pages) <= 2, f"{len(pages)} pages came")


@cursor.must("characters", "Cursors consist of unreserved characters.", "R-9865-2-05")
def characters(scim: Probe) -> None:
    came = page(scim)["nextCursor"]
    require(UNRESERVED.fullmatch(came), f"nextCursor is {came}")


@cursor.must("no-start-index", "Pages by cursor have no startIndex.", "R-9865-2-08")
def no_start_index(scim: Probe) -> None:
    require("startIndex" not in page(scim), "startIndex is there")


@cursor.should("total", "totalResults counts all matches, on every page.", "R-9865-2-09")
def total(scim: Probe) -> None:
    same([each["totalResults"] for each in walk(scim)], [5, 5, 5], "totalResults")


@cursor.must("zero-count", "count 0 asks for the total alone, a negative count as well.", "R-9865-2-06")
def zero_count(scim: Probe) -> None:
    for count in (0, -1):
        came = page(scim, count)
        same((came["totalResults"], len(came.get("Resources") or [])), (5, 0), f"total and resources at count {count}")


@cursor.must("no-count", "Without count, a page has the server's own size.", "R-9865-2-06")
def no_count(scim: Probe) -> None:
    require(page(scim, None).get("Resources"), "no resources came")


@cursor.must("not-first-previous", "The first page has no previousCursor.", "R-9865-2-04")
def not_first_previous(scim: Probe) -> None:
    same(page(scim).get("previousCursor"), None, "previousCursor")


@cursor.must("previous", "previousCursor, where it is given, leads back to the page before.", "R-9865-2-04")
def previous(scim: Probe) -> None:
    one = page(scim)
    two = page(scim, 2, one["nextCursor"])
    if not two.get("previousCursor"):
        raise CheckSkipped("the server gives no previousCursor, which is optional")
    same(who(scim, page(scim, 2, two["previousCursor"])), who(scim, one), "people on the page before")


@cursor.should("sorted", "Pages by cursor keep sortBy and sortOrder.", "R-9865-2.2-01", needs=f"sort {NEEDS}")
def in_order(scim: Probe) -> None:
    came = who(scim, *walk(scim, sortBy="userName", sortOrder="descending"))
    same(came, EVERYONE[::-1], "people in order")


@cursor.should(
    "sorted-missing", "So they do for an attribute that some lack.", "R-9865-2.2-01", needs=f"sort {NEEDS} User.title"
)
def in_order_missing(scim: Probe) -> None:
    for order, places in (("ascending", slice(3, 5)), ("descending", slice(0, 2))):
        came = who(scim, *walk(scim, sortBy="title", sortOrder=order))
        same_items(came, EVERYONE, f"people, {order}")
        same_items(came[places], ["bob", "erin"], f"where those without title are, {order}")


@cursor.must(
    "forged", "A cursor that the server did not give is refused with 400 invalidCursor.", "R-9865-2.1-01 R-9865-5-04"
)
def forged(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    scim.get(scim.users, filter=within, cursor="no-such-cursor", count="2").refused(400, types=("invalidCursor",))


@cursor.must(
    "altered", "A cursor altered in one character is refused with 400 invalidCursor.", "R-9865-2.1-01 R-9865-5-04"
)
def altered(scim: Probe) -> None:
    within, came = scim.shared(people).within("userName pr"), page(scim)["nextCursor"]
    for place in range(0, len(came) - 1, max(1, len(came) // ALTERATIONS)):
        other = came[:place] + ("A" if came[place] != "A" else "B") + came[place + 1 :]
        reply = scim.get(scim.users, filter=within, cursor=other, count="2")
        reply.refused(400, types=("invalidCursor", "expiredCursor"))


@cursor.must(
    "other-filter", "A cursor belongs to its query: with another filter it is refused.", "R-9865-2-07 R-9865-2.1-01"
)
def other_filter(scim: Probe) -> None:
    other = scim.shared(people).within("active eq true")
    reply = scim.get(scim.users, filter=other, cursor=page(scim)["nextCursor"], count="2")
    reply.refused(400, types=("invalidCursor",))


@cursor.must("other-endpoint", "A cursor belongs to its endpoint.", "R-9865-2.1-01", needs=f"{NEEDS} Group")
def other_endpoint(scim: Probe) -> None:
    reply = scim.get(scim.groups, cursor=page(scim)["nextCursor"], count="2")
    reply.refused(400, types=("invalidCursor",))


@cursor.should(
    "other-count",
    "Another count than on the first page is refused with 400 invalidCount, or obeyed.",
    "R-9865-2.1-03 C-107",
)
def other_count(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    reply = scim.get(scim.users, filter=within, cursor=page(scim)["nextCursor"], count="3")
    if reply.status == 200:
        same(len(reply.resources), 3, "number of resources")
    else:
        reply.refused(400, types=("invalidCount",))


@cursor.must("count-no-number", "A count that is no number is refused with 400.", "R-9865-2.1-03")
def count_no_number(scim: Probe) -> None:
    scim.get(scim.users, cursor="", count="many").refused(400, types=("invalidCount", "invalidValue"))


@cursor.must(
    "huge-count", "A count beyond the maximum is cut to it, or refused with invalidCount.", "R-9865-2.1-04 C-108"
)
def huge_count(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    reply = scim.get(scim.users, filter=within, cursor="", count="100000000")
    if reply.status == 200:
        same(len(reply.resources), 5, "number of resources")
    else:
        reply.refused(400, types=("invalidCount",))


@cursor.may("with-start-index", "cursor and startIndex together are refused with 400.", "R-9865-2-11 C-106")
def with_start_index(scim: Probe) -> None:
    scim.get(scim.users, cursor="", startIndex="1", count="2").refused(400)


@cursor.must(
    "changes-under-way",
    "What is created or deleted during a walk makes no other resource be missed or repeated.",
    "R-9865-2-12",
)
def changes_under_way(scim: Probe) -> None:
    title = scim.name("walk")
    made = [scim.user(externalId=title) for _ in range(6)]
    query = {"filter": f'externalId eq "{title}"', "count": "2"}
    came = scim.get(scim.users, cursor="", **query).listed
    ids = [each["id"] for each in came["Resources"]]
    same(len(ids), 2, "number of resources on the first page")
    scim.delete(next(each for each in made if each["id"] in ids)).expect(204)
    scim.user(externalId=title)
    for _ in range(6):
        if not came.get("nextCursor"):
            break
        came = scim.get(scim.users, cursor=came["nextCursor"], **query).listed
        ids += [each["id"] for each in came.get("Resources") or []]
    same(len(ids), len(set(ids)), "number of resources, each once")
    same(sorted({each["id"] for each in made} - set(ids)), [], "resources that were missed")


@cursor.must("index-still", "With startIndex, paging by index goes on as before.", "R-9865-2.3-01")
def index_still(scim: Probe) -> None:
    within = scim.shared(people).within("userName pr")
    came = scim.get(scim.users, filter=within, startIndex="4", count="2").listed
    same((came.get("startIndex"), len(came["Resources"])), (4, 2), "startIndex and number of resources")


@cursor.must("anonymous-page", "Every page needs the credential, not only the first.", "R-9865-5-01")
def anonymous_page(scim: Probe) -> None:
    params = {"filter": scim.shared(people).within("userName pr"), "cursor": page(scim)["nextCursor"], "count": "2"}
    scim.send("GET", scim.users, params=params, anonymous=True).refused(401)


@posted.must("walk", "cursor and count work in a search by POST.", "R-9865-3-01")
def search_walk(scim: Probe) -> None:
    within, at, found = scim.shared(people).within("userName pr"), "", []
    for _ in range(4):
        came = searched(scim, scim.users, filter=within, cursor=at, count=2).listed
        found.append(came)
        at = came.get("nextCursor", "")
        if not at:
            break
    same_items(who(scim, *found), EVERYONE, "people on all pages")


@posted.must(
    "root", "cursor works in a search at the base address, over all types.", "R-9865-3-02", needs=f"{NEEDS} Group"
)
def search_root(scim: Probe) -> None:
    external = scim.name("ext")
    made = [scim.user(externalId=external)["id"], scim.group(externalId=external)["id"]]
    query = {"filter": f'externalId eq "{external}"', "count": 1}
    first_page = searched(scim, "", cursor="", **query).listed
    second = searched(scim, "", cursor=first_page["nextCursor"], **query).listed
    same_items([each["id"] for one in (first_page, second) for each in one["Resources"]], made, "ids")


@advertised.must("block", "pagination says whether cursor and index are supported.", "R-9865-4-01")
def block(scim: Probe) -> None:
    came = scim.get("/ServiceProviderConfig").resource.get("pagination") or {}
    for name in ("cursor", "index"):
        require(type(came.get(name)) is bool, f"pagination.{name} is missing or no boolean")


@advertised.must(
    "words", "defaultPaginationMethod is cursor or index, sizes are whole numbers.", "R-9865-4-01 R-9865-2.3-02"
)
def words(scim: Probe) -> None:
    came = scim.get("/ServiceProviderConfig").expect(200).resource["pagination"]
    require(came.get("defaultPaginationMethod") in (None, "cursor", "index"), "defaultPaginationMethod is another word")
    for name in ("defaultPageSize", "maxPageSize", "cursorTimeout"):
        require(came.get(name) is None or type(came[name]) is int, f"pagination.{name} is no whole number")


@advertised.must("maximum", "No page is larger than maxPageSize.", "R-9865-4-01 R-7643-5-04", needs="pagination User")
def maximum(scim: Probe) -> None:
    scim.shared(people)
    limit = scim.server.limit("pagination", "maxPageSize")
    if limit is None:
        raise CheckSkipped("pagination has no maxPageSize")
    require(len(scim.get(scim.users, count="100000000").resources) <= limit, f"more than {limit} resources came")
