"""RFC 7644 section 3.7: many operations in one request, each in a transaction of its own.

New resources that refer to each other in a circle are made in one transaction: first without the references that
cannot be resolved yet, then as they were sent. An operation waits for what it refers to; otherwise the order of
the request is kept.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from scim_server.domain.errors import Contention, Unavailable
from scim_server.protocol.bulk import BulkOperation, Place, read_bulk
from scim_server.protocol.errors import Conflict, InvalidValue
from scim_server.protocol.references import CUT, bulk_id_in, references, substituted
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.versions import Conditions
from scim_server.resources.callers import Caller
from scim_server.resources.operations import Operations
from scim_server.resources.orderings import arranged
from scim_server.resources.ports import ResourceUnit
from scim_server.resources.progress import Carried, Progress
from scim_server.resources.steps import Step, Written
from scim_server.services.provisioning import enter_several

MOST_IN_CIRCLE = 1000
"""References among operations that need each other."""

Verb = Literal["create", "replace", "patch"]
Normalise = Callable[[Verb, ResourceType, Any], Any]
"""Brings the body of an operation into the RFC's shape, whatever client it comes from."""

_BEYOND = Conflict(
    "The request ended before this operation, with as many errors as its failOnErrors allows: it was not tried."
)
_VERBS: Mapping[str, Verb] = {"POST": "create", "PUT": "replace", "PATCH": "patch"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one operation ended. `location` is None where there is no address to name, `error` None where all went well.

    `version` is None for what failed or is gone.
    """

    operation: BulkOperation
    location: str | None
    version: int | None = None
    error: Exception | None = None


def run_bulk(operations: Operations, caller: Caller, body: Any, normalise: Normalise) -> list[Outcome]:
    """Carry out a BulkRequest: the outcomes of what was processed, in the order of the request.

    Raises what `read_bulk` raises, before anything is done; whatever happens to one operation is its own outcome.
    """
    request = read_bulk(body, caller.registry, operations.steps.limits)
    run = _Run(operations, caller, [_Task.of(operation, normalise) for operation in request.operations])
    order = arranged(run.needs())
    for place, numbers in enumerate(order, 1):
        run.take(numbers)
        if request.fail_on_errors is not None and run.failures >= request.fail_on_errors:
            run.leave_out([number for left in order[place:] for number in left])
            break
    return [run.outcomes[number] for number in sorted(run.outcomes)]


@dataclass(frozen=True, slots=True)
class _Task:
    """An operation with its body in the RFC's shape, and the bulkIds it refers to."""

    operation: BulkOperation
    body: Any
    refers_to: Collection[str]

    @classmethod
    def of(cls, operation: BulkOperation, normalise: Normalise) -> "_Task":
        place, verb = operation.place, _VERBS.get(operation.method)
        if operation.fault is not None or place is None:
            return cls(operation, None, ())
        body = None if verb is None else normalise(verb, place.kind, operation.data)
        found = references(body, place.kind, patch=verb == "patch")
        target = bulk_id_in(place.resource_id or "")
        return cls(operation, body, found | ({target} if target else set()))

    @property
    def target(self) -> str | None:
        """What a change is about, as the request names it."""
        text = self.operation.place.resource_id if self.operation.place else None
        bulk_id = bulk_id_in(text or "")
        return text if bulk_id is None else f"bulkId:{bulk_id}"

    def touches(self) -> set[str]:
        """Every name of a resource in the operation."""
        names = {f"bulkId:{bulk_id}" for bulk_id in self.refers_to}
        return names | ({self.target} if self.target else set())


@dataclass
class _Run:
    operations: Operations
    caller: Caller
    tasks: Sequence[_Task]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    failures: int = 0
    lost: Unavailable | None = None
    """The store went away: nothing more is asked of it."""

    def __post_init__(self) -> None:
        self._makers = {
            task.operation.bulk_id: number
            for number, task in enumerate(self.tasks)
            if task.operation.method == "POST" and task.operation.bulk_id
        }
        self._made: dict[str, str] = {}
        self._at = 0
        if self.caller.progress is not None:
            self._go_on_behind(self.caller.progress)

    def _go_on_behind(self, progress: Progress) -> None:
        """Take what was done before as done."""
        self.failures = progress.failures
        for number, resource_id in progress.made.items():
            bulk_id = self.tasks[number].operation.bulk_id
            if resource_id is not None and bulk_id in self._makers:
                self._made[bulk_id] = resource_id

    def needs(self) -> list[set[int]]:
        """For each operation those that must come before it: what it refers to, and whatever touched what it changes.

        The second keeps changes of one resource in their order where one of them has to wait.
        """
        found: list[set[int]] = []
        touched: dict[str, list[int]] = {}
        for number, task in enumerate(self.tasks):
            needed = {self._makers[bulk_id] for bulk_id in task.refers_to if bulk_id in self._makers}
            if task.target is not None:
                needed.update(touched.pop(task.target, ()))
            for name in task.touches():
                touched.setdefault(name, []).append(number)
            found.append(needed)
        return found

    def take(self, numbers: Sequence[int]) -> None:
        """Carry out one operation, or several that need each other; all of those or none."""
        progress = self.caller.progress
        if progress is not None:
            if numbers[0] in progress.made:
                return
            progress.go_on()
        try:
            written = self._written(numbers)
        except Exception as error:
            if progress is not None and progress.is_broken_off_by(error):
                raise
            self._fail(numbers, error)
            return
        for number in numbers:
            self._succeed(number, written[number])

    def leave_out(self, numbers: Sequence[int]) -> None:
        """Say of operations that came after as many errors as the request allows, where each is to be told of (RFC 9967
        section 2.5.1.2)."""
        progress = self.caller.progress
        left = [] if progress is None else [number for number in numbers if number not in progress.made]
        if progress is not None and left:
            progress.failed(*(self._carried(number, error=_BEYOND) for number in left))

    def _written(self, numbers: Sequence[int]) -> Mapping[int, Written]:
        self._at = numbers[0]
        task = self.tasks[self._at]
        if self.lost is not None:
            raise self.lost
        if task.operation.fault is not None:
            raise task.operation.fault
        method, kind = task.operation.method, self._place(task).kind
        if len(numbers) > 1 or task.operation.bulk_id in task.refers_to:
            self._refuse_dense(numbers)
            return self._carry_out("create a circle in a bulk", lambda uow: self._make_circle(uow, numbers))
        step, number = self._step(task), self._at
        reason = f"{_VERBS.get(method, 'delete')} {kind.name} in a bulk"
        return self._carry_out(reason, lambda uow: {number: step(uow)})

    def _carry_out(self, reason: str, work: Callable[[ResourceUnit], Mapping[int, Written]]) -> Mapping[int, Written]:
        progress = self.caller.progress
        if progress is None:
            return self.operations.carry_out(self.caller, reason, work)

        def noted(uow: ResourceUnit) -> Mapping[int, Written]:
            written = work(uow)
            progress.carried_out(uow, *(self._carried(number, each) for number, each in written.items()))
            return written

        return self.operations.carry_out(self.caller, reason, noted)

    def _carried(self, number: int, written: Written | None = None, error: Exception | None = None) -> Carried:
        """What is told of an operation; of one that failed what it was about."""
        operation, place = self.tasks[number].operation, self.tasks[number].operation.place
        is_there = written is not None and operation.method != "DELETE"
        return Carried(
            number,
            None if place is None else place.kind,
            self._named(place) if written is None else written.id,
            written.version if written is not None and is_there else None,
            operation.method,
            operation.bulk_id,
            error,
        )

    def _refuse_dense(self, numbers: Sequence[int]) -> None:
        """A circle is one transaction, and each of its changes walks the circle again: its size is bounded."""
        circle = {self.tasks[number].operation.bulk_id for number in numbers}
        references = sum(len(circle & set(self.tasks[number].refers_to)) for number in numbers)
        if references > MOST_IN_CIRCLE:
            raise Conflict(
                f"{len(numbers)} operations refer to each other {references} times; at most {MOST_IN_CIRCLE} are "
                "resolved at once (RFC 7644 section 3.7.1). Create the resources first, then what they refer to."
            )

    def _step(self, task: _Task) -> Step:
        steps, caller, place = self.operations.steps, self.caller, self._place(task)
        kind, resource_id = place.kind, self._resolved(place.resource_id or "")
        body = substituted(task.body, kind, self._id_of, patch=task.operation.method == "PATCH")
        conditions = Conditions(task.operation.version, required=caller.profile.require_if_match)
        match task.operation.method:
            case "POST":
                return steps.create(caller, kind, body)
            case "PUT":
                return steps.replace(caller, kind, resource_id, body, conditions)
            case "PATCH":
                return steps.patch(caller, kind, resource_id, body, conditions)
            case _:
                return steps.delete(caller, kind, resource_id, conditions)

    def _make_circle(self, uow: ResourceUnit, numbers: Sequence[int]) -> Mapping[int, Written]:
        """Make the resources without what cannot be named yet, then bring those to what was sent."""
        steps, caller = self.operations.steps, self.caller
        made: dict[str, str] = {}
        written: dict[int, Written] = {}
        circle = {self.tasks[number].operation.bulk_id for number in numbers}

        enter_several(uow)

        def id_of(bulk_id: str) -> Any:
            return made.get(bulk_id, CUT) if bulk_id in circle else self._id_of(bulk_id)

        incomplete = []
        for self._at in numbers:
            task = self.tasks[self._at]
            kind = self._place(task).kind
            if any(id_of(bulk_id) is CUT for bulk_id in task.refers_to):
                incomplete.append(self._at)
            written[self._at] = steps.create(caller, kind, substituted(task.body, kind, id_of, patch=False))(uow)
            made[task.operation.bulk_id or ""] = written[self._at].id
        for self._at in incomplete:
            task = self.tasks[self._at]
            kind = self._place(task).kind
            body = substituted(task.body, kind, id_of, patch=False)
            written[self._at] = steps.replace(caller, kind, written[self._at].id, body, Conditions())(uow)
        return written

    def _place(self, task: _Task) -> Place:
        place = task.operation.place
        assert place is not None, "an operation without a place has a fault, which was raised"
        return place

    def _resolved(self, text: str) -> str:
        bulk_id = bulk_id_in(text)
        return text if bulk_id is None else self._id_of(bulk_id)

    def _id_of(self, bulk_id: str) -> str:
        """Raises InvalidValue for a bulkId of nothing, Conflict for one of an operation that failed."""
        if bulk_id in self._made:
            return self._made[bulk_id]
        if bulk_id not in self._makers:
            raise InvalidValue(f"'bulkId:{bulk_id[:100]}' is the bulkId of no POST in this request.")
        raise Conflict(
            f"'bulkId:{bulk_id[:100]}' refers to an operation that failed, so this one was not tried. "
            "Send both again when the cause is mended."
        )

    def _succeed(self, number: int, written: Written) -> None:
        operation = self.tasks[number].operation
        if operation.method == "POST" and operation.bulk_id:
            self._made[operation.bulk_id] = written.id
        kind = self._place(self.tasks[number]).kind
        version = None if operation.method == "DELETE" else written.version
        self.outcomes[number] = Outcome(operation, self.caller.address(kind.endpoint, written.id), version)

    def _fail(self, numbers: Sequence[int], error: Exception) -> None:
        if isinstance(error, Unavailable) and not isinstance(error, Contention):
            self.lost = error
        own = {number: error if number == self._at or error is self.lost else self._left_undone() for number in numbers}
        if self.caller.progress is not None:
            self.caller.progress.failed(*(self._carried(number, error=each) for number, each in own.items()))
        for number in numbers:
            task = self.tasks[number]
            self.outcomes[number] = Outcome(task.operation, self._location(task), None, own[number])
        self.failures += len(numbers)

    def _left_undone(self) -> Conflict:
        bulk_id = self.tasks[self._at].operation.bulk_id
        return Conflict(
            f"This operation and the one with bulkId '{bulk_id}' refer to each other, and that one failed: "
            "neither was done."
        )

    def _location(self, task: _Task) -> str | None:
        """The address that a failed operation was about; a failed POST has none."""
        place, named = task.operation.place, self._named(task.operation.place)
        return None if place is None or named is None else self.caller.address(place.kind.endpoint, named)

    def _named(self, place: Place | None) -> str | None:
        """The id of the resource that an operation was about, as far as it is known."""
        if place is None or place.resource_id is None:
            return None
        return self._made.get(bulk_id_in(place.resource_id) or "") or place.resource_id
