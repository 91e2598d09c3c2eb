"""How subjects stand with the feeds of streams."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, Insert, Table, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from scim_server.domain.events import GROUP, USER
from scim_server.domain.feeds import Standing
from scim_server.store.rows import columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.sets import among
from scim_server.store.tables import groups, outbox, stream_subjects, tombstones, users

_COLUMN = stream_subjects.c
_OF_STREAM = (_COLUMN.tenant_id == bindparam("tenant"), _COLUMN.webhook_id == bindparam("of_stream"))
_STANDINGS = (
    select(stream_subjects)
    .where(*_OF_STREAM, among(_COLUMN.subject, "subjects"))
    .order_by(_COLUMN.subject, _COLUMN.position, _COLUMN.asked)
)
_DROP = delete(stream_subjects).where(
    *_OF_STREAM,
    _COLUMN.subject == bindparam("of_subject"),
    _COLUMN.position == bindparam("at"),
    _COLUMN.asked == bindparam("was_asked"),
)


def _gone(kind: str, *tables: Table) -> ColumnElement[bool]:
    """Whether the subject is one of that kind that none of the tables has."""
    id_ = func.substr(_COLUMN.subject, len(f"{kind}:") + 1)
    has_none = (~exists().where(each.c.tenant_id == _COLUMN.tenant_id, each.c.id == id_) for each in tables)
    return and_(_COLUMN.subject.startswith(f"{kind}:"), *has_none)


_CLEAR_PRESENT = delete(stream_subjects).where(*_OF_STREAM, ~_COLUMN.asked, ~_gone(USER, users))
_DROP_GONE = delete(stream_subjects).where(
    _COLUMN.tenant_id == bindparam("tenant"),
    or_(_gone(USER, users, tombstones), _gone(GROUP, groups)),
    ~exists().where(outbox.c.tenant_id == _COLUMN.tenant_id, outbox.c.subject == _COLUMN.subject),
)


@dataclass(frozen=True, slots=True)
class Feeds:
    """Those of one tenant."""

    scope: Scope

    def standings(self, stream_id: str, subjects: Collection[str]) -> dict[str, list[Standing]]:
        found: dict[str, list[Standing]] = {}
        for row in self.scope.rows(_STANDINGS, of_stream=stream_id, subjects=subjects) if subjects else ():
            found.setdefault(row["subject"], []).append(record_of(Standing, row))
        return found

    def put(self, stream_id: str, standings: Mapping[str, Standing]) -> None:
        rows = [{"webhook_id": stream_id, "subject": key, **columns_of(each)} for key, each in standings.items()]
        self.scope.insert_by(_put(self.scope.is_sqlite), rows)

    def drop(self, stream_id: str, subject: str, standings: Collection[Standing]) -> None:
        gone = [{"at": each.position, "was_asked": each.asked} for each in standings]
        self.scope.run_each(_DROP, [{"of_stream": stream_id, "of_subject": subject, **each} for each in gone])

    def clear_present(self, stream_id: str) -> None:
        self.scope.run(_CLEAR_PRESENT, of_stream=stream_id)

    def drop_gone(self) -> None:
        self.scope.run(_DROP_GONE)


@cache
def _put(is_sqlite: bool) -> Insert:
    new = sqlite.insert(stream_subjects) if is_sqlite else postgresql.insert(stream_subjects)
    return new.on_conflict_do_update(index_elements=stream_subjects.primary_key, set_={"inside": new.excluded.inside})
