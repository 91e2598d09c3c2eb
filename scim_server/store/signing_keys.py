"""The keys that access tokens are signed with, their private parts sealed."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import SigningKey
from scim_server.store import rows
from scim_server.store.seals import SIGNING_KEY
from scim_server.store.tables import signing_keys
from scim_server.store.vaults import Vault

_ALL = select(signing_keys).order_by(signing_keys.c.starts.desc(), signing_keys.c.id)
_OF_KEY = signing_keys.c.id == bindparam("of_key")
_END = update(signing_keys).where(_OF_KEY).values(ends=bindparam("until"))
_FORGET = delete(signing_keys).where(signing_keys.c.ends <= bindparam("now"))
_LOCK = "SELECT pg_advisory_xact_lock(7264837463)"


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys of the installation."""

    connection: Connection
    vault: Vault

    def all(self) -> list[SigningKey]:
        return [rows.record_of(SigningKey, row) for row in self.connection.execute(_ALL).mappings()]

    def private(self, key: SigningKey) -> str:
        return self.vault.open(key.private, SIGNING_KEY.place(key.id))

    def lock(self) -> None:
        """On SQLite whoever writes is alone already."""
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(_LOCK)

    def add(self, key: SigningKey) -> None:
        row = rows.columns_of(
            key, public=dict(key.public), private=self.vault.seal(key.private, SIGNING_KEY.place(key.id))
        )
        self.connection.execute(insert(signing_keys), row)

    def end(self, key_id: str, ends: Instant) -> None:
        self.connection.execute(_END, {"of_key": key_id, "until": ends})

    def forget(self, now: Instant) -> int:
        return self.connection.execute(_FORGET, {"now": now}).rowcount
