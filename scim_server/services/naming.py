"""Whom and what a text names: people by user name or id, groups by name or id."""

from collections.abc import Collection, Iterable

from scim_server.domain.directory import Group, User
from scim_server.domain.errors import Contention, Missing
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import UnitOfWork

LONGEST_GROUP_NAME = 512
"""Characters of a group's name, which is indexed."""


def person(uow: UnitOfWork, text: str) -> User:
    """The person of that user name or id, not locked. Raises Missing."""
    found = uow.users.called(text)
    if found is None:
        raise no_user(uow.tenant, text)
    return found


def people(uow: UnitOfWork, texts: Collection[str]) -> list[str]:
    """The ids of the people of those user names or ids, each once, in order. Raises Missing for the first stranger."""
    found = uow.users.identified(texts) if texts else {}
    for text in texts:
        if text not in found:
            raise no_user(uow.tenant, text)
    return list(dict.fromkeys(found[text] for text in texts))


def group(uow: UnitOfWork, text: str) -> Group:
    """The group of that id or name, not locked. Raises Missing."""
    found = next(iter(uow.groups.some([text])), None) or uow.groups.named(text)
    if found is None:
        raise no_group(uow, text)
    return found


def groups(uow: UnitOfWork, texts: Iterable[str]) -> list[str]:
    """The ids of the groups of those names or ids, each once, in order. Raises Missing for the first stranger."""
    return list(dict.fromkeys(group(uow, text).id for text in texts))


def known_id(uow: UnitOfWork, text: str) -> str:
    """The id of the person or group of that name or id, or of a person who had it; else the text as it is."""
    user = uow.users.called(text)
    if user is not None:
        return user.id
    group = uow.groups.named(text)
    if group is not None:
        return group.id
    departed = uow.tombstones.called(text)
    return departed[0].user.id if departed else text


def names_of(uow: UnitOfWork, user_ids: Collection[str]) -> dict[str, str]:
    """The user names of those who are there, or were deleted and are not forgotten, by id."""
    if not user_ids:
        return {}
    names = {user.id: user.user_name for user in uow.users.some(user_ids)}
    gone = set(user_ids) - names.keys()
    return names | uow.tombstones.names(gone) if gone else names


def locked_group(uow: UnitOfWork, text: str) -> Group | None:
    """The group of that id or name, locked: it cannot go or be renamed meanwhile. The guard must be held."""
    return uow.groups.get(text) or _lock_named(uow, text)


def no_user(tenant: Tenant, user_name: str) -> Missing:
    """The refusal of what concerns somebody who is not there."""
    return Missing(f"Tenant '{tenant.slug}' has no user '{user_name}'.")


def no_group(uow: UnitOfWork, text: str) -> Missing:
    """The refusal of what concerns a group that is not there."""
    return Missing(f"Tenant '{uow.tenant.slug}' has no group with the name or id '{text}'.")


def _lock_named(uow: UnitOfWork, name: str) -> Group | None:
    found = uow.groups.named(name)
    if found is None:
        return None
    uow.groups.get(found.id)
    still = uow.groups.named(name)
    if still is None or still.id != found.id:
        raise Contention(f"the group '{name}' was renamed or deleted meanwhile")
    return still
