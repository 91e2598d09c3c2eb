"""CPU cost of requests about groups of 100, 5,000 and 100,000 members: `python -m benchmarks.groups [DATABASE_URL]`.

Prints CPU microseconds and SQL statements per request, one column pair per size. CPU time is that of this process
alone. The database must be empty; without a URL a SQLite file in a temporary folder is used.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.statements import count_statements
from tests.databases import migrate
from tests.multitudes import fill, multiply_groups, multiply_people
from tests.worlds import GROUP, Connection, World, build

SIZES = (100, 5_000, 100_000)
OTHERS = 1_000
"""Small groups beside the one that is measured."""
LONGEST = 0.5
"""Seconds that one kind of request is repeated for."""
Send = Callable[[], Any]


def main() -> None:
    """Measure every kind of request at every size and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        world = build(url)
        world.sell("meeting")
        found = {size: _measured(world, size) for size in SIZES}
    print(f"{'request':<44}" + "".join(f"{size:>14,} us{'SQL':>6}" for size in SIZES))
    for name in found[SIZES[0]]:
        print(f"{name:<44}" + "".join(f"{found[size][name][0]:>17,.0f}{found[size][name][1]:>6}" for size in SIZES))


def _measured(world: World, size: int) -> dict[str, tuple[float, int]]:
    """What each kind of request costs in a tenant of its own, with a group of that size."""
    tenant = world.tenant(f"size{size}")
    world.buy(tenant, "meeting", 10)
    world.rule(tenant, "Sales", "meeting")
    client = world.connect(tenant)
    ids = multiply_people(world, tenant, client.create_user(f"first@size{size}.example")["id"], size)
    group_id = client.create_group("Everybody")["id"]
    fill(world, tenant, group_id, ids)
    for each in multiply_groups(world, tenant, client.create_group("Small")["id"], OTHERS):
        fill(world, tenant, each, ids[:2])
    if not world.installation.database.is_sqlite:
        with world.installation.database.exclusive() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
    return {name: _measure(world, send, once) for name, (send, once) in _requests(client, group_id, ids).items()}


def _requests(client: Connection, group_id: str, ids: list[str]) -> dict[str, tuple[Send, bool]]:
    """By name, the request and whether it can be sent but once."""
    group = f"/Groups/{group_id}"
    newcomer = client.create_user(f"new@size{len(ids)}.example")["id"]
    flip, sides = itertools.cycle(("add", "remove")), itertools.cycle((ids, ids[:-1]))

    def whole(chosen: Iterable[str]) -> dict[str, Any]:
        elements = [{"value": each} for each in chosen]
        return {"schemas": [GROUP], "displayName": "Everybody", "members": elements}

    def everybody() -> Any:
        return client.patch(group, {"op": "replace", "path": "members", "value": whole(next(sides))["members"]})

    return {
        "GET": (lambda: client.get(group).data, False),
        "HEAD": (lambda: client.send("HEAD", group), False),
        "GET ?attributes=members.value": (lambda: client.get(f"{group}?attributes=members.value").data, False),
        "GET ?excludedAttributes=members": (lambda: client.get(f"{group}?excludedAttributes=members"), False),
        "GET /Groups?filter=displayName eq, no members": (
            lambda: client.get('/Groups?excludedAttributes=members&filter=displayName eq "Everybody"'),
            False,
        ),
        "GET /Groups?count=100, no members": (
            lambda: client.get("/Groups?count=100&excludedAttributes=members"),
            False,
        ),
        "GET /Groups?filter=members.value eq, no members": (
            lambda: client.get(f'/Groups?excludedAttributes=members&filter=members.value eq "{ids[-1]}"'),
            False,
        ),
        "GET /Groups?filter=members[value eq], no members": (
            lambda: client.get(f'/Groups?excludedAttributes=members&filter=members[value eq "{ids[-1]}"]'),
            False,
        ),
        "PATCH one member in or out": (
            lambda: client.patch(group, {"op": next(flip), "path": "members", "value": [{"value": newcomer}]}),
            False,
        ),
        "PATCH displayName": (
            lambda: client.patch(group, {"op": "replace", "path": "displayName", "value": f"E{next(flip)}"}),
            False,
        ),
        "PUT, nothing changed": (lambda: client.put(group, whole(ids)).data, False),
        "PUT, one more or less": (lambda: client.put(group, whole(next(sides))).data, False),
        "PATCH replace members": (everybody, len(ids) > 10_000),
        "DELETE somebody in 1,001 groups": (lambda: client.delete(f"/Users/{ids[0]}"), True),
        "DELETE": (lambda: client.delete(group), True),
        "POST": (lambda: client.post("/Groups", whole(ids[1:])).data, True),
    }


def _measure(world: World, send: Send, once: bool) -> tuple[float, int]:
    counted = 0
    started = time.process_time()
    rounds = 1
    counted = count_statements(world, send)
    while not once and time.process_time() - started < LONGEST and rounds < 200:
        if rounds == 1:
            started = time.process_time()
        send()
        rounds += 1
    return (time.process_time() - started) / max(1, rounds - 1) * 1e6, counted


if __name__ == "__main__":
    main()
