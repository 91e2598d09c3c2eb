"""The edges of an installation, put together into one Flask application."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from flask import Flask

from scim_server.api.blueprints import api_blueprint
from scim_server.api.calls import ApiService
from scim_server.api.nouns import ENDPOINTS
from scim_server.api.nouns.events import PULLED
from scim_server.api.nouns.streams import POLLED
from scim_server.api.pages import pages_blueprint
from scim_server.api.problems import Malformed
from scim_server.app.doors import Doors
from scim_server.app.installations import Installation
from scim_server.config import Settings
from scim_server.console.blueprints import console_blueprint
from scim_server.console.calls import ConsoleService, ServerLimits
from scim_server.dialects.terms import ProtocolTerms
from scim_server.http.applications import build_application, watched_application
from scim_server.http.async_runs import AsyncRuns
from scim_server.http.check_ups import PlayedCheckUps
from scim_server.http.consents import consents_blueprint
from scim_server.http.exchanges import Deferral, ScimService
from scim_server.http.metrics import metrics_blueprint
from scim_server.http.oauth_routes import OAuthService, metadata_blueprint, oauth_blueprint
from scim_server.http.rehearsals import Rehearsals
from scim_server.http.shared_signals import SignalsService, shared_signals_blueprint
from scim_server.http.stages import Stage
from scim_server.oauth.rates import RateLimits, rate_limits
from scim_server.protocol.cursors import Sealer
from scim_server.protocol.errors import ScimError
from scim_server.protocol.limits import Limits
from scim_server.protocol.redactions import Redaction
from scim_server.protocol.texts import parse_json
from scim_server.resources.operations import Operations
from scim_server.resources.searches import Searches
from scim_server.resources.steps import Steps
from scim_server.services.ports import CheckUps
from scim_server.services.pulling import Watch
from scim_server.store.rehearsals import rehearsing
from scim_server.store.revisions import is_current
from scim_server.store.secrets import CURSORS, SESSIONS, installation_secret


def assemble(installed: Installation, switched_off: frozenset[str]) -> Flask:
    """The application; `switched_off` names client habits that it is to leave alone."""
    settings, doors = installed.settings, Doors.of(installed)
    public_url, certificates = settings.public_url, settings.passes_certificates
    rates = rate_limits(settings.rate_limit, settings.tenant_rate_limit)

    def session_keys() -> tuple[str, ...]:
        """Asked for when the first page is."""
        return settings.secret_key or (installation_secret(installed.database, SESSIONS),)

    service = _scim_service(installed, doors, rates, switched_off)
    app = build_application(service, settings, installed.units, lambda: is_current(installed.database), session_keys)
    app.register_blueprint(pages_blueprint(public_url))
    if settings.metrics_token is not None:
        app.register_blueprint(metrics_blueprint(installed.watch.text, settings.metrics_token))
    stage = Stage(service, partial(rehearsing, installed.units))
    checks = PlayedCheckUps(stage)
    app.register_blueprint(api_blueprint(_api_service(installed, doors, rates, checks), ENDPOINTS))
    server = doors.issuer(rates)
    app.register_blueprint(oauth_blueprint(OAuthService(server, doors.ring, public_url)))
    app.register_blueprint(
        shared_signals_blueprint(SignalsService(doors.api(), installed.units, installed.web, public_url, rates))
    )
    app.register_blueprint(metadata_blueprint(public_url, certificates=certificates))
    app.register_blueprint(consents_blueprint(server))
    rehearsals = Rehearsals(stage, installed.units)
    pages = _console_service(installed, doors, session_keys, checks, rehearsals)
    app.register_blueprint(console_blueprint(pages))
    return app


def assemble_events(installed: Installation, watch: Watch) -> Flask:
    """The application for those who wait for events: those addresses, behind the same guards."""
    settings, doors = installed.settings, Doors.of(installed)
    rates = rate_limits(settings.rate_limit, settings.tenant_rate_limit)
    app = watched_application(settings, lambda: is_current(installed.database))
    service = replace(_api_service(installed, doors, rates, installed_check_ups(installed)), watch=watch)
    app.register_blueprint(api_blueprint(service, [*PULLED, *POLLED]))
    return app


def installed_check_ups(installed: Installation) -> CheckUps:
    """Check-ups for the command line, which serves nothing."""
    unlimited = rate_limits(None, None)
    service = _scim_service(installed, Doors.of(installed), unlimited, frozenset())
    return PlayedCheckUps(Stage(service, partial(rehearsing, installed.units)))


def installed_runs(installed: Installation) -> AsyncRuns:
    """What carries asynchronous requests out, whoever serves."""
    unlimited = rate_limits(None, None)
    return AsyncRuns(_scim_service(installed, Doors.of(installed), unlimited, frozenset()), installed.units)


def _scim_service(
    installed: Installation, doors: Doors, rates: RateLimits, switched_off: frozenset[str]
) -> ScimService:
    settings = installed.settings

    @cache
    def sealer() -> Sealer:
        """Made when the first cursor is: the database need not be there yet when the application is made."""
        return Sealer(settings.secret_key or (installation_secret(installed.database, CURSORS),))

    limits = Limits(
        bulk_operations=settings.bulk_max_operations,
        patch_operations=settings.patch_max_operations,
        patch_members=settings.patch_max_members,
    )
    return ScimService(
        authenticator=doors.scim(),
        operations=Operations(installed.units, Steps(limits)),
        searches=Searches(installed.units, sealer, timedelta(seconds=settings.cursor_timeout)),
        log=installed.log,
        redaction=Redaction.of(installed.registries),
        registries=installed.registries,
        public_url=settings.public_url,
        max_body_bytes=settings.max_body_bytes,
        rates=rates,
        switched_off=switched_off,
        passes_certificates=settings.passes_certificates,
        deferral=Deferral(installed.units, installed.news.ring, doors.security_event_tokens()),
    )


def _api_service(installed: Installation, doors: Doors, rates: RateLimits, checks: CheckUps) -> ApiService:
    return ApiService(
        doors.api(),
        installed.units,
        _parse_json,
        installed.settings.public_url,
        installed.settings.import_max_bytes,
        installed.sealer.key,
        ProtocolTerms(),
        installed.chores,
        installed.proofs,
        installed.web,
        doors.security_event_tokens(),
        rates,
        installed.cells,
        checks,
        installed.bell.ring,
        by_mail=installed.settings.smtp_url is not None,
    )


def _console_service(
    installed: Installation,
    doors: Doors,
    session_keys: Callable[[], Sequence[str]],
    checks: CheckUps,
    rehearsals: Rehearsals,
) -> ConsoleService:
    return ConsoleService(
        installed.units,
        installed.settings.public_url,
        installed.settings.import_max_bytes,
        installed.sealer.key,
        ProtocolTerms(),
        installed.chores,
        installed.proofs,
        installed.web,
        doors.security_event_tokens(),
        installed.cells,
        checks,
        lambda: session_keys()[0],
        rehearsals,
        installed.bell.ring,
        doors.sign_ins(),
        doors.operators_door(),
        installed.settings.oidc_operators,
        _limits(installed.settings),
        by_mail=installed.settings.smtp_url is not None,
    )


def _limits(settings: Settings) -> ServerLimits:
    return ServerLimits(
        settings.rate_limit,
        settings.tenant_rate_limit,
        settings.max_body_bytes,
        settings.bulk_max_operations,
        settings.patch_max_operations,
        settings.patch_max_members,
        settings.log_retention_days,
    )


def _parse_json(body: bytes) -> Any:
    """The strict gate for JSON, for an edge that does not know the protocol."""
    try:
        return parse_json(body)
    except ScimError as error:
        raise Malformed(error.detail) from error
