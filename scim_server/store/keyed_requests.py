"""Requests that carry a key, of all tenants: who is at them, and what was answered."""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from scim_server.domain.errors import Contention
from scim_server.domain.instants import Instant
from scim_server.services.keyed_requests import KeptAnswer, KeptRequest, Keyed
from scim_server.store.rows import Row
from scim_server.store.scopes import insert_returning
from scim_server.store.seals import KEPT_ANSWER
from scim_server.store.tables import idempotent_requests
from scim_server.store.vaults import Vault

_KEY = ("tenant_id", "caller", "key")
_THAT = and_(*(idempotent_requests.c[name] == bindparam(f"of_{name}") for name in _KEY))
_TAKEN = and_(_THAT, idempotent_requests.c.request_id == bindparam("taken_as"))
"""The same, as long as nobody else has taken it since."""
_READ = select(idempotent_requests).where(_THAT)
_RETAKE = (
    update(idempotent_requests)
    .where(
        _THAT,
        idempotent_requests.c.status.is_(None),
        idempotent_requests.c.request_id == bindparam("lost"),
        idempotent_requests.c.until == bindparam("over"),
    )
    .values(request_id=bindparam("now_as"), until=bindparam("taken_until"))
)


def take(connection: Connection, vault: Vault, asked: Keyed, now: Instant, until: Instant) -> KeptRequest | None:
    """Take a request; what is kept where it is not new. Raises Contention where it was let go meanwhile."""
    row = {
        **{name: getattr(asked, name) for name in (*_KEY, "fingerprint", "request_id")},
        "created": now,
        "until": until,
    }
    taking = insert_returning(idempotent_requests, idempotent_requests.c.key, connection.dialect.name == "sqlite")
    if connection.execute(taking, row).first() is not None:
        return None
    kept = connection.execute(_READ, _key(asked)).mappings().first()
    if kept is None:
        raise Contention("a request with the same key was let go meanwhile")
    return KeptRequest(kept["fingerprint"], kept["request_id"], kept["until"], _answer(vault, kept))


def _answer(vault: Vault, kept: Row) -> KeptAnswer | None:
    if kept["status"] is None:
        return None
    body = vault.open(kept["body"], KEPT_ANSWER.place(*(kept[name] for name in _KEY)))
    return KeptAnswer(kept["status"], kept["location"], body)


def retake(connection: Connection, asked: Keyed, kept: KeptRequest, until: Instant) -> bool:
    """Take a request that somebody took and did not answer; whether nobody else did meanwhile."""
    values = {"lost": kept.request_id, "over": kept.until, "now_as": asked.request_id, "taken_until": until}
    return connection.execute(_RETAKE, {**_key(asked), **values}).rowcount == 1


def keep(connection: Connection, vault: Vault, asked: Keyed, answer: KeptAnswer | None) -> None:
    """Write down the answer, or take the request out; nothing of one that somebody else has taken since."""
    taken = {**_key(asked), "taken_as": asked.request_id}
    if answer is None:
        connection.execute(delete(idempotent_requests).where(_TAKEN), taken)
        return
    sealed = vault.seal(answer.body, KEPT_ANSWER.place(*(getattr(asked, name) for name in _KEY)))
    values = {"status": answer.status, "location": answer.location, "body": sealed}
    connection.execute(update(idempotent_requests).where(_TAKEN).values(values), taken)


def forget(connection: Connection, before: Instant) -> int:
    """Take out what came before then; answers how many."""
    return connection.execute(delete(idempotent_requests).where(idempotent_requests.c.created < before)).rowcount


def _key(asked: Keyed) -> dict[str, Any]:
    return {f"of_{name}": getattr(asked, name) for name in _KEY}
