"""What receivers of events cost whoever provisions: `python -m benchmarks.receivers [ROUNDS [SECONDS]]`.

Creates people at a server over PostgreSQL, as `python -m benchmarks create` does, in rounds that take turns: without a
webhook, with one whose receiver takes everything, and with one that is dead and one that is slow beside it. First
`serve` sends by itself, then `scim-server worker` does. Prints medians, and what they are of those without any.
"""

import sys
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import count
from pathlib import Path
from statistics import median

import psycopg

from benchmarks.clusters import cluster, end_in_order, scratch
from benchmarks.drivers import Target
from benchmarks.loads import Directory, load
from benchmarks.operations import OPERATIONS, Site
from benchmarks.rounds import Plan, site_of, target_of
from benchmarks.servers import free_port, scim_server, started
from benchmarks.takers import SLOW, receiver
from scim_server.services import hooking, tenancy
from tests.worlds import CAUSE, World, build

ROUNDS, SECONDS = 5, 5
PEOPLE, CROWD, GROUPS = 1_000, 500, 5
GOAL = 0.9
"""Of the rate without receivers."""
GOOD, DEAD, IDLING = "good", "dead", "slow"
CASES: dict[str, Collection[str]] = {
    "no webhook": (),
    "one webhook": {GOOD},
    "beside a dead and a slow one": {GOOD, DEAD, IDLING},
}
_BEHIND = (
    "SELECT sum(last - webhook_cursors.position) + (SELECT count(*) FROM outbox WHERE position IS NULL) "
    "FROM webhook_cursors JOIN event_positions USING (tenant_id) JOIN webhooks ON webhooks.id = webhook_id "
    "WHERE name = 'good' AND stopped IS NULL"
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A server to create people at, with webhooks that are switched on and off."""

    world: World
    directory: Directory
    target: Target
    site: Site
    plan: Plan
    folder: Path

    def rate(self, hooked: Collection[str]) -> tuple[float, float]:
        """People created a second with those webhooks, and the seconds until all is sent afterwards."""
        tenant = tenancy.tenant(self.world.units, self.directory.slug)
        for name in (GOOD, DEAD, IDLING):
            hooking.change_webhook(
                self.world.units, self.world.installation.web, tenant, CAUSE, name, hooking.Wishes(on=name in hooked)
            )
        _, answered = self.plan.send(
            self.target, OPERATIONS["create"].requests(self.site), self.folder / "requests", once=True
        )
        begun = time.perf_counter()
        while self._behind():
            time.sleep(0.1)
        return answered.requests / answered.seconds, time.perf_counter() - begun

    def _behind(self) -> int:
        with psycopg.connect(self.directory.url) as connection:
            connection.execute("SELECT set_config('scim.tenant', '*', false)")
            row = connection.execute(_BEHIND.encode()).fetchone()
        return int(row[0]) if row and row[0] is not None else 0


def main() -> None:
    """Measure both ways of sending, and say which rates are within the goal."""
    end_in_order()
    rounds, seconds = (
        int(sys.argv[place]) if len(sys.argv) > place else usual for place, usual in ((1, ROUNDS), (2, SECONDS))
    )
    reached = True
    with cluster() as postgresql:
        for sender in ("serve", "worker"):
            directory = load(postgresql.database(), PEOPLE, crowd=CROWD, groups=GROUPS)
            with _bench(directory, sender, Plan(rounds, seconds)) as bench:
                reached &= _told(sender, bench)
    print(f"at least {GOAL:.0%} of the rate without receivers: {'reached' if reached else 'NOT REACHED'}")


def _told(sender: str, bench: Bench) -> bool:
    """Print the medians; answers whether those with webhooks are as good as they should be."""
    bench.rate(CASES["no webhook"])
    found: dict[str, list[tuple[float, float]]] = {case: [] for case in CASES}
    for _ in range(bench.plan.rounds):
        for case, hooked in CASES.items():
            found[case].append(bench.rate(hooked))
    rates = {case: median(rate for rate, _ in each) for case, each in found.items()}
    alone = rates["no webhook"]
    for case, rate in rates.items():
        behind = median(seconds for _, seconds in found[case])
        print(f"{sender:<8}{case:<30}{rate:>6.0f}/s  {rate / alone:>5.0%}  all sent {behind:.1f} s later", flush=True)
    return min(rates.values()) >= GOAL * alone


@contextmanager
def _bench(directory: Directory, sender: str, plan: Plan) -> Iterator[Bench]:
    network = "127.0.0.1/32"
    world = build(directory.url, egress_networks=(ip_network(network),))
    tenant = tenancy.tenant(world.units, directory.slug)
    settings = {"SCIM_EGRESS_NETWORKS": network, "SCIM_WORKER": "on" if sender == "serve" else "off"}
    with scratch() as folder, receiver() as (good, _), receiver(SLOW) as (slow, _), ExitStack() as stack:
        for name, port in ((GOOD, good), (DEAD, free_port()), (IDLING, slow)):
            hooking.create_webhook(
                world.units, world.installation.web, tenant, CAUSE, name, f"http://127.0.0.1:{port}/in"
            )
        server = stack.enter_context(scim_server(directory.url, folder, changed=settings))
        if sender == "worker":
            command = [sys.executable, "-m", "scim_server.cli", "worker"]
            stack.enter_context(
                started(command, folder / "worker.log", {**settings, "SCIM_DATABASE_URL": directory.url})
            )
        target = target_of(server, directory)
        yield Bench(world, directory, target, site_of(target, directory, count(directory.size)), plan, folder)
    world.installation.cells.dispose()


if __name__ == "__main__":
    main()
