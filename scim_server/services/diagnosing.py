"""The connection doctor: what is wrong with a connection, told in words, with what to do about it.

It looks at what is known of the connection, and plays the requests that its client sends when it is tested
(`ports/check_ups.py`): those are answered for real, in a transaction that is taken back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scim_server.domain.errors import TooMany
from scim_server.domain.instants import Instant, later
from scim_server.domain.networks import address_outside
from scim_server.domain.tenants import SCIM_SCOPES, SCIM_WRITE, Connection, Tenant
from scim_server.services import issues
from scim_server.services.actors import CONNECTION
from scim_server.services.connections_seen import ConnectionView, connection_seen
from scim_server.services.findings import Finding, Verdict
from scim_server.services.log_entries import LogEntry, Sought
from scim_server.services.ports import CheckUps, Played, Terms, UnitOfWork, Units
from scim_server.services.refusal_reasons import Refusals, by_kind, why

DAYS = 7
"""How far back the log is looked at."""
MOST_ENTRIES, MOST_ISSUES = 500, 1000
SILENT = timedelta(days=2)
SKEW = timedelta(seconds=60)
NOBODYS_DOMAIN = "check-up.invalid"
"""Where nobody has an address (RFC 6761 section 6.4)."""
HABIT = "dialect."
"""What the names of switches of clients' habits begin with."""
CONCERNING = {
    issues.UNKNOWN_MEMBER: "unknown_members",
    issues.UNKNOWN_ENTITLEMENT: "unknown_entitlements",
    issues.UNKNOWN_ROLE: "unknown_roles",
    issues.ROLE_ABOVE_MAX: "roles_above_max",
    issues.EMAIL_IN_USE: "addresses_in_use",
    issues.ISSUER_UNREACHABLE: "issuer_unreachable",
}
"""Issues that come of what identity providers send."""


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A request that was played, and why it was not answered as the client takes it; None where it was."""

    played: Played
    why: Finding | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found out about a connection, the worst first.

    `steps` were played, `refusals` are kinds of requests that it sent.
    """

    connection: Connection
    at: Instant
    findings: Sequence[Finding]
    steps: Sequence[PlayedStep]
    refusals: Sequence[Refusals]

    @property
    def verdict(self) -> Verdict:
        """The worst of all findings."""
        return self.findings[0].verdict


def diagnose(units: Units, tenant: Tenant, called: str, check_ups: CheckUps, terms: Terms) -> Diagnosis:
    """Look into the connection of that name, or else of that id. Leaves nothing behind. Raises Missing."""
    view = connection_seen(units, tenant, called)
    with units.read(tenant) as uow:
        refused = _refused(uow, view.connection)
        opened = list(_issues(uow, view.connection))
        domain = min((each.name for each in uow.domains.all() if each.verified), default=NOBODYS_DOMAIN)
        now = uow.now
    scopes = _scopes(view)
    played = check_ups.play(tenant, view.connection, scopes, domain)
    steps = [PlayedStep(each, why(each, scopes)) for each in played]
    findings = [
        *_of_ways_in(view, scopes),
        *_of_terms(view.connection, tenant, terms),
        *_of_requests(view, refused, now),
        *opened,
        _of_steps(steps),
    ]
    findings.sort(key=lambda each: list(Verdict).index(each.verdict), reverse=True)
    return Diagnosis(view.connection, now, findings, steps, by_kind(refused or ()))


def _of_ways_in(view: ConnectionView, scopes: frozenset[str]) -> Iterator[Finding]:
    live = view.live_tokens
    if not view.opens:
        ended = [token.expires for token in view.tokens if token.state == "expired"]
        yield Finding("token_expired", {"expires": max(ended)}) if ended else Finding("no_way_in")
        return
    ways = {"tokens": len(live), "clients": len(view.live_clients), "issuers": len(view.issuers)}
    yield Finding("way_in", ways)
    if SCIM_WRITE not in scopes:
        yield Finding("reads_only")
    if live:
        last = max(live, key=lambda token: token.expires)
        if last.warning:
            yield Finding("token_expires", {"expires": last.expires})
        in_use = max(live, key=lambda token: token.last_used or "")
        if in_use.last_used and live[-1].last_used is None:
            yield Finding("not_changed_over", {"token": in_use.id, "expires": in_use.expires})


def _of_terms(connection: Connection, tenant: Tenant, terms: Terms) -> Iterator[Finding]:
    if connection.networks:
        yield Finding("held_to_networks", {"networks": ", ".join(connection.networks)})
    if tenant.profile != terms.usual_profile:
        yield Finding("strict_profile", {"profile": tenant.profile, "usual": terms.usual_profile})
    off = [
        name.removeprefix(HABIT) for name, position in tenant.switched if name.startswith(HABIT) and position == "off"
    ]
    if off:
        yield Finding("habits_off", {"habits": ", ".join(off)})


def _of_requests(view: ConnectionView, refused: Sequence[LogEntry] | None, now: Instant) -> Iterator[Finding]:
    last = view.last_request
    if last is None:
        yield Finding("never_sent")
    elif last < later(now, -SILENT):
        yield Finding("silent", {"at": last})
    else:
        yield Finding("sends", {"at": last})
    ahead = _ahead(max([last or "", *(token.created for token in view.tokens)]), now)
    if ahead > SKEW:
        yield Finding("clock_behind", {"seconds": round(ahead.total_seconds())})
    if refused is None:
        yield Finding("log_unread")
        return
    outside = next(((entry, address) for entry in refused[::-1] if (address := address_outside(entry.detail))), None)
    if outside is not None:
        yield Finding("outside_networks", {"address": outside[1], "at": outside[0].at})
    told = {"days": DAYS, "count": len(refused)}
    yield Finding("refused_lately" if refused else "none_refused", told)


def _of_steps(steps: Sequence[PlayedStep]) -> Finding:
    failed = sum(step.why is not None for step in steps)
    told = {"count": len(steps), "failed": failed}
    return Finding("played_badly" if failed else "played_well", told)


def _refused(uow: UnitOfWork, connection: Connection) -> list[LogEntry] | None:
    """Its refused requests of late, oldest first; None where the log is too large to find them."""
    since = later(uow.now, -timedelta(days=DAYS))
    sought = Sought(MOST_ENTRIES, since=since, actor=f"{CONNECTION}{connection.id}", statuses=(400, 599))
    try:
        return uow.log.find(sought)
    except TooMany:
        return None


def _issues(uow: UnitOfWork, connection: Connection) -> Iterator[Finding]:
    """Open issues of the connection, and those that do not say whose they are."""
    for code, finding in CONCERNING.items():
        found = uow.issues.find(closed=False, code=code, most=MOST_ISSUES)
        count = sum(each.connection_id in {None, connection.id} for each in found)
        if count:
            yield Finding(finding, {"count": count})


def _scopes(view: ConnectionView) -> frozenset[str]:
    """What the credential in use is good for; all, where there is none that would say."""
    if view.live_tokens:
        return frozenset(max(view.live_tokens, key=lambda token: (token.last_used or "", token.created)).scopes)
    others = [client.scim_scopes for client in view.live_clients] + [issuer.scopes for issuer in view.issuers]
    return frozenset().union(*others) if others else SCIM_SCOPES


def _ahead(at: Instant, now: Instant) -> timedelta:
    return datetime.fromisoformat(at) - datetime.fromisoformat(now) if at else timedelta()
