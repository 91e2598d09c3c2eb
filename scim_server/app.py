"""The composition root: settings become a database, a schema registry, use cases and a Flask application."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scim_server.config import HOME_CELL, BadSettings, Networks, Settings, load_settings
from scim_server.domain.domains import Domain
from scim_server.protocol.folders import BadSchemas, load_registries
from scim_server.protocol.registry import Registries
from scim_server.services import (
    access_tokens,
    answering,
    audit_sealers,
    deduplicating,
    importing,
    joining,
    leaving,
    mailing,
    moving,
    removing,
    reporting,
    reprocessing,
    signing,
    tidying,
)
from scim_server.services.audit_sealers import AuditSealer
from scim_server.services.auditing import signing_key
from scim_server.services.chores import Chore
from scim_server.services.log_buffers import LogBuffer
from scim_server.services.notifying import post_notices
from scim_server.services.ports import Fetched, Proofs, Web
from scim_server.services.ports import Units as ServiceUnits
from scim_server.store.cells import Cells
from scim_server.store.databases import BadDatabaseUrl, Database
from scim_server.store.migrations import is_current
from scim_server.store.secrets import AUDIT, CURSORS, NONCES, SESSIONS, installation_secret
from scim_server.store.unit_of_work import Units
from scim_server.store.vaults import Vault

if TYPE_CHECKING:
    from flask import Flask

    from scim_server.oauth.access_tokens import AccessTokens
    from scim_server.oauth.bindings import Bindings
    from scim_server.oauth.foreign_tokens import ForeignTokens
    from scim_server.oauth.issuer_keys import IssuerKeys
    from scim_server.oauth.rates import RateLimits
    from scim_server.oauth.servers import Server

__all__ = ["BadDatabaseUrl", "BadSchemas", "Installation", "create_app", "install"]


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
    web: Web
    proofs: Proofs

    def deliver_mails(self) -> int:
        """Send the first mails whose turn has come; answers how many were taken. Without a mail server none is."""
        return _deliver_mails(self.settings, self.units, all_of_them=False)


def install(settings: Settings | None = None) -> Installation:
    """Open the store that the settings name. Raises BadSettings, BadSchemas or BadDatabaseUrl.

    Connects to nothing yet.
    """
    chosen = settings or load_settings()
    registries = load_registries(chosen.schemas_dir)
    cells = _cells(chosen)
    database = cells.home
    units = Units(database, _now, registries, unique_addresses=chosen.email_scope == "global")
    if len(cells.databases) > 1:
        units = replace(units, cells=cells)
    if chosen.smtp_url is not None:
        units = replace(units, before_commit=post_notices)
    log = LogBuffer(units, timedelta(days=chosen.log_retention_days))
    sealer = AuditSealer(units, cache(lambda: signing_key(installation_secret(database, AUDIT))))
    web = _Web(chosen.egress_networks)
    return Installation(
        chosen,
        registries,
        database,
        cells,
        replace(units, recorded=sealer.wake),
        log,
        sealer,
        _chores(chosen, sealer, cells),
        web,
        _Proofs(web, chosen.dns_servers),
    )


def _cells(settings: Settings) -> Cells:
    """The databases that tenants live in. One that is alone need not know how it is called. Raises BadSettings."""
    if settings.cell_urls and not settings.database_url.startswith("postgresql"):
        raise BadSettings("SCIM_CELL_URLS needs PostgreSQL at home as well: set SCIM_DATABASE_URL to postgresql://...")
    if settings.database_url in dict(settings.cell_urls).values():
        raise BadSettings("SCIM_CELL_URLS names the database of SCIM_DATABASE_URL: that one is home already.")
    vault = Vault(settings.secret_key or ())
    urls = {HOME_CELL: settings.database_url, **dict(settings.cell_urls)}
    several = len(urls) > 1
    return Cells(
        {
            name: Database(url, settings.database_pool, vault, cell=name if several else None)
            for name, url in urls.items()
        }
    )


@dataclass(frozen=True, slots=True)
class _Web:
    """The vetted web, whose client is imported when something first goes there: the command line starts sooner."""

    networks: Networks

    def get(self, url: str, *, most: int) -> Fetched:
        return self._vetted().get(url, most=most)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int) -> Fetched:
        return self._vetted().post(url, body, headers, most=most)

    def _vetted(self) -> Web:
        from scim_server.delivery.egress import VettedWeb

        return VettedWeb(self.networks)


@dataclass(frozen=True, slots=True)
class _Proofs:
    """Proofs of domains, whose client of DNS is imported likewise."""

    web: Web
    dns_servers: tuple[str, ...]

    def find(self, domain: Domain) -> None:
        from scim_server.delivery.proofs import PublishedProofs

        PublishedProofs(self.web, self.dns_servers).find(domain)


def _chores(settings: Settings, sealer: AuditSealer, cells: Cells) -> tuple[Chore, ...]:
    """What is done every so often for all tenants, in the order of a round."""
    minute, hour, day = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
    return (
        Chore(audit_sealers.CHORE, minute, "Seals what a process left out of the audit trail.", sealer.seal_left),
        Chore(removing.CHORE, minute, "Releases held seats whose time has run out.", removing.release_due),
        Chore(
            joining.CHORE,
            minute,
            "Adds people whose addresses have become free outside the tenant.",
            joining.retry_waiting_adds,
        ),
        Chore(
            importing.CHORE,
            timedelta(seconds=15),
            "Goes on with imports that are to run and that nobody is at work on.",
            importing.take_up,
        ),
        Chore(answering.CHORE, minute, "Ends invitations whose time is up.", answering.expire_invitations),
        Chore(
            "mails", minute, "Sends the mails whose turn has come.", partial(_deliver_mails, settings, all_of_them=True)
        ),
        Chore(
            tidying.CHORE, hour, "Opens and closes issues of subscriptions, rules, groups and tokens.", tidying.tidy_all
        ),
        Chore(reporting.CHORE, hour, "Writes down how subscriptions are used today.", reporting.note_seat_uses),
        Chore(
            deduplicating.CHORE,
            day,
            "Forgets requests with keys that nobody sends again.",
            deduplicating.forget_old,
            at_home=True,
        ),
        Chore(leaving.CHORE, day, "Forgets who was deleted too long ago to come back.", leaving.forget_tombstones),
        Chore(importing.FORGET, day, "Forgets imports that are over for 30 days.", importing.forget_imports),
        Chore(mailing.CHORE, day, "Forgets mails that were sent or given up a month ago.", mailing.forget_mails),
        Chore(
            signing.CHORE,
            hour,
            "Publishes and ends the keys that access tokens are signed with.",
            signing.rotate_due,
            at_home=True,
        ),
        Chore(
            access_tokens.CHORE,
            hour,
            "Forgets what the authorization server issued and has expired.",
            access_tokens.forget_grants,
        ),
        Chore(
            moving.CHORE,
            minute,
            "Removes what tenants left in a cell when they moved away.",
            partial(moving.remove_left, cells),
            at_home=True,
        ),
        Chore(reprocessing.CHORE, day, "Works out anew what everybody should have.", reprocessing.reprocess),
    )


def _deliver_mails(settings: Settings, units: ServiceUnits, *, all_of_them: bool) -> int:
    # Imported here because the command line starts faster without it.
    from scim_server.delivery.mails import deliver_all_mails, deliver_mails

    if settings.smtp_url is None:
        return 0
    deliver = deliver_all_mails if all_of_them else deliver_mails
    sender = settings.smtp_url.sender or f"scim-server@{urlsplit(settings.public_url).hostname}"
    return deliver(units, settings.smtp_url, sender)


def create_app(
    installation: Installation | None = None,
    *,
    switched_off: frozenset[str] = frozenset(),
    in_background: bool = True,
) -> "Flask":
    """The WSGI application. `switched_off` names client habits that it is to leave alone (see dialects).

    Without `in_background` no thread is started: log entries of reads are written, and audit trails are sealed, when
    `installation.log.flush()` and `installation.sealer.flush()` are called.
    """
    # Imported here because the command line, which makes no application, starts in half the time without it.
    from scim_server.api.blueprints import api_blueprint
    from scim_server.api.calls import ApiService
    from scim_server.api.nouns import ENDPOINTS
    from scim_server.api.pages import pages_blueprint
    from scim_server.dialects.terms import ProtocolTerms
    from scim_server.http.applications import build_application
    from scim_server.http.consents import consents_blueprint
    from scim_server.http.exchanges import ScimService
    from scim_server.http.oauth_routes import OAuthService, metadata_blueprint, oauth_blueprint
    from scim_server.oauth.access_tokens import AccessTokens
    from scim_server.oauth.api_bearers import ApiAuthenticator, stored_callers
    from scim_server.oauth.bearers import Authenticator, stored_bearers
    from scim_server.oauth.bindings import Bindings
    from scim_server.oauth.foreign_tokens import ForeignTokens, foreign_bearers
    from scim_server.oauth.issuer_keys import IssuerKeys
    from scim_server.oauth.key_rings import KeyRing
    from scim_server.oauth.proofs import Nonces, Proofs
    from scim_server.oauth.rates import rate_limits
    from scim_server.oauth.signed_bearers import signed_bearers, signed_callers
    from scim_server.protocol.cursors import Sealer
    from scim_server.protocol.limits import Limits
    from scim_server.protocol.redactions import Redaction
    from scim_server.resources.operations import Operations
    from scim_server.resources.searches import Searches
    from scim_server.resources.steps import Steps

    installed = installation or install()
    settings, units = installed.settings, installed.units
    ring = KeyRing(units)
    tokens = AccessTokens(units, ring, settings.public_url)
    keys = IssuerKeys(installed.web)
    foreign = ForeignTokens(units, keys, settings.public_url)
    bindings = Bindings(Proofs(units, cache(lambda: Nonces(installation_secret(installed.database, NONCES)))))

    @cache
    def sealer() -> Sealer:
        """Made when the first cursor is: the database need not be there yet when the application is made."""
        return Sealer(settings.secret_key or (installation_secret(installed.database, CURSORS),))

    def session_keys() -> tuple[str, ...]:
        """Asked for when the first page is."""
        return settings.secret_key or (installation_secret(installed.database, SESSIONS),)

    rates = rate_limits(settings.rate_limit, settings.tenant_rate_limit)
    limits = Limits(
        bulk_operations=settings.bulk_max_operations,
        patch_operations=settings.patch_max_operations,
        patch_members=settings.patch_max_members,
    )
    service = ScimService(
        authenticator=Authenticator(
            settings.public_url,
            [
                stored_bearers(units, installed.log.note_use),
                signed_bearers(tokens, settings.public_url),
                foreign_bearers(foreign),
            ],
            [bindings.hold],
        ),
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
    )
    if in_background:
        installed.log.start()
        installed.sealer.start()
    app = build_application(service, settings, installed.units, lambda: is_current(installed.database), session_keys)
    api = ApiService(
        ApiAuthenticator(
            settings.public_url,
            [stored_callers(units, installed.log.note_use), signed_callers(tokens, settings.public_url)],
            [bindings.hold],
        ),
        installed.units,
        _parse_json,
        settings.public_url,
        settings.import_max_bytes,
        installed.sealer.key,
        ProtocolTerms(),
        installed.chores,
        installed.proofs,
        rates,
        installed.cells,
        by_mail=settings.smtp_url is not None,
    )
    app.register_blueprint(pages_blueprint(settings.public_url))
    app.register_blueprint(api_blueprint(api, ENDPOINTS))
    server = _authorization_server(units, tokens, keys, foreign, bindings, rates, settings.public_url)
    app.register_blueprint(oauth_blueprint(OAuthService(server, ring, settings.public_url)))
    app.register_blueprint(metadata_blueprint(settings.public_url, certificates=settings.passes_certificates))
    app.register_blueprint(consents_blueprint(server))
    return app


def _authorization_server(
    units: Units,
    tokens: "AccessTokens",
    keys: "IssuerKeys",
    foreign: "ForeignTokens",
    bindings: "Bindings",
    rates: "RateLimits",
    public_url: str,
) -> "Server":
    from scim_server.oauth.applicants import Applicants
    from scim_server.oauth.assertions import Assertions
    from scim_server.oauth.grants import ClientCredentials
    from scim_server.oauth.renewals import AuthorizationCodes, RefreshTokens, held_refresh_token
    from scim_server.oauth.servers import Finder, Server
    from scim_server.oauth.token_endpoints import Introspection, Revocation, held_access_token

    applicants = Applicants(units, Assertions(units, public_url, keys), foreign.stands_for)
    finders: list[Finder] = [partial(held_access_token, units, tokens, public_url), partial(held_refresh_token, units)]
    server = Server(units, public_url, applicants, tokens, finders, bindings.bind, rates)
    for grant in (ClientCredentials, AuthorizationCodes, RefreshTokens):
        server.register_grant(grant)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)
    return server


def _parse_json(body: bytes) -> Any:
    """The strict gate for JSON, for an edge that does not know the protocol."""
    from scim_server.api.problems import Malformed
    from scim_server.protocol.errors import ScimError
    from scim_server.protocol.texts import parse_json

    try:
        return parse_json(body)
    except ScimError as error:
        raise Malformed(error.detail) from error


def _now() -> datetime:
    return datetime.now(UTC)
