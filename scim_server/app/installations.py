"""An installation: what the settings name, opened, and what is done over it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from scim_server.app.chores import chores
from scim_server.app.outside import LateProofs, LateWeb, deliver_mails
from scim_server.config import Settings, load_settings
from scim_server.domain.tenants import Tenant
from scim_server.oauth.memories import Memory
from scim_server.protocol.folders import load_registries
from scim_server.protocol.registry import Registries
from scim_server.services.audit_sealers import AuditSealer
from scim_server.services.auditing import signing_key
from scim_server.services.chores import Chore
from scim_server.services.log_buffers import LogBuffer
from scim_server.services.notifying import post_notices
from scim_server.services.ports import Proofs, Web
from scim_server.store.databases import Database
from scim_server.store.limits import Limits
from scim_server.store.secrets import AUDIT, installation_secret
from scim_server.store.unit_of_work import Units
from scim_server.store.vaults import Vault

if TYPE_CHECKING:
    from scim_server.oauth.bearers import Bearer


@dataclass(frozen=True, slots=True)
class Installation:
    """What one process needs of its database and its schemas."""

    settings: Settings
    registries: Registries
    database: Database
    units: Units
    log: LogBuffer
    sealer: AuditSealer
    chores: tuple[Chore, ...]
    web: Web
    proofs: Proofs
    memory: "Memory[Bearer]"

    def deliver_mails(self) -> int:
        """Send the first mails whose turn has come; answers how many were taken. Without a mail server none is."""
        return deliver_mails(self.settings, self.units, all_of_them=False)


def install(settings: Settings | None = None) -> Installation:
    """Open the store that the settings name. Raises BadSettings, BadSchemas or BadDatabaseUrl.

    Connects to nothing yet.
    """
    chosen = settings or load_settings()
    registries = load_registries(chosen.schemas_dir)
    limits = Limits(chosen.search_seconds, chosen.search_max_rows)
    database = Database(chosen.database_url, chosen.database_pool, Vault(chosen.secret_key or ()), limits)
    units = Units(database, _now, registries, unique_addresses=chosen.email_scope == "global")
    if chosen.smtp_url is not None:
        units = replace(units, before_commit=post_notices)
    log = LogBuffer(units, timedelta(days=chosen.log_retention_days))
    sealer = AuditSealer(units, cache(lambda: signing_key(installation_secret(database, AUDIT))))
    memory: Memory[Bearer] = Memory(timedelta(seconds=chosen.credential_cache), lambda bearer: bearer.until)

    def recorded(tenant: Tenant, object_types: Collection[str]) -> None:
        memory.changed(object_types)
        sealer.wake(tenant)

    web = LateWeb(chosen.egress_networks)
    return Installation(
        chosen,
        registries,
        database,
        replace(units, recorded=recorded),
        log,
        sealer,
        chores(chosen, sealer),
        web,
        LateProofs(web, chosen.dns_servers),
        memory,
    )


def _now() -> datetime:
    return datetime.now(UTC)
