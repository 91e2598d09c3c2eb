"""Trusted issuers from the command line and over the admin API: presets, refusals, and how far one may go."""

from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, connecting, tenancy, trusting
from tests.api.callers import DAY, Caller
from tests.cli.commands import CommandLine
from tests.worlds import CAUSE, Connection, World

DIRECTORY, APPLICATION = "0a1b2c3d-0000-4000-8000-00000000abcd", "11111111-2222-4333-8444-555555555555"
ANY = ("--issuer", "https://idp.example.com", "--audience", "seats", "--subject", "me")


def test_entra_is_known_by_its_directory_alone(acme_cli: CommandLine) -> None:
    made = acme_cli.json("issuer", "add", "acme", "okta", "--entra", DIRECTORY.upper())
    assert (made["name"], made["connection"], made["client"], made["jwksUri"]) == ("entra", "okta", None, None)
    assert made["issuer"] == f"https://sts.windows.net/{DIRECTORY}/"
    assert made["audience"] == "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
    assert made["claims"] == {"appid": "00000014-0000-0000-c000-000000000000", "tid": DIRECTORY}
    assert made["scopes"] == ["scim:read", "scim:write"]


def test_any_issuer(acme_cli: CommandLine) -> None:
    told = acme_cli.done("issuer", "add", "acme", "okta", *ANY, "--claim", "org=a=b", "--scope", "scim:read").out
    assert told == "Tokens of https://idp.example.com for seats stand for connection 'acme/okta'.\n"
    (listed,) = acme_cli.json("issuer", "list", "acme", "okta")
    assert (listed["name"], listed["claims"], listed["scopes"]) == ("idp.example.com", {"org": "a=b"}, ["scim:read"])
    shown = acme_cli.done("issuer", "show", "acme", "idp.example.com").out
    assert "org=a=b" in shown
    assert acme_cli.json("issuer", "show", "acme", listed["id"]) == listed


MISUSES = [
    ((), "which issuer"),
    ((*ANY, "--entra", DIRECTORY), "which issuer"),
    (("--issuer", "https://idp.example.com", "--subject", "me"), "--audience"),
    ((*ANY, "--claim", "org"), "NAME=VALUE"),
    (("--entra", DIRECTORY, "--audience", "x"), "leave them out"),
    (("--entra", DIRECTORY, "--federated", "client"), "all of"),
    (("--entra", DIRECTORY, "--subject", "me"), "all of"),
]
REFUSALS = [
    (("acme", "okta", "--entra", "my-directory"), "no id of Entra's"),
    (("acme", "okta", "--issuer", "https://idp.example.com", "--audience", "seats"), "Say whose tokens"),
    (("acme", "okta", "--issuer", "idp.example.com", "--audience", "seats", "--subject", "me"), "no address"),
    (("acme", "okta", *ANY, "--jwks-uri", "file:///etc/passwd"), "no address for jwks-uri"),
    (("acme", "okta", "--issuer", "https://u:p@h", "--audience", "seats", "--subject", "me"), "no address"),
    (("acme", "okta", "--issuer", "https://h:99999", "--audience", "seats", "--subject", "me"), "no address"),
    (("acme", "okta", "--issuer", "https://[h", "--audience", "seats", "--subject", "me"), "no address"),
    (("acme", "okta", *ANY, "--name", "a/b"), "must not contain '/'"),
    (("acme", "okta", *ANY, "--claim", f"a={'x' * 513}"), "1 to 512 characters"),
    (("acme", "nobody", *ANY), "no connection 'nobody'"),
    (("nowhere", "okta", *ANY), "no tenant 'nowhere'"),
    (("acme", "okta", *ANY, "--name", "taken"), "under the name 'taken' already. Give this one another name."),
]


def test_what_makes_no_sense_is_refused(acme_cli: CommandLine) -> None:
    acme_cli.done("issuer", "add", "acme", "okta", *ANY, "--name", "taken")
    for words, sentence in MISUSES:
        assert sentence in acme_cli.failed(2, "issuer", "add", "acme", "okta", *words)
    for words, sentence in REFUSALS:
        assert sentence in acme_cli.failed(1, "issuer", "add", *words)
    for command in ("show", "remove"):
        assert "trusts no issuer 'other'" in acme_cli.failed(1, "issuer", command, "acme", "other")
    assert [issuer["name"] for issuer in acme_cli.json("issuer", "list", "acme")] == ["taken"]


def test_nobody_lets_in_whoever_may_grant_more_than_they(world: World, acme: Tenant, okta: Connection) -> None:
    """As with a token: whose tokens a connection trusts can do all that the connection may."""
    connecting.edit_connection(world.units, acme, CAUSE, "okta", max_role="admin")
    _, text = api_tokens.issue_token(world.units, acme, CAUSE, "narrow", ["connections.write"], DAY)
    narrow = Caller(world.app.test_client(), text, "acme")
    body = {"connection": "okta", "name": "idp", "issuer": "https://h.test", "audience": "seats", "subject": "me"}
    narrow.refused(403, "POST", "~/issuers", body)
    narrow.refused(403, "POST", "~/issuers/entra", {"connection": "okta", "directory": DIRECTORY})
    connecting.edit_connection(world.units, acme, CAUSE, "okta", max_role="member")
    assert narrow.done("POST", "~/issuers", body)["name"] == "idp"
    assert [each.issuer.name for each in trusting.issuers(world.units, tenancy.tenant(world.units, "acme"))] == ["idp"]


def test_what_is_trusted_is_in_the_trail(world: World, okta: Connection, cli: CommandLine) -> None:
    cli.done("issuer", "add", "acme", "okta", *ANY, "--name", "idp")
    told = cli.done("issuer", "remove", "acme", "idp").out
    trusted, distrusted = [
        entry for entry in world.trail(tenancy.tenant(world.units, okta.slug)) if entry.object_type == "issuer"
    ]
    assert "Tokens of 'idp' are taken no more." in told
    assert (trusted.action, distrusted.action) == ("issuer.trusted", "issuer.distrusted")
    assert trusted.before is None
    assert distrusted.after is None
    assert trusted.after == distrusted.before
