"""RFC 6749, 7009, 7519, 7523 and 7662: forms for the authorization server, and JWTs for every door."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars.sending import any_kind, scim
from tests.fuzz.grounds import Ground
from tests.programs import ASSERTION_TYPE
from tests.walls.requests import Request, quoted

ENDPOINTS = ("token", "token", "token", "revoke", "introspect", "authorize", "jwks", "nothing", "")
GRANTS = ("client_credentials", "authorization_code", "refresh_token", "password", "urn:x", ASSERTION_TYPE)
SCOPES = ("scim", "scim:read", "scim:read scim:write", "people.read", "openid", "scim  scim", '"')
KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource", "/.well-known/x")
ALGORITHMS = ("RS256", "ES256", "none", "None", "HS256", "RS512", "EdDSA", "", 7, None)
HEADER: Mapping[str, tuple[Any, ...]] = {
    "typ": ("at+jwt", "JWT", "dpop+jwt", None),
    "kid": ("x", "../../etc/passwd", "' OR 1=1", "", 7),
    "crit": (["exp"], [], "exp", ["b64"]),
    "jku": ("https://evil.test/jwks",),
    "zip": ("DEF",),
    "b64": (False,),
    "x5c": ([],),
    "jwk": ({"kty": "oct", "k": "AA"}, {}, None),
}
SPECIAL = (0, -1, 2**40, 2**70, 1.5, "x", None, [], {})


def oauth(random: Random, ground: Ground) -> Request:
    """A form for an endpoint, metadata that are asked for, or a JWT at the door of SCIM or of the admin API."""
    choice = random.random()
    if choice < 0.65:
        return _form(random, ground)
    if choice < 0.75:
        path = random.choice(("/oauth/acme", f"{ground.base}", "/api/v1", "/oauth/x", "//", "", chances.text(random)))
        return Request("GET", random.choice(KNOWN) + quoted(path).replace("%2F", "/"))
    text = random.choice(("Bearer ", "DPoP ", "Bearer ", "")) + jwt(random, ground)
    proofs = [("DPoP", jwt(random, ground))] if often(random, 0.2) else []
    if often(random, 0.3):
        return Request("GET", "/api/v1/products", "", (("Authorization", text), *proofs))
    request = scim(random, ground, "GET", any_kind(random, ground).endpoint)
    return replace(request, headers=(("Authorization", text), *proofs))


def jwt(random: Random, ground: Ground) -> str:
    """A token of the server's own, nearly, or one that somebody made up."""
    if often(random, 0.3):
        return chances.mutated(random, ground.signed) if often(random, 0.8) else ground.signed
    header: dict[str, Any] = {"alg": random.choice(ALGORITHMS)}
    header |= {name: random.choice(values) for name, values in HEADER.items() if often(random, 0.2)}
    parts = [_segment(random, header), _segment(random, _claims(random, ground))]
    signature = random.choice(("", "x", ground.signed.rpartition(".")[2], "A" * 342))
    return ".".join([*parts, signature, *(["x", "x"] if often(random, 0.05) else [])])


def _claims(random: Random, ground: Ground) -> dict[str, Any]:
    usual: dict[str, tuple[Any, ...]] = {
        "iss": ("https://seats.example.com/oauth/acme", ground.client[0], "https://sts.windows.net/x/", ""),
        "aud": ("https://seats.example.com/scim/acme/v2", "https://seats.example.com/oauth/acme", [], ["a", 7]),
        "sub": (ground.client[0], "x"),
        "client_id": (ground.client[0],),
        "jti": ("a", "b", "x" * 500),
        **dict.fromkeys(("exp", "nbf", "iat"), SPECIAL),
        "scope": SCOPES,
        "cnf": ({"jkt": "x"}, {"x5t#S256": 7}, []),
    }
    claims = {name: random.choice(values) for name, values in usual.items() if often(random, 0.8)}
    return {**claims, chances.text(random): chances.value(random)} if often(random, 0.1) else claims


def _segment(random: Random, value: Any) -> str:
    text = json.dumps(chances.value(random) if often(random, 0.05) else value)
    raw = text.encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(chances.mutated_bytes(random, raw) if often(random, 0.1) else raw).decode().rstrip("=")


def _form(random: Random, ground: Ground) -> Request:
    slug = random.choice(
        (ground.slug, ground.slug, ground.seeds.tenant.slug, "elsewhere", quoted(chances.text(random)))
    )
    client, secret = ground.client
    choices: dict[str, Callable[[], str]] = {
        "grant_type": lambda: random.choice(GRANTS),
        "scope": lambda: random.choice(SCOPES),
        "resource": lambda: random.choice(
            (f"https://seats.example.com{ground.base}", "https://seats.example.com/api/v1", "x")
        ),
        "client_id": lambda: random.choice((client, random.choice(ground.seeds.places["client"]))),
        "client_secret": lambda: random.choice((secret, chances.mutated(random, secret))),
        "client_assertion": lambda: jwt(random, ground),
        "client_assertion_type": lambda: ASSERTION_TYPE,
        "token": lambda: random.choice((ground.signed, ground.scim, jwt(random, ground), secret)),
        "token_type_hint": lambda: random.choice(("access_token", "refresh_token", "x")),
        **dict.fromkeys(("code", "code_verifier", "refresh_token", "state", "nonce"), lambda: chances.text(random)),
        "redirect_uri": lambda: random.choice(("https://x.test/back", "javascript:1", "//evil.test", "")),
        "response_type": lambda: random.choice(("code", "token", "code id_token")),
        "code_challenge": lambda: random.choice(("x" * 43, "", "é")),
        "code_challenge_method": lambda: random.choice(("S256", "plain", "x")),
    }
    names = [name for name in choices if often(random, 0.9 if name in {"grant_type", "token"} else 0.25)]
    names += random.choices(list(choices), k=1) if often(random, 0.1) else []
    parts = [(name, choices[name]() if often(random, 0.9) else chances.text(random)) for name in names]
    form = "&".join(f"{name}={quoted(text)}" for name, text in parts)
    if often(random, 0.1):
        form = chances.mutated(random, form)
    headers = [("Content-Type", "application/x-www-form-urlencoded" if often(random, 0.95) else "application/json")]
    if often(random, 0.7):
        pair = f"{client}:{secret if often(random, 0.8) else chances.text(random)}".encode("utf-8", "replace")
        headers.append(("Authorization", f"Basic {b64encode(pair).decode()}"))
    path = f"/oauth/{slug}/{random.choice(ENDPOINTS)}"
    if often(random, 0.15):
        return Request("GET", path, _printable(form), tuple(headers[1:]))
    return Request("POST", path, "", tuple(headers), form.encode("utf-8", "surrogatepass"))


def _printable(text: str) -> str:
    return "".join(each if " " < each < "\x7f" else quoted(each) for each in text)
