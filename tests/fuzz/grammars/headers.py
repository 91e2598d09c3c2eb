"""RFC 9110: header fields of every kind that the server looks at, and of some that it must not look at."""

from base64 import b64encode
from collections.abc import Callable
from random import Random

from tests.fuzz import chances
from tests.fuzz.chances import often
from tests.fuzz.grammars.sending import any_kind, any_path, scim
from tests.fuzz.grounds import Ground
from tests.walls.requests import Request

TAGS = ('W/"1"', '"1"', "*", 'W/"9999999999999999999999"', "W/", '"', 'W/"1", W/"2"', 'W/"1" x', "1")
MEDIA = (
    *("application/scim+json", "application/json", "*/*", "text/csv;q=x", "application/*;q=-1", "text/html", "a/b/c"),
    *("application/json; charset=utf-16", "application/json;charset", "multipart/form-data; boundary=", "/", ";q=0"),
)
PREFERENCES = ("return=minimal", "return=representation", "return = minimal ;x", "respond-async, wait=9", "=", ",,;")
FORWARDED = ("for=10.0.0.1;host=evil.test;proto=http", 'for="[::1]:80"', "for=_x,for=", "by=;for=;", "host=\x00")
HOSTS = ("evil.test", "", "seats.example.com:443", "[::1]", "a b", "seats.example.com@evil.test")
OTHERS = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-URL", "X-Rewrite-URL", "Cookie", "DPoP"),
    *(
        "X-HTTP-Method-Override",
        "X-Request-Id",
        "Origin",
        "Referer",
        "Range",
        "Expect",
        "TE",
        "Client-Cert",
        "X-Tenant",
    ),
    *("User-Agent", "Accept-Language", "Accept-Encoding", "If-Modified-Since", "If-Unmodified-Since", "Via"),
    *("Idempotency-Key", "Signature", "Proxy-Authorization", "Upgrade"),
)


def headers(random: Random, ground: Ground) -> Request:
    """A plain request with strange header fields."""
    kind = any_kind(random, ground)
    method = random.choice(("GET", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST"))
    path = kind.endpoint if method in {"POST", "OPTIONS"} else any_path(random, ground, kind)
    body = b"{}" if method in {"POST", "PUT", "PATCH"} else b""
    request = scim(random, ground, method, path, body)
    kept = tuple(each for each in request.headers if often(random, 0.8))
    strange = [_field(random, ground) for _ in range(random.randint(1, 3))]
    names = {name for name, _ in strange}
    return Request(method, request.path, "", (*(each for each in kept if each[0] not in names), *strange), body)


def authorization(random: Random, ground: Ground) -> str:
    """A credential that is none, or nearly."""
    token = random.choice((ground.scim, ground.person, ground.api, ground.operator))
    scheme = random.choice(("Bearer ", "bearer ", "BEARER", "Bearer\t", "Basic ", "DPoP ", "", "Bearer  ", "Token "))
    spelt: Callable[[Random], str] = random.choice(
        (
            lambda chosen: token,
            lambda chosen: chances.mutated(chosen, token),
            lambda chosen: chances.text(chosen),
            lambda chosen: b64encode(f"{token}:{chances.text(chosen)}".encode("utf-8", "replace")).decode(),
            lambda chosen: ".".join(b64encode(chances.text(chosen).encode()).decode().strip("=") for _ in range(3)),
            lambda chosen: f"{token},Bearer {token}",
            lambda chosen: "x" * chosen.choice((1, 8192, 100_000)),
        )
    )
    return scheme + spelt(random)


def _field(random: Random, ground: Ground) -> tuple[str, str]:
    choices: dict[str, Callable[[], str]] = {
        "Authorization": lambda: authorization(random, ground),
        "If-Match": lambda: random.choice(TAGS),
        "If-None-Match": lambda: random.choice(TAGS),
        "Accept": lambda: ", ".join(random.choice(MEDIA) for _ in range(random.randint(1, 3))),
        "Content-Type": lambda: random.choice(MEDIA),
        "Content-Encoding": lambda: random.choice(("gzip", "identity", "br, gzip", "")),
        "Content-Length": lambda: random.choice(("0", "1", "2", "-1", "x", "99999999999999999999", "")),
        "Transfer-Encoding": lambda: random.choice(("chunked", "gzip, chunked", "x")),
        "Prefer": lambda: random.choice(PREFERENCES),
        "Forwarded": lambda: random.choice(FORWARDED),
        "Host": lambda: random.choice(HOSTS),
    }
    name = random.choice((*choices, *choices, *OTHERS))
    text = choices.get(name, lambda: chances.text(random))()
    if often(random, 0.2):
        text = chances.mutated(random, text)
    return name, text.encode("utf-8", "replace").decode("latin-1").replace("\r", " ").replace("\n", " ")
