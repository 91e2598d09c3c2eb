"""The composition root: settings become a database, a schema registry, use cases and a Flask application."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from scim_server.config import Settings, load_settings
from scim_server.http.health import health_blueprint
from scim_server.http.logs import configure_logging
from scim_server.http.requests import number_requests
from scim_server.http.routes import ScimService, scim_blueprint
from scim_server.oauth.bearers import Authenticator
from scim_server.protocol.registry import Registry, standard_registry
from scim_server.resources.groups import GroupHandler
from scim_server.resources.handler import Handler
from scim_server.resources.operations import Operations
from scim_server.resources.users import UserHandler
from scim_server.store.databases import BadDatabaseUrl, Database
from scim_server.store.migrations import is_current
from scim_server.store.unit_of_work import Units

__all__ = ["BadDatabaseUrl", "Installation", "create_app", "install"]


@dataclass(frozen=True, slots=True)
class Installation:
    """What one process needs of its database."""

    settings: Settings
    database: Database
    units: Units


def install(settings: Settings | None = None) -> Installation:
    """Open the store that the settings name. Raises BadSettings or BadDatabaseUrl; connects to nothing yet."""
    chosen = settings or load_settings()
    database = Database(chosen.database_url, chosen.database_pool)
    units = Units(database, _now, unique_addresses=chosen.email_scope == "global")
    return Installation(chosen, database, units)


def create_app(installation: Installation | None = None, *, switched_off: frozenset[str] = frozenset()) -> Flask:
    """The WSGI application. `switched_off` names client habits that it is to leave alone (see dialects)."""
    installed = installation or install()
    settings = installed.settings
    configure_logging(settings.log_level)
    app = Flask("scim_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["SECRET_KEY"] = settings.secret_key
    number_requests(app)
    app.register_blueprint(health_blueprint(lambda: is_current(installed.database)))
    app.register_blueprint(scim_blueprint(_service(installed, switched_off)))
    return app


def _service(installed: Installation, switched_off: frozenset[str]) -> ScimService:
    registry = standard_registry()
    return ScimService(
        authenticator=Authenticator(installed.units),
        operations=_operations(installed.units, registry),
        registry=registry,
        public_url=installed.settings.public_url,
        max_body_bytes=installed.settings.max_body_bytes,
        switched_off=switched_off,
    )


def _operations(units: Units, registry: Registry) -> Operations:
    handlers: dict[str, Handler[Any]] = {
        "User": UserHandler(registry.resource_type("User")),
        "Group": GroupHandler(registry.resource_type("Group")),
    }
    return Operations(units, registry, handlers)


def _now() -> datetime:
    return datetime.now(UTC)
