"""What is left of a deleted person outside their own rows, found by their ids and by texts that tell of them alone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from scim_server.domain.events import Subject
from scim_server.protocol.normalising import address_key
from scim_server.services.ports import Traces
from scim_server.store.namings import BLANK, names, names_in
from scim_server.store.request_erasures import blank_requests, blank_results
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.seals import KEPT_ANSWER, MAIL_BODY
from scim_server.store.sets import among
from scim_server.store.tables import (
    deliveries,
    idempotent_requests,
    import_rows,
    invitations,
    issues,
    mails,
    outbox,
    pending_adds,
    person_keys,
    provisioning_log,
    sessions,
    welcomes,
)
from scim_server.store.vaults import Vault

_AT_ONCE = 500
_DESTROY = delete(person_keys).where(person_keys.c.tenant_id == bindparam("tenant"), among(person_keys.c.person))


@dataclass(frozen=True, slots=True)
class Erasures:
    """What one tenant has of somebody."""

    scope: Scope

    def is_invited(self, traces: Traces) -> bool:
        theirs = among(invitations.c.address_key), invitations.c.state == "open"
        return self._count(invitations, *theirs, ids=_address_keys(traces)) > 0

    def is_awaited(self, traces: Traces) -> bool:
        return self._count(pending_adds, among(pending_adds.c.address_key), ids=_address_keys(traces)) > 0

    def remove(self, traces: Traces) -> dict[str, int]:
        """Remove or blank all of it; answers of how many rows in which table."""
        if self.scope.is_sqlite:
            self.scope.connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what was there is overwritten
        done = {
            "sessions": self._sessions(traces),
            "welcomes": self._delete(welcomes, among(welcomes.c.user_id), ids=traces.ids),
            "issues": self._delete(
                issues, or_(among(issues.c.user_id), names_in(traces, issues.c.subject)), ids=traces.ids
            ),
            "mails": self._mails(traces),
            "invitations": self._invitations(traces),
            "import_rows": self._import_rows(traces),
            "outbox": self._outbox(traces),
            "deliveries": self._deliveries(traces),
            "provisioning_log": self._log(traces),
            "async_requests": blank_requests(self.scope, traces),
            "async_results": blank_results(self.scope, traces),
        }
        return {table: rows for table, rows in done.items() if rows}

    def destroy_keys(self, people: Collection[str]) -> int:
        """Destroy the keys of their facts in the audit trail; answers how many there were."""
        return self.scope.run(_DESTROY, ids=people)

    def _sessions(self, traces: Traces) -> int:
        """Theirs, and sealed recordings, which are nobody's any more, that name them."""
        sealed = and_(sessions.c.organiser.is_(None), names_in(traces, sessions.c.title))
        return self._delete(sessions, or_(among(sessions.c.organiser), sealed), ids=traces.ids)

    def _mails(self, traces: Traces) -> int:
        """Those to them, about them, and those to others that name them: what is to be sent is sealed."""
        found = self.scope.rows(select(mails).where(mails.c.tenant_id == bindparam("tenant")))
        told = [row["id"] for row in found if self._concerns(row, traces)]
        return self._delete(mails, among(mails.c.id), ids=told) if told else 0

    def _concerns(self, mail: Row, traces: Traces) -> bool:
        if mail["about"] in traces.ids:
            return True
        place = MAIL_BODY.place(self.scope.tenant_id, mail["id"])
        body = self.scope.vault.open(mail["body"], place) if mail["body"] else ""
        return names(traces.texts, mail["recipient"], mail["subject"], body)

    def _invitations(self, traces: Traces) -> int:
        theirs = or_(among(invitations.c.address_key, "keys"), among(invitations.c.user_id))
        return self._delete(invitations, theirs, ids=traces.ids, keys=_address_keys(traces))

    def _import_rows(self, traces: Traces) -> int:
        table = import_rows.c
        theirs = or_(among(table.user_id), among(table.address_key, "keys"), names_in(traces, table.cells))
        blank = {table.problem: _unless_null(table.problem), table.reason: _unless_null(table.reason)}
        statement = (
            update(import_rows)
            .where(table.tenant_id == bindparam("tenant"), theirs)
            .values({table.cells: {}, table.address_key: None, **blank})
        )
        return self.scope.run(statement, ids=traces.ids, keys=_address_keys(traces))

    def _outbox(self, traces: Traces) -> int:
        theirs = or_(
            among(outbox.c.subject, "subjects"),
            names_in(traces, outbox.c.payload),
            names_in(traces, outbox.c.subject_name),
        )
        statement = update(outbox).where(outbox.c.tenant_id == bindparam("tenant"), theirs)
        subjects = [Subject.person(each).key for each in traces.ids]
        blanked = self.scope.run(statement.values(payload={}, subject_name=None, scim=None), subjects=subjects)
        return blanked + self._scim_changes(traces)

    def _scim_changes(self, traces: Traces) -> int:
        """Those of others that name the person, as a member or a manager, are told by the names of attributes."""
        mine = (outbox.c.tenant_id == bindparam("tenant"), names_in(traces, outbox.c.scim))
        found = self.scope.rows(select(outbox.c.id, outbox.c.scim).where(*mine))
        statement = (
            update(outbox)
            .where(outbox.c.tenant_id == bindparam("tenant"), outbox.c.id == bindparam("of_event"))
            .values(scim=bindparam("left", type_=outbox.c.scim.type))
        )
        left = [{"of_event": row["id"], "left": {**row["scim"], "data": None, "identifiers": {}}} for row in found]
        for start in range(0, len(left), _AT_ONCE):
            self.scope.run_each(statement, left[start : start + _AT_ONCE])
        return len(left)

    def _deliveries(self, traces: Traces) -> int:
        """What receivers said of the person; what was sent to them is not kept there."""
        told = (deliveries.c.tenant_id == bindparam("tenant"), names_in(traces, deliveries.c.detail))
        return self.scope.run(update(deliveries).where(*told).values(detail=BLANK))

    def _log(self, traces: Traces) -> int:
        """Blank what requests about the person, or that name them, said; that there was one stays."""
        table = provisioning_log.c
        told = (table.path, table.body, table.notes, table.detail, table.client_request_id)
        theirs = or_(among(table.resource_id), *(names_in(traces, column) for column in told))
        found = self.scope.rows(
            select(table.id, table.path, table.detail).where(table.tenant_id == bindparam("tenant"), theirs),
            ids=traces.ids,
        )
        statement = (
            update(provisioning_log)
            .where(table.tenant_id == bindparam("tenant"), table.id == bindparam("of_entry"))
            .values(
                path=bindparam("place"),
                body=None,
                notes=bindparam("said", type_=table.notes.type),
                detail=bindparam("reason"),
                client_request_id=None,
            )
        )
        values = [
            {
                "of_entry": row["id"],
                "place": _path(row["path"], traces),
                "said": [BLANK],
                "reason": row["detail"] and BLANK,
            }
            for row in found
        ]
        for start in range(0, len(values), _AT_ONCE):
            self.scope.run_each(statement, values[start : start + _AT_ONCE])
        return len(values)

    def _delete(self, table: Any, *conditions: ColumnElement[bool], **values: Any) -> int:
        return self.scope.run(delete(table).where(table.c.tenant_id == bindparam("tenant"), *conditions), **values)

    def _count(self, table: Any, *conditions: ColumnElement[bool], **values: Any) -> int:
        counted = select(func.count()).select_from(table).where(table.c.tenant_id == bindparam("tenant"), *conditions)
        return int(self.scope.scalar(counted, **values))


