"""The options that say what a client of the authorization server is, for making one and for changing one."""

from pathlib import Path
from typing import Any

import click
import orjson

from scim_server.cli.parameters import together
from scim_server.domain.oauth_clients import CLIENT_SCOPES, ClientMethod

client_options = together(
    click.option("--method", type=click.Choice([each.value for each in ClientMethod]),
                 help="How it proves who it is.  [default: client_secret_basic]"),
    click.option("--scope", "scopes", type=click.Choice(list(CLIENT_SCOPES)), multiple=True, metavar="SCOPE",
                 help="The most it may get; repeatable: scim, scim:read, scim:write, permissions of the admin API."),
    click.option("--redirect-uri", "redirect_uris", multiple=True, metavar="URL",
                 help="Where authorization codes may be sent; repeatable."),
    click.option("--jwks", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
                 help="The public keys that it signs with, a JWK Set; for private_key_jwt."),
    click.option("--jwks-uri", metavar="URL", help="Where it publishes them instead."),
    click.option("--token-seconds", type=int, metavar="N", help="How long its access tokens live.  [default: 3600]"),
    click.option("--dpop/--no-dpop", default=None, help="Whether its tokens must be bound to a key, by DPoP."),
    click.option("--certificate-bound/--no-certificate-bound", default=None,
                 help="Whether they must be to its TLS certificate."),
    click.option("--pkce/--no-pkce", default=None,
                 help="Whether it must send a challenge for each code.  [default: pkce]"),
)  # fmt: skip


def parts_of(
    *, method: str | None, scopes: tuple[str, ...], redirect_uris: tuple[str, ...], jwks: Path | None, **others: Any
) -> dict[str, Any]:
    """What is said of the client, as `register_client` takes it; what is not said is left out."""
    parts: dict[str, Any] = {
        "method": None if method is None else ClientMethod(method),
        "scopes": scopes or None,
        "redirect_uris": redirect_uris or None,
        "jwks": None if jwks is None else _key_set(jwks),
        **others,
    }
    return {name: value for name, value in parts.items() if value is not None}


def _key_set(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"'{path}' is no JSON text.") from error
    if not isinstance(found, dict):
        raise click.BadParameter(f"'{path}' is no JWK Set.")
    return found
