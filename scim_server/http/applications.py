"""Flask applications: what every one of them has, and the one of the SCIM service and the page of invitations."""

from collections.abc import Callable, Sequence

from flask import Flask

from scim_server.config import Settings
from scim_server.http.entrances import entrance
from scim_server.http.errors import answer_errors
from scim_server.http.exchanges import ScimService
from scim_server.http.headers import cover_answers
from scim_server.http.health import health_blueprint
from scim_server.http.invitations import invitations_blueprint
from scim_server.http.logs import configure_logging
from scim_server.http.page_sessions import keep_sessions
from scim_server.http.peers import Peers
from scim_server.http.request_lines import tell_broken_answers, tell_requests
from scim_server.http.requests import receive_requests
from scim_server.http.routes import scim_blueprint
from scim_server.services.ports import Units


def build_application(
    service: ScimService,
    settings: Settings,
    units: Units,
    is_current: Callable[[], bool],
    session_keys: Callable[[], Sequence[str]],
) -> Flask:
    """The application that serves `service`; `is_current` says whether the database is reachable and migrated.

    `session_keys` answers what sessions of pages are signed with, the newest first.
    """
    app = watched_application(settings, is_current)
    keep_sessions(app, settings.public_url, session_keys)
    app.register_blueprint(invitations_blueprint(units))
    app.register_blueprint(scim_blueprint(service))
    return app


def watched_application(settings: Settings, is_current: Callable[[], bool]) -> Flask:
    """An application that guards, logs and answers errors as all of them do, with the addresses for whoever watches."""
    configure_logging(settings.log_level)
    app = Flask("scim_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    tell_broken_answers(app)
    tell_requests(app)
    cover_answers(app, settings.public_url)
    receive_requests(app, Peers(settings.trusted_proxies), entrance(settings), settings.certificate_header)
    answer_errors(app)
    app.register_blueprint(health_blueprint(is_current))
    return app
