"""RFC 8705 section 3: tokens that are bound to the client's certificate, as a trusted proxy passes it on (RFC 9440)."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from ipaddress import ip_network

import pytest
from werkzeug.test import TestResponse

from scim_server.services import registering, tenancy
from tests import databases
from tests.http.refusals import check_refusal, unchanged
from tests.proofs import Prover, prover
from tests.worlds import CAUSE, World, build

PROXY, STRANGER = {"REMOTE_ADDR": "10.1.2.3"}, {"REMOTE_ADDR": "192.0.2.1"}
MINE, OTHER = b"my certificate in DER", b"another certificate"


@pytest.fixture(scope="module", params=databases.KINDS)
def walled(request: pytest.FixtureRequest) -> Iterator[World]:
    """An installation behind proxies that end TLS."""
    url = request.getfixturevalue(f"{request.param}_databases")()
    built = build(url, trusted_proxies=(ip_network("10.0.0.0/8"),))
    yield built
    built.installation.database.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def bound(walled: World) -> Prover:
    """A client that gets tokens for its certificate alone, with such a token."""
    made = prover(walled, walled.connect(walled.tenant()), certificate_bound=True)
    made.token = obtain(made, passed(MINE), PROXY).json["access_token"]
    return made


def passed(certificate: bytes) -> str:
    """As a proxy passes it on."""
    return f":{b64encode(certificate).decode()}:"


def obtain(client: Prover, *given: str | dict[str, str]) -> TestResponse:
    header, environ = (str(given[0]) if len(given) > 1 else None), given[-1]
    return client.connection.http.post(
        f"/oauth/{client.connection.slug}/token",
        data={"grant_type": "client_credentials"},
        auth=(client.client.id, client.secret),
        headers={} if header is None else {"Client-Cert": header},
        environ_base=environ,
    )


def read(client: Prover, environ: dict[str, str], *headers: str, name: str = "Client-Cert") -> TestResponse:
    sent = [("Authorization", f"Bearer {client.token}"), *((name, header) for header in headers)]
    return client.connection.http.get(f"/scim/{client.connection.slug}/v2/Users", headers=sent, environ_base=environ)


@pytest.mark.covers("R-8705-2-02")
def test_a_token_opens_with_its_certificate_alone(bound: Prover, walled: World) -> None:
    assert read(bound, PROXY, passed(MINE)).status_code == 200
    with unchanged(walled):
        for headers in (
            [],
            [passed(OTHER)],
            [passed(MINE), passed(OTHER)],
            [passed(MINE)[1:-1]],
            [":!:"],
            ["::"],
            [":"],
        ):
            check_refusal(read(bound, PROXY, *headers), 401, None, "token")


@pytest.mark.covers("R-8705-2-03")
def test_a_certificate_that_nobody_trusted_passes_on_is_nobodys(bound: Prover) -> None:
    check_refusal(read(bound, STRANGER, passed(MINE)), 401, None, "token")
    check_refusal(read(bound, PROXY, passed(MINE), name="X-Client-Cert"), 401, None, "token")
    assert obtain(bound, passed(MINE), STRANGER).status_code == 400


@pytest.mark.covers("R-9700-2-02")
def test_no_token_is_issued_without_a_certificate(bound: Prover, walled: World) -> None:
    answer = obtain(bound, PROXY)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    assert "certificate" in answer.json["error_description"]
    thumbprint = urlsafe_b64encode(sha256(MINE).digest()).decode().rstrip("=")
    told = bound.connection.http.post(
        f"/oauth/{bound.connection.slug}/introspect", data={"token": bound.token}, auth=(bound.client.id, bound.secret)
    )
    assert told.json["cnf"] == {"x5t#S256": thumbprint}
    tenant = tenancy.tenant(walled.units, bound.connection.slug)
    free = registering.edit_client(walled.units, tenant, CAUSE, bound.client.id, certificate_bound=False)
    assert obtain(bound, PROXY).status_code == 200
    registering.edit_client(walled.units, tenant, CAUSE, free.client.id, certificate_bound=True)


@pytest.mark.parametrize("header", [":\xe9:", ":A:", "::", ":::", "é", passed(MINE)[:-1]])
def test_what_is_no_certificate_is_as_if_it_were_not_there(bound: Prover, header: str) -> None:
    check_refusal(read(bound, PROXY, header), 401)
    assert obtain(bound, header, PROXY).status_code == 400


def test_metadata_and_configuration_tell_of_certificates(bound: Prover) -> None:
    http, slug = bound.connection.http, bound.connection.slug
    for kind, path in (
        ("oauth-authorization-server", f"/oauth/{slug}"),
        ("oauth-protected-resource", f"/scim/{slug}/v2"),
        ("oauth-protected-resource", "/api/v1"),
    ):
        told = http.get(f"/.well-known/{kind}{path}").json
        assert told["tls_client_certificate_bound_access_tokens"] is True
        assert "ES256" in told["dpop_signing_alg_values_supported"]
        assert not [each for each in told["dpop_signing_alg_values_supported"] if each.startswith(("HS", "none"))]
    schemes = http.get(f"/scim/{slug}/v2/ServiceProviderConfig").json["authenticationSchemes"]
    assert "OAuth 2.0 with mutual TLS" in [scheme["name"] for scheme in schemes]


def test_a_client_may_need_both_its_key_and_its_certificate(walled: World) -> None:
    both = prover(walled, walled.connect(walled.tenant("both")), certificate_bound=True, dpop=True)
    both.connection.http.environ_base |= {**PROXY, "HTTP_CLIENT_CERT": passed(MINE)}
    both.obtain()
    assert both.get(both.proof("GET", both.users)).status_code == 200
    both.connection.http.environ_base["HTTP_CLIENT_CERT"] = passed(OTHER)
    assert both.get(both.proof("GET", both.users)).status_code == 401
    both.connection.http.environ_base["HTTP_CLIENT_CERT"] = passed(MINE)
    assert both.get(scheme="Bearer").status_code == 401
