"""Moving a tenant into another cell while it is served.

What the tenant's clients notice is that their writes wait once, as long as it takes to bring the last changes over and
to compare both sides. Until the switch a move that breaks off has changed nothing and begins anew; after it nothing is
left to do but what anybody does who meets the tenant's old place, and the chore that removes what was left there.
"""

import time
from collections.abc import Callable

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.domain.cells import KEPT, Move, TableCheck
from scim_server.domain.errors import Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant, after, later
from scim_server.domain.tenants import Tenant
from scim_server.services import auditing
from scim_server.services.ports import Cells, Relocation, Units

CHORE = "remove-moved-tenants"
LITTLE = 1_000
"""Rows that may be left to bring while the tenant's writers wait."""
ROUNDS = 10
"""How often it is tried to come down to so few before they are made to wait all the same."""
ATTEMPTS = 60
"""How often it is tried to find a moment in which none of the tenant's transactions is long at work."""
PAUSE = 1.0
"""Seconds between two of these."""
COMPARISONS = 3
"""A chore may touch a row between the last look and the comparison; it does not go on doing so."""

Told = Callable[[str, str, int], None]
"""Takes the step, a table, and how many of its rows were brought."""

_log = structlog.get_logger("scim_server.cells")


def move(units: Units, homes: Cells, tenant: Tenant, cause: Cause, to: str, key: Ed25519PrivateKey, told: Told) -> Move:
    """Move a tenant into the cell `to`; where it lives there already, what attempts left elsewhere is removed.

    Raises Missing for an unknown cell, Taken where somebody else moves the tenant, where something of it that is
    unique in a cell belongs to somebody else there, where it has just left that cell, where one of its transactions
    goes on too long, and where both sides are not the same in the end. It lives where it did then.
    """
    settled = homes.settled(tenant)
    if settled.cell == to:
        homes.remove_attempts(settled)
        return Move(tenant.slug, to, to)
    relocation = homes.relocation(settled, to)
    with relocation.begun() as alone:
        if not alone:
            raise Taken(f"Tenant '{tenant.slug}' is being moved by somebody else at this moment.")
        _check_has_left(units, relocation, settled, to)
        relocation.clear()
        relocation.copy(lambda table, rows: told("copy", table, rows))
        rounds = _come_close(relocation, told)
        entries = _verify_trail(homes.looking_at(units, to), settled, key)
        outcome, since = _go_over(units, relocation, settled, to, told)
    relocation.arrive(since)
    _log.info("a tenant has moved", tenant=tenant.slug, source=settled.cell, target=to)
    with units.write(tenant, cause) as uow:
        uow.record(Change("move", tenant.id, "tenant.moved", {"cell": settled.cell}, {"cell": to}))
        uow.commit()
    checks, attempts, waited = outcome
    return Move(tenant.slug, settled.cell, to, tuple(checks), rounds + attempts, waited, entries)


def remove_left(homes: Cells, units: Units) -> int:
    """The chore: remove what tenants left behind in a cell when they moved away; answers how many rows.

    A minute later nobody reads it any more.
    """
    with units.overview() as operator:
        before = later(operator.now, -KEPT)
    return homes.remove_left(before)


def _check_has_left(units: Units, relocation: Relocation, tenant: Tenant, to: str) -> None:
    """Somebody may still be reading what the tenant left there, believing that it is the tenant."""
    left = relocation.since()[1]
    with units.overview() as operator:
        now = operator.now
    if left is not None and later(left, KEPT) > now:
        raise Taken(
            f"Tenant '{tenant.slug}' left the cell '{to}' at {left}: it can go back a minute later, when nobody reads "
            "any more what it left there."
        )


def _come_close(relocation: Relocation, told: Told) -> int:
    """Catch up until little is left; answers how many rounds it took."""
    for number in range(1, ROUNDS + 1):
        if relocation.catch_up(lambda table, rows: told("catch up", table, rows)) <= LITTLE:
            return number
    return ROUNDS


def _verify_trail(copy: Units, tenant: Tenant, key: Ed25519PrivateKey) -> int:
    found = auditing.verify_sealed(copy, tenant, key)
    if found.fault is not None:
        raise Taken(
            f"Tenant '{tenant.slug}' lives where it did: the chain of its audit trail is broken. {found.fault} "
            f"`scim-server audit verify {tenant.slug}` shows whether it was so before."
        )
    return found.entries


def _go_over(
    units: Units, relocation: Relocation, tenant: Tenant, to: str, told: Told
) -> tuple[tuple[list[TableCheck], int, int], Instant]:
    """Have the tenant's writers wait, bring the rest, compare, and let the tenant live there.

    Answers the tables, how many rounds it took, for how many milliseconds they waited; and since when it lives there.
    """
    for attempt in range(1, ATTEMPTS + 1):
        began = time.monotonic()
        with relocation.pause() as switch:
            if switch is not None:
                checks = _agree(relocation, tenant, to, told)
                with units.overview() as operator:
                    since = after(relocation.since()[0] or "", operator.now)
                switch.throw(since)
                return (checks, attempt, int(1000 * (time.monotonic() - began))), since
        relocation.catch_up(lambda table, rows: told("catch up", table, rows))
        time.sleep(PAUSE)
    raise Taken(
        f"Tenant '{tenant.slug}' lives where it did: in {ATTEMPTS} attempts there was always a transaction of it that "
        "had been at work for a while, such as an import. Try again when it is done."
    )


def _agree(relocation: Relocation, tenant: Tenant, to: str, told: Told) -> list[TableCheck]:
    for _ in range(COMPARISONS):
        relocation.catch_up(lambda table, rows: told("last changes", table, rows))
        checks = relocation.compare()
        wrong = [check for check in checks if not check.same]
        if not wrong:
            return checks
    counted = ", ".join(f"{check.table} ({check.rows} rows here, {check.rows_there} there)" for check in wrong)
    raise Taken(f"Tenant '{tenant.slug}' lives where it did: what was copied to '{to}' differs in {counted}.")
