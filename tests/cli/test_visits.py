"""Sign-in links from the command line."""

from urllib.parse import urlsplit

from scim_server.domain.tenants import Tenant
from tests.cli.commands import CommandLine
from tests.console.visitors import Visitor, text_of
from tests.worlds import Connection, World


def follow(world: World, link: str, slug: str | None = None) -> Visitor:
    """Whoever opens the link and goes on."""
    visitor = Visitor(world.app.test_client(), slug)
    answer = visitor.submit(urlsplit(link).path)
    assert answer.status_code == 303, text_of(answer)
    return visitor


def test_without_a_tenant_the_link_is_the_operators(cli: CommandLine, world: World, acme: Tenant) -> None:
    link, hint = cli.done("console", "login-link").out.splitlines()
    assert link.startswith("http://127.0.0.1:8000/console/enter/scimco_")
    assert hint.startswith("It works once, until ")
    assert "acme" in follow(world, link).see("/console/tenants")


def test_a_link_for_a_person_with_a_role(cli: CommandLine, world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana@example.com")
    cli.done("role", "grant", "acme", "ana@example.com", "super_admin")
    link = cli.done("console", "login-link", "acme", "--user", "ana@example.com", "--quiet").out.strip()
    assert "ana@example.com" in follow(world, link, "acme").see("/people")
    assert cli.json("console", "login-link", "acme", "--user", "ana@example.com").keys() == {"link", "expires"}


def test_whom_no_role_lets_in_gets_none(cli: CommandLine, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ben@example.com")
    refused = cli.failed(1, "console", "login-link", "acme", "--user", "ben@example.com")
    assert "no role that opens the console" in refused
    assert "no user 'nobody'" in cli.failed(1, "console", "login-link", "acme", "--user", "nobody")


def test_tenant_and_person_go_together(cli: CommandLine, acme: Tenant) -> None:
    for arguments in (["acme"], ["--user", "ana@example.com"]):
        assert "A person is named by TENANT and --user" in cli.failed(2, "console", "login-link", *arguments)
