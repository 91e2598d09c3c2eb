"""The clock of leaver receipts: who is overdue is reported to the admins, and after as long again told by mail."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from scim_server.domain.access import ADMIN, SUPER_ADMIN
from scim_server.domain.directory import User
from scim_server.domain.mails import Mail
from scim_server.domain.receipts import SETTING, Receipt
from scim_server.domain.tenants import Tenant
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import for_each_tenant
from scim_server.services.issues import LEAVER_NOT_CONFIRMED, issue
from scim_server.services.naming import names_of
from scim_server.services.notice_letters import languages_of
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.receipt_letters import letter
from scim_server.services.receipting import record_receipts, void
from scim_server.services.retrying import retried

CHORE = "watch-receipts"
BATCH = 500
"""Receipts in one transaction."""


def watch_receipts(units: Units, *, by_mail: bool) -> int:
    """The chore: report what is overdue in every tenant, and escalate it; answers how many receipts it dealt with."""
    with units.overview() as operator:
        concerned = operator.tenants_with_due_receipts()
    return for_each_tenant(concerned, lambda tenant: _watch(units, tenant, by_mail=by_mail))


def _watch(units: Units, tenant: Tenant, *, by_mail: bool) -> int:
    done = 0
    while dealt := _watch_some(units, tenant, by_mail=by_mail):
        done += dealt
    return done


@retried
def _watch_some(units: Units, tenant: Tenant, *, by_mail: bool) -> int:
    """Each has its next alarm later, or none: what was due is dealt with once."""
    with units.write(tenant, chore_cause(CHORE)) as uow:
        due = uow.receipts.lock_due(uow.now, BATCH)
        back = _back(uow, due)
        void(uow, [each for each in due if _is_over(each, uow, back)])
        left = [each for each in due if not _is_over(each, uow, back)]
        _report(uow, [each for each in left if each.reported is None])
        _escalate(uow, [each for each in left if each.reported is not None], by_mail=by_mail)
        if due:
            uow.commit()
        return len(due)


def _back(uow: UnitOfWork, due: Collection[Receipt]) -> set[str]:
    """Of whom nothing need be acknowledged: they came back while the tenant asked for no receipts, or it still asks for
    none."""
    people = {each.user_id for each in due}
    if not uow.tenant.settings.on(SETTING):
        return people
    return {user.id for user in uow.users.some(people) if user.may_hold} if people else set()


def _is_over(receipt: Receipt, uow: UnitOfWork, back: Collection[str]) -> bool:
    """Whether nothing need be acknowledged of it any more."""
    return not uow.tenant.settings.on(SETTING) or receipt.is_over_with(may_hold=receipt.user_id in back)


def _report(uow: UnitOfWork, overdue: Sequence[Receipt]) -> None:
    changes = [(each, replace(each, reported=uow.now)) for each in overdue]
    uow.receipts.save(*(after for _, after in changes))
    record_receipts(uow, changes, "receipt.overdue")
    uow.issues.open(*(issue(uow, LEAVER_NOT_CONFIRMED, user_id=each.user_id) for each in overdue))


def _escalate(uow: UnitOfWork, overdue: Sequence[Receipt], *, by_mail: bool) -> None:
    changes = [(each, replace(each, escalated=uow.now)) for each in overdue]
    uow.receipts.save(*(after for _, after in changes))
    record_receipts(uow, changes, "receipt.escalated")
    if overdue and by_mail:
        names = names_of(uow, {each.user_id for each in overdue})
        uow.mails.post(*(_mail(uow, admin, overdue, [*names.values()]) for admin in _admins(uow)))


def _admins(uow: UnitOfWork) -> list[User]:
    """Who can be told: admins of everybody, who are there and have an address."""
    grants = [*uow.grants.with_role(SUPER_ADMIN), *uow.grants.with_role(ADMIN)]
    found = uow.users.some({grant.user_id for grant in grants if not grant.scope}) if grants else []
    return sorted((user for user in found if user.may_hold and user.address), key=lambda user: user.id)


def _mail(uow: UnitOfWork, admin: User, overdue: Sequence[Receipt], names: Sequence[str]) -> Mail:
    """About the admin, so that it is taken back where they leave."""
    languages = [*languages_of(admin, None), uow.tenant.settings.text("mail_language")]
    subject, body = letter(uow.tenant, languages, names, min(each.since for each in overdue), len(overdue))
    address = admin.address or ""
    return Mail(uow.tenant.id, uow.new_id(), address, subject, body, admin.id, uow.now, 0, uow.now)
