"""What of an identity provider's answers is believed (OpenID Connect Core 1.0 section 3.1.3.7)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from scim_server.delivery.egress import VettedWeb
from scim_server.domain.instants import instant
from scim_server.domain.sign_in_providers import Door, PersonClaim, SignInProvider
from scim_server.oauth.issuer_keys import IssuerKeys
from scim_server.oauth.sign_ins import SignIns
from scim_server.services.ports import NotSignedIn, Unreachable
from tests.issuers import LOOPBACK, METADATA, rsa
from tests.providers import CLIENT, SECRET, Provider, providing

MOMENT = datetime(2026, 11, 30, 8, tzinfo=UTC)
NOW = instant(MOMENT)
LATER, EARLIER = (MOMENT.timestamp() + seconds for seconds in (90, -90))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture
def sign_ins() -> SignIns:
    web = VettedWeb(LOOPBACK)
    return SignIns(web, IssuerKeys(web), "https://seats.example.com/console/callback")


def door(provider: Provider, claim: PersonClaim = PersonClaim.EMAIL) -> Door:
    return Door(None, SignInProvider(None, provider.url, CLIENT, claim, NOW), SECRET)


def told(sign_ins: SignIns, provider: Provider) -> Any:
    """What is believed of somebody who signs in."""
    where = door(provider)
    address, question = sign_ins.ask(where, None, NOW)
    back = provider.authorize(NOW, address)
    return sign_ins.claims(where, question, dict(parse_qsl(urlsplit(back).query)), NOW)


def test_what_a_provider_signs_is_believed(sign_ins: SignIns, provider: Provider) -> None:
    assert told(sign_ins, provider)["email"] == "ana@example.com"
    provider.header["kid"] = None
    assert told(sign_ins, provider)["email"] == "ana@example.com", "a provider with one key need not name it"
    provider.claims = {"aud": [CLIENT], "azp": CLIENT}
    assert told(sign_ins, provider)["azp"] == CLIENT


WRONG_TOKENS: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "n"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "other"},
    "another audience beside": {"aud": [CLIENT, "other"]},
    "for another party": {"aud": [CLIENT], "azp": "other"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": EARLIER},
    "never expires": {"exp": None},
    "an end that is no number": {"exp": "soon"},
    "an end without end": {"exp": True},
    "no beginning": {"iat": None},
    "from the future": {"iat": LATER},
    "not yet": {"nbf": LATER},
    "no subject": {"sub": None},
    "another access token's": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_that_does_not_fit_is_not(sign_ins: SignIns, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    with pytest.raises(NotSignedIn):
        told(sign_ins, provider)


WRONG_SIGNATURES: dict[str, tuple[dict[str, Any], Any]] = {
    "none": ({"alg": "none"}, b""),
    "an unknown key": ({}, rsa(2)),
    "the public key as a secret": ({"alg": "HS256"}, rsa().as_pem(private=False)),
    "the client's secret": ({"alg": "HS256"}, SECRET.encode()),
    "an algorithm that is not declared": ({"alg": "RS384"}, rsa()),
    "a token for something else": ({"typ": "at+jwt"}, rsa()),
    "a key of its own": ({"jwk": rsa(2).as_dict(private=False)}, rsa(2)),
    "a key that nobody has": ({"kid": "other"}, rsa()),
    "a key without a name": ({"kid": ""}, rsa()),
}


@pytest.mark.parametrize(("header", "key"), WRONG_SIGNATURES.values(), ids=WRONG_SIGNATURES)
def test_a_token_that_the_provider_did_not_sign_is_not(
    sign_ins: SignIns, provider: Provider, header: dict[str, Any], key: Any
) -> None:
    provider.header, provider.key = header, key
    with pytest.raises(NotSignedIn):
        told(sign_ins, provider)


WRONG_METADATA: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "nowhere to sign in": {"authorization_endpoint": None},
    "a script to sign in at": {"authorization_endpoint": "javascript:alert(1)"},
    "a place of its own": {"authorization_endpoint": "http:///authorize"},
    "no token endpoint": {"token_endpoint": "/token"},
    "no keys": {"jwks_uri": 7},
    "only unsigned tokens": {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    "no secret": {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
}


@pytest.mark.parametrize("metadata", WRONG_METADATA.values(), ids=WRONG_METADATA)
def test_with_wrong_metadata_nobody_signs_in(sign_ins: SignIns, provider: Provider, metadata: dict[str, Any]) -> None:
    provider.metadata.update(metadata)
    with pytest.raises(Unreachable):
        sign_ins.ask(door(provider), None, NOW)


def test_a_provider_that_is_down_is_asked_rarely(sign_ins: SignIns, provider: Provider) -> None:
    provider.broken.add(METADATA)
    for _ in range(3):
        with pytest.raises(Unreachable):
            sign_ins.ask(door(provider), None, NOW)
    assert provider.fetched(METADATA) == 1
    provider.broken.clear()
    sign_ins.ask(door(provider), None, instant(MOMENT + timedelta(seconds=31)))
    sign_ins.ask(door(provider), None, instant(MOMENT + timedelta(minutes=59)))
    assert provider.fetched(METADATA) == 2


@pytest.mark.parametrize("userinfo", [{"sub": "00u1"}, {"sub": "00u1", "email": "b@x.test", "email_verified": True}])
def test_whoever_has_a_short_token_is_asked_after(
    sign_ins: SignIns, provider: Provider, userinfo: dict[str, Any]
) -> None:
    provider.claims, provider.userinfo = {"email": None, "email_verified": None}, userinfo
    assert told(sign_ins, provider) == userinfo
    provider.userinfo = {**userinfo, "sub": "another"}
    with pytest.raises(NotSignedIn):
        told(sign_ins, provider)
