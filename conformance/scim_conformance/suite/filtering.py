"""RFC 7644 section 3.4.2.2, figure 1 and tables 3 to 5: a filter finds just whom it describes, or is refused.

The rows of `tables/filters.toml` are expressions with whom they must find; those of `tables/bad_filters.toml`
are expressions that must be refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial

from scim_conformance.checks import Level, Section
from scim_conformance.fixtures import USER, Probe
from scim_conformance.populations import crowd, people
from scim_conformance.servers import ENTERPRISE
from scim_conformance.tables import rows
from scim_conformance.verdicts import CheckSkipped, require, same_items

filters = Section("7644-3.4.2.2", "filter", needs="filter User")
bad_filters = Section("7644-3.4.2.2", "bad-filter", needs="filter User")


@dataclass(frozen=True)
class Row:
    """`finds` are the nicknames that must be found; `either` those who may be, where the standard leaves it open.

    The filter is confined to the five people, unless it is `alone`: then it is sent as it stands.
    `needs` are attributes of users.
    """

    says: str
    filter: str
    finds: str
    covers: str
    needs: str = "userName"
    either: str = ""
    alone: bool = False
    level: str = Level.MUST


@dataclass(frozen=True)
class BadRow:
    """`or_finds` are the nicknames that a server may find instead of refusing, where that is a known leniency."""

    says: str
    filter: str
    covers: str
    needs: str = "userName"
    or_finds: str | None = None
    level: str = Level.MUST


def needs_of(attributes: str) -> str:
    """What a server must advertise: filtering, and these attributes of users."""
    named = (name if name.startswith("enterprise") else f"User.{name}" for name in attributes.split())
    return " ".join(["filter", *named])


def find(row: Row, scim: Probe) -> None:
    """Send the row's filter and compare who is found."""
    known = scim.shared(people)
    expression = known.fill(row.filter) if row.alone else known.within(row.filter)
    found = known.nicknames(scim.find(scim.users, expression))
    same_items([name for name in found if name not in row.either.split()], row.finds.split(), "found")


def refuse(row: BadRow, scim: Probe) -> None:
    """Send the row's filter, which must be answered with 400 invalidFilter, never with an empty list."""
    known = scim.shared(people)
    reply = scim.get(scim.users, filter=known.fill(row.filter))
    if reply.status == 200 and row.or_finds is not None:
        same_items(known.nicknames(reply.resources), row.or_finds.split(), "found")
    else:
        reply.refused(400, types=("invalidFilter",))


for _, name, data in rows("filters"):
    row = Row(**data)
    filters.add(Level(row.level), name, row.says, partial(find, row), row.covers, needs_of(row.needs))

for _, name, data in rows("bad_filters"):
    bad = BadRow(**data)
    bad_filters.add(Level(bad.level), name, bad.says, partial(refuse, bad), bad.covers, needs_of(bad.needs))


@filters.must("instant", "A dateTime equals itself as it was answered.", "R-7644-3.4.2.2-26")
def instant(scim: Probe) -> None:
    user = scim.shared(people).users["alice"]
    _meets(scim, f'meta.created eq "{user["meta"]["created"]}"')


@filters.must("instant-offset", "A dateTime is compared as an instant, whatever its offset.", "R-7644-3.4.2.2-26 C-65")
def instant_offset(scim: Probe) -> None:
    created = _created(scim)
    elsewhere = created.astimezone(timezone(timedelta(hours=5, minutes=30)))
    _meets(scim, f'meta.created eq "{elsewhere.isoformat()}"')


@filters.must("instant-order", "`gt` and `lt` of dateTimes follow the instant, not the text.", "R-7644-3.4.2.2-26 C-65")
def instant_order(scim: Probe) -> None:
    """An hour before, written with an offset that makes its text the greater one, and the reverse."""
    created = _created(scim)
    before = (created - timedelta(hours=1)).astimezone(timezone(timedelta(hours=12)))
    after = (created + timedelta(hours=1)).astimezone(timezone(-timedelta(hours=12)))
    _meets(scim, f'meta.created gt "{before.isoformat()}" and meta.created lt "{after.isoformat()}"')


@filters.must(
    "id-exact",
    "id is case exact: where its letters are in another case, nobody is found.",
    "R-7643-3.1-03",
)
def id_exact(scim: Probe) -> None:
    identifier = scim.shared(people).users["alice"]["id"]
    other = identifier.swapcase()
    if other == identifier:
        raise CheckSkipped("the server's ids have no letters")
    same_items(scim.find(scim.users, f'id eq "{other}"'), [], "found")


