"""Domains by hand, and what they mean for people by hand and for lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import CommandLine, at_terminal
from tests.nameservers import name_server

RECORD = "_scim-server.acme.test"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """What DNS says, by name; there is no other name server."""
    records: dict[str, list[str]] = {}
    with name_server(records.get) as server:
        monkeypatch.setenv("SCIM_DNS_SERVERS", server)
        yield records


def own(cli: CommandLine, published: dict[str, list[str]], name: str) -> None:
    added = cli.json("domain", "add", "acme", name)
    published[added["record"]] = [added["text"]]
    cli.done("domain", "verify", "acme", name)


def test_a_domain_is_added_proved_and_removed(acme_cli: CommandLine, published: dict[str, list[str]]) -> None:
    cli = acme_cli
    assert "it takes addresses in all" in cli.done("domain", "list", "acme").out
    said = cli.done("domain", "add", "acme", "ACME.test.").out
    (added,) = cli.json("domain", "list", "acme")
    assert (added["name"], added["state"], added["record"]) == ("acme.test", "pending", RECORD)
    assert [each for each in (added["text"], RECORD, added["file"]) if each not in said] == []
    assert "has the domain 'acme.test' already" in cli.failed(1, "domain", "add", "acme", "acme.test")
    refused = cli.failed(1, "domain", "verify", "acme", "acme.test")
    assert f"DNS has no TXT record {RECORD}, and https://acme.test/.well-known/" in refused
    assert cli.json("domain", "show", "acme", "acme.test") == added
    published[RECORD] = [added["text"]]
    assert "is verified" in cli.done("domain", "verify", "acme", "Acme.Test").out
    verified = cli.json("domain", "show", "acme", "acme.test")
    assert verified["state"] == "verified"
    assert verified["checked"] == verified["verified"] is not None
    published.clear()
    cli.failed(1, "domain", "verify", "acme", "acme.test")
    assert cli.json("domain", "show", "acme", "acme.test") == verified
    assert cli.done("domain", "remove", "acme", "acme.test", "--yes").out == "Domain 'acme.test' is removed.\n"
    assert cli.json("domain", "list", "acme") == []
    for command in ("show", "verify", "remove"):
        assert "has no domain 'acme.test'" in cli.failed(1, "domain", command, "acme", "acme.test")
    assert [each["action"] for each in cli.json("audit", "list", "acme") if each["objectType"] == "domain"] == [
        "domain.removed",
        "domain.verified",
        "domain.added",
    ]


@pytest.mark.parametrize(
    "name", ["acme", "127.0.0.1", "*.acme.test", "ana@acme.test", "stra\u00dfe.test", "https://acme.test"]
)
def test_what_is_no_domain_is_refused(acme_cli: CommandLine, name: str) -> None:
    assert f"'{name}' is no domain" in acme_cli.failed(1, "domain", "add", "acme", name)


def test_before_the_last_verified_domain_goes_it_is_asked(
    acme_cli: CommandLine, published: dict[str, list[str]]
) -> None:
    own(acme_cli, published, "acme.test")
    code, screen = at_terminal("domain", "remove", "acme", "acme.test", typed="n\n")
    assert (code, "the only verified domain of 'acme', which will take every address again" in screen) == (1, True)
    assert len(acme_cli.json("domain", "list", "acme")) == 1


def test_people_by_hand_lie_in_verified_domains(acme_cli: CommandLine, published: dict[str, list[str]]) -> None:
    own(acme_cli, published, "acme.test")
    person = ("--first", "Ana", "--last", "Silva")
    refused = acme_cli.failed(1, "user", "add", "acme", "ana@other.test", *person)
    assert "'ana@other.test' lies in a domain that this tenant has not verified. Use an address in acme.test" in refused
    acme_cli.done("user", "add", "acme", "ana@acme.test", *person)


def test_a_list_brings_nobody_from_elsewhere(
    acme_cli: CommandLine, published: dict[str, list[str]], tmp_path: Path
) -> None:
    cli = acme_cli
    person = ("--first", "Gil", "--last", "Silva")
    cli.done("tenant", "create", "other", "--name", "Other")
    for slug, name in (("acme", "gil@other.test"), ("acme", "ben@other.test"), ("other", "eve@other.test")):
        cli.done("user", "add", slug, name, *person)
    cli.done("user", "delete", "acme", "gil@other.test", "--yes")
    own(cli, published, "acme.test")
    file = tmp_path / "people.csv"
    names = ("ana@acme.test", "ana@other.test", "ben@other.test", "eve@other.test", "gil@other.test")
    file.write_text("\n".join(["email,first_name,last_name", *(f"{name},Kim,Lee" for name in names)]))
    cli("import", "run", "acme", str(file), "--mode", "best_effort", "--yes")
    (job,) = cli.json("import", "list", "acme")
    counts = {verdict: count for verdict, count in job["counts"].items() if count}
    assert (job["state"], counts) == ("done", {"create": 1, "update": 1, "conflict": 3})
    people = {each["userName"] for each in cli.json("user", "list", "acme")}
    assert people == {"ana@acme.test", "ben@other.test"}
    reasons = cli.done("import", "errors", "acme", job["id"]).out
    assert reasons.count("lies in a domain that this tenant has not verified") == 3
