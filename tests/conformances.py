"""How this server fares under scim-conformance: `python -m tests.conformances` prints the tables of the README.

Every check under the profiles tolerant (as Okta's connection, to whom roles and entitlements are listed) and rfc, and
the traffic of every client, over an installation on SQLite that is made for it and thrown away.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
from scim_conformance.checks import Check, all_checks
from scim_conformance.clients import Client
from scim_conformance.replay import Exchange, available, load, replay
from scim_conformance.running import Outcome, Report, run_checks
from scim_conformance.servers import discover

from scim_server.domain.tenants import IDPS, Tenant
from tests import databases, worlds
from tests.worlds import Connection, World

PROFILES = {"tolerant": "okta", "rfc": "generic"}
DOCUMENTS: Mapping[str, str] = {
    "7643": "RFC 7643, core schema",
    "7644": "RFC 7644, protocol",
    "9865": "RFC 9865, cursors",
    "9967": "RFC 9967, asynchronous requests",
    "9110": "RFC 9110, HTTP",
    "roles": "Roles and entitlements (draft)",
    "hostile": "Hostile input",
}


def document_of(check: Check) -> str:
    """The document that a check is about, or its theme: a key of DOCUMENTS."""
    return check.section.partition("-")[0]


def checks_by_document() -> Counter[str]:
    """How many checks there are of each document."""
    return Counter(map(document_of, all_checks()))


def main() -> int:
    """Print the tables; 1 where anything failed."""
    with tempfile.TemporaryDirectory() as folder:
        world = worlds.build(databases.sqlite_databases(Path(folder))(), email_scope="tenant")
        world.sell("meeting", "webinar:meeting", "training:meeting")
        reports = {profile: _checked(world, profile, idp) for profile, idp in PROFILES.items()}
        exchanges = {name: _played(world, name) for name in available() if not name.startswith("demo/")}
        world.installation.database.dispose()
    sys.stdout.write("\n".join([*_checks(reports), "", *_clients(exchanges)]) + "\n")
    failed = any(report.count(Outcome.FAILED) or report.count(Outcome.WARNED) for report in reports.values())
    return 1 if failed or any(not each.ok for played in exchanges.values() for each in played) else 0


@contextmanager
def _speaking(world: World, connection: Connection) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=httpx.WSGITransport(app=world.app),
        base_url=f"https://seats.example.com/scim/{connection.slug}/v2",
        headers={"Authorization": f"Bearer {connection.token}"},
    ) as http:
        yield http


def _checked(world: World, profile: str, idp: str) -> Report:
    world.tenant(profile, profile)
    tenant = world.decide(profile, async_requests="request")
    with _speaking(world, world.connect(tenant, idp=idp)) as http:
        client = Client(http)
        return run_checks(all_checks(), client, discover(client))


def _played(world: World, name: str) -> list[Exchange]:
    tenant: Tenant = world.tenant(name.replace("/", "-").replace("_", "-"))
    for product in ("meeting", "webinar", "training"):
        world.buy(tenant, product, 5)
    client = name.partition("/")[0]
    connection = world.accept(world.connect(tenant, idp=client if client in IDPS else "generic"), accepts_raw=True)
    with _speaking(world, connection) as http:
        return replay(load(name), http)


def _checks(reports: Mapping[str, Report]) -> Iterator[str]:
    yield f"| Checks | Number | {' | '.join(f'{profile}: passed | failed | skipped' for profile in reports)} |"
    yield f"|---|---|{'---|---|---|' * len(reports)}"
    for key, count in checks_by_document().items():
        yield _row(DOCUMENTS[key], count, (_outcomes(report, key) for report in reports.values()))
    yield _row("all", len(all_checks()), (_outcomes(report, None) for report in reports.values()))


def _outcomes(report: Report, key: str | None) -> Counter[Outcome]:
    return Counter(result.outcome for result in report.results if key in {None, document_of(result.check)})


def _row(title: str, count: int, counted: Iterable[Counter[Outcome]]) -> str:
    cells = [
        f"{outcomes[Outcome.PASSED]} | {outcomes[Outcome.FAILED] + outcomes[Outcome.WARNED]} | "
        f"{outcomes[Outcome.SKIPPED]}"
        for outcomes in counted
    ]
    return f"| {title} | {count} | {' | '.join(cells)} |"


def _clients(exchanges: Mapping[str, list[Exchange]]) -> Iterator[str]:
    yield "| Client | Files | Exchanges | As the client needs them |"
    yield "|---|---|---|---|"
    clients = sorted({name.partition("/")[0] for name in exchanges})
    for client in clients:
        played = {name: steps for name, steps in exchanges.items() if name.startswith(f"{client}/")}
        steps = [step for each in played.values() for step in each]
        yield f"| {client} | {len(played)} | {len(steps)} | {sum(step.ok for step in steps)} |"
    everything = [step for each in exchanges.values() for step in each]
    yield f"| all | {len(exchanges)} | {len(everything)} | {sum(step.ok for step in everything)} |"


if __name__ == "__main__":
    sys.exit(main())
