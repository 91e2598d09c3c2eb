"""An installation: what the settings name, opened, and what is done over it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from scim_server.app.capacities import pool_size
from scim_server.app.chores import chores
from scim_server.app.late_runs import LateRuns
from scim_server.app.outside import LateProofs, LateWeb, deliver_mails
from scim_server.app.watches import Watch
from scim_server.config import BadSettings, Settings, load_settings
from scim_server.domain.cells import HOME
from scim_server.domain.tenants import Tenant
from scim_server.oauth.memories import Memory
from scim_server.protocol.folders import load_registries
from scim_server.protocol.registry import Registries
from scim_server.services.audit_sealers import AuditSealer
from scim_server.services.auditing import signing_key
from scim_server.services.chore_threads import Bell
from scim_server.services.chores import Chore
from scim_server.services.log_buffers import LogBuffer
from scim_server.services.notifying import post_notices
from scim_server.services.ports import Proofs, TokenSigner, UnitOfWork, Web
from scim_server.services.receipting import settle_receipts
from scim_server.store.cells import Cells
from scim_server.store.databases import Database
from scim_server.store.limits import Limits
from scim_server.store.secrets import AUDIT, installation_secret
from scim_server.store.unit_of_work import Units
from scim_server.store.vaults import Vault
from scim_server.telemetry import traces

if TYPE_CHECKING:
    from scim_server.delivery.workers import EventWorker
    from scim_server.oauth.bearers import Bearer


@dataclass(frozen=True, slots=True)
class Installation:
    """What one process needs of its database and its schemas."""

    settings: Settings
    registries: Registries
    database: Database
    cells: Cells
    units: Units
    log: LogBuffer
    sealer: AuditSealer
    chores: tuple[Chore, ...]
    bell: Bell
    news: Bell
    watch: Watch
    web: Web
    proofs: Proofs
    memory: "Memory[Bearer]"

    def event_worker(self) -> "EventWorker":
        """What carries out asynchronous requests, gives events their positions and sends them, woken by whoever commits
        some in this process."""
        # Imported here because most commands send nothing.
        from scim_server.delivery.workers import EventWorker

        return EventWorker(self.units, self.web, self.signer(), self.news, LateRuns(self))

    def signer(self) -> TokenSigner:
        """Who signs security event tokens."""
        # Imported here because most commands sign nothing.
        from scim_server.oauth.key_rings import KeyRing
        from scim_server.oauth.security_event_tokens import SecurityEventTokens

        return SecurityEventTokens(KeyRing(self.units), self.settings.public_url)

    def deliver_mails(self) -> int:
        """Send the first mails whose turn has come; answers how many were taken. Without a mail server none is."""
        return sum(deliver_mails(self.settings, part, all_of_them=False) for part in self.units.parts())


def install(settings: Settings | None = None) -> Installation:
    """Open the store that the settings name, every cell of it. Raises BadSettings, BadSchemas or BadDatabaseUrl.

    Connects to nothing yet.
    """
    chosen = settings or load_settings()
    registries = load_registries(chosen.schemas_dir)
    cells = _cells(chosen)
    database = cells.home
    kind = _traced() if traces.wanted() else Units
    units = kind(database, _now, registries, unique_addresses=chosen.email_scope == "global")
    if chosen.cell_urls:
        units = replace(units, cells=cells)
    settled = settle_receipts if chosen.smtp_url is None else _settle_and_tell
    units = replace(units, before_commit=settled, public_url=chosen.public_url)
    log = LogBuffer(units, timedelta(days=chosen.log_retention_days))
    sealer = AuditSealer(units, cache(lambda: signing_key(installation_secret(database, AUDIT))))
    memory: Memory[Bearer] = Memory(timedelta(seconds=chosen.credential_cache), lambda bearer: bearer.until)

    news = Bell()

    def recorded(tenant: Tenant, object_types: Collection[str]) -> None:
        memory.changed(object_types)
        sealer.wake(tenant)
        news.ring()

    web = LateWeb(chosen.egress_networks)
    return Installation(
        chosen,
        registries,
        database,
        cells,
        replace(units, recorded=recorded),
        log,
        sealer,
        chores(chosen, sealer, cells),
        Bell(),
        news,
        Watch(chosen, units, cells),
        web,
        LateProofs(web, chosen.dns_servers),
        memory,
    )


def _traced() -> type[Units]:
    from scim_server.store.traced_units import TracedUnits

    return TracedUnits


def _settle_and_tell(uow: UnitOfWork) -> None:
    """What belongs to a transaction that is about to leave something, where there is a mail server."""
    settle_receipts(uow)
    post_notices(uow)


def _cells(settings: Settings) -> Cells:
    """The databases that tenants live in. One that is alone need not know how it is called."""
    urls = {**dict(settings.cell_urls), HOME: settings.database_url}
    if HOME in dict(settings.cell_urls):
        raise BadSettings("SCIM_CELL_URLS cannot call a cell 'home': the database of SCIM_DATABASE_URL is that.")
    if len(set(urls.values())) < len(urls):
        raise BadSettings("SCIM_CELL_URLS names the database of SCIM_DATABASE_URL: that one is home already.")
    if settings.cell_urls and not settings.database_url.startswith("postgresql"):
        raise BadSettings("SCIM_CELL_URLS needs PostgreSQL at home as well: set SCIM_DATABASE_URL to postgresql://...")
    vault, limits = Vault(settings.secret_key or ()), Limits(settings.search_seconds, settings.search_max_rows)
    databases = {
        name: Database(url, pool_size(settings), vault, limits, name if settings.cell_urls else None)
        for name, url in sorted(urls.items(), key=lambda named: named[0] != HOME)
    }
    if settings.replica_urls:
        _follow(settings, databases)
    return Cells(databases)


def _follow(settings: Settings, databases: Mapping[str, Database]) -> None:
    """Give databases the replicas that follow them."""
    if databases[HOME].is_sqlite:
        raise BadSettings("SCIM_REPLICA_URLS needs PostgreSQL: set SCIM_DATABASE_URL to postgresql://...")
    # Imported here because an installation over SQLite need not have the driver.
    from scim_server.store.poolers import is_shared
    from scim_server.store.replicas import replicas_of

    urls: dict[str, list[str]] = {}
    for cell, url in settings.replica_urls:
        urls.setdefault(cell or HOME, []).append(url)
    primaries = {settings.database_url, *(url for _, url in settings.cell_urls)}
    for cell, found in urls.items():
        if cell not in databases:
            raise BadSettings(f"SCIM_REPLICA_URLS names the cell '{cell}', which SCIM_CELL_URLS does not.")
        if not primaries.isdisjoint(found):
            raise BadSettings("SCIM_REPLICA_URLS names a database that is a cell already: a replica is another one.")
        if any(is_shared(url) for url in found):
            raise BadSettings(
                "SCIM_REPLICA_URLS names a pooler that shares connections: replicas are asked over some of their "
                "own, so leave ?pooler out, or say ?pooler=session."
            )
        first = databases[cell]
        first.replicas = replicas_of(found, pool_size(settings), first.vault, first.limits)


def _now() -> datetime:
    return datetime.now(UTC)
