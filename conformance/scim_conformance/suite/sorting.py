"""RFC 7644 section 3.4.2.3: sortBy and sortOrder."""

import re
from dataclasses import dataclass
from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.tables import rows
from scim_conformance.verdicts import same, same_items

sort = Section("7644-3.4.2.3", "sort", needs="sort filter User")


@dataclass(frozen=True)
class Row:
    """A row of table `sort` in `tables/queries.toml`."""

    says: str
    by: str
    gives: str
    covers: str
    order: str = ""
    needs: str = "User"
    level: str = Level.MUST


def ordered(row: Row, scim: Probe) -> None:
    """Nicknames come in this order; those in parentheses in any order among themselves."""
    known = scim.shared(people)
    params = {"sortBy": known.fill(row.by)} | ({"sortOrder": row.order} if row.order else {})
    came = known.nicknames(scim.find(scim.users, known.within("userName pr"), **params))
    rest = list(came)
    for tied, alone in re.findall(r"\(([^)]*)\)|(\w+)", row.gives):
        names = (tied or alone).split()
        here, rest = rest[: len(names)], rest[len(names) :]
        same_items(here, names, f"order by {row.by}: {', '.join(came)}; at this place")
    same(rest, [], f"order by {row.by}: {', '.join(came)}; at the end")


for _, name, data in rows("queries", "sort"):
    row = Row(**data)
    sort.add(Level(row.level), name, row.says, partial(ordered, row), row.covers, f"sort filter {row.needs}")


@sort.must("order-alone", "sortOrder without sortBy has no effect.", "R-7644-3.4.2.3-05 C-92")
def order_alone(scim: Probe) -> None:
    known = scim.shared(people)
    within = known.within("userName pr")
    plain = known.nicknames(scim.find(scim.users, within))
    same(known.nicknames(scim.find(scim.users, within, sortOrder="descending")), plain, "order")


@sort.may("unknown", "sortBy of an unknown attribute is refused with 400.", "R-7644-3.4.2.3-07 C-96")
def unknown(scim: Probe) -> None:
    scim.get(scim.users, sortBy="bogus").refused(400, types=("invalidValue", "invalidPath"))


@sort.may("complex", "sortBy of a complex attribute without sub-attribute is refused with 400.", "R-7644-3.4.2.3-04")
def complex_attribute(scim: Probe) -> None:
    scim.get(scim.users, sortBy="name").refused(400, types=("invalidValue", "invalidPath"))


@sort.may("value-path", "sortBy takes no value path.", "C-97")
def value_path(scim: Probe) -> None:
    scim.get(scim.users, sortBy='emails[type eq "work"]').refused(400, types=("invalidValue", "invalidPath"))


@sort.may("other-order", "sortOrder of another word is refused with 400.", "R-7644-3.4.2.3-06")
def other_order(scim: Probe) -> None:
    scim.get(scim.users, sortBy="userName", sortOrder="down").refused(400, types=("invalidValue",))


@sort.must(
    "paged",
    "Sorting and paging combine: pages of a sorted list do not overlap.",
    "R-7644-3.4.2.3-08",
    needs="sort filter User.title",
)
def paged(scim: Probe) -> None:
    known = scim.shared(people)
    within = known.within("userName pr")
    found = []
    for start in ("1", "3", "5"):
        page = scim.find(scim.users, within, sortBy="title", count="2", startIndex=start)
        found += known.nicknames(page)
    same_items(found, ["alice", "bob", "carol", "dave", "erin"], "all pages together")
    same(found[2], "carol", "third in order of title")
