"""An OpenID Connect provider on loopback: it signs people in as a test wants, and checks what a client must show it."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from threading import Event
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc.jwk import Key

from scim_server.domain.instants import Instant, instant
from scim_server.domain.tenants import Tenant
from scim_server.services import federating
from tests.issuers import KEYS, METADATA, rsa, signed
from tests.webs import LocalServer, answer, serving
from tests.worlds import CAUSE, World

CLIENT, SECRET = "seats", "s3cret"
ANA = {"sub": "00u1", "email": "ana@example.com", "email_verified": True}


@dataclass
class Provider:
    """A provider with one client. `broken` names paths that answer with an error 500.

    What is in `claims` and `header` replaces what ID tokens say, and is left out where it is None; `key` signs them.
    """

    server: LocalServer
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: Key | bytes = field(default_factory=rsa)
    broken: set[str] = field(default_factory=set)
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def fetched(self, path: str) -> int:
        """How often a page was asked for."""
        return sum(request.split(b" ")[1] == path.encode() for request in self.server.requests)

    def authorize(self, at: Instant, address: str, **claims: Any) -> str:
        """What the provider sends a browser back to that came to `address`, once somebody has signed in there at that
        moment."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert address.startswith(f"{self.url}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        now = int(datetime.fromisoformat(at).timestamp())
        usual = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **ANA}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked, {**usual, **claims, **self.claims}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def respond(self, request: bytes, _: Event) -> Iterator[bytes]:
        """One answer to a server, or to a browser, whose user signs in at once."""
        head, _, body = request.partition(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        if path in self.broken:
            yield answer(b"", "500 Broken")
        elif path.startswith("/authorize?"):
            yield answer(b"", "302 Found", Location=self.authorize(instant(datetime.now(UTC)), self.url + path))
        elif path == METADATA:
            yield _json(self.metadata)
        elif path == KEYS:
            yield _json({"keys": [rsa().as_dict(private=False)]})
        elif path == "/userinfo":
            known = b"Authorization: Bearer access" in head
            yield _json(self.userinfo) if known else answer(b"{}", "401 Unauthorized")
        else:
            yield self._token(head.decode(), dict(parse_qsl(body.decode())))

    def _token(self, head: str, form: Mapping[str, str]) -> bytes:
        if not self._is_client(head, form):
            return _json({"error": "invalid_client"}, "401 Unauthorized")
        asked, claims = self.codes.pop(form.get("code", ""), ({}, {}))
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if asked.get("code_challenge") != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return _json({"error": "invalid_grant"}, "400 Bad Request")
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": rsa().kid, **self.header}
        token = signed({name: value for name, value in header.items() if value is not None}, kept, self.key)
        return _json({"token_type": "Bearer", "access_token": "access", "id_token": token})

    def _is_client(self, head: str, form: Mapping[str, str]) -> bool:
        if "client_secret_post" in self.metadata.get("token_endpoint_auth_methods_supported", ()):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        shown = head.partition("Authorization: Basic ")[2].partition("\r\n")[0]
        return b64decode(shown).decode() == f"{CLIENT}:{SECRET}"


@contextmanager
def providing() -> Iterator[Provider]:
    """A provider."""
    found: list[Provider] = []
    with serving(lambda request, stopped: found[0].respond(request, stopped)) as server:
        provider = Provider(server)
        provider.metadata.update(
            issuer=provider.url,
            authorization_endpoint=f"{provider.url}/authorize",
            token_endpoint=f"{provider.url}/token",
            userinfo_endpoint=f"{provider.url}/userinfo",
            jwks_uri=f"{provider.url}{KEYS}",
            id_token_signing_alg_values_supported=["RS256", "HS256", "none"],
            authorization_response_iss_parameter_supported=True,
        )
        found.append(provider)
        yield provider


def federate(world: World, tenant: Tenant, provider: Provider, claim: str = "email") -> None:
    """Have the tenant's people sign in there."""
    federating.set_provider(world.units, tenant, CAUSE, provider.url, CLIENT, SECRET, claim)


def _json(content: Mapping[str, Any], status: str = "200 OK") -> bytes:
    return answer(json.dumps(content).encode(), status)
