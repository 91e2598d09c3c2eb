"""Logged requests carried out once more over units of work of which nothing stays."""

from dataclasses import dataclass, field
from urllib.parse import quote

from werkzeug.test import Client, EnvironBuilder

from scim_server.domain.tenants import Tenant
from scim_server.http.senders import sender
from scim_server.http.stages import Stage
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports import Units
from scim_server.services.rehearsing import Rehearsed, sender_gone

MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True, slots=True)
class _Notebook:
    """Takes the log entry that no transaction would have taken along."""

    entries: list[LogEntry] = field(default_factory=list)

    def keep_now(self, entry: LogEntry) -> None:
        self.entries.append(entry)

    keep_soon = keep_now


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """Carries requests out on the stage."""

    stage: Stage
    units: Units

    def rehearse(self, tenant: Tenant, asked: LogEntry) -> Rehearsed:
        notebook = _Notebook()
        bearer = sender(self.units, tenant, asked.actor)
        if bearer is None:
            raise sender_gone()
        with self.stage.open(tenant, bearer, notebook) as (trial, application):
            answer = Client(application, use_cookies=False).open(_sent(asked), buffered=True)
            entry = next(iter(notebook.entries), trial.outcome.entry)
            assert entry is not None, "whose request it is was known"
            changes = tuple(trial.outcome.changes)
            return Rehearsed(answer.status_code, entry.scim_type, answer.text, entry.habits, entry.notes, changes)


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
