"""RFC 7009, RFC 7662, RFC 8414, RFC 9728: ending a token, asking about it, and what the server says of itself."""

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from scim_server.services import registering, tenancy
from tests.http.refusals import unchanged
from tests.http.test_oauth_tokens import check_error
from tests.programs import Program, claims_of, key_holder, program
from tests.worlds import CAUSE, Connection, World

ORIGIN = "https://seats.example.com"


@pytest.fixture
def idp(house: World, client: Connection) -> Program:
    return program(house, client)


@pytest.mark.covers("R-7009-2-01")
def test_a_client_ends_its_token_at_once(idp: Program) -> None:
    token, other = idp.token(), idp.token()
    for form in ({}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "nonsense"}):
        answer = idp.ask("revoke", token=token, **form)
        assert (answer.status_code, answer.json) == (200, {})
    assert [idp.scim(each).get("/Users").status_code for each in (token, other)] == [401, 200]


def test_nobody_ends_the_token_of_another(idp: Program, house: World, client: Connection, strict: Connection) -> None:
    """A token that is unknown, or another tenant's, is over as far as the caller can tell."""
    second, stranger, token = program(house, client), program(house, strict), idp.token()
    with unchanged(house):
        check_error(second.ask("revoke", token=token), 400, "invalid_request")
        for answer in (stranger.ask("revoke", token=token), idp.ask("revoke", token="x")):
            assert (answer.status_code, answer.json) == (200, {})
        check_error(idp.ask("revoke"), 400, "invalid_request")
        check_error(idp.ask("revoke", token=[token, token]), 400, "invalid_request")
        assert idp.ask("revoke", token=client.token).status_code == 200
    assert idp.scim(token).get("/Users").status_code == 200
    assert client.get("/Users").status_code == 200


@pytest.mark.covers("R-7662-2-01")
def test_a_client_asks_about_tokens_of_its_tenant(
    idp: Program, house: World, client: Connection, strict: Connection
) -> None:
    token, second, stranger = idp.token(scope="scim:read"), key_holder(house, client), program(house, strict)
    claims = claims_of(token)
    told = second.ask("introspect", token=token).json
    assert told.pop("active") is True
    assert told.pop("token_type") == "Bearer"
    assert told == claims
    inactive = [stranger.ask("introspect", token=token), idp.ask("introspect", token="x")]
    inactive += [idp.ask("introspect", token=each) for each in (client.token, str(idp.secret), f"{token}x")]
    idp.ask("revoke", token=token)
    inactive.append(idp.ask("introspect", token=token))
    assert {answer.data for answer in inactive} == {b'{"active":false}'}
    tenant = tenancy.tenant(house.units, idp.slug)
    fresh = idp.token()
    registering.revoke_client(house.units, tenant, CAUSE, idp.client_id)
    assert second.ask("introspect", token=fresh).json == {"active": False}


def metadata(world: World, kind: str, path: str) -> Any:
    return world.app.test_client().get(f"/.well-known/{kind}{path}")


@pytest.mark.covers("R-8414-3-01", "R-8414-3-02")
def test_what_the_issuer_says_of_itself_is_so(idp: Program, house: World, client: Connection) -> None:
    """Whatever it lists works, and nothing else does."""
    answer = metadata(house, "oauth-authorization-server", f"/oauth/{idp.slug}")
    assert answer.mimetype == "application/json"
    assert "max-age" in answer.headers["Cache-Control"]
    told = answer.json
    types = told["response_types_supported"] or ["none"]  # Authlib wants one even of a server that has no use for it
    AuthorizationServerMetadata({**told, "response_types_supported": types}).validate()
    assert told["issuer"] == claims_of(idp.token())["iss"]
    paths = {name: address.removeprefix(ORIGIN) for name, address in told.items() if name.endswith(("endpoint", "uri"))}
    http = house.app.test_client()
    assert http.get(paths["jwks_uri"]).json["keys"]
    token = idp.token()
    for name in ("introspection_endpoint", "revocation_endpoint"):
        answer = http.post(paths[name], data={"token": token}, auth=(idp.client_id, str(idp.secret)))
        assert answer.status_code == 200, name
    assert set(told["grant_types_supported"]) == {
        grant
        for grant in ("client_credentials", "password", "implicit", "authorization_code", "refresh_token")
        if idp.obtain(grant_type=grant).json["error" if grant != "client_credentials" else "token_type"]
        != "unsupported_grant_type"
    }
    assert all(_works(house, client, told, method) for method in told["token_endpoint_auth_methods_supported"])
    for scope in told["scopes_supported"]:
        made = program(house, client, scopes=["scim", scope])
        assert made.obtain(scope=scope).status_code == 200, scope


