"""What hostile input costs before it is refused: `python -m benchmarks.refusals`. CPU milliseconds, best of five."""

import time
from collections.abc import Callable

from scim_server.dialects import Message, normalise
from scim_server.protocol.errors import ScimError
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.profiles import TOLERANT
from scim_server.protocol.registry import standard_registry
from scim_server.protocol.texts import parse_json

FILTERS = {
    "10,000 terms": " or ".join(["id pr"] * 10_000),
    "1,001 terms": " or ".join(["id pr"] * 1_001),
    "3,000 open parentheses": "(" * 3_000,
    "51 levels": "(" * 51 + "title pr" + ")" * 51,
    "100 KB literal": f'userName eq "{"a" * 100_000}"',
    "15,000 digits": f"title eq {'9' * 15_000}",
    "2,000 open brackets": "emails[" * 2_000,
    "999 words without quotes and no end": " or ".join(["title eq a"] * 999) + " or",
}
BODIES = {
    "100,000 open brackets": b"[" * 100_000,
    "5,000 digits": b'{"x": ' + b"9" * 5_000 + b"}",
    "NaN": b'{"x": NaN}',
    "1 MB text with NUL": b'{"x": "' + b"a" * 1_000_000 + b'\\u0000"}',
    "10,000 names, one of them twice": b"{" + b",".join(b'"k%d":1' % (n % 9_999) for n in range(10_000)) + b"}",
}


def main() -> None:
    """Print one line per kind of input."""
    user = standard_registry().resource_type("User")

    def read(text: str) -> object:
        message, _ = normalise(Message("query", user, {"filter": text}), TOLERANT)
        return parse_filter(message.body["filter"], user)

    for name, text in FILTERS.items():
        print(f"filter  {name:<36}{_cost(lambda text=text: read(text)):>8.2f} ms")
    for name, body in BODIES.items():
        print(f"body    {name:<36}{_cost(lambda body=body: parse_json(body)):>8.2f} ms")


def _cost(attempt: Callable[[], object]) -> float:
    durations = []
    for _ in range(5):
        started = time.process_time()
        try:
            attempt()
        except ScimError:
            durations.append((time.process_time() - started) * 1e3)
        else:
            raise AssertionError("was not refused")
    return min(durations)


if __name__ == "__main__":
    main()
