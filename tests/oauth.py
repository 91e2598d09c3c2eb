"""An application that connects by OAuth, and the admin who lets it in."""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode

from authlib.integrations.requests_client import OAuth2Session
from flask import Flask
from flask.testing import FlaskClient
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from werkzeug.test import TestResponse

from scim_server.domain.oauth_clients import OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.services import client_secrets, registering
from tests.pages import fields
from tests.worlds import CAUSE, World

PUBLIC = "https://seats.example.com"
REDIRECT = "https://system-admin.okta.com/admin/app/cpc/acme_scim/oauth/callback"
VERIFIER = "v" * 43
_addresses = count(1)
LEADS_ON = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


class IntoTheApplication(BaseAdapter):
    """Hands the requests of a `requests` session to a WSGI application."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.client = app.test_client(use_cookies=False)

    def send(self, request: PreparedRequest, **_: Any) -> Response:  # type: ignore[override]
        answered = self.client.open(
            str(request.path_url),
            method=str(request.method),
            headers=list(request.headers.items()),
            data=request.body,
            base_url=PUBLIC,
        )
        response = Response()
        response.status_code = answered.status_code
        response.headers.update(dict(answered.headers))
        response._content = answered.data
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        """There is nothing to close."""


def challenge_of(verifier: str) -> str:
    """RFC 7636 section 4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class Application:
    """An OAuth client of a tenant, as its own developer sees it."""

    world: World
    tenant: Tenant
    client: OAuthClient
    secret: str
    browser: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.world.app.test_client()

    @property
    def issuer(self) -> str:
        return f"{PUBLIC}/oauth/{self.tenant.slug}"

    def address(self, **changes: str | None) -> str:
        """The path at which the admin is asked; a parameter that is None is left out."""
        asked = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": REDIRECT,
            "state": "s-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in {**asked, **changes}.items() if value is not None}
        return f"/oauth/{self.tenant.slug}/authorize?{urlencode(given)}"

    def open(self, **changes: str | None) -> TestResponse:
        """The page, as the admin's browser shows it."""
        return self.browser.get(self.address(**changes))

    def decide(self, proof: str, decision: str = "allow", at: str | None = None, **changes: str | None) -> TestResponse:
        """The admin opens the page, fills in its form and presses a button, `at` an address of their own."""
        form = fields(self.open(**changes).text)
        return self.browser.post(
            self.address(**changes),
            data={**form, "proof": proof, "decision": decision},
            environ_overrides={"REMOTE_ADDR": at or f"2001:db8::{next(_addresses):x}"},
        )

    def code(self, proof: str, **changes: str | None) -> str:
        """The code that the admin's consent gets."""
        return sent_back(self.decide(proof, **changes))["code"]

    def token(self, **form: str) -> TestResponse:
        """A request to the token endpoint, with the client's secret."""
        return self.browser.post(f"/oauth/{self.tenant.slug}/token", data=form, auth=(self.client.id, self.secret))

    def redeem(self, code: str, **changes: str) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return self.token(**{**form, **changes})

    def refresh(self, token: str, **changes: str) -> TestResponse:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, **changes})

    def opens(self, access_token: str) -> bool:
        """Whether the token opens the tenant's SCIM service."""
        path, headers = f"/scim/{self.tenant.slug}/v2/Users", {"Authorization": f"Bearer {access_token}"}
        return self.browser.get(path, headers=headers).status_code == 200

    def session(self, **options: Any) -> OAuth2Session:
        """Authlib's client, over the same wires."""
        found = OAuth2Session(
            self.client.id, self.secret, redirect_uri=REDIRECT, code_challenge_method="S256", **options
        )
        found.mount(PUBLIC, IntoTheApplication(self.world.app))
        return found


def application(
    world: World, tenant: Tenant, connection: str | None, *scopes: str, name: str = "Okta", **terms: Any
) -> Application:
    """A new client with a secret, which acts as the connection of that name."""
    made = registering.register_client(
        world.units,
        tenant,
        CAUSE,
        name,
        connection=connection,
        scopes=scopes or ["scim"],
        redirect_uris=[REDIRECT],
        **terms,
    )
    secret = client_secrets.issue_secret(world.units, tenant, CAUSE, made.client.id).text
    assert secret is not None
    return Application(world, tenant, made.client, secret)


def sent_back(answered: TestResponse) -> dict[str, str]:
    """What the client is sent: by a redirect, or by the page that leads on."""
    if answered.status_code == 303:
        address = answered.headers["Location"]
    else:
        assert answered.status_code == 200, answered.text
        found = LEADS_ON.search(answered.text)
        assert found is not None, answered.text
        address = unescape(found[1])
    whole, _, query = address.partition("?")
    assert whole == REDIRECT, address
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
