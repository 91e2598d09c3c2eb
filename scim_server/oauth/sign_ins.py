"""Signing in with an OpenID Connect provider: the authorization code flow (Core 1.0 section 3.1) with PKCE (RFC 7636).

Authlib's client writes the requests and its claims are held against what was asked; both go out by the vetted web.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from scim_server.domain.instants import Instant
from scim_server.domain.sign_in_providers import Door, PersonClaim
from scim_server.oauth.issuer_keys import MOST_BYTES, IssuerKeys, KeySource, object_in
from scim_server.oauth.jwts import BadToken, Jwt, read_jwt, text_in
from scim_server.oauth.provider_metadata import ProviderMetadata, Providers
from scim_server.oauth.verifying_keys import is_key_id
from scim_server.services.ports import Fetched, NotSignedIn, Question, SignInOver, Unreachable, Web

SCOPE = "openid email profile"
LEEWAY = 60
"""Seconds by which the provider's clock may differ."""
LONGEST_TOKEN = 32_768
"""Characters of an ID token, which may list many groups."""
SECRET_LENGTH = 48
"""Characters of state, nonce and code verifier (RFC 7636 section 4.1: 43 to 128)."""
TYPES = frozenset({"jwt"})
FORM = "application/x-www-form-urlencoded"
NEEDED: Mapping[PersonClaim, frozenset[str]] = {
    **{claim: frozenset({claim.value}) for claim in PersonClaim},
    PersonClaim.EMAIL: frozenset({"email", "email_verified"}),
}
"""What must be said of a person to find them."""


class SignIns:
    """Asks providers who somebody is. `callback` is the address that they answer to."""

    def __init__(self, web: Web, keys: IssuerKeys, callback: str) -> None:
        self._web, self._keys, self._callback = web, keys, callback
        self._providers = Providers(web)

    def ask(self, door: Door, hint: str | None, now: Instant) -> tuple[str, Question]:
        provider = self._providers.of(door.provider.issuer, _seconds(now))
        question = Question(*(generate_token(SECRET_LENGTH) for _ in range(3)))
        address, _ = self._client(door, provider).create_authorization_url(
            provider.authorization,
            state=question.state,
            code_verifier=question.verifier,
            nonce=question.nonce,
            **({} if hint is None else {"login_hint": hint}),
        )
        return address, question

    def claims(self, door: Door, question: Question, answer: Mapping[str, str], now: Instant) -> Mapping[str, Any]:
        if not compare_digest(answer.get("state", "").encode(), question.state.encode()):
            raise SignInOver("the answer has another state")
        provider = self._providers.of(door.provider.issuer, _seconds(now))
        code = _code(provider, answer)
        tokens = self._exchanged(door, provider, code, question)
        claims = self._verified(door, provider, question, tokens, now)
        if provider.userinfo is None or claims.keys() >= NEEDED[door.provider.claim]:
            return claims
        return self._userinfo(provider.userinfo, tokens, claims)

    def _client(self, door: Door, provider: ProviderMetadata) -> OAuth2Client:
        return OAuth2Client(
            _Session(self._web),
            door.provider.client_id,
            door.secret,
            token_endpoint_auth_method=provider.shows_secret,
            scope=SCOPE,
            redirect_uri=self._callback,
            code_challenge_method="S256",
        )

    def _exchanged(self, door: Door, provider: ProviderMetadata, code: str, question: Question) -> Mapping[str, Any]:
        """What the token endpoint gives for a code."""
        asking = self._client(door, provider)
        try:
            tokens: Mapping[str, Any] = asking.fetch_token(
                provider.token,
                grant_type="authorization_code",
                code=code,
                code_verifier=question.verifier,
                headers={"Accept": "application/json", "Content-Type": FORM},
            )
        except OAuth2Error as error:
            raise NotSignedIn(f"the token endpoint refused: {error.error}") from error
        return tokens

    def _verified(
        self,
        door: Door,
        provider: ProviderMetadata,
        question: Question,
        tokens: Mapping[str, Any],
        now: Instant,
    ) -> Mapping[str, Any]:
        """The claims of the ID token (Core 1.0 section 3.1.3.7)."""
        jwt = self._signed(provider, tokens.get("id_token"), now)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": door.provider.client_id},
        }
        params = {
            "nonce": question.nonce,
            "client_id": door.provider.client_id,
            "access_token": text_in(tokens, "access_token"),
        }
        claims = CodeIDToken(dict(jwt.claims), jwt.header, options, params)
        try:
            claims.validate(int(_seconds(now)), LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise NotSignedIn(f"the ID token does not fit: {error}") from error
        return jwt.claims

    def _signed(self, provider: ProviderMetadata, text: Any, now: Instant) -> Jwt:
        """The ID token, once its signature is known to be the provider's, by an algorithm that it says it uses."""
        try:
            jwt = read_jwt(text if isinstance(text, str) else "", longest=LONGEST_TOKEN)
        except BadToken as error:
            raise NotSignedIn("there is no ID token that can be read") from error
        if jwt.header["alg"] not in provider.algorithms or not jwt.is_typed(TYPES):
            raise NotSignedIn("the ID token is signed in a way that the provider does not declare")
        key_id = jwt.header.get("kid")
        if key_id is not None and not is_key_id(key_id):
            raise NotSignedIn("the ID token names no key")
        kept = self._keys.of(KeySource(provider.issuer, provider.keys), key_id, _seconds(now))
        if not kept.keys and kept.problem is not None:
            raise Unreachable(kept.problem)
        if not any(key.signed(jwt) for key in kept.named(key_id)):
            raise NotSignedIn("the ID token is not signed by the provider")
        return jwt

    def _userinfo(self, address: str, tokens: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider tells beside a short ID token, if it is about the same person (Core 1.0 section 5.3)."""
        headers = {"Authorization": f"Bearer {text_in(tokens, 'access_token')}", "Content-Type": FORM}
        said = _object(self._web.post(address, b"", headers, most=MOST_BYTES))
        if said.get("sub") != claims["sub"]:
            raise NotSignedIn("the provider tells of somebody else")
        return said


class _Session:
    """What Authlib's client sends by, as far as it does."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> "_Answer":
        address, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Answer(self._web.post(address, body.encode(), sent, most=MOST_BYTES))


@dataclass(frozen=True, slots=True)
class _Answer:
    """As Authlib's client reads it."""

    fetched: Fetched

    @property
    def status_code(self) -> int:
        return self.fetched.status

    def raise_for_status(self) -> None:
        raise Unreachable(f"The token endpoint answered {self.fetched.status}.")

    def json(self) -> Mapping[str, Any]:
        return _object(self.fetched)


def _object(fetched: Fetched) -> Mapping[str, Any]:
    found = object_in(fetched)
    if found is None:
        raise Unreachable(f"The provider answered {fetched.status} with no JSON object.")
    return found


def _code(provider: ProviderMetadata, answer: Mapping[str, str]) -> str:
    """The code of an answer that is the provider's own: one of another provider is not shown to it (RFC 9207)."""
    named = answer.get("iss")
    if named != provider.issuer and (named is not None or provider.names_itself):
        raise NotSignedIn("the answer is another provider's")
    if "error" in answer:
        raise NotSignedIn(f"the provider refused: {json.dumps(answer['error'][:100])}")
    if not answer.get("code"):
        raise NotSignedIn("the answer has no code")
    return answer["code"]


def _seconds(now: Instant) -> float:
    return datetime.fromisoformat(now).timestamp()
