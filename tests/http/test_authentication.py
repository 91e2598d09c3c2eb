"""RFC 6750 and RFC 7644 section 2: who may come in, and what everybody else learns."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scim_server.services import tenancy, tokens
from scim_server.services.credentials import with_checksum
from tests.http.refusals import check_refusal, unchanged
from tests.worlds import CAUSE, Connection, World

KNOWN_CHECKSUM = 6
METADATA = 'resource_metadata="https://seats.example.com/.well-known/oauth-protected-resource/scim/{}/v2"'
WANTED = f'Bearer realm="scim", {METADATA}'
INVALID = f'Bearer realm="scim", error="invalid_token", {METADATA}'


def _swapped(token: str, place: int) -> str:
    """The token with one character changed."""
    other = "a" if token[place] != "a" else "b"
    characters = list(token)
    characters[place] = other
    return "".join(characters)


def _forged(token: str) -> str:
    """Another secret under the same id, with a checksum that fits."""
    body = token[:-KNOWN_CHECKSUM]
    return with_checksum(_swapped(body, len(body) - 1))


def _stranger(token: str) -> str:
    """A well-formed token whose id nobody has."""
    return with_checksum(_swapped(token[:-KNOWN_CHECKSUM], 8))


REFUSED = {
    "none": (lambda token: None, WANTED),
    "empty": (lambda token: "", WANTED),
    "another scheme": (lambda token: f"Basic {token}", WANTED),
    "raw token": (lambda token: token, WANTED),
    "no token": (lambda token: "Bearer", WANTED),
    "garbage": (lambda token: "Bearer garbage", INVALID),
    "not ASCII": (lambda token: "Bearer \xe9" + token[1:], INVALID),
    "wrong checksum": (lambda token: f"Bearer {_swapped(token, -1)}", INVALID),
    "wrong secret": (lambda token: f"Bearer {_forged(token)}", INVALID),
    "unknown id": (lambda token: f"Bearer {_stranger(token)}", INVALID),
    "cut": (lambda token: f"Bearer {token[:-1]}", INVALID),
    "two tokens": (lambda token: f"Bearer {token} {token}", INVALID),
    "SQL": (lambda token: "Bearer ' OR 1=1 --", INVALID),
    "very long": (lambda token: "Bearer " + "a" * 30_000, INVALID),
}


@pytest.mark.parametrize(("make", "challenge"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(client: Connection, house: World, make: object, challenge: str) -> None:
    header = make(client.token)
    headers = {} if header is None else {"Authorization": header}
    with unchanged(house):
        for method, path in (
            ("GET", "Users"),
            ("POST", "Users"),
            ("DELETE", "Users/1"),
            ("GET", "No"),
            ("PURGE", ""),
        ):
            answer = client.http.open(f"/scim/{client.slug}/v2/{path}", method=method, headers=headers)
            check_refusal(answer, 401, None, "token")
            assert answer.headers["WWW-Authenticate"] == challenge.format(client.slug)


def test_discovery_needs_a_token_but_for_the_configuration(client: Connection) -> None:
    for path in ("Schemas", "ResourceTypes", ""):
        check_refusal(client.http.get(f"/scim/{client.slug}/v2/{path}"), 401)
    check_refusal(client.http.get("/scim"), 401)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_in_any_case(client: Connection, scheme: str) -> None:
    """Quirk 66."""
    assert client.get("/Users", Authorization=f"{scheme} {client.token}").status_code == 200


def test_a_revoked_token_is_refused_at_once(client: Connection, house: World) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    spare, text = tenancy.issue_token(house.units, tenant, CAUSE, client.name, timedelta(days=1))
    other = replace(client, token=text)
    assert other.get("/Users").status_code == 200
    tokens.revoke_token(house.units, CAUSE, spare.id)
    with unchanged(house):
        answer = other.post("/Users", {"userName": "ana"})
    check_refusal(answer, 401, None, "revoked")
    assert answer.headers["WWW-Authenticate"] == INVALID.format(client.slug)
    assert client.get("/Users").status_code == 200


def test_an_expired_token_is_refused(client: Connection, house: World) -> None:
    """A token of a clock that was two days behind, alive for one."""
    tenant = tenancy.tenant(house.units, client.slug)
    yesterday = replace(house.units, clock=lambda: datetime.now(UTC) - timedelta(days=2))
    _, text = tenancy.issue_token(yesterday, tenant, CAUSE, client.name, timedelta(days=1))
    with unchanged(house):
        answer = replace(client, token=text).post("/Users", {"userName": "ana"})
    check_refusal(answer, 401, None, "expired")
    assert answer.headers["WWW-Authenticate"] == INVALID.format(client.slug)


def test_every_bad_token_is_answered_alike(client: Connection) -> None:
    """Nobody learns whether a token is malformed, unknown or merely wrong."""
    bad = ("Bearer x", f"Bearer {_forged(client.token)}", f"Bearer {_stranger(client.token)}")
    answers = [client.get("/Users", Authorization=header) for header in bad]
    assert len({(answer.status_code, answer.data) for answer in answers}) == 1


def test_another_tenant_does_not_exist(client: Connection, strict: Connection, house: World) -> None:
    """The same answer for a tenant that is not the token's and for one that nobody has."""
    ana = client.create_user("ana")
    spy = replace(strict, slug=client.slug)
    nowhere = replace(strict, slug="no-such-tenant")
    with unchanged(house):
        for method, path in (
            ("GET", "/Users"),
            ("GET", f"/Users/{ana['id']}"),
            ("POST", "/Users"),
            ("PUT", f"/Users/{ana['id']}"),
            ("PATCH", f"/Users/{ana['id']}"),
            ("DELETE", f"/Users/{ana['id']}"),
            ("GET", "/ServiceProviderConfig"),
        ):
            answer = spy.send(method, path, {"userName": "eve"})
            check_refusal(answer, 404)
            assert answer.data == nowhere.send(method, path, {"userName": "eve"}).data


def test_a_resource_of_another_tenant_does_not_exist(client: Connection, strict: Connection, house: World) -> None:
    """R-7644-3.4.1-03: under the own tenant's address, an id of another is any unknown id."""
    ana = client.create_user("ana")
    unknown = "01890000-0000-7000-8000-000000000000"
    with unchanged(house):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            answer = strict.send(method, f"/Users/{ana['id']}", {"userName": "eve"})
            check_refusal(answer, 404)
            other = strict.send(method, f"/Users/{unknown}", {"userName": "eve"})
            assert answer.text.replace(ana["id"], unknown) == other.text


def test_a_token_is_stored_as_a_digest_only(client: Connection, house: World) -> None:
    secret = client.token.split("_")[2]
    stored = repr([house.rows(table) for table in ("tokens", "audit", "outbox", "connections")])
    assert client.token.split("_")[1] in stored
    assert secret not in stored
    assert secret[:20] not in stored
