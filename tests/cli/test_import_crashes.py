"""An import whose process is killed on the way and gone on with ends as if nothing had happened."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.imports import COLUMNS, Import
from scim_server.domain.tenants import Tenant
from scim_server.services import importing
from tests.cli.commands import CommandLine, started
from tests.worlds import World

ROWS = 1_200
GROUPS = 7


@pytest.fixture
def file(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> str:
    """1,200 rows: newcomers with and without seats, roles, groups; some of them cannot be carried out."""
    monkeypatch.setenv("SCIM_EMAIL_SCOPE", "tenant")
    path = Path("people.csv")
    lines = [",".join(COLUMNS)]
    for number in range(ROWS):
        product = ("meeting", "webinar", "", "nothing" if number % 97 == 0 else "training|webinar")[number % 4]
        role = "manager" if number % 11 == 0 else ""
        lines.append(f"p{number}@x.test,First {number},Last,{product},{role},Group {number % GROUPS},de")
    path.write_text("\n".join(lines))
    return str(path)


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world whose tenants may have the same people."""
    built = build_world(email_scope="tenant")
    built.sell("meeting", "webinar:meeting", "training:meeting")
    return built


def prepared(world: World, slug: str) -> Tenant:
    """A tenant with too few seats of one product, and a rule on a group."""
    tenant = world.tenant(slug)
    for product, seats in (("meeting", ROWS), ("webinar", 250), ("training", ROWS)):
        world.buy(tenant, product, seats)
    okta = world.connect(tenant)
    for number in range(GROUPS):
        okta.create_group(f"Group {number}")
    world.rule(tenant, "Group 3", "training")
    return tenant


@pytest.mark.parametrize(
    ("mode", "killed_after", "by_chore"),
    [("best_effort", 500, False), ("best_effort", 1_000, True), ("all_or_nothing", 0, False)],
)
def test_killed_and_gone_on_with_it_ends_as_if_it_had_not_been(
    cli: CommandLine, world: World, file: str, mode: str, killed_after: int, by_chore: bool
) -> None:
    calm, struck = prepared(world, "calm"), prepared(world, "struck")
    if mode == "all_or_nothing":
        mend(file)
    cli.done("import", "run", "calm", file, "--mode", mode)
    with started("import", "run", "struck", file, "--mode", mode) as process:
        while not begun(world, struck, killed_after):
            with suppress(subprocess.TimeoutExpired):  # whoever only looks takes the processor from whoever imports
                process.wait(0.01)
            assert process.returncode is None, "the import was over before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (job,) = importing.imports(world.units, struck)
    assert job.state == "running"
    assert killed_after <= job.done < ROWS
    if by_chore:
        assert world.do_chore("imports") == 0, "somebody may still be at work on it"
        world.advance(600)
        assert world.do_chore("imports") == ROWS - job.done
    else:
        cli.done("import", "resume", "struck", job.id)
    assert outcome(world, struck) == outcome(world, calm)


def begun(world: World, tenant: Tenant, rows: int) -> bool:
    """Whether the import of the tenant runs and has done so many rows."""
    jobs: list[Import] = importing.imports(world.units, tenant)
    return any(job.state == "running" and job.done >= rows for job in jobs)


def mend(file: str) -> None:
    """Leave only rows that can be carried out."""
    path = Path(file)
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "nothing" not in line))


def outcome(world: World, tenant: Tenant) -> dict[str, Any]:
    """Everything of the tenant that an import leaves, ids and times apart."""
    with world.units.read(tenant) as uow:
        (job,) = uow.imports.all()
        users = {user.id: user for user in uow.users.all()}
        names = {user_id: user.user_name for user_id, user in users.items()}
        queue = {
            product: [names[seat.user_id] for seat in uow.ledger.waiting(product)]
            for product in ("webinar", "training")
        }
        groups = uow.groups.all_named([f"Group {number}" for number in range(GROUPS)])
        members = {name: sorted(names[each] for each in uow.members.of(found[0].id)) for name, found in groups.items()}
        claims = Counter((names[each.user_id], each.product, each.source[:5]) for each in uow.ledger.claims(users))
        seats = Counter((names[each.user_id], each.product, each.state) for each in uow.ledger.seats(users))
        rows = [(row.line, row.verdict, row.reason, row.waits) for row in uow.imports.rows_after(job.id, 0, ROWS)]
    return {
        "people": sorted((user.user_name, user.display_name, str(user.profile)) for user in users.values()),
        "queue": queue,
        "members": members,
        "claims": claims,
        "seats": seats,
        "rows": rows,
        "counts": (job.state, job.rows, job.done, job.counts),
        "trail": Counter(entry.action for entry in world.trail(tenant) if entry.object_type not in {"import", "group"}),
        "events": Counter(
            row["event"]
            for row in world.rows("outbox")
            if row["tenant_id"] == tenant.id and not row["event"].startswith("group.")
        ),
    }
