"""CPU cost of whole SCIM requests inside one process: `python -m benchmarks.requests [--metrics] [DATABASE_URL]`.

Prints CPU microseconds and SQL statements per request. CPU time is that of this process alone; a PostgreSQL
server's own work is not in it. The database must be empty; without a URL a SQLite file in a temporary folder is used.
With `--metrics` requests are counted meanwhile, as a server does whose metrics are read.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.statements import count_statements
from tests.databases import migrate
from tests.worlds import Connection, World, build

USERS = 500
ROUNDS = 300
METRICS = "--metrics"


def main() -> None:
    """Measure every kind of request and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        urls = [each for each in sys.argv[1:] if each != METRICS]
        url = urls[0] if urls else f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        counting = {"metrics_token": "m" * 32, "metrics_dir": Path(folder)} if METRICS in sys.argv else {}
        world = build(url, **counting)
        world.sell("meeting", "webinar:meeting")
        tenant = world.tenant()
        world.buy(tenant, "meeting", 100_000)
        world.rule(tenant, "Sales", "webinar")
        client = world.connect(tenant)
        people = [client.create_user(f"user{number}@example.com") for number in range(USERS)]
        group = client.create_group("Everybody", *(person["id"] for person in people))
        print(f"{'request':<44}{'CPU us':>8}{'SQL':>6}")
        for name, send in _requests(client, people, group["id"]).items():
            cost, statements = _measure(world, send)
            print(f"{name:<44}{cost:>8.0f}{statements:>6}")


def _requests(client: Connection, people: list[dict[str, Any]], group_id: str) -> dict[str, Callable[[], Any]]:
    number = itertools.count()
    flip = itertools.cycle(("False", "True"))
    one = people[0]["id"]
    first: Any = client.get("/Users?count=100&cursor=").json
    following = first["nextCursor"]

    def create(**attributes: Any) -> Any:
        return client.create_user(f"new{next(number)}@example.com", **attributes)

    return {
        "GET /Users/{id}": lambda: client.get(f"/Users/{one}"),
        "GET /Users?filter=userName eq": lambda: client.get('/Users?filter=userName+eq+"USER7@example.com"'),
        "GET /Users?count=100": lambda: client.get("/Users?count=100"),
        "GET /Users?count=100&startIndex=301": lambda: client.get("/Users?count=100&startIndex=301"),
        "GET /Users?count=100&cursor= first page": lambda: client.get("/Users?count=100&cursor="),
        "GET /Users?count=100&cursor= next page": lambda: client.get(f"/Users?count=100&cursor={following}"),
        "POST /.search, every type": lambda: client.search(count=100, filter='displayName co "e"'),
        "POST /Users": create,
        "POST /Users with an entitlement": lambda: create(entitlements=["meeting"]),
        "PATCH /Users/{id} title": lambda: client.patch(
            f"/Users/{one}", {"op": "replace", "path": "title", "value": f"t{next(number)}"}
        ),
        "PATCH /Users/{id} active": lambda: client.patch(
            f"/Users/{one}", {"op": "Replace", "path": "active", "value": next(flip)}
        ),
        "PATCH /Groups/{id} one member out or in": lambda: client.patch(
            f"/Groups/{group_id}",
            {"op": "remove" if next(flip) == "False" else "add", "path": "members", "value": [{"value": one}]},
        ),
    }


def _measure(world: World, send: Callable[[], Any]) -> tuple[float, int]:
    send()
    counted = count_statements(world, send)
    started = time.process_time()
    for _ in range(ROUNDS):
        send()
    return (time.process_time() - started) / ROUNDS * 1e6, counted


if __name__ == "__main__":
    main()
