"""RFC 7643 section 4.1: Users served from the domain, and the one mapping between document and domain."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scim_server.domain.directory import User
from scim_server.domain.names import consistent
from scim_server.protocol.changes import Change
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.formats import check_formats
from scim_server.protocol.patching import apply
from scim_server.protocol.profiles import Profile
from scim_server.protocol.schemas import ResourceType
from scim_server.protocol.scripts import mixes_scripts
from scim_server.protocol.validation import check, check_immutable, settle
from scim_server.resources.callers import Caller
from scim_server.resources.ports import ResourceUnit
from scim_server.resources.references import check_references
from scim_server.resources.representations import ENTERPRISE
from scim_server.resources.self_service import check_own_change
from scim_server.services import provisioning
from scim_server.services.tenancy import note_entitlements_written

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"

BUSINESS = ("userName", "externalId", "displayName", "active", "emails", "entitlements", "roles")
"""The attributes the business looks at; all others travel in the profile."""


def to_document(user: User) -> dict[str, Any]:
    """The stored document: no id, meta, groups or other computed attributes."""
    document: dict[str, Any] = {"schemas": user.profile.get("schemas", [CORE])}
    if user.external_id is not None:
        document["externalId"] = user.external_id
    document["userName"] = user.user_name
    if user.display_name is not None:
        document["displayName"] = user.display_name
    document |= user.profile
    if user.states_active:
        document["active"] = user.active
    if user.emails:
        document["emails"] = list(user.emails)
    if user.entitlements:
        document["entitlements"] = list(user.entitlements)
    if user.roles:
        document["roles"] = list(user.roles)
    return document


def adopt(user: User, document: Mapping[str, Any]) -> User:
    """`user` as `document` wants it. Without `active` they stay as they are: nobody comes back by omission."""
    return replace(
        user,
        user_name=document["userName"],
        external_id=document.get("externalId"),
        display_name=document.get("displayName"),
        active=document.get("active", user.active),
        states_active="active" in document,
        emails=tuple(document.get("emails", ())),
        entitlements=tuple(document.get("entitlements", ())),
        roles=tuple(document.get("roles", ())),
        profile={name: value for name, value in document.items() if name not in BUSINESS},
    )


def newcomer(document: Mapping[str, Any], origin: str) -> User:
    """A person as a client describes them for the first time."""
    return adopt(User(id="", user_name="", origin=origin), document)


MANAGED = ("entitlements", "roles")
"""What a connection may leave to others: see `Connection.owns_entitlements`."""


@dataclass(frozen=True, slots=True)
class UserHandler:
    """The resource type User."""

    kind: ResourceType

    def answers_patch(self, profile: Profile) -> bool:
        del profile
        return True

    def load(self, uow: ResourceUnit, resource_id: str) -> User | None:
        return provisioning.lock_user(uow, resource_id)

    def load_to_patch(self, uow: ResourceUnit, resource_id: str, changes: Sequence[Change]) -> User | None:  # noqa: ARG002
        return self.load(uow, resource_id)

    def load_to_delete(self, uow: ResourceUnit, resource_id: str) -> User | None:
        return provisioning.lock_leaver(uow, resource_id)

    def version(self, resource: User) -> int:
        return resource.version

    def create(self, uow: ResourceUnit, caller: Caller, document: Mapping[str, Any]) -> str:
        wanted = _own(settle({"active": True, **document}, self.kind))
        self._check(uow, caller, {}, wanted)
        return provisioning.create_user(uow, newcomer(wanted, caller.origin), caller.authority).id

    def replace(self, uow: ResourceUnit, caller: Caller, resource: User, document: Mapping[str, Any]) -> int:
        before = to_document(resource)
        kept = {name: before[name] for name in ("active",) if name in before}
        wanted = _own(settle({**kept, **_left_alone(before, document, caller), **document}, self.kind))
        return self._change(uow, caller, resource, before, wanted)

    def patch(
        self,
        uow: ResourceUnit,
        caller: Caller,
        resource: User,
        changes: Sequence[Change],
        read_only: Mapping[str, Any],
    ) -> int:
        before = to_document(resource)
        wanted = _own(apply(before, changes, self.kind, caller.profile, read_only=read_only))
        if "name" in before and "name" in wanted:
            wanted["name"] = consistent(before["name"], wanted["name"])
        return self._change(uow, caller, resource, before, wanted)

    def delete(self, uow: ResourceUnit, resource: User) -> None:
        provisioning.delete_user(uow, resource)

    def _change(
        self,
        uow: ResourceUnit,
        caller: Caller,
        user: User,
        before: Mapping[str, Any],
        wanted: Mapping[str, Any],
    ) -> int:
        check_immutable(before, wanted, self.kind)
        if wanted == before:
            return user.version
        check_own_change(caller, before, wanted)
        self._check(uow, caller, before, wanted)
        changed = replace(adopt(user, wanted), origin=caller.adopting(user.origin))
        after = provisioning.change_user(uow, user, changed, caller.authority)
        if after.true_name is not None and user.true_name is None:
            caller.log.note("a rename before deletion: address and display name stay")
        return after.version

    def _check(self, uow: ResourceUnit, caller: Caller, before: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        check(document, self.kind, closed=caller.closes_values)
        check_references(uow, caller, self.kind, before, document)
        if caller.profile.refuse_mixed_scripts and mixes_scripts(document["userName"]):
            raise InvalidValue("userName: a word of it mixes letters of two scripts, to look like another name")
        if caller.profile.check_formats:
            check_formats(document)
        connection = caller.connection
        if connection and not connection.wrote_entitlements and any(document.get(name) for name in MANAGED):
            note_entitlements_written(uow, connection)
        if caller.profile.unknown_entitlements == "reject":
            _refuse_unknown(uow, document)


def _own(document: dict[str, Any]) -> dict[str, Any]:
    """`document` without the manager's address: that is the server's to say, whoever sends it (quirk 69)."""
    manager = document.get(ENTERPRISE, {}).get("manager", {})
    if "$ref" not in manager or not manager.get("value"):
        return document
    named = {name: value for name, value in manager.items() if name != "$ref"}
    return {**document, ENTERPRISE: {**document[ENTERPRISE], "manager": named}}


def _left_alone(before: Mapping[str, Any], document: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """What a PUT that does not mention entitlements or roles keeps: all, unless the connection manages them."""
    if caller.profile.put_clears_omitted or caller.owns_entitlements:
        return {}
    return {name: before[name] for name in MANAGED if name in before and name not in document}


def _refuse_unknown(uow: ResourceUnit, document: Mapping[str, Any]) -> None:
    """R-ROLES-3-03: what can be assigned is what /Entitlements and /Roles list."""
    if "entitlements" in document:
        catalogue = uow.products.catalogue()
        _refuse_strangers("entitlements", "product", document, catalogue.find, sorted(catalogue.products))
    if "roles" in document:
        roles = uow.roles.all()
        _refuse_strangers("roles", "role", document, roles.find, roles.by_code)


def _refuse_strangers(
    name: str, noun: str, document: Mapping[str, Any], find: Callable[[str], str | None], known: Collection[str]
) -> None:
    for element in document.get(name, ()):
        value = str(element.get("value", ""))
        if find(value) is None:
            raise InvalidValue(f"{name}: '{value}' is no {noun} of this tenant. Known: {', '.join(known)}")
