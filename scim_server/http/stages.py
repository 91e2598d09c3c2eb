"""The SCIM service over units of work of which nothing stays, for requests that nobody sent just now."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import structlog
from flask import Flask, Response, g

from scim_server.domain.tenants import Tenant
from scim_server.http.errors import answer_errors
from scim_server.http.exchanges import ScimService
from scim_server.http.peers import Peers
from scim_server.http.provisioning_logs import LogSink
from scim_server.http.requests import receive_requests
from scim_server.http.routes import scim_blueprint
from scim_server.http.senders import from_within
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.presented import Presented
from scim_server.oauth.rates import rate_limits
from scim_server.resources.operations import Operations
from scim_server.resources.ports import Trial

UNLIMITED = rate_limits(None, None)

_log = structlog.get_logger("scim_server.http")


@dataclass(frozen=True, slots=True)
class _Known:
    """A door that lets one bearer in, whatever is shown."""

    bearer: Bearer

    def authenticate(self, _presented: Presented) -> Bearer:
        return self.bearer


@dataclass(frozen=True, slots=True)
class Stage:
    """Serves as `service` does, over units of a trial that `begin` opens.

    Each time by a service of its own: what one remembers of a trial, such as groups as they were rendered, would be
    taken for true by the next.
    """

    service: ScimService
    begin: Callable[[Tenant], AbstractContextManager[Trial]]

    @contextmanager
    def open(self, tenant: Tenant, bearer: Bearer, log: LogSink) -> Iterator[tuple[Trial, Flask]]:
        """The trial, and the application that answers requests of the bearer meanwhile.

        Networks that a connection is held to are not asked about: the requests come from within.
        """
        self.service.searches.sealer()  # the first time it writes, which would wait for the trial to be over
        with self.begin(tenant) as trial:
            served = replace(
                self.service,
                authenticator=_Known(from_within(bearer)),
                operations=Operations(trial, self.service.operations.steps),
                searches=replace(self.service.searches, units=trial),
                log=log,
                deferral=None,
                rates=UNLIMITED,
            )
            yield trial, _application(served)


def _application(service: ScimService) -> Flask:
    """What writes no line about requests, unless one fails."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = service.max_body_bytes
    receive_requests(app, Peers(()), lambda _request: None)
    answer_errors(app)
    app.register_blueprint(scim_blueprint(service))

    @app.after_request
    def tell(response: Response) -> Response:
        for failure in g.failures:
            _log.error("a rehearsed request failed", request_id=g.request_id, exc_info=failure)
        return response

    return app
