"""What OpenID Connect providers say of themselves (Discovery 1.0 section 3), kept in the process for an hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scim_server.oauth.algorithms import ALGORITHMS
from scim_server.oauth.issuer_keys import FAILURE_PAUSE, HOUR, issuer_metadata
from scim_server.services.ports import Unreachable, Web

BASIC, POST = "client_secret_basic", "client_secret_post"
"""How a client can show its secret (OpenID Connect Core 1.0 section 9)."""


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """The part of them that signing in takes.

    `names_itself` says that every answer of the provider has `iss` (RFC 9207 section 3), `userinfo` is where more is
    told of a person, if anywhere.
    """

    issuer: str
    authorization: str
    token: str
    keys: str
    algorithms: frozenset[str]
    shows_secret: str
    userinfo: str | None = None
    names_itself: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    metadata: ProviderMetadata | None
    problem: str
    until: float


class Providers:
    """Those that were asked for. One that does not answer is left alone for 30 seconds: strangers may begin to sign in
    as often as they like."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._kept: dict[str, _Kept] = {}

    def of(self, issuer: str, now: float) -> ProviderMetadata:
        """The metadata of an issuer that somebody has set up. `now` in seconds. Raises Unreachable."""
        kept = self._kept.get(issuer)
        if kept is None or now >= kept.until:
            kept = self._kept[issuer] = self._asked(issuer, now)
        if kept.metadata is None:
            raise Unreachable(kept.problem)
        return kept.metadata

    def _asked(self, issuer: str, now: float) -> _Kept:
        try:
            return _Kept(read_metadata(issuer, issuer_metadata(self._web, issuer)), "", now + HOUR)
        except Unreachable as unreachable:
            return _Kept(None, str(unreachable), now + FAILURE_PAUSE)


def read_metadata(issuer: str, said: Mapping[str, Any]) -> ProviderMetadata:
    """Raises Unreachable where nobody can sign in with what is said."""
    algorithms = frozenset(ALGORITHMS).intersection(_texts(said, "id_token_signing_alg_values_supported", "RS256"))
    ways = _texts(said, "token_endpoint_auth_methods_supported", BASIC)
    shown = next((way for way in (BASIC, POST) if way in ways), None)
    if shown is None:
        raise Unreachable(f"{issuer} takes no client secret at its token endpoint.")
    if not algorithms:
        raise Unreachable(f"{issuer} signs with no algorithm that is taken.")
    return ProviderMetadata(
        issuer,
        _address(said, "authorization_endpoint", issuer),
        _address(said, "token_endpoint", issuer),
        _address(said, "jwks_uri", issuer),
        algorithms,
        shown,
        _address(said, "userinfo_endpoint", issuer) if said.get("userinfo_endpoint") else None,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(said: Mapping[str, Any], name: str, issuer: str) -> str:
    """An address of the web, in the clear only where the issuer is: browsers are sent there."""
    value = said.get(name)
    parts = urlsplit(value) if isinstance(value, str) and value.isascii() and value.isprintable() else urlsplit("")
    if parts.scheme not in {"https", urlsplit(issuer).scheme} or not parts.netloc or parts.fragment:
        raise Unreachable(f"The metadata of {issuer} have no {name} that can be used.")
    return str(value)


def _texts(said: Mapping[str, Any], name: str, usual: str) -> list[str]:
    value = said.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else [usual]