def _works(house: World, client: Connection, told: dict[str, Any], method: str) -> bool:
    """Whether a client gets a token by that method, of a key by each algorithm."""
    if method != "private_key_jwt":
        return program(house, client, method).obtain().status_code == 200
    by_key = {"EdDSA": "Ed25519"}
    for algorithm in told["token_endpoint_auth_signing_alg_values_supported"]:
        made = key_holder(house, client, by_key.get(algorithm, algorithm))
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": made.assertion(algorithm),
        }
        assert made.post("token", form).status_code == 200, algorithm
    return True


@pytest.mark.covers("R-9728-3-01")
def test_what_is_protected_says_by_whom(idp: Program, house: World) -> None:
    scim = metadata(house, "oauth-protected-resource", f"/scim/{idp.slug}/v2").json
    assert scim["resource"] == claims_of(idp.token())["aud"]
    assert scim["authorization_servers"] == [idp.issuer]
    assert scim["bearer_methods_supported"] == ["header"]
    assert [idp.obtain(scope=scope).status_code for scope in scim["scopes_supported"]] == [200] * 3
    assert idp.obtain(resource=scim["resource"]).status_code == 200
    api = metadata(house, "oauth-protected-resource", "/api/v1").json
    assert api["resource"] == f"{ORIGIN}/api/v1"
    assert "authorization_servers" not in api
    issuer = metadata(house, "oauth-authorization-server", f"/oauth/{idp.slug}").json
    assert issuer["protected_resources"] == [scim["resource"], api["resource"]]


def test_metadata_tell_nobody_which_tenants_there_are(idp: Program, house: World) -> None:
    for kind, path in (("oauth-authorization-server", "/oauth/{}"), ("oauth-protected-resource", "/scim/{}/v2")):
        real, made_up = (metadata(house, kind, path.format(slug)) for slug in (idp.slug, "no-such-tenant"))
        assert real.text.replace(idp.slug, "X") == made_up.text.replace("no-such-tenant", "X")
        for wrong in (
            "",
            "/",
            "/No_Slug",
            "/oauth",
            "/oauth/a/b",
            "/scim/acme",
            "/scim/acme/v1",
            "/scim//v2",
            "/api/v2",
        ):
            assert metadata(house, kind, wrong).status_code == 404, wrong


def test_an_address_with_a_path_is_in_the_metadata_too(build_world: Any) -> None:
    """RFC 8414 section 3.1: the well-known part comes before the whole path, and a proxy may cut off its own."""
    world = build_world(public_url="https://example.com/seats")
    for path in ("/seats/oauth/acme", "/oauth/acme"):
        told = metadata(world, "oauth-authorization-server", path).json
        assert told["issuer"] == "https://example.com/seats/oauth/acme"
    told = metadata(world, "oauth-protected-resource", "/seats/scim/acme/v2").json
    assert told["resource"] == "https://example.com/seats/scim/acme/v2"
    assert (
        metadata(world, "oauth-protected-resource", "/seats/api/v1").json["resource"]
        == "https://example.com/seats/api/v1"
    )
    challenge = world.app.test_client().get("/scim/acme/v2/Users").headers["WWW-Authenticate"]
    assert (
        'resource_metadata="https://example.com/.well-known/oauth-protected-resource/seats/scim/acme/v2"' in challenge
    )


def test_what_fails_says_so_in_the_form_of_the_protocol(idp: Program, house: World) -> None:
    http = house.app.test_client()
    for method in ("GET", "PUT", "DELETE"):
        answer = http.open(f"/oauth/{idp.slug}/token", method=method)
        check_error(answer, 405, "invalid_request")
        assert "POST" in answer.headers["Allow"]
    for path in ("/oauth", "/oauth/", f"/oauth/{idp.slug}", f"/oauth/{idp.slug}/nowhere"):
        check_error(http.get(path), 404, "invalid_request")
    answer = http.post(f"/oauth/{idp.slug}/token", data="x" * 40_000, content_type="application/x-www-form-urlencoded")
    check_error(answer, 413, "invalid_request")
