"""RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865: lists of resources of one type or of all, by index or cursor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from scim_server.domain.instants import Instant, later
from scim_server.protocol.cursors import Cursor, Position, Sealer
from scim_server.protocol.errors import InvalidCount, InvalidValue
from scim_server.protocol.messages import Query, list_response
from scim_server.protocol.profiles import Profile
from scim_server.protocol.projection import project, projection_mark
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.sensitivity import refuse_personal
from scim_server.protocol.unions import filters_of, sort_paths_of
from scim_server.resources.callers import Caller
from scim_server.resources.catalogues import is_stored, source
from scim_server.resources.locations import with_ids
from scim_server.resources.ports import Page, Part, ResourceUnit, ResourceUnits, Window
from scim_server.resources.representations import PlainPage, by_default, computed_for, represent, seat_extensions

Bound = tuple[str, ...]


@dataclass(frozen=True)
class Searches:
    """Queries over one store. `sealer` gives the keys of cursors, which work for `cursor_timeout`."""

    units: ResourceUnits
    sealer: Callable[[], Sealer]
    cursor_timeout: timedelta

    def find(
        self, caller: Caller, kind: ResourceType | None, query: Query, *, in_address: bool = False
    ) -> dict[str, Any]:
        """A ListResponse with resources of `kind`, or of every stored type. `in_address`: the query came in one.

        Raises InvalidFilter, InvalidValue, InvalidCursor, ExpiredCursor, InvalidCount, Sensitive.
        """
        kinds = [kind] if kind else [each for each in caller.registry.resource_types.values() if is_stored(each)]
        parts = self._parts(caller, kinds, query, in_address=in_address)
        walk = self._walk(caller, kind, query)
        opened = self.units.browse if is_stored(kinds[0]) else self.units.read
        with opened(caller.tenant) as uow:
            window = _by_index(query) if walk is None else walk.window(query, uow.now)
            page = source(uow, caller, kinds[0]).find(parts, window)
            resources = self._resources(uow, caller, page, query)
            cursors = None if walk is None else walk.cursors(page, window.count, uow.now)
        return list_response(resources, page.total, query.start_index, cursors)

    def _parts(self, caller: Caller, kinds: Sequence[ResourceType], query: Query, *, in_address: bool) -> list[Part]:
        parts = []
        conditions, paths = filters_of(query.filter, kinds), sort_paths_of(query.sort_by, kinds)
        for kind, condition, path in zip(kinds, conditions, paths, strict=True):
            if condition is not None:
                if in_address and caller.profile.sensitive_filters == "refuse" and kind.name == "User":
                    refuse_personal(condition)
                condition = with_ids(condition, kind, caller.base_url, caller.registry)
            plain = projection_mark(kind) if _is_answered_whole(caller, query) else None
            parts.append(Part(kind, condition, path, computed_for(kind, query), plain))
        return parts

    def _walk(self, caller: Caller, kind: ResourceType | None, query: Query) -> "_Walk | None":
        """The walk by cursor that the query is a step of; None where it asks for a page by index."""
        cursor = _cursor_of(query, caller.profile)
        if cursor is None:
            return None
        bound = (
            *(caller.tenant.id, caller.origin, kind.endpoint if kind else "/"),
            *(query.filter or "", query.sort_by or "", query.sort_order),
            *(",".join(query.attributes), ",".join(query.excluded)),
        )
        return _Walk(self.sealer(), self.cursor_timeout, bound, cursor)

    def _resources(self, uow: ResourceUnit, caller: Caller, page: Page, query: Query) -> list[Any]:
        """Each as it is answered: a dictionary, or JSON that is written already."""
        extensions: dict[str, Mapping[str, Any]] = {}
        for kind in {kind.name: kind for kind, _ in page.found}.values():
            ids = [found.id for each, found in page.found if each is kind]
            extensions.update(seat_extensions(uow, caller, kind, ids, query))
        requested, plain = by_default(caller), PlainPage(caller)
        return [
            project(
                represent(caller, kind, found, extensions.get(found.id)),
                *(kind, query.attributes, query.excluded, requested),
            )
            if found.text is None
            else plain.represent(kind, found, found.text)
            for kind, found in page.found
        ]


@dataclass(frozen=True, slots=True)
class _Walk:
    """A step of a walk by cursor: the one it came with, and what cursors of this walk are bound to."""

    sealer: Sealer
    timeout: timedelta
    bound: Bound
    cursor: str

    def window(self, query: Query, now: Instant) -> Window:
        """The page that is asked for; its size is that of the walk's first."""
        ascending = query.sort_order == "ascending"
        if not self.cursor:
            return Window(query.count, by_cursor=True, ascending=ascending)
        opened = self.sealer.open(self.cursor, self.bound, now)
        if "count" in query.given and query.count != opened.count:
            raise InvalidCount(f"The pages of this walk have {opened.count} resources; leave 'count' as it was.")
        return Window(opened.count, by_cursor=True, position=opened.position, ascending=ascending)

    def cursors(self, page: Page, count: int, now: Instant) -> dict[str, str]:
        """nextCursor and previousCursor, as far as there are such pages."""
        places = {"nextCursor": page.after, "previousCursor": page.before}
        ends = later(now, self.timeout)
        return {name: self._sealed(place, count, ends) for name, place in places.items() if place is not None}

    def _sealed(self, place: Position, count: int, ends: Instant) -> str:
        return self.sealer.seal(Cursor(place, count, ends), self.bound)


def _is_answered_whole(caller: Caller, query: Query) -> bool:
    """Whether nobody named what the answer shows."""
    return not (query.attributes or query.excluded or by_default(caller))


def _by_index(query: Query) -> Window:
    return Window(query.count, query.start_index - 1, ascending=query.sort_order == "ascending")


def _cursor_of(query: Query, profile: Profile) -> str | None:
    """The cursor of a query, "" where it begins a walk, None where it pages by index (RFC 9865 section 2.3)."""
    if query.cursor is not None or profile.default_paging == "index":
        return query.cursor
    if profile.default_paging == "cursor":
        return None if "startIndex" in query.given else ""
    if query.start_index > 1:
        raise InvalidValue("'startIndex': this tenant is paged by cursor alone; follow nextCursor from page to page")
    return ""
