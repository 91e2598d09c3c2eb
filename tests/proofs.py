"""Clients that prove a key with each request (RFC 9449)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

from joserfc.jwk import ECKey, Key
from werkzeug.test import TestResponse

from scim_server.domain.oauth_clients import OAuthClient
from scim_server.services import client_secrets, registering, tenancy
from tests.issuers import signed
from tests.worlds import CAUSE, Connection, World

PUBLIC = "https://seats.example.com"
_numbers = count(1)


def hashed(token: str) -> str:
    """As `ath` has it."""
    return urlsafe_b64encode(sha256(token.encode()).digest()).decode().rstrip("=")


@dataclass
class Prover:
    """Sends requests of one client with proofs of its key. `nonce` is what the server told last."""

    world: World
    connection: Connection
    client: OAuthClient
    secret: str
    key: Key
    token: str = ""
    nonce: str = ""

    def proof(self, method: str, url: str, key: Key | None = None, header: Any = None, **changes: Any) -> str:
        """A proof that is taken, unless something is changed; what is None is left out."""
        signer = key or self.key
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": signer.as_dict(private=False)}
        usual = {
            "jti": f"proof-{next(_numbers)}",
            "htm": method,
            "htu": url,
            "iat": int((datetime.now(UTC) + self.world.ahead).timestamp()),
            "nonce": self.nonce or None,
            "ath": hashed(self.token) if "/token" not in url else None,
        }
        kept = {name: value for name, value in {**usual, **changes}.items() if value is not None}
        return signed(
            {name: value for name, value in {**head, **(header or {})}.items() if value is not None}, kept, signer
        )

    @property
    def endpoint(self) -> str:
        return f"{PUBLIC}/oauth/{self.connection.slug}/token"

    @property
    def users(self) -> str:
        return f"{PUBLIC}/scim/{self.connection.slug}/v2/Users"

    def ask(self, *proofs: str, **environ: Any) -> TestResponse:
        """Ask for a token, with those proofs."""
        return self.connection.http.post(
            self.endpoint.removeprefix(PUBLIC),
            data={"grant_type": "client_credentials"},
            headers=[("DPoP", proof) for proof in proofs],
            auth=(self.client.id, self.secret),
            **environ,
        )

    def obtain(self) -> str:
        """A token, at the second attempt: the first one tells the nonce."""
        self.nonce = self.ask(self.proof("POST", self.endpoint)).headers["DPoP-Nonce"]
        answer = self.ask(self.proof("POST", self.endpoint))
        assert answer.status_code == 200, answer.text
        self.token = answer.json["access_token"]
        assert answer.json["token_type"] == "DPoP"
        return self.token

    def get(self, *proofs: str, scheme: str = "DPoP", path: str = "/Users", **environ: Any) -> TestResponse:
        """Read users, with those proofs."""
        headers = [("Authorization", f"{scheme} {self.token}"), *(("DPoP", proof) for proof in proofs)]
        return self.connection.http.get(f"/scim/{self.connection.slug}/v2{path}", headers=headers, **environ)


def prover(world: World, connection: Connection, **options: Any) -> Prover:
    """A client of the connection, with a key of its own."""
    tenant = tenancy.tenant(world.units, connection.slug)
    given = {"connection": connection.name, "scopes": ["scim"], **options}
    client = registering.register_client(world.units, tenant, CAUSE, f"client {next(_numbers)}", **given).client
    secret = client_secrets.issue_secret(world.units, tenant, CAUSE, client.id).text
    return Prover(world, connection, client, str(secret), ECKey.generate_key("P-256"))
