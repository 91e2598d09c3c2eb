"""The SCIM service over units of work that leave nothing behind, for one sender, within the process."""

import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import structlog
from flask import Flask, Response, g

from scim_server.domain.tenants import Tenant
from scim_server.http.errors import answer_errors
from scim_server.http.exchanges import ScimService
from scim_server.http.peers import Peers
from scim_server.http.requests import receive_requests
from scim_server.http.routes import scim_blueprint
from scim_server.oauth.bearers import Authenticator, Bearer
from scim_server.oauth.presented import Presented
from scim_server.resources.ports import Rehearsal, ResourceUnits
from scim_server.services.log_entries import LogEntry

Opens = Callable[[Tenant], AbstractContextManager[Rehearsal]]
"""Opens units of work that leave nothing behind."""
ServesFrom = Callable[[ResourceUnits], ScimService]
"""The service over those units of work."""

_log = structlog.get_logger("scim_server.rehearsals")


@dataclass(frozen=True, slots=True)
class Notebook:
    """Takes the log entries that rode in no transaction, and keeps them for nobody."""

    entries: list[LogEntry] = field(default_factory=list)

    def keep_now(self, entry: LogEntry) -> None:
        self.entries.append(entry)

    def keep_soon(self, entry: LogEntry) -> None:
        self.entries.append(entry)


def for_one(service: ScimService, token: str, bearer: Bearer, notebook: Notebook) -> ScimService:
    """The service with one door, which opens for that token alone."""

    def read(text: str, _: Presented) -> Bearer | None:
        return bearer if hmac.compare_digest(text.encode(), token.encode()) else None

    return replace(service, authenticator=Authenticator(service.public_url, [read]), log=notebook)


def application_of(service: ScimService) -> Flask:
    """The SCIM service and nothing else; what fails is told, as there is no line in the log for these requests."""
    app = Flask("scim_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = service.max_body_bytes
    receive_requests(app, Peers(()), lambda _: None)
    answer_errors(app)
    app.register_blueprint(scim_blueprint(service))

    @app.after_request
    def tell(response: Response) -> Response:
        for failure in g.failures:
            _log.error("a rehearsed request failed", request_id=g.request_id, exc_info=failure)
        return response

    return app