@filters.must(
    "manager",
    "The manager's value can be filtered by its qualified name.",
    "R-7644-3.4.2.2-31 R-7643-4.3-01",
    needs="filter enterprise.manager",
)
def manager(scim: Probe) -> None:
    boss = scim.user()
    report = scim.user(schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"manager": {"value": boss["id"]}}})
    found = scim.find(scim.users, f'{ENTERPRISE}:manager.value eq "{boss["id"]}"')
    same_items([each["id"] for each in found], [report["id"]], "found")


@filters.must("group-name", "Groups are found by displayName, in any case.", "R-7643-2.2-03", needs="filter Group")
def group_name(scim: Probe) -> None:
    group = scim.shared(crowd).group
    found = scim.find(scim.groups, f'displayName eq "{group["displayName"].upper()}"')
    same_items([each["id"] for each in found], [group["id"]], "found")


def _finds_group(filter_: str, expected: bool, scim: Probe) -> None:
    known = scim.shared(crowd)
    found = scim.find(scim.groups, f'displayName eq "{known.group["displayName"]}" and {known.people.fill(filter_)}')
    same_items([each["id"] for each in found], [known.group["id"]] if expected else [], "found")


for name, filter_, expected, says in (
    ("members-value", 'members.value eq "{alice.id}"', True, "A group is found by a member's id."),
    ("members", 'members eq "{bob.id}"', True, "members without sub-attribute means their value."),
    ("members-in-brackets", 'members[value eq "{alice.id}"]', True, "A value path over members finds the group."),
    ("members-other", 'members.value eq "{dave.id}"', False, "A group is not found by the id of one in another group."),
    ("members-negated", 'not (members.value eq "{erin.id}")', True, "A negation finds the group without that member."),
    ("members-present", "members pr", True, "`pr` finds a group that has members."),
):
    run = partial(_finds_group, filter_, expected)
    filters.add(Level.MUST, name, says, run, "R-7644-3.4.2.2-16 R-7644-3.4.2.2-18 C-55", needs="filter Group.members")


@filters.must(
    "groups",
    "Users are found by the id of a group they are in, or the filter is refused; it never finds nobody.",
    "R-7644-3.4.2.2-30 R-7643-4.1-05",
    needs="filter User.groups Group.members",
)
def groups(scim: Probe) -> None:
    known = scim.shared(crowd)
    reply = scim.get(scim.users, filter=f'groups.value eq "{known.group["id"]}"')
    if reply.status != 200:
        reply.refused(400, 403, types=("invalidFilter", "tooMany"))
        return
    same_items(known.people.nicknames(reply.resources), ["alice", "bob"], "found")


@filters.must(
    "long", "A filter of 60 terms is evaluated, or refused for its length: never with 5xx.", "R-7644-3.4.2.2-13"
)
def long_filter(scim: Probe) -> None:
    known = scim.shared(people)
    others = " or ".join(f'userName eq "{known.token}-{number}"' for number in range(60))
    reply = scim.get(scim.users, filter=f'{others} or userName eq "{known.token}-erin"')
    if reply.status != 200:
        reply.refused(400, 413, 414)
        return
    same_items(known.nicknames(reply.resources), ["erin"], "found")


@filters.must(
    "every-attribute",
    "Every attribute that the schema lists can be filtered with `pr`, or is refused; none breaks the server.",
    "R-7644-3.4.2.2-29",
)
def every_attribute(scim: Probe) -> None:
    """alice has a value for some: those must find her."""
    known = scim.shared(people)
    alice = scim.read(known.users["alice"])
    for attribute in scim.server.schemas.get(USER.lower(), {}).get("attributes") or ():
        name = attribute["name"]
        reply = scim.get(scim.users, filter=f'id eq "{alice["id"]}" and {name} pr').expect(200, 400)
        require(
            reply.status == 400 or not alice.get(name) or reply.resources,
            f"'{name} pr' does not find a user who has {name}",
        )


def _created(scim: Probe) -> datetime:
    return datetime.fromisoformat(scim.shared(people).users["alice"]["meta"]["created"])


def _meets(scim: Probe, expression: str) -> None:
    identifier = scim.shared(people).users["alice"]["id"]
    found = scim.find(scim.users, f'id eq "{identifier}" and {expression}')
    same_items([each["id"] for each in found], [identifier], f"found by {expression}")
