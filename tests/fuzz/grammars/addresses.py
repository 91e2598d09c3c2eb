"""RFC 3986: paths and queries that name what is there, nearly."""

from dataclasses import replace
from random import Random

from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars.sending import any_kind, any_path, scim
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request, quoted

METHODS = (
    *("GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"),
    *("TRACE", "QUERY", "CONNECT", "get", "X" * 99),
)
PLACES = (
    *("", "/", "/Me", "/Bulk", "/.search", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Users/.search"),
    *("/ResourceTypes/User", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/nothing"),
)
ROOTS = (
    *("/", "/healthz", "/readyz", "/version", "/scim", "/scim/", "/api", "/api/v1", "/api/v1/openapi.json", "/oauth"),
    *("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource/scim/acme/v2", "/console"),
    *("/invitations/x", "/scim/acme", "/scim/elsewhere/v2/Users", "/favicon.ico", "/robots.txt", "/static/x"),
)
ENCODED = (
    *("%00", "%ff", "%2e%2e", "%2F", "%252f", "%0d%0aX: y", "%ED%A0%80", "%", "%zz", "%u0041"),
    *(";x=y", "//", "/./", "/../"),
)
NAMES = (
    *("filter", "attributes", "count", "startIndex", "sortBy", "cursor", "excludedAttributes", "sortOrder", "x"),
    *("limit", "after", "access_token", "Authorization", "_method", "filter[]", "attributes%5B%5D"),
)


def addresses(random: Random, ground: Ground) -> Request:
    """Any method at any address."""
    request = scim(random, ground, random.choice(METHODS), _path(random, ground), query=_query(random))
    if often(random, 0.15):
        request = replace(request, path=random.choice(ROOTS))
    if often(random, 0.4):
        pieces = ENCODED + tuple(quoted(text) for text in chances.WORDS)
        request = replace(request, path=_ascii(chances.mutated(random, request.path, pieces)))
    if request.method in {"POST", "PUT", "PATCH"} and often(random, 0.5):
        request = replace(request, body=b"answer=accept")
    return request


def _path(random: Random, ground: Ground) -> str:
    kind = any_kind(random, ground)
    return random.choice((kind.endpoint, any_path(random, ground, kind), random.choice(PLACES)))


def _query(random: Random) -> str:
    parts = [f"{random.choice(NAMES)}={quoted(chances.text(random))}" for _ in range(random.choice((0, 0, 1, 2, 4)))]
    query = "&".join(parts)
    return _ascii(chances.mutated(random, query, ENCODED)) if often(random, 0.2) else query


def _ascii(text: str) -> str:
    """What a request line can hold."""
    return "".join(each if " " < each < "\x7f" else quoted(each) for each in text)
