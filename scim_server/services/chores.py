"""Chores: what is done every so often for all tenants, by whichever process comes first.

Each is a use case of its own with transactions of its own, so that running one twice does no harm; the lease only
keeps several processes from doing the same work at the same time. `app` composes the list.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter, time
from uuid import uuid4

import structlog
from structlog.contextvars import bound_contextvars

from scim_server.domain.errors import Missing, Unavailable
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant, later
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.telemetry import traces
from scim_server.telemetry.catalogue import CHORE_LAST, CHORE_RUNS, CHORE_SECONDS, CHORE_SUCCESS

SYSTEM = "system"
SOON = timedelta(hours=1)
"""After that a chore is due again that failed, or whose process ended on the way."""

Rest = Callable[[float], bool]
"""Asked after each step of a chore, which took so many seconds: returns when the next may begin, False for none."""
BROKEN_OFF = "broken off, as the process ends"

_RUN: ContextVar[str] = ContextVar("run", default="")
"""The id of the run that is on, by which its lines in the log and its entries in the audit trail are found."""

_log = structlog.get_logger("scim_server.chores")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do for all tenants every so often; `run` answers how many things it dealt with.

    What may take minutes is done in steps, and `run` answers that of each: whoever has other things to do rests in
    between. Where there are several cells it is done for the tenants of each, unless it is only to be done `at_home`.
    """

    name: str
    every: timedelta
    does: str
    run: Callable[[Units], int | Iterable[int]]
    at_home: bool = False

    def parts(self, units: Units) -> Sequence[Units]:
        """Where it is to be done. What is done at home may go over the cells by itself."""
        return [units] if self.at_home else units.parts()


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a chore: how many things it dealt with; None where it failed, for `failure`."""

    chore: Chore
    done: int | None
    failure: str | None = None


class Unfinished(Exception):
    """A chore failed for some of the tenants; it was done for the others."""


def cause(name: str) -> Cause:
    """Why a chore writes, under the id of the run that is on."""
    return Cause(SYSTEM, _RUN.get(), f"chore {name}")


def for_each_tenant(tenants: Iterable[Tenant], use_case: Callable[[Tenant], int]) -> int:
    """Run it for each of them; raises Unfinished at the end where some failed."""
    return sum(step_by_step(tenants, lambda tenant: [use_case(tenant)]))


def step_by_step(tenants: Iterable[Tenant], use_case: Callable[[Tenant], Iterable[int]]) -> Iterator[int]:
    """The same for a use case in steps, one by one."""
    failed = []
    for tenant in tenants:
        try:
            yield from use_case(tenant)
        except Exception as error:
            _log.error("a chore failed for a tenant", tenant=tenant.slug, exc_info=error)
            failed.append(tenant.slug)
    if failed:
        raise Unfinished(f"it failed for {len(failed)} tenants: {', '.join(failed[:10])}")


def in_batches(most: int, batch: Callable[[], int]) -> Iterator[int]:
    """The steps of what deals with so many things at most in each, until there are fewer."""
    done = most
    while done == most:
        done = batch()
        yield done


def go_on(_seconds: float) -> bool:
    """What takes no rest."""
    return True


def run_due(units: Units, chores: Sequence[Chore], rest: Rest = go_on) -> Iterator[Turn]:
    """Run those whose time has come and that nobody else has. One that fails is logged and stops no other.

    Costs one look-up where nothing is due. A cell that cannot be reached is left for the next time; raises Unavailable
    where home is that cell.
    """
    for place, part in enumerate(units.parts()):
        try:
            with part.overview() as operator:
                now, leases = operator.now, operator.chore_leases()
        except Unavailable as error:
            if place == 0:
                raise
            _log.warning("the chores of a cell are put off", reason=str(error))
            continue
        for chore in chores:
            if chore.at_home and place > 0:
                continue
            where = units if chore.at_home else part
            if leases.get(chore.name, now) <= now and _lease(where, chore, _at_first(chore), early=False):
                yield _run(where, chore, rest)


def run_now(units: Units, chores: Iterable[Chore]) -> Iterator[Turn]:
    """Run them whether their time has come or not; it comes again as if they had been due."""
    for chore in chores:
        turns = []
        for part in chore.parts(units):
            _lease(part, chore, _at_first(chore), early=True)
            turns.append(_run(part, chore, go_on))
        failure = next((turn.failure for turn in turns if turn.done is None), None)
        yield Turn(chore, None if failure else sum(turn.done or 0 for turn in turns), failure)


def due(units: Units, chores: Iterable[Chore]) -> list[tuple[Chore, Instant | None]]:
    """Each chore with the time of its next run, wherever that is; None for one that is yet to run at all.

    A cell that cannot be reached is left out; raises Unavailable where home is that cell.
    """
    leases = []
    for place, part in enumerate(units.parts()):
        try:
            with part.overview() as operator:
                leases.append(operator.chore_leases())
        except Unavailable as error:
            if place == 0:
                raise
            _log.warning("the chores of a cell are put off", reason=str(error))
    return [(chore, min(filter(None, (each.get(chore.name) for each in leases)), default=None)) for chore in chores]


def named(chores: Iterable[Chore], names: Iterable[str]) -> list[Chore]:
    """The chores of those names, each once. Raises Missing."""
    by_name = {chore.name: chore for chore in chores}
    wanted = dict.fromkeys(names)
    unknown = next((name for name in wanted if name not in by_name), None)
    if unknown is not None:
        raise Missing(f"There is no chore '{unknown}'. Chores: {', '.join(by_name)}")
    return [by_name[name] for name in wanted]


def _at_first(chore: Chore) -> timedelta:
    return min(chore.every, SOON)


@retried
def _lease(units: Units, chore: Chore, life: timedelta, *, early: bool) -> bool:
    with units.operator() as operator:
        taken = operator.lease_chore(chore.name, later(operator.now, life), early=early)
        operator.commit()
        return taken


def _run(units: Units, chore: Chore, rest: Rest) -> Turn:
    """Run it under an id of its own, and count what came of it."""
    begun, run = perf_counter(), str(uuid4())
    before = _RUN.set(run)
    try:
        with (
            bound_contextvars(chore=chore.name, request_id=run),
            traces.span(f"chore {chore.name}", scim__request_id=run),
        ):
            turn = _carry_out(units, chore, rest)
    finally:
        _RUN.reset(before)
    _count(turn, perf_counter() - begun)
    return turn


def _count(turn: Turn, seconds: float) -> None:
    name = turn.chore.name
    CHORE_RUNS.add(name, "done" if turn.done is not None else "broken_off" if turn.failure == BROKEN_OFF else "failed")
    CHORE_RUNS.add(name, "failed", by=0)  # so that the first one is an increase
    CHORE_SECONDS.add(name, by=seconds)
    CHORE_LAST.set(seconds, name)
    if turn.done is not None:
        CHORE_SUCCESS.set(time(), name)


def _carry_out(units: Units, chore: Chore, rest: Rest) -> Turn:
    """Once it is done it is due again after its whole interval."""
    try:
        done = _steps(units, chore, rest)
        if done is None:
            return Turn(chore, None, BROKEN_OFF)
        if chore.every > SOON:
            _lease(units, chore, chore.every, early=True)
    except Exception as error:
        _log.error("a chore failed", exc_info=error)
        return Turn(chore, None, f"{type(error).__name__}: {error}")
    if done:
        _log.info("a chore is done", count=done)
    return Turn(chore, done)


def _steps(units: Units, chore: Chore, rest: Rest) -> int | None:
    """Take its steps, and see to it meanwhile that nobody else takes it for left; None where it is broken off."""
    answered = chore.run(units)
    if isinstance(answered, int):
        return answered
    done, kept, begun = 0, units.now(), perf_counter()
    for dealt in answered:
        done += dealt
        if not rest(perf_counter() - begun):
            return None
        if units.now() > later(kept, SOON / 2):
            kept = units.now()
            _lease(units, chore, _at_first(chore), early=True)
        begun = perf_counter()
    return done
