"""RFC 9967 section 2.5.1: kept requests, carried out as if they came just now from whoever sent them.

Each goes through the service as any other does, but for its credential, and for what it counts against rates: that was
when it was accepted. What comes of it is written with the change itself (`http/async_progress.py`).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Event
from urllib.parse import quote

import structlog
from flask import Flask, Response, g, request
from werkzeug.test import Client, EnvironBuilder

from scim_server.domain.tenants import Tenant
from scim_server.http.async_progress import GONE, AsyncProgress
from scim_server.http.errors import answer_errors
from scim_server.http.exchanges import VERSION, ScimService
from scim_server.http.routes import scim_blueprint
from scim_server.http.senders import from_within, sender
from scim_server.http.stages import UNLIMITED
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.presented import Presented
from scim_server.services import tenancy
from scim_server.services.completing import Taken, TakenOver, stand_behind, take
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Units

TURN = 50
"""Requests of one sender, or operations of its Bulks, one after the other, before others have their turn."""
MEDIA_TYPE = "application/scim+json"
PROGRESS = "scim_server.progress"
UNAVAILABLE = 503
CANCELLED = "An admin called the request off before it was carried out."
BLANK = "What the request said was erased before it was carried out."
HOPELESS = "The server began the request {} times and came to no end, so it is not tried again."

_log = structlog.get_logger("scim_server.http")


@dataclass(frozen=True, slots=True)
class _Within:
    """A door that lets in whoever sent the request that is carried out."""

    def authenticate(self, _presented: Presented) -> Bearer:
        bearer: Bearer = g.progress.bearer
        return bearer


@dataclass(frozen=True, slots=True)
class _Log:
    """Leaves the entry of a request to whoever writes what came of it."""

    def keep_now(self, entry: LogEntry) -> None:
        g.progress.entry = entry

    keep_soon = keep_now


@dataclass(frozen=True)
class AsyncRuns:
    """Carries requests out over `service`."""

    service: ScimService
    units: Units

    def run(self, tenant: Tenant, actor: str, stopped: Event) -> int:
        """Carry out what a sender has waiting, in the order in which it came, until it is another's turn or the end of
        this process; answers how many were. Raises what the store does."""
        done, operations = 0, 0
        while operations < TURN:
            taken = None if stopped.is_set() else take(self.units, tenant, actor)
            if taken is None:
                return done
            try:
                if not self._carry_out(tenant, taken, stopped):
                    return done
            except TakenOver:
                return done
            done += 1
            operations += taken.request.total
        stand_behind(self.units, tenant, actor)
        return done

    def _carry_out(self, tenant: Tenant, taken: Taken, stopped: Event) -> bool:
        """Whether it is over; the tenant and who sent it are as they are now. Raises TakenOver."""
        tenant = tenancy.tenant(self.units, tenant.slug)
        bearer = sender(self.units, tenant, taken.request.actor, taken.request.token_id)
        progress = AsyncProgress(
            self.units,
            tenant,
            self.service.base_url(tenant.slug),
            self.service.registries.of(tenant.slug),
            taken,
            stopped,
            None if bearer is None else from_within(bearer),
        )
        why_not = _impossible(taken, bearer)
        if why_not is not None:
            progress.refuse(why_not)
            return True
        answer = Client(self._application, use_cookies=False).open(_sent(progress), buffered=True)
        return progress.end(answer.status_code, answer.get_json(silent=True))

    @cached_property
    def _application(self) -> Flask:
        """What writes no line about requests, unless one fails."""
        service = replace(self.service, authenticator=_Within(), log=_Log(), rates=UNLIMITED, deferral=None)
        app = Flask(__name__, static_folder=None)

        @app.before_request
        def receive() -> None:
            progress: AsyncProgress = request.environ[PROGRESS]
            g.progress, g.request_id, g.came = progress, progress.taken.request.id, progress.taken.request.accepted
            g.begun = time.perf_counter()
            g.failures, g.refusals = [], []
            g.client, g.is_proxied, g.certificate = None, False, None

        @app.after_request
        def tell(response: Response) -> Response:
            failures: Iterable[Exception] = g.failures
            for failure in failures:
                if response.status_code != UNAVAILABLE and not isinstance(failure, TakenOver):
                    _log.error("an asynchronous request failed", request_id=g.request_id, exc_info=failure)
            return response

        answer_errors(app)
        app.register_blueprint(scim_blueprint(service))
        return app


def _impossible(taken: Taken, bearer: Bearer | None) -> str | None:
    """Why the request cannot be carried out any more."""
    if bearer is None:
        return GONE
    if taken.request.cancelled is not None:
        return CANCELLED
    if taken.is_hopeless:
        return HOPELESS.format(taken.request.attempts - 1)
    return BLANK if taken.request.is_blank else None


def _sent(progress: AsyncProgress) -> EnvironBuilder:
    asked = progress.request
    return EnvironBuilder(
        path=quote(f"/scim/{progress.tenant.slug}/{VERSION}{asked.path}"),
        method=asked.method,
        headers=list(asked.headers.items()),
        data=None if asked.body is None else asked.body.encode(),
        content_type=None if asked.body is None else MEDIA_TYPE,
        environ_overrides={PROGRESS: progress},
    )
