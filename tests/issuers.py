"""Foreign issuers on loopback: they sign tokens, and serve their metadata and keys as a test wants them."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_network
from threading import Event
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from scim_server.services import tenancy, trusting
from scim_server.services.trusting import Terms
from tests.webs import LocalServer, answer, serving
from tests.worlds import CAUSE, Connection, World

LOOPBACK = (ip_network("127.0.0.0/8"),)
"""What `egress_networks` must allow for such an issuer."""
AUDIENCE = "api://seats"
METADATA, KEYS = "/.well-known/openid-configuration", "/keys"


def rsa(number: int = 1) -> RSAKey:
    """The key of that number: making one takes a while."""
    return _rsa(number)


@cache
def _rsa(number: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig"})


@cache
def curve(name: str = "P-256") -> ECKey | OKPKey:
    kind = OKPKey if name.startswith("Ed") else ECKey
    return kind.generate_key(name, {"kid": name})  # type: ignore[arg-type]


def signed(header: Mapping[str, Any], claims: Mapping[str, Any] | str, key: Key | bytes) -> str:
    """A JWT with just that header and those claims, whether or not anybody should take it; by HS256 with bytes."""
    body = claims if isinstance(claims, str) else json.dumps(claims)
    content = f"{part(json.dumps(header))}.{part(body)}"
    if isinstance(key, bytes):
        signature = hmac.digest(key, content.encode(), "sha256")
    else:
        signature = JWSRegistry.algorithms[header["alg"]].sign(content.encode(), key)
    return f"{content}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def part(text: str) -> str:
    """A text as it stands in a JWT."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass
class Issuer:
    """An issuer at an address of loopback. `pages` are what it answers, by path; what is None is an error 500."""

    server: LocalServer
    keys: list[Key]
    pages: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def publish(self, *keys: Key) -> None:
        """Have those keys, and no other."""
        self.keys[:] = keys
        self.pages[KEYS] = {"keys": [key.as_dict(private=False) for key in keys]}

    def fetched(self, path: str = KEYS) -> int:
        """How often a page was asked for."""
        return sum(request.split(b" ")[1] == path.encode() for request in self.server.requests)

    def claims(self, world: World, **changes: Any) -> dict[str, Any]:
        """Claims that fit what `trust` trusts; what is None is left out."""
        now = int((datetime.now(UTC) + world.ahead).timestamp())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "idp", "exp": now + 600, "nbf": now, "iat": now}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def token(self, world: World, key: Key | None = None, header: Mapping[str, Any] = {}, **changes: Any) -> str:
        """A token that is taken, unless something is changed."""
        signer = key or self.keys[0]
        usual = {"typ": "JWT", "alg": "RS256", "kid": signer.kid}
        kept = {name: value for name, value in {**usual, **header}.items() if value is not None}
        return signed(kept, self.claims(world, **changes), signer)


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer with one key."""
    pages: dict[str, Any] = {}

    def respond(request: bytes, _: Event) -> Iterator[bytes]:
        path = request.split(b" ")[1].decode()
        if pages.get(path, path) is None:
            yield answer(b"", "500 Broken")
        elif path in pages:
            yield answer(json.dumps(pages[path]).encode())
        else:
            yield answer(b"", "404 Not Found")

    with serving(respond) as server:
        issuer = Issuer(server, [], pages)
        pages[METADATA] = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}{KEYS}"}
        issuer.publish(rsa())
        yield issuer


def trust(world: World, connection: Connection, who: Issuer, client: str | None = None, **terms: Any) -> None:
    """Have the connection trust the issuer's tokens with the subject `idp`, or on other terms, under `foreign`."""
    usual = {"issuer": who.url, "audience": AUDIENCE, "subject": "idp"}
    tenant = tenancy.tenant(world.units, connection.slug)
    trusting.trust_issuer(world.units, tenant, CAUSE, connection.name, "foreign", Terms(**{**usual, **terms}), client)
