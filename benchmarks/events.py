"""How fast queued events drain to webhooks: `python -m benchmarks.events [EVENTS [TENANTS [WORKERS]]]`.

Starts a PostgreSQL of its own that loses nothing, queues so many events of one tenant, or of several, each with a
webhook, and lets `scim-server worker` send them to a receiver on this machine that answers at once. Prints events a
second for giving positions and for sending, and the CPU that each took.
"""

import os
import subprocess
import sys
import time
from ipaddress import ip_network

import psycopg

from benchmarks.clusters import cluster, end_in_order
from benchmarks.measures import cpu_seconds
from benchmarks.takers import receiver
from scim_server.services import hooking
from scim_server.services.relaying import relay
from tests.worlds import CAUSE, World, build

EVENTS, TENANTS, WORKERS = 1_000_000, 1, 1
GOAL = 500
"""Events a second, on two cores."""
OF_EACH = 10
"""Events of each person."""
_QUEUE = """
INSERT INTO outbox (tenant_id, id, subject, number, event, payload, at, request_id)
SELECT %(tenant)s, gen_random_uuid()::text, 'user:' || (n / %(each)s), n %% %(each)s + 1, 'seat.assigned',
    '{"product": "meeting"}', '2026-11-27T08:15:00.000000Z', 'bench' FROM generate_series(0, %(events)s - 1) AS n
"""
_BEHIND = "SELECT sum(last - position) FROM webhook_cursors JOIN event_positions USING (tenant_id)"


def _queue(url: str, world: World, port: int, events: int, tenants: int) -> None:
    for number in range(tenants):
        tenant = world.tenant(f"bench-{number}")
        hooking.create_webhook(
            world.units, world.installation.web, tenant, CAUSE, "bench", f"http://127.0.0.1:{port}/in"
        )
        with psycopg.connect(url, autocommit=True) as connection:
            values = {"tenant": tenant.id, "each": OF_EACH, "events": events // tenants}
            connection.execute("SELECT set_config('scim.tenant', '*', false)")
            connection.execute(_QUEUE.encode(), values)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) outbox")


def main() -> None:
    """Queue, give positions, send, and say how fast."""
    end_in_order()
    events, tenants, workers = (
        int(sys.argv[place]) if len(sys.argv) > place else usual
        for place, usual in ((1, EVENTS), (2, TENANTS), (3, WORKERS))
    )
    with cluster() as bench, receiver() as (port, taker):
        url = bench.database()
        world = build(url, egress_networks=(ip_network("127.0.0.1/32"),))
        _queue(url, world, port, events, tenants)
        begun = time.perf_counter()
        assert relay(world.units) == events
        print(f"positions: {events / (time.perf_counter() - begun):,.0f} events a second")
        world.installation.cells.dispose()
        _drain(url, events, workers, {"receiver": taker, "PostgreSQL": bench.pid})


def _drain(url: str, events: int, workers: int, others: dict[str, int]) -> None:
    environment = {**os.environ, "SCIM_DATABASE_URL": url, "SCIM_EGRESS_NETWORKS": "127.0.0.1/32"}
    command = [sys.executable, "-m", "scim_server.cli", "worker"]
    before, begun = {name: cpu_seconds(pid) for name, pid in others.items()}, time.perf_counter()
    running = [subprocess.Popen(command, env={**environment, "SCIM_LOG_LEVEL": "error"}) for _ in range(workers)]
    try:
        while _behind(url):
            time.sleep(0.5)
        seconds = time.perf_counter() - begun
        taken = {name: cpu_seconds(pid) - before[name] for name, pid in others.items()}
        taken["workers"] = sum(cpu_seconds(each.pid) for each in running)
    finally:
        for each in running:
            each.terminate()
            each.wait()
    rate = events / seconds
    told = ", ".join(f"{name} {1e6 * cpu / events:,.0f} us" for name, cpu in taken.items())
    print(f"sent: {rate:,.0f} events a second; CPU for each: {told}")
    print(f"at least {GOAL}/s: {'reached' if rate >= GOAL else 'NOT REACHED'}")


def _behind(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('scim.tenant', '*', false)")
        row = connection.execute(_BEHIND.encode()).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


if __name__ == "__main__":
    main()
