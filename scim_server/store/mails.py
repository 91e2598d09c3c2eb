"""The outbox of mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.mails import MOST_ATTEMPTS, Mail, MailState
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.seals import MAIL_BODY
from scim_server.store.sets import among
from scim_server.store.tables import mails, tenants
from scim_server.store.vaults import Vault

_COLUMNS = ("id", "recipient", "subject", "body", "about", "created", "attempts", "next_attempt")
_PENDING = mails.c.sent.is_(None)
_OF_TENANT = mails.c.tenant_id == bindparam("tenant")
_RECALL = delete(mails).where(_OF_TENANT, among(mails.c.about), _PENDING)
_LATEST = select(mails).where(_OF_TENANT).order_by(mails.c.id.desc()).limit(bindparam("most"))
_IN_STATE = {
    MailState.SENT: (~_PENDING,),
    MailState.WAITING: (_PENDING, mails.c.attempts < MOST_ATTEMPTS),
    MailState.FAILED: (_PENDING, mails.c.attempts >= MOST_ATTEMPTS),
}
_FORGET = delete(mails).where(mails.c.created < bindparam("before"), ~_PENDING | (mails.c.attempts >= MOST_ATTEMPTS))
_DUE = (
    select(mails)
    .join(tenants, tenants.c.id == mails.c.tenant_id)
    .where(_PENDING, mails.c.next_attempt <= bindparam("now"), mails.c.attempts < MOST_ATTEMPTS)
    .where(tenants.c.cell == bindparam("cell"))
    .order_by(mails.c.next_attempt, mails.c.id)
    .limit(bindparam("most"))
)
_THIS = (mails.c.tenant_id == bindparam("of_tenant"), mails.c.id == bindparam("mail"), _PENDING)
_TRY = (
    update(mails)
    .where(*_THIS, mails.c.attempts == bindparam("made"))
    .values(attempts=mails.c.attempts + 1, next_attempt=bindparam("again"))
)
_SENT = update(mails).where(*_THIS).values(sent=bindparam("now"), body="")


@dataclass(frozen=True, slots=True)
class Mails:
    """What one tenant has to send."""

    scope: Scope

    def post(self, *new: Mail) -> None:
        self.scope.insert(mails, *map(self._row, new))

    def recall(self, *about: str) -> None:
        if about:
            self.scope.run(_RECALL, ids=about)

    def latest(self, most: int, state: MailState | None, before: str | None) -> list[Mail]:
        statement = _LATEST if state is None else _LATEST.where(*_IN_STATE[state])
        if before is None:
            return self._mails(self.scope.rows(statement, most=most))
        return self._mails(self.scope.rows(statement.where(mails.c.id < bindparam("older")), most=most, older=before))

    def _row(self, mail: Mail) -> dict[str, Any]:
        sealed = self.scope.vault.seal(mail.body, MAIL_BODY.place(self.scope.tenant_id, mail.id))
        return {name: getattr(mail, name) for name in _COLUMNS} | {"body": sealed}

    def _mails(self, found: Iterable[Row]) -> list[Mail]:
        return [_mail(self.scope.vault, row) for row in found]


def due_mails(connection: Connection, vault: Vault, now: Instant, most: int, cell: str) -> list[Mail]:
    """Mails of all tenants of the cell whose turn has come, so many at most."""
    found = connection.execute(_DUE, {"now": now, "most": most, "cell": cell}).mappings()
    return [_mail(vault, row) for row in found]


def try_mail(connection: Connection, mail: Mail, now: Instant) -> bool:
    """Note an attempt; False where somebody else makes it, or the mail was recalled."""
    attempt = {**_key(mail), "made": mail.attempts, "again": mail.next_after(now)}
    return connection.execute(_TRY, attempt).rowcount == 1


def settle_mail(connection: Connection, mail: Mail, now: Instant) -> None:
    """Note that the mail was sent, and forget its body."""
    connection.execute(_SENT, {**_key(mail), "now": now})


def forget_mails(connection: Connection, before: Instant) -> int:
    """Remove what was written before that moment and is over, sent or given up; answers how many."""
    return connection.execute(_FORGET, {"before": before}).rowcount


def _mail(vault: Vault, row: Row) -> Mail:
    body = vault.open(row["body"], MAIL_BODY.place(row["tenant_id"], row["id"]))
    return Mail(row["tenant_id"], **{name: row[name] for name in _COLUMNS} | {"body": body}, sent=row["sent"])


def _key(mail: Mail) -> dict[str, str]:
    return {"of_tenant": mail.tenant_id, "mail": mail.id}
