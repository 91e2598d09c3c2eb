"""Faults of PUT and DELETE (RFC 7644 sections 3.5.1 and 3.6)."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from scim_server.domain.directory import Group, User
from scim_server.domain.errors import Taken
from scim_server.protocol.errors import InvalidValue, Mutability, NotFound
from scim_server.protocol.normalising import username_key
from scim_server.resources import groups
from scim_server.resources.operations import Operations
from scim_server.resources.steps import Steps
from scim_server.resources.users import UserHandler, to_document
from scim_server.services import provisioning
from scim_server.store.tables import tombstones
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import wrap_method

put = Area("replacing")
delete = Area("deleting")


@put.fault(
    "inactive-unread",
    "A deactivated user cannot be read.",
    "patch-replace.deactivate patch-replace.no-path-active",
)
def inactive_unread(patch: Patch) -> None:
    def read(original: Any, *given: Any) -> Any:
        answer = original(*given)
        if answer.resource and answer.resource.get("active") is False:
            raise NotFound("There is no such user.")
        return answer

    wrap_method(patch, Operations, "read", read)


@put.fault(
    "lists-stay",
    "PUT without a list keeps it, and unsets whatever else it leaves out.",
    "put.omitted",
)
def lists_stay(patch: Patch) -> None:
    def replaced(original: Any, handler: Any, uow: Any, caller: Any, user: Any, document: Any) -> int:
        lists = {name: value for name, value in to_document(user).items() if isinstance(value, list)}
        return int(original(handler, uow, caller, user, {**lists, **document}))

    wrap_method(patch, UserHandler, "replace", replaced)


@put.fault("merged", "PUT adds to lists and complex attributes what it gives.", "put.replaces")
def merged(patch: Patch) -> None:
    def replaced(original: Any, handler: Any, uow: Any, caller: Any, user: Any, document: Any) -> int:
        before = to_document(user)
        lists = {name: [*before.get(name, ()), *value] for name, value in document.items() if name == "emails"}
        return int(original(handler, uow, caller, user, {**document, **lists}))

    wrap_method(patch, UserHandler, "replace", replaced)


@put.fault("read-only-refused", "PUT with another id in its body is refused.", "put.read-only-ignored")
def read_only_refused(patch: Patch) -> None:
    def replaced(original: Any, steps: Any, caller: Any, kind: Any, resource_id: str, body: Any, *rest: Any) -> Any:
        if isinstance(body, dict) and body.get("id", resource_id) != resource_id:
            raise Mutability("'id' is readOnly")
        return original(steps, caller, kind, resource_id, body, *rest)

    wrap_method(patch, Steps, "replace", replaced)


@put.fault("creates", "PUT at an unknown id creates a resource.", "put.never-creates put.after-delete")
def creates(patch: Patch) -> None:
    def replaced(
        original: Any, service: Any, caller: Any, kind: Any, resource_id: str, body: Any, query: Any, terms: Any
    ) -> Any:
        try:
            return original(service, caller, kind, resource_id, body, query, terms)
        except NotFound:
            return service.create(caller, kind, body, query)

    wrap_method(patch, Operations, "replace", replaced)


@put.fault("unmoved", "A change does not move lastModified.", "put.changes-modified patch.modified")
def unmoved(patch: Patch) -> None:
    patch.setattr(User, "revised", lambda user, now: replace(user, version=user.version + 1))


@put.fault("reborn", "A change moves created.", "put.changes-modified patch.modified")
def reborn(patch: Patch) -> None:
    wrap_method(patch, User, "revised", lambda original, user, now: replace(original(user, now), created=now))


@put.fault("members-stay", "PUT of a group without members that are in keeps them.", "put.group")
def members_stay(patch: Patch) -> None:
    wrap_method(patch, groups, "plan_everybody", lambda planned, *given: replace(planned(*given), removed={}))


@delete.fault(
    "deactivates",
    "DELETE deactivates the user and keeps it.",
    "delete.get-afterwards delete.twice delete.gone-from-lists delete.name-free",
)
def deactivates(patch: Patch) -> None:
    def deleted(handler: Any, uow: Any, user: User) -> None:
        provisioning.change_user(uow, user, replace(user, active=False))

    patch.setattr(UserHandler, "delete", deleted)


@delete.fault("name-kept", "The userName of a deleted user stays taken.", "delete.name-free")
def name_kept(patch: Patch) -> None:
    def create(original: Any, handler: Any, uow: Any, caller: Any, document: Any) -> str:
        key = username_key(document["userName"])
        gone = select(tombstones.c.id).where(tombstones.c.user_name_key == key)
        if uow.users.scope.scalar(gone) is not None:
            raise Taken("The userName is taken.")
        return str(original(handler, uow, caller, document))

    wrap_method(patch, UserHandler, "create", create)


@delete.fault("member-stays", "A deleted user stays a member of its groups.", "delete.gone-from-groups")
def member_stays(patch: Patch) -> None:
    patch.setattr(provisioning, "_leave_groups", lambda uow, member_id, kind: None)


@delete.fault("absent-204", "DELETE of what is not there is answered with 204.", "delete.twice delete.unknown")
def absent_204(patch: Patch) -> None:
    def deleted(original: Any, *given: Any) -> None:
        try:
            original(*given)
        except NotFound:
            return

    wrap_method(patch, Operations, "delete", deleted)


@delete.fault("refused-in-group", "A user who is in a group cannot be deleted.", "delete.gone-from-groups")
def refused_in_group(patch: Patch) -> None:
    def deleted(original: Any, handler: Any, uow: Any, user: User) -> None:
        if uow.members.groups_of(user.id):
            raise InvalidValue("The user is in a group.")
        original(handler, uow, user)

    wrap_method(patch, UserHandler, "delete", deleted)


@delete.fault("group-stays", "A deleted group takes its members along.", "delete.group")
def group_takes_members(patch: Patch) -> None:
    def deleted(original: Any, uow: Any, group: Group) -> None:
        members = uow.members.of(group.id)
        original(uow, group)
        for member_id, kind in members.items():
            if kind == "User" and (user := provisioning.lock_leaver(uow, member_id)):
                provisioning.delete_user(uow, user)

    wrap_method(patch, provisioning, "delete_group", deleted)
