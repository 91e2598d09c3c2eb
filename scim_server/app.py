"""The composition root: settings become a database, a schema registry, use cases and a Flask application."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scim_server.config import Settings, load_settings
from scim_server.protocol.folders import BadSchemas, load_registries
from scim_server.protocol.registry import Registries
from scim_server.services.log_buffers import EVERY, LogBuffer
from scim_server.store.databases import BadDatabaseUrl, Database
from scim_server.store.migrations import is_current
from scim_server.store.unit_of_work import Units

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["BadDatabaseUrl", "BadSchemas", "Installation", "create_app", "install"]


@dataclass(frozen=True, slots=True)
class Installation:
    """What one process needs of its database and its schemas."""

    settings: Settings
    registries: Registries
    database: Database
    units: Units
    log: LogBuffer


def install(settings: Settings | None = None) -> Installation:
    """Open the store that the settings name. Raises BadSettings, BadSchemas or BadDatabaseUrl.

    Connects to nothing yet.
    """
    chosen = settings or load_settings()
    registries = load_registries(chosen.schemas_dir)
    database = Database(chosen.database_url, chosen.database_pool)
    units = Units(database, _now, registries, unique_addresses=chosen.email_scope == "global")
    log = LogBuffer(units, timedelta(days=chosen.log_retention_days))
    return Installation(chosen, registries, database, units, log)


def create_app(
    installation: Installation | None = None,
    *,
    switched_off: frozenset[str] = frozenset(),
    log_every: float | None = EVERY,
) -> "Flask":
    """The WSGI application. `switched_off` names client habits that it is to leave alone (see dialects).

    `log_every` is how many seconds reads wait for their place in the provisioning log; with None they are written
    when `installation.log.flush()` is called, and no thread is started.
    """
    # Imported here because the command line, which makes no application, starts in half the time without it.
    from scim_server.http.applications import build_application
    from scim_server.http.rates import rate_limits
    from scim_server.http.routes import ScimService
    from scim_server.oauth.bearers import Authenticator
    from scim_server.protocol.limits import Limits
    from scim_server.protocol.redactions import Redaction
    from scim_server.resources.operations import Operations
    from scim_server.resources.steps import Steps

    installed = installation or install()
    limits = Limits(
        bulk_operations=installed.settings.bulk_max_operations,
        patch_operations=installed.settings.patch_max_operations,
        patch_members=installed.settings.patch_max_members,
    )
    service = ScimService(
        authenticator=Authenticator(installed.units),
        operations=Operations(installed.units, Steps(limits)),
        log=installed.log,
        redaction=Redaction.of(installed.registries),
        registries=installed.registries,
        public_url=installed.settings.public_url,
        max_body_bytes=installed.settings.max_body_bytes,
        rates=rate_limits(installed.settings.rate_limit, installed.settings.tenant_rate_limit),
        switched_off=switched_off,
    )
    if log_every is not None:
        installed.log.start(log_every)
    return build_application(service, installed.settings, lambda: is_current(installed.database))


def _now() -> datetime:
    return datetime.now(UTC)
