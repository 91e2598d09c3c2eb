"""`scim-server oauth grant` and `oauth approve`."""

import pytest

from scim_server.services import consenting, registering, tenancy
from scim_server.services.consenting import Approver, Wish
from tests.cli.commands import CommandLine
from tests.worlds import World, build


@pytest.fixture
def client(acme_cli: CommandLine) -> str:
    """The client_id of a client that gets codes."""
    made = acme_cli.json(
        *("oauth", "client", "create", "acme", "idp", "--connection", "okta", "--scope", "scim"),
        *("--redirect-uri", "https://idp.test/callback"),
    )
    return str(made["id"])


def consent(world: World, called: str) -> None:
    """What happens on the consent page."""
    acme = tenancy.tenant(world.units, "acme")
    found = registering.registration(world.units, acme, called).client
    resource = "https://seats.example.com/scim/acme/v2"
    wish = Wish(acme, found, found.scim_scopes, resource, found.redirect_uris[0], "x" * 43)
    consenting.consent(world.units, Approver("api:somebody", None), "r-1", wish)


def test_grants_are_listed_and_end(acme_cli: CommandLine, client: str, database_url: str) -> None:
    assert acme_cli.done("oauth", "grant", "list", "acme", "idp").out.startswith("Nobody has consented")
    world = build(database_url)
    consent(world, client)
    world.installation.database.dispose()
    (listed,) = acme_cli.json("oauth", "grant", "list", "acme", client)
    assert (listed["state"], listed["approver"], listed["clientId"]) == ("pending", "api:somebody", client)
    assert listed["scopes"] == ["scim:read", "scim:write"]
    printed = acme_cli.done("oauth", "grant", "list", "acme", "idp").out
    assert ("api:somebody" in printed, "pending" in printed) == (True, True)
    (ended,) = acme_cli.json("oauth", "grant", "revoke", "acme", "idp")
    assert (ended["id"], ended["state"]) == (listed["id"], "revoked")
    assert "0 grants of client 'idp' are revoked." in acme_cli.done("oauth", "grant", "revoke", "acme", "idp").out
    entries = acme_cli.json("audit", "list", "acme")
    assert [each["action"] for each in entries[:2]] == ["oauth_grant.revoked", "oauth_grant.consented"]
    assert acme_cli.json("audit", "compare", "acme")["agrees"]
    assert "no client 'nobody'" in acme_cli.failed(1, "oauth", "grant", "list", "acme", "nobody")


def test_an_approval_code_is_shown_once(acme_cli: CommandLine, client: str) -> None:
    text, told = acme_cli.done("oauth", "approve", "acme", "idp").out.splitlines()
    assert (text.startswith("scimok_"), "good once" in told) == (True, True)
    assert acme_cli.done("oauth", "approve", "acme", "idp", "--quiet").out.count("\n") == 1
    assert acme_cli.json("oauth", "approve", "acme", client)["clientId"] == client
    assert text not in str(acme_cli.json("audit", "list", "acme"))
    acme_cli.done("oauth", "client", "revoke", "acme", "idp", "--yes")
    assert "is revoked" in acme_cli.failed(1, "oauth", "approve", "acme", "idp")


def test_a_client_that_asks_nobody_is_not_approved(acme_cli: CommandLine) -> None:
    acme_cli.done("oauth", "client", "create", "acme", "job", "--connection", "okta", "--scope", "scim")
    assert "--redirect-uri" in acme_cli.failed(1, "oauth", "approve", "acme", "job")
    assert "approval_code.issued" not in str(acme_cli.json("audit", "list", "acme"))
