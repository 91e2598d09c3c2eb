"""Asynchronous requests, their bodies sealed, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Update,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from scim_server.domain.async_requests import AsyncRequest, Completion
from scim_server.domain.errors import Contention
from scim_server.domain.events import Subject
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.services.ports.async_requests import Queue
from scim_server.store import rows
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.seals import ASYNC_BODY
from scim_server.store.sets import among
from scim_server.store.tables import access_tokens, async_requests, async_results, person_tokens, tenants, tokens

FIRST_ERROR = "400"
"""The lowest status of an operation that failed."""
_ROW = async_requests.c
_MINE = _ROW.tenant_id == bindparam("tenant")
_WAITS = _ROW.finished.is_(None)
_OF_ACTOR = _ROW.actor == bindparam("of_actor")
_FREE = or_(_ROW.lease.is_(None), _ROW.lease <= bindparam("now"))
_THIS = (_MINE, _ROW.id == bindparam("of_request"))
_HELD = (*_THIS, _ROW.holder == bindparam("of_holder"), _WAITS)
_QUEUE = select(
    func.count().label("waiting"),
    func.coalesce(func.sum(case((_OF_ACTOR, 1), else_=0)), 0).label("of_actor"),
    func.coalesce(
        select(func.max(_ROW.number)).where(_MINE, _OF_ACTOR).correlate(None).scalar_subquery(),
        literal(0, Integer()),
    ).label("last"),
    func.coalesce(func.sum(_ROW.size), 0).label("size"),
).where(_MINE, _WAITS)
_KNOWN = select(*(column for column in _ROW if column is not _ROW.body))
"""Without what they say, which may be long, and is nobody's business who does not carry it out."""
_ONE = _KNOWN.where(*_THIS)
_BODY = select(_ROW.body).where(*_THIS)
_FIRST = select(func.min(_ROW.number)).where(_MINE, _OF_ACTOR, _WAITS).correlate(None).scalar_subquery()
_DUE_OF_ACTOR = (_MINE, _OF_ACTOR, _ROW.number == _FIRST, _WAITS, _ROW.due <= bindparam("now"), _FREE)
_STAND_BEHIND = update(async_requests).where(*_DUE_OF_ACTOR).values(due=bindparam("now"))
_TAKEN = _KNOWN.where(_MINE, _OF_ACTOR, _ROW.holder == bindparam("new_holder"))
_HOLD = update(async_requests).where(*_HELD).values(lease=bindparam("until"), attempts=1)
_LET_GO = (
    update(async_requests)
    .where(*_HELD)
    .values(
        lease=None,
        holder=None,
        due=bindparam("new_due"),
        trouble=func.coalesce(bindparam("new_trouble"), _ROW.trouble),
        attempts=_ROW.attempts - bindparam("unbegun", type_=Integer()),
    )
)
_CANCEL = (
    update(async_requests)
    .where(*_THIS, _WAITS, _ROW.cancelled.is_(None))
    .values(lease=None, holder=None, due=bindparam("now"), cancelled=bindparam("now"))
)
_FINISH = (
    update(async_requests)
    .where(*_HELD)
    .values(lease=None, holder=None, finished=bindparam("now"), trouble=None, body="", headers={})
)
_RESULTS = (
    select(async_results)
    .where(async_results.c.tenant_id == bindparam("tenant"), among(async_results.c.request_id))
    .order_by(async_results.c.request_id, async_results.c.number)
)
_COUNTS = (
    select(
        async_results.c.request_id,
        func.count().label("over"),
        func.coalesce(func.sum(case((async_results.c.data["status"].as_string() >= FIRST_ERROR, 1), else_=0)), 0).label(
            "failed"
        ),
    )
    .where(async_results.c.tenant_id == bindparam("tenant"), among(async_results.c.request_id))
    .group_by(async_results.c.request_id)
)
_REVOKED = union_all(
    *(
        select(table.c.id).where(
            table.c.tenant_id == bindparam("tenant"), table.c.id == bindparam("of_token"), table.c.revoked.is_not(None)
        )
        for table in (tokens, person_tokens, access_tokens)
    )
)
_OLDEST = (
    select(_ROW.id)
    .where(_MINE, _ROW.finished.is_not(None), _ROW.id < bindparam("before"))
    .order_by(_ROW.id)
    .limit(bindparam("most"))
)
_FORGET_RESULTS = delete(async_results).where(
    async_results.c.tenant_id == bindparam("tenant"), among(async_results.c.request_id)
)
_FORGET = delete(async_requests).where(_MINE, among(_ROW.id))
_HEADS = (
    select(_ROW.tenant_id, _ROW.actor, func.min(_ROW.number).label("number"))
    .where(_WAITS)
    .group_by(_ROW.tenant_id, _ROW.actor)
    .subquery()
)
_DUE_HEADS = (
    select(
        _ROW.tenant_id,
        _ROW.actor,
        _ROW.due,
        _ROW.id,
        func.row_number().over(partition_by=_ROW.tenant_id, order_by=(_ROW.due, _ROW.id)).label("place"),
    )
    .select_from(_HEADS)
    .join(
        async_requests,
        (_ROW.tenant_id == _HEADS.c.tenant_id) & (_ROW.actor == _HEADS.c.actor) & (_ROW.number == _HEADS.c.number),
    )
    .where(_ROW.due <= bindparam("now"), _FREE)
    .subquery()
)
_DUE = (
    select(tenants, _DUE_HEADS.c.actor)
    .select_from(_DUE_HEADS)
    .join(tenants, tenants.c.id == _DUE_HEADS.c.tenant_id)
    .where(_DUE_HEADS.c.place <= bindparam("of_tenant"), tenants.c.cell == bindparam("in_cell"))
    .order_by(_DUE_HEADS.c.place, _DUE_HEADS.c.due, _DUE_HEADS.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class AsyncRequests:
    """Those of one tenant."""

    scope: Scope
    now: Instant

    def queue(self, actor: str) -> Queue:
        row = self.scope.row(_QUEUE, of_actor=actor)
        assert row is not None, "what is counted has a row"
        return Queue(int(row["waiting"]), int(row["of_actor"]), int(row["last"]), int(row["size"]))

    def add(self, request: AsyncRequest) -> None:
        body = "" if request.body is None else self.scope.vault.seal(request.body, self._place(request.id))
        try:
            row = columns_of(request, headers=dict(request.headers), body=body, size=len(body.encode()))
            self.scope.insert(async_requests, row)
        except IntegrityError as error:
            raise Contention("two requests of one sender came at the same moment") from error

    def get(self, request_id: str) -> AsyncRequest | None:
        row = self.scope.row(_ONE, of_request=request_id)
        return None if row is None else _request(row)

    def body(self, request_id: str) -> str | None:
        sealed = self.scope.scalar(_BODY, of_request=request_id)
        return self.scope.vault.open(sealed, self._place(request_id)) if sealed else None

    def find(self, *, waiting: bool | None, actor: str | None, before: str | None, most: int) -> list[AsyncRequest]:
        conditions: list[ColumnElement[bool]] = [_MINE]
        if waiting is not None:
            conditions.append(_WAITS if waiting else _ROW.finished.is_not(None))
        if actor is not None:
            conditions.append(_ROW.actor == actor)
        if before is not None:
            conditions.append(_ROW.id < before)
        found = self.scope.rows(_KNOWN.where(*conditions).order_by(_ROW.id.desc()).limit(most))
        return [_request(row) for row in found]

    def take(self, actor: str, holder: str, leases: Sequence[Instant]) -> AsyncRequest | None:
        until = {f"lease_{number}": lease for number, lease in enumerate(leases)}
        taken = self.scope.run(_take(len(leases)), of_actor=actor, now=self.now, new_holder=holder, **until)
        row = self.scope.row(_TAKEN, of_actor=actor, new_holder=holder) if taken else None
        return None if row is None else _request(row)

    def stand_behind(self, actor: str) -> None:
        self.scope.run(_STAND_BEHIND, of_actor=actor, now=self.now)

    def hold(self, request_id: str, holder: str, lease: Instant) -> bool:
        return self.scope.run(_HOLD, of_request=request_id, of_holder=holder, until=lease) == 1

    def let_go(self, request_id: str, holder: str, due: Instant, trouble: str | None) -> bool:
        unbegun = int(trouble is None)
        values = {"new_due": due, "new_trouble": trouble, "unbegun": unbegun}
        return self.scope.run(_LET_GO, of_request=request_id, of_holder=holder, **values) == 1

    def finish(self, request_id: str, holder: str) -> bool:
        return self.scope.run(_FINISH, of_request=request_id, of_holder=holder, now=self.now) == 1

    def add_results(self, request_id: str, results: Sequence[Completion]) -> None:
        self.scope.insert(
            async_results,
            *({"request_id": request_id, "number": each.number, "data": _data(each)} for each in results),
        )

    def results(self, request_ids: Sequence[str]) -> dict[str, list[Completion]]:
        found: dict[str, list[Completion]] = {each: [] for each in request_ids}
        for row in self.scope.rows(_RESULTS, ids=request_ids):
            found[row["request_id"]].append(_completion(row))
        return found

    def counts(self, request_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        counted = self.scope.rows(_COUNTS, ids=request_ids)
        return dict.fromkeys(request_ids, (0, 0)) | {
            row["request_id"]: (int(row["over"]), int(row["failed"])) for row in counted
        }

    def cancel(self, request_id: str) -> bool:
        return self.scope.run(_CANCEL, of_request=request_id, now=self.now) == 1

    def is_revoked(self, token: str) -> bool:
        return self.scope.row(_REVOKED, of_token=token) is not None

    def forget(self, before: str, most: int) -> int:
        oldest = [row["id"] for row in self.scope.rows(_OLDEST, before=before, most=most)]
        if not oldest:
            return 0
        self.scope.run(_FORGET_RESULTS, ids=oldest)
        return self.scope.run(_FORGET, ids=oldest)

    def _place(self, request_id: str) -> str:
        return ASYNC_BODY.place(self.scope.tenant_id, request_id)


def due(connection: Connection, now: Instant, cell: str, most: int, of_tenant: int) -> list[tuple[Tenant, str]]:
    """The senders in tenants of the cell whose first request is due and that nobody has, so many at most."""
    values = {"now": now, "in_cell": cell, "most": most, "of_tenant": of_tenant}
    found = connection.execute(_DUE, values).mappings()
    return [(rows.tenant_of(row), row["actor"]) for row in found]


@cache
def _take(leases: int) -> Update:
    """The statement that takes the first request of a sender, for one lease of so many."""
    until = [bindparam(f"lease_{number}", type_=_ROW.lease.type) for number in range(leases)]
    lease = case(*((_ROW.attempts == number, each) for number, each in enumerate(until[:-1])), else_=until[-1])
    values = {"lease": lease, "holder": bindparam("new_holder"), "attempts": _ROW.attempts + 1}
    return update(async_requests).where(*_DUE_OF_ACTOR).values(values)


def _request(row: Row) -> AsyncRequest:
    return record_of(AsyncRequest, row, body=None)


def _data(each: Completion) -> dict[str, Any]:
    return columns_of(each, subject=None if each.subject is None else each.subject.key)


def _completion(row: Row) -> Completion:
    data = dict(row["data"])
    subject = data.pop("subject", None)
    return Completion(**data, subject=None if subject is None else Subject.of(subject, None))
