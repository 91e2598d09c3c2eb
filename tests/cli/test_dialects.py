"""`scim-server dialects`, and the habits of a tenant."""

from scim_server.dialects import HABITS
from scim_server.dialects.pages import page
from scim_server.dialects.quirks import ENTRIES
from tests.cli.commands import CommandLine


def test_every_entry_is_listed_with_its_rows_profiles_and_source(cli: CommandLine) -> None:
    listed = cli.json("dialects", "list")
    assert [entry["name"] for entry in listed] == [entry.name for entry in ENTRIES]
    (one,) = (entry for entry in listed if entry["name"] == "remove-by-value")
    assert (one["rows"], one["on"]) == ([12, 15], "tolerant, rfc")
    assert one["source"].startswith("https://learn.microsoft.com/")


def test_the_habits_of_one_client(cli: CommandLine) -> None:
    named = [entry["name"] for entry in cli.json("dialects", "list", "--client", "okta")]
    assert "raw-tokens" in named
    assert "json-assignment" not in named
    assert cli.done("dialects", "list", "--client", "nobody").out == "No habit of 'nobody' is known.\n"


def test_one_habit_with_what_comes_before_and_after(cli: CommandLine) -> None:
    shown = cli.json("dialects", "show", "bare-words")
    assert (shown["before"], shown["after"]) == ({"filter": "userName eq anna"}, {"filter": 'userName eq "anna"'})
    text = cli.done("dialects", "show", "bare-words").out
    assert text.index("Before:") < text.index("userName eq anna") < text.index("After:")
    assert "'nothing' is not one of" in cli.failed(2, "dialects", "show", "nothing")


def test_the_page_of_the_documents(cli: CommandLine) -> None:
    assert cli.done("dialects", "page").out == page() + "\n"


def test_a_tenant_shows_and_sets_its_habits(acme_cli: CommandLine) -> None:
    shown = acme_cli.json("tenant", "show", "acme")["switches"]
    assert {shown[f"dialect.{habit.name}"] for habit in HABITS} == {"on"}
    acme_cli.done("tenant", "set", "acme", "dialect.bare-words=off")
    strict = acme_cli.json("tenant", "set", "acme", "--profile", "rfc")["switches"]
    assert (strict["dialect.bare-words"], strict["dialect.op-case"]) == ("off", "on")
    taken = acme_cli.json("tenant", "set", "acme", "dialect.bare-words=on")["switches"]
    assert taken["dialect.bare-words"] == "on"
    back = acme_cli.json("tenant", "set", "acme", "dialect.bare-words=default")["switches"]
    assert back["dialect.bare-words"] == "off"
    assert "There is no switch 'dialect.x'" in acme_cli.failed(2, "tenant", "set", "acme", "dialect.x=on")
    said = acme_cli.failed(2, "tenant", "set", "acme", "dialect.bare-words=maybe")
    assert "'maybe' is no position of dialect.bare-words: use on, off, or default." in said


def test_unknown_attributes_follow_the_switch_unless_set_apart(acme_cli: CommandLine) -> None:
    rejecting = acme_cli.json("tenant", "set", "acme", "unknown_attributes=reject")["switches"]
    assert (rejecting["dialect.unknown-attributes"], rejecting["dialect.unknown-schemas"]) == ("off", "off")
    apart = acme_cli.json("tenant", "set", "acme", "dialect.unknown-schemas=on")["switches"]
    assert (apart["dialect.unknown-attributes"], apart["dialect.unknown-schemas"]) == ("off", "on")
