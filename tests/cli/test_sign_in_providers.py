"""Sign-in providers from the command line."""

from pathlib import Path

from scim_server.domain.tenants import Tenant
from scim_server.services import federating
from tests.cli.commands import CommandLine
from tests.worlds import World

SET = ("console", "provider", "set", "acme", "--issuer", "https://idp.example.com", "--client-id", "seats")


def test_a_provider_is_set_shown_and_removed(cli: CommandLine, world: World, acme: Tenant, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    said = cli.done(*SET, "--secret", str(secret)).out
    assert "Its redirect URI for this server is http://127.0.0.1:8000/console/callback." in said
    door = federating.door_of(world.units, acme)
    assert door is not None
    assert (door.secret, door.provider.claim) == ("s3cret", "email")
    shown = cli.json("console", "provider", "show", "acme")
    assert (shown["issuer"], shown["clientId"], "s3cret" in str(shown)) == ("https://idp.example.com", "seats", False)
    cli.done(*SET, "--claim", "oid")
    kept = federating.door_of(world.units, acme)
    assert kept is not None
    assert (kept.secret, kept.provider.claim) == ("s3cret", "oid")
    cli.done("console", "provider", "remove", "acme", "--yes")
    assert "sign in with no provider" in cli.failed(1, "console", "provider", "show", "acme")


def test_a_secret_is_needed_and_is_no_argument(cli: CommandLine, acme: Tenant) -> None:
    assert "A client secret is needed" in cli.failed(1, *SET)
    assert "No such file" in cli.failed(2, *SET, "--secret", "s3cret")
    assert "is no issuer" in cli.failed(1, *SET, "--issuer", "idp.example.com")