def blank_answers(connection: Connection, vault: Vault, tenant_id: str, texts: Collection[str]) -> int:
    """Blank what was answered to requests with a key, where it names the person; answers how many."""
    table = idempotent_requests.c
    rows = connection.execute(
        select(idempotent_requests).where(table.tenant_id == tenant_id, table.body.is_not(None))
    ).mappings()
    blanked = 0
    for row in rows.all():
        place = KEPT_ANSWER.place(row["tenant_id"], row["caller"], row["key"])
        if names(texts, vault.open(row["body"], place), row["location"] or ""):
            that = (table.tenant_id == tenant_id, table.caller == row["caller"], table.key == row["key"])
            connection.execute(update(idempotent_requests).where(*that).values(body=vault.seal("", place)))
            blanked += 1
    return blanked


def _path(path: str, traces: Traces) -> str:
    """An address without what was asked; one that names the person by itself goes as a whole."""
    place = path.partition("?")[0]
    return BLANK if names(traces.texts, place) else place


def _unless_null(column: Column[Any]) -> ColumnElement[Any]:
    return case((column.is_not(None), BLANK))


def _address_keys(traces: Traces) -> list[str]:
    keys = []
    for text in traces.texts:
        try:
            keys.append(address_key(text))
        except ValueError:
            continue
    return keys
