"""Tenants, connections, products, subscriptions and rules, made and listed by an operator."""

from collections.abc import Callable

import pytest

from tests.cli.commands import CommandLine, at_terminal


def test_upgrade_makes_the_schema_and_changes_nothing_when_run_again(
    cli: CommandLine, unmigrate: Callable[[], None]
) -> None:
    unmigrate()
    first = cli.json("db", "upgrade")
    assert first["before"] is None
    assert cli.json("db", "upgrade") == {"before": first["after"], "after": first["after"]}
    assert "is up to date" in cli.done("db", "upgrade").out


def test_a_tenant_has_the_tolerant_profile_and_an_address(cli: CommandLine) -> None:
    created = cli.json("tenant", "create", "acme", "--name", "Acme Inc.")
    assert created["profile"] == "tolerant"
    assert created["baseAddress"] == "http://127.0.0.1:8000/scim/acme/v2"
    cli.done("tenant", "create", "aaa", "--name", "First", "--profile", "rfc")
    assert [(each["slug"], each["name"], each["profile"]) for each in cli.json("tenant", "list")] == [
        ("aaa", "First", "rfc"),
        ("acme", "Acme Inc.", "tolerant"),
    ]


def test_addresses_follow_the_public_url(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIM_PUBLIC_URL", "https://seats.example.com/x/")
    assert "https://seats.example.com/x/scim/acme/v2" in cli.done("tenant", "create", "acme", "--name", "A").out


def test_a_connection_keeps_what_it_was_made_with(acme_cli: CommandLine) -> None:
    options = ("--idp", "entra", "--manages-entitlements", "no", "--max-role", "member")
    acme_cli.done("connection", "create", "acme", "azure", *options)
    found = acme_cli.json("connection", "list", "acme")
    assert [(c["name"], c["idp"], c["managesEntitlements"], c["maxRole"]) for c in found] == [
        ("azure", "entra", "no", "member"),
        ("okta", "okta", "auto", "admin"),
    ]


def test_a_connection_is_removed(acme_cli: CommandLine) -> None:
    """It says what would end, then what ended; a person whom it manages has to be somebody's."""
    acme_cli.done("connection", "create", "acme", "azure", "--idp", "entra")
    acme_cli.done("token", "issue", "acme/azure")
    told = acme_cli.done("connection", "remove", "acme", "azure", "--preview").out
    assert told == "Would end: connection 'azure', 1 live token. It manages nothing.\n"
    removed = acme_cli.json("connection", "remove", "acme", "azure")
    assert {name: removed[name] for name in ("name", "to", "people", "groups", "resources", "tokens")} == {
        "name": "azure",
        "to": None,
        "people": 0,
        "groups": 0,
        "resources": 0,
        "tokens": 1,
    }
    assert [each["name"] for each in acme_cli.json("connection", "list", "acme")] == ["okta"]
    acme_cli.done("connection", "create", "acme", "azure", "--idp", "entra")
    acme_cli.done("user", "add", "acme", "ana@example.com", "--first", "Ana", "--last", "Silva")
    acme_cli.done("user", "link", "acme", "ana@example.com", "azure")
    told = acme_cli.done("connection", "remove", "acme", "azure", "--preview").out
    assert told.endswith("1 person, 0 groups: say whose they are then, by --to or --release.\n")
    assert "manages people (1)" in acme_cli.failed(1, "connection", "remove", "acme", "azure")
    told = acme_cli.done("connection", "remove", "acme", "azure", "--to", "okta", "--preview").out
    assert told.endswith("1 person, 0 groups: managed by 'okta' from then on.\n")
    acme_cli.done("connection", "remove", "acme", "azure", "--to", "okta")
    told = acme_cli.done("connection", "remove", "acme", "okta", "--release").out
    assert told == "Removed: connection 'okta'. 1 person, 0 groups: managed by hand from then on.\n"


def test_a_connection_s_people_are_either_handed_over_or_released(acme_cli: CommandLine) -> None:
    refused = acme_cli.failed(2, "connection", "remove", "acme", "okta", "--to", "other", "--release")
    assert "exclude each other" in refused


def test_at_a_terminal_it_asks_before_a_connection_is_removed(acme_cli: CommandLine) -> None:
    code, screen = at_terminal("connection", "remove", "acme", "okta", typed="n\n")
    assert (code, "End for good: connection 'okta'. It manages nothing. Go on?" in screen) == (1, True), screen
    assert acme_cli.json("connection", "list", "acme") != []
    code, screen = at_terminal("connection", "remove", "acme", "okta", typed="y\n")
    assert code == 0, screen
    assert acme_cli.json("connection", "list", "acme") == []


def test_products_are_listed_with_what_they_include(acme_cli: CommandLine) -> None:
    acme_cli.done("product", "create", "suite", "--name", "Suite", "--includes", "webinar", "--includes", "meeting")
    assert acme_cli.json("product", "list") == [
        {"code": "meeting", "name": "Meeting", "includes": []},
        {"code": "suite", "name": "Suite", "includes": ["meeting", "webinar"]},
        {"code": "webinar", "name": "Webinar", "includes": ["meeting"]},
    ]


def test_a_subscription_keeps_policy_and_overage_until_they_are_set_again(acme_cli: CommandLine) -> None:
    bought = acme_cli.json("subscription", "set", "acme", "meeting", "--seats", "3")
    assert bought == {
        "product": "meeting",
        "seats": 3,
        "policy": "wait",
        "overage": 0,
        "assigned": 0,
        "waiting": 0,
        "held": 0,
        "free": 3,
    }
    acme_cli.done("subscription", "set", "acme", "meeting", "--seats", "3", "--policy", "overage", "--overage", "2")
    acme_cli.done("subscription", "set", "acme", "meeting", "--seats", "4")
    shown = acme_cli.json("subscription", "show", "acme", "meeting")
    assert shown == {**bought, "seats": 4, "free": 4, "policy": "overage", "overage": 2}
    assert shown in acme_cli.json("subscription", "list", "acme")


@pytest.mark.parametrize(
    "products",
    [
        ("--product", "meeting", "--product", "webinar"),
        ("--product", "meeting", "webinar"),
        ("--product", "webinar", "meeting", "--product", "meeting"),
    ],
)
def test_a_rule_may_name_several_products_in_either_way(acme_cli: CommandLine, products: tuple[str, ...]) -> None:
    created = acme_cli.json("rule", "create", "acme", "--group", "Sales", *products)
    assert created["products"] == ["meeting", "webinar"]


def test_rules_are_listed_by_tenant_and_priority(acme_cli: CommandLine) -> None:
    acme_cli.done("tenant", "create", "beta", "--name", "Beta")
    acme_cli.done("rule", "create", "acme", "--group", "Sales", "--product", "webinar")
    acme_cli.done("rule", "create", "beta", "--group", "All", "--product", "meeting")
    acme_cli.done("rule", "create", "acme", "--group", "Support", "--product", "meeting")
    found = [(rule["tenant"], rule["priority"], rule["group"], rule["bound"]) for rule in acme_cli.json("rule", "list")]
    assert found == [("acme", 1, "Sales", False), ("acme", 2, "Support", False), ("beta", 1, "All", False)]
    assert [rule["group"] for rule in acme_cli.json("rule", "list", "beta")] == ["All"]


@pytest.mark.parametrize(
    ("command", "cells"),
    [
        (("tenant", "list"), ("acme", "Acme", "tolerant")),
        (("connection", "list", "acme"), ("okta", "auto", "admin")),
        (("product", "list"), ("webinar", "Webinar", "meeting")),
        (("subscription", "list", "acme"), ("meeting", "17", "wait")),
        (("subscription", "show", "acme", "meeting"), ("meeting", "17", "wait")),
        (("rule", "list"), ("acme", "Sales", "webinar", "no")),
    ],
)
def test_people_get_a_table(acme_cli: CommandLine, command: tuple[str, ...], cells: tuple[str, ...]) -> None:
    acme_cli.done("subscription", "set", "acme", "meeting", "--seats", "17")
    acme_cli.done("rule", "create", "acme", "--group", "Sales", "--product", "webinar")
    lines = acme_cli.done(*command).out.splitlines()
    assert any(all(cell in line for cell in cells) for line in lines), lines


@pytest.mark.parametrize("command", [("tenant", "list"), ("token", "list"), ("product", "list"), ("rule", "list")])
def test_an_empty_list_is_a_sentence_for_people_and_an_empty_array_for_programs(
    cli: CommandLine, command: tuple[str, ...]
) -> None:
    assert cli.done(*command).out.count("\n") == 1
    assert cli.json(*command) == []


def test_a_tenant_shows_how_its_switches_stand_and_who_set_them(acme_cli: CommandLine) -> None:
    switches = acme_cli.json("tenant", "show", "acme")["switches"]
    assert (switches["unknown_attributes"], switches["patch.group_answer"]) == ("ignore", "204")
    changed = acme_cli.json("tenant", "set", "acme", "patch.group_answer=200", "--profile", "rfc", "--name", "A")
    assert (changed["name"], changed["profile"]) == ("A", "rfc")
    assert acme_cli.json("tenant", "show", "acme") == changed
    assert changed["switches"]["unknown_attributes"] == "reject"
    shown = acme_cli.done("tenant", "show", "acme").out
    assert [line.split()[:3] for line in shown.splitlines() if "group_answer" in line] == [
        ["patch.group_answer", "200", "tenant"]
    ]
    back = acme_cli.json("tenant", "set", "acme", "patch.group_answer=default")
    assert back["switches"]["patch.group_answer"] == "204"


def test_a_switch_that_does_not_exist_is_refused_with_those_that_do(acme_cli: CommandLine) -> None:
    before = acme_cli.json("tenant", "show", "acme")
    assert "There is no switch 'patch'. There are " in acme_cli.failed(2, "tenant", "set", "acme", "patch=on")
    said = acme_cli.failed(2, "tenant", "set", "acme", "put.omitted=keep", "patch.pathless=maybe")
    assert "'maybe' is no position of patch.pathless: use allow, reject, or default." in said
    assert "There is no tenant 'nobody'." in acme_cli.failed(1, "tenant", "set", "nobody", "put.omitted=keep")
    assert "There is no tenant 'nobody'." in acme_cli.failed(1, "tenant", "show", "nobody")
    assert acme_cli.json("tenant", "show", "acme") == before
