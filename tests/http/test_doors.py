"""Deny by default: whatever the address and however it is spelt, without a credential there is a 401 and nothing else.

What is public is listed here, route by route, with the reason. A new route fails until it is put into the list, or
asks for a credential.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from scim_server.api.blueprints import PLACE as API_PLACE
from scim_server.api.nouns import ENDPOINTS
from tests.worlds import Connection, World

PUBLIC = {
    "/healthz": "whether the process is alive",
    "/readyz": "whether it can serve",
    "/version": "which version it is",
    "/api/v1/openapi.json": "the document of the admin API, which says nothing of any tenant",
    "/api/v1/docs": "the page to browse it",
    "/api/v1/docs/<path:filename>": "the files of that page",
    "/oauth/<slug>/jwks": "what access tokens are verified with",
    "/.well-known/oauth-authorization-server/<path:rest>": "what an issuer says of itself, whether or not it is one",
    "/.well-known/oauth-protected-resource/<path:rest>": "the same of SCIM and the admin API",
    "/.well-known/ssf-configuration/<path:rest>": "the same of an issuer as a transmitter of security events",
    "/oauth/<slug>/authorize": "the page on which an admin proves who they are, and lets a client in",
    "/invitations/<token>": "the page of an invitation, whose token is in the address",
    "/console": "sends whoever does not visit to the sign-in page",
    "/console/": "the same",
    "/console/<path:rest>": "pages, which let nobody in without a visit: tests/console/test_every_visitor.py",
    "/console/static/<path:filename>": "the files that pages are made of",
}
"""Routes that open without a credential, and why."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
OVERRIDES = {"X-HTTP-Method-Override": "GET", "X-HTTP-Method": "GET", "X-Method-Override": "GET"}
BESIDE = [
    OVERRIDES,
    {"Cookie": "session=x; token=y"},
    {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"},
    {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Prefix": "/healthz", "Forwarded": "for=127.0.0.1"},
]
PLACE = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")
SCIM = ["", "/", "Users", "Users/1", "Groups", "Groups/1", ".search", "Users/.search", "Bulk", "Me", "Schemas", "Roles"]


def filled(rule: str) -> list[str]:
    """Addresses of the rule, with something in each place of it."""
    if rule.startswith("/scim/"):
        return [f"/scim/acme/v2/{rest}" for rest in SCIM]
    if rule.startswith("/api/v1/<anything"):
        return sorted({f"/api/v1{API_PLACE.sub('acme', endpoint.path)}" for endpoint in ENDPOINTS})
    return [PLACE.sub("acme", rule)]


def spelt(address: str) -> Iterator[str]:
    """The address, and what a router or a filter before it could take for the same."""
    last = address.rstrip("/").rpartition("/")[2]
    yield from (address, f"{address}/", f"/{address}", address.replace("/", "//"), f"{address}.json", f"{address};x=1")
    yield from (address.upper(), address.title(), f"{address}%2f", f"{address}%00", f"{address}%20", f"/.{address}")
    yield from (f"/healthz/..{address}", f"/healthz%2f..{address}", f"{address}/../{last}", f"{address}?x=/healthz")
    yield f"/%{ord(address[1]):02x}{address[2:]}"
    yield address[:5] + address[5:].replace("/", "%2F")


def send(http: FlaskClient, method: str, spelling: str, headers: dict[str, str]) -> TestResponse:
    """As a server passes it on: the test client would take two slashes for a host."""
    path, _, query = spelling.partition("?")
    decoded = unquote_to_bytes(path).decode("latin-1")
    overrides = {"PATH_INFO": decoded, "QUERY_STRING": query}
    return http.open("/", method=method, headers=headers, environ_overrides=overrides)


def leads_somewhere(adapter: MapAdapter, answer: TestResponse) -> bool:
    """Whether the table of routes has a route for it that is not public."""
    try:
        return adapter.match(answer.request.path, answer.request.method, return_rule=True)[0].rule not in PUBLIC
    except HTTPException:
        return False


def is_shut(adapter: MapAdapter, answer: TestResponse) -> bool:
    """Refused for want of a credential; or nowhere."""
    if answer.status_code == 401:
        return "WWW-Authenticate" in answer.headers
    return answer.status_code in {404, 405} and not leads_somewhere(adapter, answer)


def tried(address: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every method at the address, every header beside it, every spelling of it."""
    yield from ((method, address, {}) for method in METHODS)
    yield from (("GET", address, beside) for beside in BESIDE)
    yield from (("GET", spelling, {}) for spelling in spelt(address))


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_nothing_opens_without_a_credential(house: World) -> None:
    """No request gets as far as a database, so there is no second one to try it on."""
    http, adapter = house.app.test_client(), house.app.url_map.bind("localhost")
    rules = {rule.rule for rule in house.app.url_map.iter_rules()} - PUBLIC.keys()
    addresses = [address for rule in sorted(rules) for address in filled(rule)]
    assert len(addresses) > 80
    opened = [
        f"{method} {spelling} with {list(headers)}: {answer.status_code}"
        for address in addresses
        for method, spelling, headers in tried(address)
        if not is_shut(adapter, answer := send(http, method, spelling, headers))
    ]
    assert opened == []


def test_every_public_route_is_there_and_public(house: World) -> None:
    """A line that has lost its route must go."""
    assert set(PUBLIC) <= {rule.rule for rule in house.app.url_map.iter_rules()}
    http = house.app.test_client()
    for rule in PUBLIC:
        path = PLACE.sub("nothing", rule)
        assert http.get(path, buffered=True).status_code in {200, 303, 404}, path


def test_a_configuration_alone_is_public_below_scim(house: World) -> None:
    """RFC 7643 section 5, read without a token; not written, and not with a wrong one."""
    http, path = house.app.test_client(), "/scim/acme/v2/ServiceProviderConfig"
    assert http.get(path).status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"):
        assert http.open(path, method=method).status_code == 401, method
    for spelling in (f"{path}.json", f"{path}/x", f"{path}%00", path.lower(), path.replace("v2", "v1")):
        assert http.get(spelling).status_code == 401, spelling
    assert http.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("header", OVERRIDES)
def test_no_header_changes_the_method(house: World, header: str) -> None:
    http, path = house.app.test_client(), "/scim/acme/v2/ServiceProviderConfig"
    assert http.post(path, headers={header: "GET"}).status_code == 401
    assert http.post(f"{path}?_method=GET", data={"_method": "GET"}).status_code == 401


def test_a_token_opens_nothing_from_outside_of_its_header(client: Connection) -> None:
    """RFC 6750 sections 2.2 and 2.3 are not offered: addresses and bodies end up in logs."""
    path, token = f"/scim/{client.slug}/v2/Users", client.token
    elsewhere = {"Cookie": f"access_token={token}", "X-Api-Key": token, "Proxy-Authorization": f"Bearer {token}"}
    for answer in (
        client.http.get(path, query_string={"access_token": token, "token": token, "authorization": f"Bearer {token}"}),
        client.http.post(path, data={"access_token": token}),
        client.http.post(path, json={"access_token": token, "userName": "ana"}),
        client.http.get(path, headers=elsewhere),
    ):
        assert answer.status_code == 401
    assert client.get("/Users").status_code == 200
