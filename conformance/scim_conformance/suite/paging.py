"""RFC 7644 section 3.4.2.4: paging by index."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.tables import rows
from scim_conformance.verdicts import require, same, same_items

page = Section("7644-3.4.2.4", "page", needs="filter User")


def paged(query: dict[str, str], counters: dict[str, int], returned: int, scim: Probe) -> None:
    """A page of the five people: its counters, and how many resources it has."""
    reply = scim.get(scim.users, filter=scim.shared(people).within("userName pr"), **query)
    for name, value in counters.items():
        same(reply.listed.get(name), value, name)
    same(len(reply.resources), returned, "number of resources")


for _, name, row in rows("queries", "page"):
    run = partial(paged, row["query"], row["counters"], row["returned"])
    page.add(Level.MUST, name, row["says"], run, row["covers"])


@page.must("walk", "Pages one after another give every resource exactly once.", "R-7644-3.4.2-03 R-7644-3.4.2-04")
def walk(scim: Probe) -> None:
    known = scim.shared(people)
    within, found = known.within("userName pr"), []
    for start in ("1", "3", "5"):
        found += known.nicknames(scim.find(scim.users, within, startIndex=start, count="2"))
    same_items(found, ["alice", "bob", "carol", "dave", "erin"], "all pages together")


@page.must("maximum", "However large count is, a page holds no more than filter.maxResults.", "R-7644-3.4.2.4-03")
def maximum(scim: Probe) -> None:
    scim.shared(people)
    reply = scim.get(scim.users, count="1000000000")
    limit = scim.server.limit("filter", "maxResults")
    same(reply.listed.get("itemsPerPage", len(reply.resources)), len(reply.resources), "itemsPerPage")
    require(
        limit is None or len(reply.resources) <= limit, f"{len(reply.resources)} resources came, maxResults is {limit}"
    )


@page.must("whole-numbers", "The counters of a list are JSON integers.", "R-7644-3.4.2-05")
def whole_numbers(scim: Probe) -> None:
    listed = scim.get(scim.users, filter=scim.shared(people).within("userName pr"), count="2").listed
    for name in ("totalResults", "startIndex", "itemsPerPage"):
        require(type(listed.get(name)) is int, f"{name} is not a JSON integer: {listed.get(name)!r}")


def _not_a_number(name: str, value: str, scim: Probe) -> None:
    scim.get(scim.users, **{name: value}).refused(400, types=("invalidValue", "invalidSyntax"))


for name, value in (("count", "abc"), ("startIndex", "1.5")):
    says = f"{name}={value} is refused with 400."
    page.add(Level.MAY, f"{name.lower()}-no-number", says, partial(_not_a_number, name, value), "R-7644-3.4.2.4-05")
