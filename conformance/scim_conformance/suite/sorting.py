"""RFC 7644 section 3.4.2.3: sortBy and sortOrder."""

from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import Probe
from scim_conformance.populations import people
from scim_conformance.verdicts import same, same_items

sort = Section("7644-3.4.2.3", "sort", needs="sort filter User")

ROWS = (
    ("user-name", "userName", "", "alice bob carol dave erin", "Sorting is ascending by default and ignores case where caseExact is false.", "R-7644-3.4.2.3-01 R-7643-2.2-03"),
    ("ascending", "userName", "ascending", "alice bob carol dave erin", "`ascending` sorts from the least to the greatest.", "R-7644-3.4.2.3-01"),
    ("descending", "userName", "descending", "erin dave carol bob alice", "`descending` reverses the order.", "R-7644-3.4.2.3-01"),
    ("part", "name.familyName", "", "dave alice (bob carol) erin", "A sub-attribute can be sorted by; who has none comes last.", "R-7644-3.4.2.3-04 R-7644-3.4.2.3-02"),
    ("missing-last", "displayName", "ascending", "alice carol dave bob erin", "Who has no value comes last in ascending order.", "R-7644-3.4.2.3-02 C-93"),
    ("missing-first", "displayName", "descending", "erin bob dave carol alice", "Who has no value comes first in descending order.", "R-7644-3.4.2.3-02 C-93"),
    ("ties", "title", "", "(alice dave) carol (bob erin)", "Equal values stay together, in any case.", "R-7644-3.4.2.3-01 R-7643-2.2-03"),
    ("list", "emails", "", "carol alice bob (dave erin)", "A multi-valued attribute is sorted by its primary element, else its first.", "R-7644-3.4.2.3-03 C-94"),
    ("list-part", "emails.value", "", "carol alice bob (dave erin)", "The same where its value is named.", "R-7644-3.4.2.3-03 C-94"),
    ("boolean", "active", "", "bob (alice carol dave erin)", "false sorts before true.", "C-95"),
    ("name-in-capitals", "USERNAME", "", "alice bob carol dave erin", "The name in sortBy ignores case.", "R-7643-2.1-01"),
    ("qualified", "urn:ietf:params:scim:schemas:core:2.0:User:userName", "descending", "erin dave carol bob alice", "The name in sortBy may be qualified.", "R-7644-3.10-03"),
    ("extension", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "", "carol alice (bob dave erin)", "An extension attribute can be sorted by.", "R-7644-3.4.2.3-01"),
    ("order-in-capitals", "userName", "DESCENDING", "erin dave carol bob alice", "The word in sortOrder ignores case.", "R-7644-3.4.2.3-06"),
)  # fmt: skip

NEEDS = {
    "part": "User.name.familyName",
    "missing-last": "User.displayName",
    "missing-first": "User.displayName",
    "ties": "User.title",
    "list": "User.emails",
    "list-part": "User.emails",
    "boolean": "User.active",
    "extension": "enterprise.department",
}
LENIENT = {"boolean", "order-in-capitals"}


def ordered(sort_by: str, sort_order: str, expected: str, scim: Probe) -> None:
    """Nicknames come in this order; those in parentheses in any order among themselves."""
    known = scim.shared(people)
    params = {"sortBy": sort_by} | ({"sortOrder": sort_order} if sort_order else {})
    found = known.nicknames(scim.find(scim.users, known.within("userName pr"), **params))
    came = list(found)
    for tie in expected.replace("(", "|").replace(")", "|").split("|"):
        names, group = tie.split(), f"({tie})" in expected
        here, found = found[: len(names)], found[len(names) :]
        (same_items if group else same)(here, names, f"order by {sort_by}: {came}; here")
    same(found, [], f"order by {sort_by}: {came}; rest")


for name, sort_by, sort_order, expected, says, covers in ROWS:
    level = Level.MAY if name in LENIENT else Level.MUST
    needs = f"sort filter {NEEDS.get(name, 'User')}"
    sort.add(level, name, says, partial(ordered, sort_by, sort_order, expected), covers, needs)


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


@sort.must("paged", "Sorting and paging combine: pages of a sorted list do not overlap.", "R-7644-3.4.2.3-08", needs="sort filter User.title")
def paged(scim: Probe) -> None:
    known = scim.shared(people)
    within = known.within("userName pr")
    found = []
    for start in ("1", "3", "5"):
        page = scim.find(scim.users, within, sortBy="title", count="2", startIndex=start)
        found += known.nicknames(page)
    same_items(found, ["alice", "bob", "carol", "dave", "erin"], "all pages together")
    same(found[2], "carol", "third in order of title")
