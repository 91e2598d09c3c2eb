"""The outbox of mails as an admin sees it, and forgetting what is over."""

from dataclasses import dataclass

from scim_server.domain.instants import later
from scim_server.domain.mails import KEPT, Mail, MailState
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import Units
from scim_server.services.retrying import retried

CHORE = "forget-mails"


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail and, where it is about a person who is there, their user name."""

    mail: Mail
    user_name: str | None


def mails(
    units: Units, tenant: Tenant, most: int, state: MailState | None = None, *, before: str | None = None
) -> list[Posted]:
    """The tenant's mails of the last month, or those in that state, the newest first, so many at most.

    `before` is the id of a mail: only what is older.
    """
    with units.read(tenant) as uow:
        found = uow.mails.latest(most, state, before)
        names = {user.id: user.user_name for user in uow.users.some({mail.about for mail in found})}
        return [Posted(mail, names.get(mail.about)) for mail in found]


@retried
def forget_mails(units: Units) -> int:
    """The chore: forget, of every tenant, the mails that were sent or given up a month ago, and the welcomes of people
    who cannot come back any more; answers how many of both."""
    with units.operator() as operator:
        forgotten = operator.forget_mails(later(operator.now, -KEPT)) + operator.forget_welcomes()
        operator.commit()
        return forgotten
