"""Issues by name: what each is about, and who can act on it."""

from collections.abc import Iterable

from scim_server.services.ports import Issue, UnitOfWork

LONGEST_SUBJECT = 512
"""Characters of what an issue is about."""

NO_SEAT = "NO_SEAT"
"""A person waits for a seat: buy seats or release one."""
OVERAGE = "OVERAGE"
"""More seats of a subscription are assigned than were bought, within its allowance: buy the difference."""
LOW_SEATS = "LOW_SEATS"
"""Fewer seats of a subscription are free than the tenant's `low_water` share: buy some before they run out."""
HELD_REMOVAL = "HELD_REMOVAL"
"""A seat that a mass removal would have released is held: approve, restore, or let the delay run out."""
EMAIL_IN_USE = "EMAIL_IN_USE"
"""An address belongs to somebody else, in this tenant (the user is named) or another one (the address is)."""
UNKNOWN_ENTITLEMENT = "UNKNOWN_ENTITLEMENT"
"""An identity provider assigned something this tenant does not have: correct the mapping there."""
UNKNOWN_ROLE = "UNKNOWN_ROLE"
"""An identity provider assigned a role this tenant does not have: correct the mapping there."""
ORPHAN_RULE = "ORPHAN_RULE"
"""The group a rule was bound to is gone."""


def issue(
    uow: UnitOfWork,
    code: str,
    *,
    user_id: str | None = None,
    product: str | None = None,
    subject: str = "",
    connection_id: str | None = None,
) -> Issue:
    """A new issue as of now."""
    return Issue(uow.new_id(), code, subject, uow.now, user_id, product, connection_id)


def keep_open(uow: UnitOfWork, user_id: str, code: str, subjects: Iterable[str]) -> None:
    """Leave the person with open issues of that code about just those subjects, each cut at the longest length."""
    wanted = dict.fromkeys(subject[:LONGEST_SUBJECT] for subject in subjects)
    opened = [each.subject for each in uow.issues.of([user_id]) if each.code == code]
    settled = [subject for subject in opened if subject not in wanted]
    if settled:
        uow.issues.close(code, user_ids=[user_id], subjects=settled)
    uow.issues.open(*(issue(uow, code, user_id=user_id, subject=subject) for subject in wanted))
