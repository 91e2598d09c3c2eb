"""Logged requests carried out once more over units of work that leave nothing behind."""

import secrets
from dataclasses import dataclass, replace
from urllib.parse import quote

from werkzeug.test import Client, TestResponse

from scim_server.domain.tenants import Tenant
from scim_server.http.rehearsed_services import Notebook, Opens, ServesFrom, application_of, for_one
from scim_server.oauth.bearers import Bearer
from scim_server.services.actors import CONNECTION, PERSON
from scim_server.services.log_entries import LogEntry, Sought
from scim_server.services.ports import Units
from scim_server.services.rehearsing import Rehearsals, Rehearsed, sender_gone

MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True, slots=True)
class LoggedRehearsals(Rehearsals):
    """`rehearsal` opens the units of work that a request is carried out in, `service` serves from them.

    Each time the service is another: what one remembers, such as groups as they were rendered, would be taken for true
    by the next.
    """

    units: Units
    rehearsal: Opens
    service: ServesFrom

    def rehearse(self, tenant: Tenant, asked: LogEntry) -> Rehearsed:
        bearer, token, notebook = self._sender(tenant, asked.actor), secrets.token_hex(), Notebook()
        with self.rehearsal(tenant) as units:
            app = application_of(for_one(self.service(units), token, bearer, notebook))
            answer = _sent(Client(app, TestResponse), token, asked)
            with units.read(tenant) as uow:
                rode = uow.log.find(Sought(1, request_id=answer.headers["X-Request-Id"]))
            entry = (*notebook.entries, *rode)[0]
            return Rehearsed(
                answer.status_code, entry.scim_type, answer.text, entry.habits, entry.notes, tuple(units.changes)
            )

    def _sender(self, tenant: Tenant, actor: str) -> Bearer:
        """Whoever sent it, from wherever. Raises Invalid for one who is gone or suspended."""
        with self.units.read(tenant) as uow:
            if actor.startswith(PERSON):
                people = uow.users.some([actor.removeprefix(PERSON)])
                found = [Bearer(tenant, person=person) for person in people if person.may_hold]
            else:
                connections = [each for each in uow.connections.all() if f"{CONNECTION}{each.id}" == actor]
                found = [Bearer(tenant, connection=replace(each, networks=())) for each in connections]
        if not found:
            raise sender_gone()
        return found[0]


def _sent(client: Client, token: str, asked: LogEntry) -> TestResponse:
    """What the request is answered, as far as the log has it: without conditions, and by a token of the moment."""
    path, _, query = asked.path.partition("?")
    body = None if asked.body is None else asked.body.encode()
    return client.open(
        quote(path),
        query_string=query,
        method=asked.method,
        data=body,
        content_type=None if body is None else MEDIA_TYPE,
        headers={"Authorization": f"Bearer {token}"},
    )
