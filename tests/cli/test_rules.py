"""Rules and settings templates from the command line."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine, at_terminal
from tests.worlds import ENTERPRISE, Connection, World

PARTS = (
    *("--template", "webinar=std", "--role", "manager", "--role-group", "Sales", "--language", "fr"),
    *("--policy", "overage", "--all-or-nothing"),
)


@pytest.fixture
def people(world: World, acme: Tenant, okta: Connection) -> Connection:
    """Ana and ben in the group Sales, eve of the department Support, and three seats of meeting."""
    world.buy(acme, "meeting", 3)
    ids = [okta.create_user(name)["id"] for name in ("ana", "ben")]
    okta.create_user("eve", **{ENTERPRISE: {"department": "Support"}})
    okta.create_group("Sales", *ids)
    return okta


def test_a_rule_with_all_its_parts(cli: CommandLine, people: Connection) -> None:
    cli.done("template", "set", "acme", "webinar", "std", "recording=off")
    made = cli.json("rule", "create", "acme", "--group", "sales", "--product", "meeting", "webinar", *PARTS)
    group = people.find("/Groups", 'displayName eq "Sales"')[0]["id"]
    assert made.pop("id")
    assert made.pop("created")
    assert made == {
        "priority": 1,
        "group": "Sales",
        "groupId": group,
        "condition": None,
        "products": ["meeting", "webinar"],
        "templates": {"webinar": "std"},
        "role": "manager",
        "roleGroups": [group],
        "language": "fr",
        "policy": "overage",
        "allOrNothing": True,
        "mail": None,
        "enabled": True,
        "bound": True,
    }
    shown = cli.json("user", "show", "acme", "ana")
    assert (shown["language"], shown["settings"]) == ("fr", {"webinar": {"recording": "off"}})
    screen = cli.done("user", "show", "acme", "ana").out
    assert "fr" in screen
    assert "recording" in screen


def test_parts_are_taken_away_by_none(cli: CommandLine, people: Connection) -> None:
    cli.done("template", "set", "acme", "webinar", "std", "recording=off")
    rule = cli.json("rule", "create", "acme", "--group", "Sales", "--product", "meeting", "webinar", *PARTS)
    parts = ("--template", "webinar=none", "--role", "none", "--language", "none", "--policy", "none")
    edited = cli.json("rule", "edit", "acme", rule["id"], *parts, "--no-all-or-nothing", "--disable")
    changed = {"templates": {}, "role": None, "roleGroups": [], "language": None, "policy": None}
    assert edited == {**rule, **changed, "allOrNothing": False, "enabled": False}
    assert cli.json("rule", "list", "acme") == [edited] == [cli.json("rule", "show", "acme", rule["id"])]
    assert cli.json("rule", "list") == [{"tenant": "acme", **edited}]
    assert "Sales" in cli.done("rule", "show", "acme", rule["id"]).out


def test_a_rule_by_attribute_is_told_in_a_sentence(cli: CommandLine, people: Connection) -> None:
    condition = 'department eq "Support"'
    done = cli.done("rule", "create", "acme", "--filter", condition, "--product", "meeting", "--language", "de")
    assert done.out == f"People with {condition} get meeting, language de with priority 1.\n"
    assert cli.json("user", "show", "acme", "eve")["seats"][0]["state"] == "assigned"
    rule = cli.json("rule", "list", "acme")[0]
    assert (rule["condition"], rule["group"], rule["bound"]) == (condition, None, True)


def test_rules_are_ordered_and_deleted(cli: CommandLine, people: Connection) -> None:
    ids = [cli.json("rule", "create", "acme", "--group", name, "--product", "meeting")["id"] for name in "abc"]
    ordered = cli.json("rule", "reorder", "acme", ids[2], ids[1])
    assert [rule["id"] for rule in ordered] == [ids[2], ids[1], ids[0]]
    first = cli.json("rule", "edit", "acme", ids[0], "--priority", "1")
    assert first["priority"] == 1
    assert ids[1] in cli.done("rule", "delete", "acme", ids[1]).out
    assert cli.json("rule", "delete", "acme", ids[2])["id"] == ids[2]
    assert [rule["id"] for rule in cli.json("rule", "list", "acme")] == [ids[0]]


def test_what_if_is_the_command_with_two_words_in_front(cli: CommandLine, people: Connection) -> None:
    words = ("acme", "--filter", "userName pr", "--product", "meeting", "--language", "fr")
    told = cli.json("rule", "what-if", "create", *words)
    assert [person["userName"] for person in told["people"]] == ["ana", "ben", "eve"]
    assert told["people"][0]["gains"] == [{"product": "meeting", "before": None, "after": "assigned"}]
    assert told["people"][0]["language"] == {"before": None, "after": "fr"}
    assert told["products"] == [
        {"product": "meeting", "seats": 3, "neededBefore": 0, "needed": 3, "assigned": 3, "free": 0, "short": 0}
    ]
    assert cli.json("rule", "list", "acme") == []
    rule = cli.json("rule", "create", *words)
    lost = cli.json("rule", "what-if", "delete", "acme", rule["id"])
    assert [person["loses"][0]["after"] for person in lost["people"]] == [None] * 3
    edited = cli.json("rule", "what-if", "edit", "acme", rule["id"], "--product", "webinar")
    assert [need["short"] for need in edited["products"]] == [0, 3]
    assert cli.json("rule", "what-if", "reorder", "acme", rule["id"])["people"] == []
    assert cli.json("rule", "list", "acme") == [rule]


def test_what_if_for_people_has_tables_of_fifty(cli: CommandLine, people: Connection) -> None:
    for number in range(60):
        people.create_user(f"person-{number:02}")
    told = cli.done("rule", "what-if", "create", "acme", "--filter", "userName pr", "--product", "meeting").out
    assert "63 people would notice: 63 gain products, 0 lose products" in told
    assert sum("meeting (" in line for line in told.splitlines()) == 50
    assert "... and 13 more" in told
    assert "60 seats short" in told
    changed = cli.done("rule", "what-if", "create", "acme", "--group", "Sales", "--role", "admin").out
    assert "roles none -> admin" in changed


def test_a_rule_goes_only_when_it_is_meant(cli: CommandLine, people: Connection) -> None:
    """At a terminal the command shows first who loses what."""
    rule = cli.json("rule", "create", "acme", "--group", "Sales", "--product", "meeting")
    code, screen = at_terminal("rule", "delete", "acme", rule["id"], typed="n\n")
    assert code == 1
    assert "2 lose products" in screen
    assert "Delete the rule?" in screen
    assert len(cli.json("rule", "list", "acme")) == 1
    code, screen = at_terminal("rule", "delete", "acme", rule["id"], "--yes")
    assert code == 0
    assert cli.json("rule", "list", "acme") == []


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("--group", "Sales"), 1, "something to give"),
        (("--product", "meeting"), 1, "needs a group"),
        (("stray", "--group", "Sales", "--language", "fr"), 2, "'stray' belongs to no option"),
        (("--filter", "departmnt pr", "--product", "meeting"), 1, "'departmnt' is not an attribute"),
        (("--group", "Sales", "--product", "meeting", "--template", "meeting"), 2, "write PRODUCT=NAME"),
        (("--group", "Sales", "--product", "nothing"), 1, "Known products"),
        (("--group", "Sales", "--product", "meeting", "--priority", "0"), 2, "priority"),
        (("--group", "Sales", "--product", "meeting", "--policy", "hope"), 2, "policy"),
    ],
)
def test_what_makes_no_rule_is_refused_in_one_sentence(
    cli: CommandLine, people: Connection, words: tuple[str, ...], code: int, complaint: str
) -> None:
    assert complaint in cli.failed(code, "rule", "create", "acme", *words)
    assert cli.json("rule", "list", "acme") == []


def test_an_edit_says_what_is_to_change(cli: CommandLine, people: Connection) -> None:
    assert "at least one option" in cli.failed(2, "rule", "edit", "acme", "some")
    assert "rule list" in cli.failed(1, "rule", "edit", "acme", "some", "--disable")


def test_templates_are_set_listed_and_deleted(cli: CommandLine, people: Connection) -> None:
    assert "no template yet" in cli.done("template", "list", "acme").out
    made = cli.json("template", "set", "acme", "meeting", "std", "recording=off", "greeting=a=b", "note=")
    assert made == {"product": "meeting", "name": "std", "values": {"recording": "off", "greeting": "a=b", "note": ""}}
    assert cli.json("template", "list", "acme") == [made]
    assert "recording=off" in cli.done("template", "list", "acme").out
    rule = cli.json("rule", "create", "acme", "--group", "Sales", "--product", "meeting", "--template", "meeting=std")
    assert rule["id"] in cli.failed(1, "template", "delete", "acme", "meeting", "std")
    cli.done("rule", "delete", "acme", rule["id"])
    cli.done("template", "delete", "acme", "meeting", "std")
    assert "template list" in cli.failed(1, "template", "delete", "acme", "meeting", "std")
    assert "write KEY=VALUE" in cli.failed(2, "template", "set", "acme", "meeting", "std", "recording")


def test_no_word_is_broken_where_a_table_is_too_wide_for_the_terminal(cli: CommandLine, acme: Tenant) -> None:
    given = ("--product", "meeting", "--role", "manager", "--language", "fr")
    rule = cli.json("rule", "create", "acme", "--filter", 'department eq "Customer Support"', *given)
    code, screen = at_terminal("rule", "list", "acme")
    assert code == 0
    assert rule["id"] in screen
    assert 'department eq "Customer Support"' in screen
    assert "Group" not in screen
