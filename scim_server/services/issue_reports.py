"""Issues as an admin reads them: about whom, what it means, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scim_server.domain.errors import Missing
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.issues import KINDS, ORPHAN_RULE, Kind
from scim_server.services.ports import Issue, UnitOfWork, Units


@dataclass(frozen=True, slots=True)
class Report:
    """An issue with its meaning and cure, and the names of what it is about, as far as that is still there."""

    issue: Issue
    kind: Kind
    user_name: str | None
    group: str | None
    connection: str | None


def reports(
    units: Units,
    tenant: Tenant,
    *,
    closed: bool = False,
    code: str | None = None,
    user_name: str | None = None,
    after: tuple[Instant, str] | None = None,
    most: int | None = None,
) -> list[Report]:
    """The open issues of the tenant, oldest first, and the closed ones if wanted.

    Those that stand `after` an opening and an id, so many at most. Raises Missing for an unknown user.
    """
    with units.read(tenant) as uow:
        user_id = None if user_name is None else naming.person(uow, user_name).id
        found = uow.issues.find(closed=closed, code=code, user_id=user_id, after=after or ("", ""), most=most)
        return described(uow, found)


def page(units: Units, tenant: Tenant, code: str | None, after: tuple[str, str] | None, most: int) -> list[Report]:
    """The open issues by code and id, all or those of one code: those `after` such a pair, so many at most."""
    with units.read(tenant) as uow:
        return described(uow, uow.surveys.open_issues(after or ("", ""), most, code))


def counts(units: Units, tenant: Tenant) -> dict[str, int]:
    """How many issues are open, by code; a code without any is not among them."""
    with units.read(tenant) as uow:
        return uow.surveys.issue_counts()


def report(units: Units, tenant: Tenant, issue_id: str) -> Report:
    """One issue, open or closed. Raises Missing."""
    with units.read(tenant) as uow:
        return described(uow, [issue_called(uow, issue_id)])[0]


def issue_called(uow: UnitOfWork, issue_id: str) -> Issue:
    """The issue of that id. Raises Missing."""
    found = uow.issues.get(issue_id)
    if found is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' has no issue '{issue_id}'.")
    return found


def described(uow: UnitOfWork, found: Sequence[Issue]) -> list[Report]:
    """Those issues with meanings, cures and names, in their order, with a fixed number of look-ups."""
    users = naming.names_of(uow, _known(each.user_id for each in found))
    groups = uow.groups.names(_known(each.group_id for each in found))
    orphans = any(each.code == ORPHAN_RULE for each in found)
    rules = {rule.id: rule.group_name for rule in uow.rules.all()} if orphans else {}
    connections = {each.id: each.name for each in uow.connections.ever()}
    return [
        Report(
            issue=each,
            kind=KINDS[each.code],
            user_name=users.get(each.user_id or ""),
            group=groups.get(each.group_id or "") or (rules.get(each.subject) if each.code == ORPHAN_RULE else None),
            connection=connections.get(each.connection_id or ""),
        )
        for each in found
    ]


def _known(ids: Iterable[str | None]) -> set[str]:
    return {each for each in ids if each is not None}
