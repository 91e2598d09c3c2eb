"""What the commonest calls of the admin API cost inside one process: `python -m benchmarks.api [DATABASE_URL]`.

Prints calls per second, their CPU microseconds and SQL statements. CPU time is that of this process alone; a PostgreSQL
server's own work is not in it. The database must be empty; without a URL a SQLite file in a temporary folder is used.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.statements import count_statements
from tests.api.callers import Caller, caller
from tests.databases import migrate
from tests.worlds import World, build

USERS = 500
ROUNDS = 200


def main() -> None:
    """Measure every kind of call and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        world = build(url)
        world.sell("meeting", "webinar:meeting")
        tenant = world.tenant()
        world.buy(tenant, "meeting", 100_000)
        world.buy(tenant, "webinar", 100_000)
        world.rule(tenant, "Everybody", "webinar")
        client = world.connect(tenant)
        people = [
            client.create_user(f"user{number}@example.com", entitlements=["meeting"])["id"] for number in range(USERS)
        ]
        client.create_group("Everybody", *people)
        api = caller(world, tenant)
        print(f"{'call':<44}{'per second':>12}{'CPU us':>8}{'SQL':>6}")
        for name, send in _calls(api, people[0]).items():
            rate, cost, statements = _measure(world, send)
            print(f"{name:<44}{rate:>12.0f}{cost:>8.0f}{statements:>6}")


def _calls(api: Caller, one: str) -> dict[str, Callable[[], Any]]:
    """Calls that succeed however often they are made, each by its name."""
    number = itertools.count()
    products = itertools.cycle(({"take": ["meeting"]}, {"give": ["meeting"]}))
    following = api.done("GET", "~/users?limit=100")["next"]

    def send(method: str, path: str, body: Any = None) -> Any:
        answer = api.http.open(
            f"/api/v1/tenants/{api.slug}{path}",
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {api.token}"},
        )
        assert answer.status_code < 300, answer.text
        return answer

    return {
        "GET /users?limit=100": lambda: send("GET", "/users?limit=100"),
        "GET /users?limit=100&after= next page": lambda: send("GET", f"/users?limit=100&after={following}"),
        "GET /users?userName=": lambda: send("GET", "/users?userName=USER7@example.com"),
        "GET /users/{id}": lambda: send("GET", f"/users/{one}"),
        "GET /users/{userName}": lambda: send("GET", "/users/user7@example.com"),
        "GET /users/{id}/access": lambda: send("GET", f"/users/{one}/access"),
        "GET /users/{id}/explanation": lambda: send("GET", f"/users/{one}/explanation"),
        "PATCH /users/{id} last name": lambda: send("PATCH", f"/users/{one}", {"lastName": f"n{next(number)}"}),
        "GET /seats?limit=100": lambda: send("GET", "/seats?limit=100"),
        "POST /users/{id}/seats one out or in": lambda: send("POST", f"/users/{one}/seats", next(products)),
        "GET /issues": lambda: send("GET", "/issues"),
        "GET /audit/entries?limit=100": lambda: send("GET", "/audit/entries?limit=100"),
        "GET /log?limit=100": lambda: send("GET", "/log?limit=100"),
    }


def _measure(world: World, send: Callable[[], Any]) -> tuple[float, float, int]:
    send()
    counted = count_statements(world, send)
    began, started = time.perf_counter(), time.process_time()
    for _ in range(ROUNDS):
        send()
    spent, cost = time.perf_counter() - began, time.process_time() - started
    return ROUNDS / spent, cost / ROUNDS * 1e6, counted


if __name__ == "__main__":
    main()
