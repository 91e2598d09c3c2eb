"""CPU cost of what a request is authenticated with: `python -m benchmarks.bearers [DATABASE_URL]`.

Prints CPU microseconds and SQL statements per request, in this process alone, for the opaque token of a connection and
for a signed access token; and of obtaining one by secret and by key. Rounds alternate, the median counts.
"""

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.statements import count_statements
from tests.databases import migrate
from tests.programs import key_holder, program
from tests.worlds import build

ROUNDS, REQUESTS = 15, 100


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        world = build(url)
        client = world.connect(world.tenant())
        address = f"/Users/{client.create_user('ana')['id']}"
        by_secret, by_key = program(world, client), key_holder(world, client)
        signed = by_secret.scim(by_secret.token())
        kinds: dict[str, Callable[[], Any]] = {
            "GET /Users/{id}, opaque token": lambda: client.get(address),
            "GET /Users/{id}, signed token": lambda: signed.get(address),
            "refused, forged signed token": lambda: by_secret.scim(f"{signed.token[:-4]}AAAA").get(address),
            "refused, garbage": lambda: by_secret.scim("garbage").get(address),
            "POST /token by secret": by_secret.obtain,
            "POST /token by key (ES256)": by_key.obtain,
        }
        statements = {name: count_statements(world, send) for name, send in kinds.items()}
        costs: dict[str, list[float]] = {name: [] for name in kinds}
        for _, (name, send) in itertools.product(range(ROUNDS), kinds.items()):
            costs[name].append(_cost(send))
        print(f"{'request':<34}{'CPU us':>8}{'SQL':>6}")
        for name, each in costs.items():
            print(f"{name:<34}{statistics.median(each):>8.0f}{statements[name]:>6}")


def _cost(send: Callable[[], Any]) -> float:
    started = time.process_time()
    for _ in range(REQUESTS):
        send()
    return (time.process_time() - started) / REQUESTS * 1e6


if __name__ == "__main__":
    main()
