"""Security event tokens as a receiver sees them: read with a JOSE library that the server does not use, by the keys
that the tenant's issuer publishes."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import jwt
import pytest

from scim_server.app.doors import Doors
from scim_server.domain.events import PlacedEvent, ScimChange, Subject
from scim_server.domain.instants import instant
from scim_server.domain.oauth_clients import LONGEST_TOKEN_SECONDS
from scim_server.domain.streams import EVERY_SCIM_EVENT, Delivery, Stream
from scim_server.services import signing
from scim_server.services.ports import TokenSigner
from scim_server.services.security_events import tokens_of
from scim_server.services.signing import Rotation
from tests.worlds import World

ISSUER, AUDIENCE = "https://seats.example.com/oauth/acme", "https://app.example.com"
PERSON = "01a21856-2045-77a2-8639-f53684660f23"


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    built = build_world()
    built.tenant()
    return built


@pytest.fixture
def signer(world: World) -> TokenSigner:
    """As a process has it that begins now."""
    return Doors.of(world.installation).security_event_tokens()


def claims(world: World) -> list[Mapping[str, Any]]:
    """Of what a stream that asks for everything is told of a suspension, now."""
    now = instant(world.units.clock())
    change = ScimChange("patch", f"/Users/{PERSON}", "jdoe", 'W/"2"', ("active",), None, False, {})
    happened = PlacedEvent(
        "e1", "user.suspended", Subject.person(PERSON, "jdoe"), 1, 1, now, "r1", {"reason": "by_idp"}, change
    )
    wanted = (EVERY_SCIM_EVENT, "https://schemas.openid.net/secevent/*")
    stream = Stream("s1", "app", Delivery.PUSH, (AUDIENCE,), "cli", now, requested=wanted)
    return list(tokens_of(ISSUER, stream, happened, now))


def keys(world: World) -> jwt.PyJWKSet:
    """What the issuer publishes, over HTTP."""
    answer = world.app.test_client().get("/oauth/acme/jwks")
    return jwt.PyJWKSet.from_dict(answer.json)


def read(world: World, token: str) -> dict[str, Any]:
    """What the token says, for whom it is meant."""
    key = keys(world)[jwt.get_unverified_header(token)["kid"]]
    options = {"require": ["iss", "iat", "jti", "aud"]}
    return jwt.decode(
        token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER, options=options, leeway=timedelta(days=30)
    )


@pytest.mark.covers("R-8417-2-01", "R-8417-2-02", "R-9967-2.1-02", "R-9967-5-01", "R-RISC-2-02")
def test_any_jose_library_verifies_the_tokens_by_the_published_keys(world: World, signer: TokenSigner) -> None:
    said = claims(world)
    tokens = [signer.sign(each) for each in said]
    assert [read(world, token) for token in tokens] == said
    assert len(tokens) == len({each["jti"] for each in said}) == 4
    for token, each in zip(tokens, said, strict=True):
        header = jwt.get_unverified_header(token)
        assert (header["typ"], header["alg"]) == ("secevent+jwt", "RS256")
        assert each.keys().isdisjoint({"sub", "exp"})
        assert len(each["events"]) == 1
        assert not any("sub_id" in payload or "subject" in payload for payload in each["events"].values())


def test_a_token_that_somebody_changed_is_no_longer_ours(world: World, signer: TokenSigner) -> None:
    token = signer.sign(claims(world)[0])
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[:-8]}{'A' * 8}"
    with pytest.raises(jwt.InvalidSignatureError):
        read(world, forged)
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, keys(world).keys[0], algorithms=["RS256"], audience="somebody else", issuer=ISSUER)


@pytest.mark.covers("R-8417-2-02")
def test_what_was_signed_before_a_rotation_is_verified_while_its_key_is_published(world: World) -> None:
    def sign() -> str:
        return Doors.of(world.installation).security_event_tokens().sign(claims(world)[0])

    before = sign()
    signing.rotate(world.units, Rotation.AT_ONCE)
    world.advance(61)
    after = sign()
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    for token in (before, after):
        assert read(world, token)["iss"] == ISSUER
    world.advance(LONGEST_TOKEN_SECONDS + 3600)
    assert len(keys(world).keys) == 1
    assert read(world, after)["iss"] == ISSUER


def test_a_security_event_token_opens_nothing(world: World, signer: TokenSigner) -> None:
    """It is signed by the same key as access tokens are, and is none (RFC 8417 section 4.6)."""
    said = dict(claims(world)[0]) | {"sub": "x", "client_id": "x", "exp": 2**33, "nbf": 0, "scope": "scim"}
    headers = {"Authorization": f"Bearer {signer.sign(said)}"}
    assert world.app.test_client().get("/scim/acme/v2/Users", headers=headers).status_code == 401
    assert world.app.test_client().get("/api/v1/tenants/acme", headers=headers).status_code == 401
