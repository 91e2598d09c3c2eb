"""What the server tells of itself comes from its settings, and what it does not serve is refused in its own words."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest
from flask import Flask

from scim_server.config import Networks
from scim_server.domain.tenants import Tenant
from scim_server.resources.operations import Operations
from tests.api import callers
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import PATCH_OP, Connection, World

BASE = "https://seats.example.com"
FORGED = [
    {"Host": "127.0.0.1:8000"},
    {"Host": "seats.example.com:443"},
    {"X-Forwarded-Host": "evil.test"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Port": "81"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-Server": "evil.test"},
    {"X-Script-Name": "/evil"},
    {"X-Original-Host": "evil.test", "X-Host": "evil.test"},
    {"Forwarded": 'for=1.2.3.4;host=evil.test;proto="http"'},
]


@pytest.mark.parametrize("trusted", [(), (ip_network("10.0.0.0/8"),)], ids=["from-anybody", "from-a-proxy"])
def test_addresses_come_from_the_settings_alone(build_world: Callable[..., World], trusted: Networks) -> None:
    """E1: whoever says otherwise, and were it a trusted proxy."""
    world = build_world(trusted_proxies=trusted)
    client = world.connect(world.tenant())
    client.http.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    paths = (
        "/ServiceProviderConfig",
        "/ResourceTypes",
        "/Schemas?",
        f"/Users/{client.create_user('ana')['id']}",
        "/Users",
    )
    told = [client.get(path).data for path in paths]
    for number, headers in enumerate(FORGED):
        answer = client.post("/Groups", {"displayName": f"g{number}"}, **headers)
        location = f"{BASE}/scim/acme/v2/Groups/{answer.json['id']}"
        assert answer.headers["Location"] == answer.json["meta"]["location"] == location, headers
        assert [client.get(path, **headers).data for path in paths] == told, headers


def test_an_address_in_absolute_form_changes_nothing(client: Connection) -> None:
    """RFC 9112 section 3.2.2: what the request line names is no more believed than the Host header."""
    overrides = {"REQUEST_URI": "http://evil.test/scim", "RAW_URI": "http://evil.test/scim", "SERVER_NAME": "evil.test"}
    answer = client.http.post(
        f"/scim/{client.slug}/v2/Users",
        json={"userName": "ana"},
        headers={"Authorization": f"Bearer {client.token}", "Host": "localhost"},
        environ_overrides=overrides,
    )
    assert answer.headers["Location"].startswith(f"{BASE}/scim/{client.slug}/v2/Users/")


ODD = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "é\u202e\u2028", "\x1b[31m", "😀", '"; x="']


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_nothing_that_a_client_writes_reaches_a_header(client: Connection, odd: str) -> None:
    """CR, LF and letters beyond ASCII in names, ids and bulkIds are taken or refused, and stay where they are."""
    bulk = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "POST", "path": "/Users", "bulkId": odd, "data": {"userName": f"{odd}2"}}],
    }
    answers = [
        client.post("/Users", {"userName": odd, "externalId": odd, "id": odd, "meta": {"version": odd}}),
        client.post("/Groups", {"displayName": odd}),
        client.post("/Bulk", bulk),
        client.get("/Users", X_Request_Id="x" if "\n" in odd else odd.encode("ascii", "replace").decode()),
        *(client.send(method, f"/Users/{odd}") for method in ("GET", "DELETE")),
    ]
    for answer in answers:
        assert answer.status_code < 500, answer.text
        assert "X-Evil" not in answer.headers
        for name in ("Location", "Content-Location", "ETag", "X-Request-Id"):
            value = answer.headers.get(name, "")
            assert value.isascii()
            assert value.isprintable()


HOSTS = [
    "evil.test",
    "seats.example.com.evil.test",
    "xseats.example.com",
    "",
    "a,localhost",
    "localhost:x",
    "[",
    "é.test",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_of_somebody_else_is_421(client: Connection, house: World, host: str) -> None:
    """RFC 9110 section 15.5.20, in the words of each edge, saying which setting decides."""
    sent = {"environ_overrides": {"HTTP_HOST": host}}
    headers = {"Authorization": f"Bearer {client.token}"}
    with unchanged(house):
        scim = client.http.post(f"/scim/{client.slug}/v2/Users", json={"userName": "a"}, headers=headers, **sent)
    check_refusal(scim, 421, None, "SCIM_ALLOWED_HOSTS", "SCIM_PUBLIC_URL")
    for path in ("/api/v1/products", "/api/v1/nothing", "/api/v1/openapi.json", "/", "/nothing"):
        answer = client.http.get(path, **sent)
        assert (answer.status_code, answer.mimetype) == (421, "application/problem+json"), path
        assert "SCIM_ALLOWED_HOSTS" in answer.get_json()["detail"]
    for path in ("/invitations/x", "/oauth/acme/jwks", "/.well-known/oauth-protected-resource/api/v1"):
        assert client.http.get(path, **sent).status_code == 421, path
    for path in ("/healthz", "/readyz", "/version"):
        assert client.http.get(path, **sent).status_code == 200


def test_a_host_that_is_no_name_at_all_is_refused_in_the_words_of_the_edge(client: Connection) -> None:
    """No label of a name has more than 63 characters (RFC 1035 section 2.3.4), so no route is looked for."""
    answer = client.get("/Users", Host=f"{'a' * 64}.test")
    check_refusal(answer, 421, None, "SCIM_ALLOWED_HOSTS")


def test_own_hosts_are_those_of_the_settings_and_of_this_machine(build_world: Callable[..., World]) -> None:
    world = build_world(allowed_hosts=("scim.internal", "10.1.2.3", "fd00::1"))
    client = world.connect(world.tenant())
    own = (
        "seats.example.com",
        "SEATS.example.com:8443",
        "seats.example.com.",
        "localhost:8000",
        "127.0.0.2",
        "[::1]:80",
    )
    for host in (*own, "scim.internal", "scim.internal:9000", "10.1.2.3:80", "[fd00::1]:80"):
        assert client.get("/Users", Host=host).status_code == 200, host
    for host in ("other.internal", "10.1.2.4", "[fd00::2]", "128.0.0.1"):
        assert client.get("/Users", Host=host).status_code == 421, host


def test_headers_beyond_their_limit_are_431(build_world: Callable[..., World]) -> None:
    """RFC 6585 section 5: all together; one byte decides."""
    world = build_world(max_header_bytes=8192)
    client = world.connect(world.tenant())
    sizes = [sum(len(name) + len(value) + 4 for name, value in client.get("/Users", X_Filler="").request.headers)]
    room = 8192 - sizes[0]
    assert client.get("/Users", X_Filler="a" * room).status_code == 200
    with unchanged(world):
        check_refusal(client.get("/Users", X_Filler="a" * (room + 1)), 431, None, "8192 bytes", "SCIM_MAX_HEADER_BYTES")
        check_refusal(client.post("/Users", {"userName": "a"}, **{f"X_{n}": "a" * 90 for n in range(90)}), 431)
    answer = client.http.get("/api/v1/products", headers={"X-Filler": "a" * 9000})
    assert (answer.status_code, answer.mimetype) == (431, "application/problem+json")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Operations, *args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Operations, "delete", fail)


def test_every_refusal_of_scim_is_a_scim_error(build_world: Callable[..., World], failing: None) -> None:
    """E7: for each status there is, however it comes about."""
    world = build_world(max_body_bytes=1000, rate_limit="30/hour", max_header_bytes=8192)
    client = world.connect(world.tenant())
    ana = client.create_user("ana")
    message = {"schemas": [PATCH_OP], "Operations": []}
    answers = {
        400: client.post("/Users", "{"),
        401: client.get("/Users", Authorization="Bearer x"),
        403: client.get('/Schemas?filter=id eq "x"'),
        404: client.get("/Users/nobody"),
        405: client.send("PURGE", "/Users"),
        406: client.get("/Users", Accept="image/png"),
        409: client.post("/Users", {"userName": "ana"}),
        412: client.send("PATCH", f"/Users/{ana['id']}", message, If_Match='W/"99"'),
        413: client.post("/Users", {"userName": "a" * 1000}),
        415: client.post("/Users", "x", Content_Type="text/plain"),
        421: client.get("/Users", Host="evil.test"),
        431: client.get("/Users", X_Filler="a" * 9000),
        500: client.delete(f"/Users/{ana['id']}"),
    }
    for status, answer in answers.items():
        check_refusal(answer, status, answer.json.get("scimType"))
    while (answer := client.get("/Users")).status_code == 200:
        pass
    check_refusal(answer, 429, None, "may send 30 per 1 hour")
    assert answer.headers["Retry-After"].isdigit()


def test_every_refusal_outside_scim_is_told_by_problem_details(world: World, acme: Tenant) -> None:
    """RFC 9457, below /api and where nothing is."""
    api = callers.caller(world, acme)
    for status, answer in {
        401: api.http.get("/api/v1/nothing"),
        404: api.get("/nothing"),
        405: api.send("PURGE", "/products"),
        422: api.send("GET", "/products?limit=x"),
    }.items():
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    for path, method, status in (
        ("/", "GET", 404),
        ("/api", "GET", 404),
        ("/api/v2/x", "POST", 404),
        ("/healthz", "PUT", 405),
    ):
        answer = api.http.open(path, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert (answer.json["status"], answer.json["type"]) == (status, "about:blank")


def test_a_fault_outside_scim_shows_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("canary")

    broken: Flask = world.app
    monkeypatch.setitem(broken.view_functions, "health.alive", fail)
    answer = broken.test_client().get("/healthz")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.headers["X-Request-Id"] in answer.json["detail"]
    assert "canary" not in answer.text
