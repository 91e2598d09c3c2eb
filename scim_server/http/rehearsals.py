"""Logged requests carried out once more over units of work of which nothing stays."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from flask import Flask
from werkzeug.test import Client, EnvironBuilder

from scim_server.domain.errors import Invalid
from scim_server.domain.tenants import Tenant
from scim_server.http.exchanges import ScimService
from scim_server.http.peers import Peers
from scim_server.http.requests import receive_requests
from scim_server.http.routes import scim_blueprint
from scim_server.oauth.bearers import Bearer
from scim_server.oauth.presented import Presented
from scim_server.oauth.rates import rate_limits
from scim_server.resources.operations import Operations
from scim_server.resources.ports import Trial
from scim_server.services.actors import CONNECTION, PERSON
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Units
from scim_server.services.rehearsing import Rehearsed

MEDIA_TYPE = "application/scim+json"
UNLIMITED = rate_limits(None, None)


@dataclass(frozen=True, slots=True)
class _Known:
    """A door that lets one bearer in, whatever is shown: who sent the request is in the log, the token is not."""

    bearer: Bearer

    def authenticate(self, _presented: Presented) -> Bearer:
        return self.bearer


@dataclass(frozen=True, slots=True)
class _Notebook:
    """Takes the log entry that no transaction would have taken along."""

    entries: list[LogEntry] = field(default_factory=list)

    def keep_now(self, entry: LogEntry) -> None:
        self.entries.append(entry)

    keep_soon = keep_now


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """Carries requests out as `service` would, over units of a trial that `begin` opens.

    Each time with a service of its own: what one remembers of a trial, such as groups as they were rendered, would be
    taken for true by the next.
    """

    service: ScimService
    units: Units
    begin: Callable[[Tenant], AbstractContextManager[Trial]]

    def rehearse(self, tenant: Tenant, asked: LogEntry) -> Rehearsed:
        bearer = self._sender(tenant, asked.actor)
        notebook = _Notebook()
        with self.begin(tenant) as trial:
            service = replace(
                self.service,
                authenticator=_Known(bearer),
                operations=Operations(trial, self.service.operations.steps),
                searches=replace(self.service.searches, units=trial),
                log=notebook,
                rates=UNLIMITED,
            )
            answer = Client(_application(service), use_cookies=False).open(_sent(asked), buffered=True)
            entry = next(iter(notebook.entries), trial.outcome.entry)
            assert entry is not None, "whose request it is was known"
            changes = tuple(trial.outcome.changes)
            return Rehearsed(answer.status_code, entry.scim_type, answer.text, entry.habits, entry.notes, changes)

    def _sender(self, tenant: Tenant, actor: str) -> Bearer:
        """Raises Invalid for one who is gone."""
        with self.units.read(tenant) as uow:
            if actor.startswith(PERSON):
                people = uow.users.some([actor.removeprefix(PERSON)])
                found = [Bearer(tenant, person=person) for person in people if person.may_hold]
            else:
                connections = [each for each in uow.connections.all() if f"{CONNECTION}{each.id}" == actor]
                found = [Bearer(tenant, connection=replace(each, networks=())) for each in connections]
        if not found:
            raise Invalid("Whoever sent the request is gone or suspended, so it cannot be carried out again.")
        return found[0]


def _application(service: ScimService) -> Flask:
    """What serves the one request, and writes no line about it."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = service.max_body_bytes
    receive_requests(app, Peers(()), lambda _request: None)
    app.register_blueprint(scim_blueprint(service))
    return app


def _sent(asked: LogEntry) -> EnvironBuilder:
    """The request as far as the log has it: without conditions, and without its credential."""
    path, _, query = asked.path.partition("?")
    body = None if asked.body is None else asked.body.encode()
    return EnvironBuilder(
        path=quote(path),
        query_string=query,
        method=asked.method,
        data=body,
        content_type=None if body is None else MEDIA_TYPE,
    )
