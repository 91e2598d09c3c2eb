"""The composition root: settings become a database, a schema registry, use cases and a Flask application."""

from scim_server.app.applications import create_app, create_events_app
from scim_server.app.installations import Installation, install
from scim_server.protocol.folders import BadSchemas
from scim_server.store.databases import BadDatabaseUrl

__all__ = ["BadDatabaseUrl", "BadSchemas", "Installation", "create_app", "create_events_app", "install"]
