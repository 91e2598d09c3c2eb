"""What tenants have: credentials that are about to expire, audit trails that are broken or not sealed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from scim_server.app.examinations.findings import Finding, bad, good, warning
from scim_server.domain.cells import HOME
from scim_server.domain.expiries import warning_of
from scim_server.domain.instants import Instant, later
from scim_server.store import expiries, trail_states
from scim_server.store.databases import Database
from scim_server.store.trail_states import TrailState
from scim_server.store.walls import OPERATOR

NAMED = 5
"""Of many alike, in a sentence."""
SEALED_WITHIN = timedelta(minutes=10)
VERIFIED_WITHIN = timedelta(days=90)
COMMANDS = {"client_secret": "oauth secret issue"}
ROTATE = "token rotate"


def examine_tenants(name: str, database: Database, now: Instant) -> Iterator[Finding]:
    """The tenants of one cell."""
    with database.read(OPERATOR) as connection:
        ending = expiries.expiring(connection, name, now)
        trails = trail_states.trail_states(connection, name)
    yield from _credentials(name, ending, now)
    yield from _trails(trails, now)


def _credentials(name: str, ending: Sequence[expiries.Expiry], now: Instant) -> Iterator[Finding]:
    warned = [(each, said) for each in ending if (said := warning_of(each.created, each.expires, now))]
    for each, said in warned[:NAMED]:
        whose = "the operator" if each.tenant is None else f"tenant '{each.tenant}'"
        yield warning(
            "credential_expires",
            f"The {each.kind.replace('_', ' ')} {each.id} of {whose} {said}, on {each.expires[:10]}.",
            f"Replace it (`scim-server {COMMANDS.get(each.kind, ROTATE)}`) where it is used, or revoke it.",
        )
    if len(warned) > NAMED:
        yield warning(
            "credentials_expire",
            f"{len(warned) - NAMED} more credentials have expired or expire within 30 days.",
            "`scim-server token list` and `credential list` show all.",
        )
    if not warned:
        where = "" if name == HOME else f" in cell {name}"
        yield good("credentials", f"No token or client secret{where} expires within 30 days.")


def _trails(trails: Sequence[TrailState], now: Instant) -> Iterator[Finding]:
    for each in [each for each in trails if each.fault is not None][:NAMED]:
        yield bad(
            "trail_broken",
            f"The audit trail of '{each.tenant}' was found broken on {str(each.finished)[:10]}: {each.fault}",
            "Keep the database as it is, and compare an earlier export (docs/audit.md): somebody changed the past.",
        )
    overdue = later(now, -SEALED_WITHIN)
    waiting = [each.tenant for each in trails if each.unsealed_since is not None and each.unsealed_since < overdue]
    if waiting:
        yield warning(
            "trail_unsealed",
            f"{len(waiting)} audit trails have entries that are not sealed after ten minutes: {_named(waiting)}.",
            "See that a server or worker runs; `scim-server chores run seal-audit-trails` does it now.",
        )
    before = later(now, -VERIFIED_WITHIN)
    old = [each.tenant for each in trails if each.fault is None and (each.finished or each.created) < before]
    if old:
        yield warning(
            "trail_unverified",
            f"{len(old)} audit trails were not verified for {VERIFIED_WITHIN.days} days: {_named(old)}.",
            "Verify them in the console, or by `scim-server audit verify TENANT`.",
        )
    elif trails and not waiting and all(each.fault is None for each in trails):
        yield good("trails", "Every audit trail is sealed, and was verified of late.")


def _named(slugs: Sequence[str]) -> str:
    return ", ".join(slugs[:NAMED]) + (f" and {len(slugs) - NAMED} more" if len(slugs) > NAMED else "")
