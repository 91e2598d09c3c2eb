"""People whom a list names, brought in together: a fixed number of statements, however many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from scim_server.domain.directory import Group, User
from scim_server.domain.instants import later
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import FIRST_RANK, IMPORTED, Claim, Place
from scim_server.domain.tombstones import Tombstone
from scim_server.services import claim_records, entitling, granting, provisioning
from scim_server.services.leaving import revive
from scim_server.services.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a list does for one person: one of those to be (`newcomer`), brought back, or here already and locked.

    `number` is their place in the list and so in the queue; `edit` is what changes of who was here. Products, roles
    and groups (ids) are those that the person does not have.
    """

    number: int
    newcomer: User | None = None
    tombstone: Tombstone | None = None
    present: User | None = None
    edit: Edit = field(default_factory=Edit)
    products: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


def enrol(uow: UnitOfWork, enrolments: Sequence[Enrolment], groups: Mapping[str, Group]) -> dict[int, User]:
    """Bring those people in, by number; `groups` are locked, by id.

    Restored people cost some statements each; for the others the number is fixed. Raises Taken and AddressTaken where
    somebody has come between. Nobody waits in vain: whoever gets no seat is in line.
    """
    people = _present(uow, enrolments)
    for group_id in sorted({group_id for each in enrolments for group_id in each.groups}):
        joining = [people[each.number].id for each in enrolments if group_id in each.groups]
        provisioning.join(uow, groups[group_id], joining)
    granting.grant_several_by_hand(uow, [(people[each.number].id, role) for each in enrolments for role in each.roles])
    claim_records.begin_claims(uow, [claim for each in enrolments for claim in _claims(uow, people[each.number], each)])
    entitling.refresh(uow, {people[each.number].id: people[each.number].may_hold for each in enrolments})
    return people


def _present(uow: UnitOfWork, enrolments: Sequence[Enrolment]) -> dict[int, User]:
    """Everybody as they are to be, by number."""
    new = [(each.number, each.newcomer) for each in enrolments if each.newcomer is not None]
    created = provisioning.take_in(uow, [newcomer for _, newcomer in new])
    people = {number: user for (number, _), user in zip(new, created, strict=True)}
    changes: list[tuple[int, User, User]] = []
    for each in enrolments:
        before = each.present if each.tombstone is None else revive(uow, each.tombstone)
        if before is not None:
            people[each.number] = before
            changes.append((each.number, before, each.edit.of(before)))
    differing = [change for change in changes if change[1] != change[2]]
    rewritten = provisioning.rewrite(uow, [(before, wanted) for _, before, wanted in differing])
    return people | {number: user for (number, _, _), user in zip(differing, rewritten, strict=True)}


def _claims(uow: UnitOfWork, user: User, enrolment: Enrolment) -> list[Claim]:
    """Claims in the order of the list: a microsecond apart, as one transaction has one time."""
    place = Place(FIRST_RANK, later(uow.now, timedelta(microseconds=enrolment.number)))
    return [Claim(user.id, product, IMPORTED, place) for product in enrolment.products]
