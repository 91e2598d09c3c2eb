"""OAuth clients of a tenant, as their vendors would write them."""

import base64
import json
import time
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from joserfc import jwk, jws
from werkzeug.test import TestResponse

from scim_server.domain.oauth_clients import ClientMethod
from scim_server.services import client_secrets, registering, tenancy
from tests.worlds import CAUSE, Connection, World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS: dict[str, jwk.Key] = {
    "RS256": jwk.RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": jwk.ECKey.generate_key("P-256", {"kid": "ec"}),
    "Ed25519": jwk.OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
"""Private keys by what they usually sign with; one of each type for the whole run."""
KEYS["PS256"] = KEYS["RS256"]

_numbers = count(1)


def public_set(*keys: jwk.Key) -> dict[str, Any]:
    """The JWK Set of the public parts."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


@dataclass(frozen=True)
class Program:
    """One client, which proves itself by its secret or its key. `connection` is the one that it acts as, if any."""

    world: World
    slug: str
    client_id: str
    connection: Connection | None = None
    secret: str | None = None
    key: jwk.Key | None = None

    @property
    def issuer(self) -> str:
        return f"https://seats.example.com/oauth/{self.slug}"

    def post(self, endpoint: str, form: dict[str, Any], **more: Any) -> TestResponse:
        """A form as it is, without any proof."""
        return self.world.app.test_client().post(f"/oauth/{self.slug}/{endpoint}", data=form, **more)

    def proof(self) -> dict[str, str]:
        """What proves who it is, in a form."""
        if self.key is not None:
            return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        assert self.secret is not None, "a client has a secret or a key"
        return {"client_id": self.client_id, "client_secret": self.secret}

    def ask(self, endpoint: str, **form: Any) -> TestResponse:
        """A form with the proof of who asks."""
        if self.key is not None:
            return self.post(endpoint, {**self.proof(), **form})
        assert self.secret is not None, "a client has a secret or a key"
        return self.post(endpoint, form, auth=(self.client_id, self.secret))

    def obtain(self, **form: Any) -> TestResponse:
        """What the token endpoint answers by client_credentials."""
        return self.ask("token", **{"grant_type": "client_credentials", **form})

    def token(self, **form: Any) -> str:
        """A new access token."""
        answer = self.obtain(**form)
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]

    def scim(self, token: str) -> Connection:
        """Its connection, with that token."""
        assert self.connection is not None, "the client has a connection"
        return replace(self.connection, token=token)

    def assertion(self, algorithm: str | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A client assertion (RFC 7523 section 3); what is None is left out."""
        assert self.key is not None, "the client has a key"
        chosen = algorithm or next(name for name, key in KEYS.items() if key is self.key)
        now = int(time.time() + self.world.ahead.total_seconds())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": f"jti-{next(_numbers)}",
        }
        kept = {name: value for name, value in {**said, **claims}.items() if value is not None}
        text = ".".join(encoded(json.dumps(each).encode()) for each in ({"alg": chosen, **(header or {})}, kept))
        return f"{text}.{encoded(jws.JWSRegistry.algorithms[chosen].sign(text.encode(), self.key))}"


def program(world: World, connection: Connection, method: str = "client_secret_basic", **terms: Any) -> Program:
    """A client of that connection with both scopes of SCIM and a secret."""
    tenant = tenancy.tenant(world.units, connection.slug)
    given = {"connection": connection.name, "scopes": ["scim"], **terms}
    made = registering.register_client(
        world.units, tenant, CAUSE, f"client {next(_numbers)}", method=ClientMethod(method), **given
    ).client
    text = client_secrets.issue_secret(world.units, tenant, CAUSE, made.id).text
    return Program(world, connection.slug, made.id, connection, text)


def key_holder(world: World, connection: Connection, algorithm: str = "ES256", **terms: Any) -> Program:
    """The same with a key of its own in place of a secret."""
    tenant = tenancy.tenant(world.units, connection.slug)
    given = {"connection": connection.name, "scopes": ["scim"], "jwks": public_set(KEYS[algorithm]), **terms}
    made = registering.register_client(
        world.units, tenant, CAUSE, f"client {next(_numbers)}", method=ClientMethod.PRIVATE_KEY_JWT, **given
    ).client
    return Program(world, connection.slug, made.id, connection, key=KEYS[algorithm])


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    return json.loads(decoded(token.split(".")[1]))


def header_of(token: str) -> dict[str, Any]:
    return json.loads(decoded(token.split(".")[0]))


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
