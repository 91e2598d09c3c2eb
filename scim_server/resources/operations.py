"""RFC 7644 section 3: the verbs, one function each, for every resource type.

A writing verb opens its transaction, loads and locks, checks the condition, hands the change to the type's
handler, reads the answer back inside the same transaction, and commits. One that loses against another
transaction runs again as a whole.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from scim_server.domain.errors import AddressTaken
from scim_server.protocol.changes import Change, operations_of
from scim_server.protocol.codec import decode_message, decode_resource
from scim_server.protocol.errors import InvalidValue, NotFound, ScimError
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.messages import Query, list_response
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.planning import plan
from scim_server.protocol.projection import given, given_by, project
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import check_unchanged, entity_tag, is_among
from scim_server.resources.callers import Caller, Conditions
from scim_server.resources.catalogues import source
from scim_server.resources.handler import Handler
from scim_server.resources.handlers import handler_of
from scim_server.resources.ports import Found, ResourceUnit, ResourceUnits, Selection
from scim_server.resources.representations import by_default, computed_for, represent, seat_extensions
from scim_server.services.provisioning import note_refused_address
from scim_server.services.retrying import retried

P = ParamSpec("P")
R = TypeVar("R")
Verb = Callable[Concatenate["Operations", Caller, P], R]


def noting_refused_addresses(verb: Verb[P, R]) -> Verb[P, R]:
    """A request refused for an address owned elsewhere leaves an issue, in a transaction of its own (invariant 5)."""

    @wraps(verb)
    def run(self: "Operations", caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(self, caller, *args, **kwargs)
        except AddressTaken as refused:
            with self.units.write(caller.tenant, caller.cause("note a refused address")) as uow:
                note_refused_address(uow, refused.address, caller.connection.id)
                uow.commit()
            raise

    return run


@dataclass(frozen=True, slots=True)
class Answer:
    """A resource as it is answered. `resource` is None where nothing but the new version is answered."""

    version: int
    location: str
    resource: dict[str, Any] | None = None
    unchanged: bool = False
    """If-None-Match named this version: the client has it already."""

    @property
    def tag(self) -> str:
        return entity_tag(self.version)


@dataclass(frozen=True)
class Operations:
    """The verbs over one store. `registry` holds what all tenants share."""

    units: ResourceUnits
    registry: Registry

    @retried
    @noting_refused_addresses
    def create(self, caller: Caller, kind: ResourceType, body: Any, query: Query) -> Answer:
        """RFC 7644 section 3.3."""
        document = decode_resource(body, kind, caller.profile)
        with self.units.write(caller.tenant, caller.cause(f"create {kind.name}")) as uow:
            resource_id = handler_of(kind).create(uow, caller, document)
            answer = self._answer(uow, caller, kind, resource_id, query, written=given(document, kind))
            _commit(uow, caller, resource_id, answer)
        return answer

    def read(
        self, caller: Caller, kind: ResourceType, resource_id: str, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.4.1."""
        with self.units.read(caller.tenant) as uow:
            answer = self._answer(uow, caller, kind, resource_id, query)
        held = conditions.if_none_match
        if held is not None and is_among(answer.version, held):
            return Answer(answer.version, answer.location, unchanged=True)
        return answer

    def find(self, caller: Caller, kind: ResourceType, query: Query) -> dict[str, Any]:
        """RFC 7644 section 3.4.2: a ListResponse."""
        condition = None if query.filter is None else parse_filter(query.filter, kind)
        selection = Selection(
            condition=condition,
            start_index=query.start_index,
            count=query.count,
            sort_by=_sort_path(query, kind),
            ascending=query.sort_order == "ascending",
        )
        with self.units.read(caller.tenant) as uow:
            page = source(uow, caller, self.registry, kind).find(kind, selection, computed_for(kind, query))
            extensions = seat_extensions(uow, caller, kind, [found.id for found in page.found], query)
        resources = [self._represent(caller, kind, found, query, extensions.get(found.id)) for found in page.found]
        return list_response(resources, page.total, query.start_index)

    @retried
    @noting_refused_addresses
    def replace(
        self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.5.1."""
        handler: Handler[Any] = handler_of(kind)
        decoded = _Attempt(lambda: decode_resource(body, kind, caller.profile))
        with self.units.write(caller.tenant, caller.cause(f"replace {kind.name}")) as uow:
            resource = _loaded(handler.load(uow, resource_id), kind, resource_id)
            check_unchanged(handler.version(resource), conditions.if_match, conditions.if_none_match)
            document = decoded.result()
            handler.replace(uow, caller, resource, document)
            answer = self._answer(uow, caller, kind, resource_id, query, written=given(document, kind))
            _commit(uow, caller, resource_id, answer)
        return answer

    @retried
    @noting_refused_addresses
    def patch(
        self, caller: Caller, kind: ResourceType, resource_id: str, body: Any, query: Query, conditions: Conditions
    ) -> Answer:
        """RFC 7644 section 3.5.2: 200 with the resource where the type or the client wants it, else 204."""
        handler: Handler[Any] = handler_of(kind)
        planned = _Attempt(lambda: self._plan(caller, kind, body))
        with self.units.write(caller.tenant, caller.cause(f"patch {kind.name}")) as uow:
            resource = _loaded(handler.load(uow, resource_id), kind, resource_id)
            check_unchanged(handler.version(resource), conditions.if_match, conditions.if_none_match)
            changes = planned.result()
            read_only = self._read_only(uow, caller, kind, resource_id, changes)
            version = handler.patch(uow, caller, resource, changes, read_only)
            if handler.answers_patch(caller.profile) or query.attributes or query.excluded:
                answer = self._answer(uow, caller, kind, resource_id, query, written=given_by(changes, kind))
            else:
                answer = Answer(version, caller.address(kind.endpoint, resource_id))
            _commit(uow, caller, resource_id, answer)
        return answer

    @retried
    def delete(self, caller: Caller, kind: ResourceType, resource_id: str, conditions: Conditions) -> None:
        """RFC 7644 section 3.6."""
        handler: Handler[Any] = handler_of(kind)
        with self.units.write(caller.tenant, caller.cause(f"delete {kind.name}")) as uow:
            resource = _loaded(handler.load_to_delete(uow, resource_id), kind, resource_id)
            check_unchanged(handler.version(resource), conditions.if_match, conditions.if_none_match)
            handler.delete(uow, resource)
            _commit(uow, caller, resource_id)

    def _plan(self, caller: Caller, kind: ResourceType, body: Any) -> list[Change]:
        message = decode_message(body, self.registry.messages["PatchOp"])
        return plan(operations_of(message), kind, caller.profile)

    def _read_only(
        self, uow: ResourceUnit, caller: Caller, kind: ResourceType, resource_id: str, changes: Sequence[Change]
    ) -> dict[str, Any]:
        """The readOnly values as they are answered, where a change is to be compared with them (corner case C-14)."""
        if all(change.op != "confirm" for change in changes):
            return {}
        found = _loaded(uow.documents.get(kind, resource_id, computed_for(kind, Query())), kind, resource_id)
        extension = seat_extensions(uow, caller, kind, [resource_id], Query()).get(resource_id)
        resource = represent(caller, self.registry, kind, found, extension)
        return {name: value for name, value in resource.items() if name not in found.document or name == "groups"}

    def _answer(
        self,
        uow: ResourceUnit,
        caller: Caller,
        kind: ResourceType,
        resource_id: str,
        query: Query,
        written: AbstractSet[str] = frozenset(),
    ) -> Answer:
        documents = source(uow, caller, self.registry, kind)
        found = _loaded(documents.get(kind, resource_id, computed_for(kind, query)), kind, resource_id)
        extension = seat_extensions(uow, caller, kind, [found.id], query).get(found.id)
        resource = self._represent(caller, kind, found, query, extension, written)
        return Answer(found.version, caller.address(kind.endpoint, found.id), resource)

    def _represent(
        self,
        caller: Caller,
        kind: ResourceType,
        found: Found,
        query: Query,
        extension: Mapping[str, Any] | None,
        written: AbstractSet[str] = frozenset(),
    ) -> dict[str, Any]:
        resource = represent(caller, self.registry, kind, found, extension)
        return project(resource, kind, query.attributes, query.excluded, written | by_default(caller))


class _Attempt(Generic[R]):
    """Work on a body, done before a transaction is opened; a refusal waits until the precondition was judged (C-37)."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._refusal: ScimError | None = None
        try:
            self._result = work()
        except ScimError as refusal:
            self._refusal = refusal

    def result(self) -> R:
        """What came of the work; raises its refusal."""
        if self._refusal is not None:
            raise self._refusal
        return self._result


def _commit(uow: ResourceUnit, caller: Caller, resource_id: str, answer: Answer | None = None) -> None:
    """Commit with the request's log entry; `answer` is None where there is nothing left to answer."""
    caller.log.answering(resource_id, shown=answer is not None and answer.resource is not None)
    uow.commit(caller.log)


def _loaded(resource: Any, kind: ResourceType, resource_id: str) -> Any:
    if resource is None:
        raise NotFound(f"There is no {kind.name} with the id '{resource_id}'.")
    return resource


def _sort_path(query: Query, kind: ResourceType) -> AttributePath | None:
    if query.sort_by is None:
        return None
    try:
        return resolve(query.sort_by, kind)
    except UnknownAttribute as error:
        raise InvalidValue(f"sortBy: {error}") from error
