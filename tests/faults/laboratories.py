"""Checks of scim-conformance against one installation, whole or with a fault in it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import count

import httpx
from scim_conformance.checks import Check
from scim_conformance.clients import Client
from scim_conformance.running import Outcome, Report, run_checks
from scim_conformance.servers import discover

from tests.faults.catalogue import Fault
from tests.faults.mutations import planted
from tests.worlds import World, build

NOT_HELD = frozenset({Outcome.FAILED, Outcome.WARNED})
"""`may` checks warn where they do not hold; a fault that one of them tells of is caught all the same."""

_numbers = count(1)


def examine(world: World, checks: Sequence[Check], profile: str = "tolerant", fault: Fault | None = None) -> Report:
    """Run checks against a new tenant of `world`, with `fault` in the server for as long as they run."""
    slug = f"examined-{next(_numbers)}"
    world.tenant(slug, profile)
    connection = world.connect(world.decide(slug, async_requests="request"))
    transport = httpx.WSGITransport(app=world.app, raise_app_exceptions=False)
    address = f"https://seats.example.com/scim/{connection.slug}/v2"
    headers = {"Authorization": f"Bearer {connection.token}"}
    with (
        httpx.Client(transport=transport, base_url=address, headers=headers) as http,
        planted(fault.plant) if fault else nullcontext(),
    ):
        client = Client(http)
        return run_checks(checks, client, discover(client), strict=True)


def not_held(report: Report) -> list[str]:
    """The ids of the checks that do not hold, in order."""
    return [result.check.id for result in report.results if result.outcome in NOT_HELD]


@contextmanager
def laboratory(url: str) -> Iterator[World]:
    """An installation to be broken: what is left of its tenants is nobody's concern."""
    world = build(url, email_scope="tenant", max_body_bytes=100_000, log_level="critical")
    world.sell("meeting")
    yield world
    world.installation.database.dispose()
