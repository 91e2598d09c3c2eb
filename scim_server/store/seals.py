"""Which columns hold texts that the server must read again, and so are sealed (`store/vaults.py`); all others hold
digests or nothing secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, Update, bindparam, select, tuple_, update

from scim_server.store.tables import (
    async_requests,
    idempotent_requests,
    installation_secrets,
    mails,
    person_keys,
    sign_in_providers,
    signing_keys,
    webhooks,
)
from scim_server.store.vaults import Vault

Resealed = tuple[int, Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose texts are bound to the key of their row. An empty text is no secret and lies there as it is."""

    table: Table
    column: str

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"

    def place(self, *key: str) -> str:
        """What a text there is bound to. No part of a key but the last may hold a space."""
        return " ".join((self.name, *key))

    def reseal(self, connection: Connection, vault: Vault, after: Sequence[str] | None, most: int) -> Resealed:
        """Seal what is not sealed with the first key, of so many rows behind the one with the key `after`.

        Answers how many it were, and the key of the last row; None behind the last of all.
        """
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what was there in clear is overwritten
        key = list(self.table.primary_key.columns)
        text = self.table.c[self.column]
        sought = select(*key, text).order_by(*key).limit(most)
        if after is not None:
            sought = sought.where(tuple_(*key) > tuple_(*after))
        found = connection.execute(sought).all()
        stale = [row for row in found if row[-1] and not vault.is_fresh(row[-1])]
        if stale:
            connection.execute(self._replacement(), [self._values(vault, row) for row in stale])
        return len(stale), [str(part) for part in found[-1][:-1]] if len(found) == most else None

    def _replacement(self) -> Update:
        """Where the text is still the same: who serves meanwhile may have written another."""
        text = self.table.c[self.column]
        key = (column == bindparam(f"of_{column.name}") for column in self.table.primary_key.columns)
        return update(self.table).where(*key, text == bindparam("stored")).values({self.column: bindparam("sealed")})

    def _values(self, vault: Vault, row: Sequence[Any]) -> dict[str, str]:
        *key, stored = row
        place = self.place(*key)
        values = {f"of_{column.name}": part for column, part in zip(self.table.primary_key.columns, key, strict=True)}
        return {**values, "stored": stored, "sealed": vault.seal(vault.open(stored, place), place)}


SECRET = SealedColumn(installation_secrets, "secret")
PERSON_KEY = SealedColumn(person_keys, "key")
ASYNC_BODY = SealedColumn(async_requests, "body")
MAIL_BODY = SealedColumn(mails, "body")
KEPT_ANSWER = SealedColumn(idempotent_requests, "body")
SIGNING_KEY = SealedColumn(signing_keys, "private")
PROVIDER_SECRET = SealedColumn(sign_in_providers, "client_secret")
WEBHOOK_SECRET = SealedColumn(webhooks, "secret")
FORMER_WEBHOOK_SECRET = SealedColumn(webhooks, "former_secret")

SEALED = {
    each.name: each
    for each in (
        *(SECRET, SIGNING_KEY, PERSON_KEY, PROVIDER_SECRET, WEBHOOK_SECRET, FORMER_WEBHOOK_SECRET),
        *(MAIL_BODY, KEPT_ANSWER, ASYNC_BODY),
    )
}
"""All of them by name, what everything else needs first."""


def stale(connection: Connection, vault: Vault) -> list[str]:
    """The columns in which a text lies in clear or under another than the first key."""
    return [each.name for each in SEALED.values() if connection.execute(_any_stale(each, vault)).first()]


def _any_stale(column: SealedColumn, vault: Vault) -> Select[Any]:
    text = column.table.c[column.column]
    return select(text).where(text != "", ~text.startswith(vault.mark, autoescape=True)).limit(1)
