"""Leaver receipts as they are looked at: with the names of the people, and what has become of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scim_server.domain.receipts import Acknowledgement, Part, Receipt, ReceiptState
from scim_server.domain.tenants import Tenant
from scim_server.services.actors import Actors
from scim_server.services.naming import known_id, names_of, no_user
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.receipt_queries import Sought
from scim_server.services.receipting import no_receipt


@dataclass(frozen=True, slots=True)
class ListedReceipt:
    """A receipt with the user name of whom it is about, as long as that is known, and its state at this moment."""

    receipt: Receipt
    user_name: str | None
    state: ReceiptState

    @property
    def acknowledged(self) -> list[tuple[Part, Acknowledgement]]:
        """What was acknowledged, part by part."""
        return [(part, self.receipt.acknowledged[part]) for part in Part if part in self.receipt.acknowledged]


@dataclass(frozen=True, slots=True)
class History:
    """The receipts of a person, the newest first, and the names of those who acknowledged, if they have one."""

    found: Sequence[ListedReceipt]
    names: Mapping[str, str]


def receipts(
    units: Units,
    tenant: Tenant,
    *,
    is_open: bool = False,
    is_overdue: bool = False,
    person: str | None = None,
    after: str | None = None,
    most: int | None = None,
) -> list[ListedReceipt]:
    """The receipts of the tenant, the oldest first, all or those that are open or overdue, or of one person, who may be
    deleted. Those behind the id `after`, so many at most. Raises Missing for a person nobody knows."""
    with units.read(tenant) as uow:
        user_id = None if person is None else known_id(uow, person)
        found = uow.receipts.find(Sought(is_open, is_overdue, user_id), after or "", most, uow.now)
        if not found and person is not None and user_id == person and not uow.users.some([person]):
            raise no_user(tenant, person)
        return listed(uow, found)


def receipt(units: Units, tenant: Tenant, receipt_id: str) -> ListedReceipt:
    """One receipt. Raises Missing."""
    with units.read(tenant) as uow:
        found = uow.receipts.get(receipt_id)
        if found is None:
            raise no_receipt(tenant, receipt_id)
        return listed(uow, [found])[0]


def of_person(units: Units, tenant: Tenant, user_id: str) -> History:
    """All of a person."""
    with units.read(tenant) as uow:
        found = listed(uow, uow.receipts.find(Sought(user_id=user_id), "", None, uow.now))
        actors = {ended.by for each in found for _, ended in each.acknowledged}
        return History(found[::-1], Actors.among(uow, actors).names if actors else {})


def listed(uow: UnitOfWork, found: Sequence[Receipt]) -> list[ListedReceipt]:
    """Those receipts with names and states, in their order."""
    names = names_of(uow, {each.user_id for each in found})
    return [ListedReceipt(each, names.get(each.user_id), each.state_at(uow.now)) for each in found]
