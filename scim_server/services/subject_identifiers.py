"""Whom a receiver means by a subject identifier (RFC 9493, RFC 9967 section 2.1, SSF 1.0 section 3).

Whether there is somebody is told to nobody: who is not found is left alone without a word (SSF 1.0 section 9.1).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scim_server.domain.errors import Invalid
from scim_server.domain.events import GROUP, ID, USER, Subject
from scim_server.services.ports import UnitOfWork

MOST_ALIASES = 20
_ENDPOINTS = {"Users": USER, "Groups": GROUP}
_KINDS = {USER: "User", GROUP: "Group"}
_MEMBERS = {"user": USER, "group": GROUP}
"""Of complex subjects, those that streams tell of."""
_Named = Callable[[UnitOfWork, str, Mapping[str, Any]], Iterator[Subject]]


def subjects_of(uow: UnitOfWork, issuer: str, identifier: Any) -> list[Subject]:
    """Those of the tenant whom the identifier means, `issuer` being the tenant's. Raises Invalid for what is none."""
    return list(_found(uow, issuer, identifier))


def _found(uow: UnitOfWork, issuer: str, identifier: Any) -> Iterator[Subject]:
    if not isinstance(identifier, Mapping) or not isinstance(identifier.get("format"), str):
        raise Invalid('A subject is an object with a format, such as {"format": "email", "email": "jo@example.com"}.')
    named = _FORMATS.get(identifier["format"])
    if named is not None:
        yield from named(uow, issuer, identifier)


def _by_address(uow: UnitOfWork, _issuer: str, identifier: Mapping[str, Any]) -> Iterator[Subject]:
    address = _text(identifier, "email")
    named = uow.users.named(address)
    user_id = uow.addresses.owner(address) if named is None else named.id
    if user_id is not None:
        yield Subject.person(user_id)


def _by_issuer(uow: UnitOfWork, issuer: str, identifier: Mapping[str, Any]) -> Iterator[Subject]:
    named, id_ = _text(identifier, "iss"), _text(identifier, "sub")
    if named == issuer:
        yield from _with_id(uow, USER, id_)


def _by_resource(uow: UnitOfWork, _issuer: str, identifier: Mapping[str, Any]) -> Iterator[Subject]:
    endpoint, _, id_ = _text(identifier, "uri").removeprefix("/").partition("/")
    if endpoint in _ENDPOINTS:
        yield from _with_id(uow, _ENDPOINTS[endpoint], id_)


def _with_id(uow: UnitOfWork, kind: str, id_: str) -> Iterator[Subject]:
    if ID.fullmatch(id_) and uow.members.kinds([id_]).get(id_) == _KINDS[kind]:
        yield Subject(kind, id_)


def _by_member(uow: UnitOfWork, issuer: str, identifier: Mapping[str, Any]) -> Iterator[Subject]:
    """All members are of one subject: its user, else its group."""
    for member, kind in _MEMBERS.items():
        if member in identifier:
            yield from (each for each in _found(uow, issuer, identifier[member]) if each.kind == kind)
            return


def _by_alias(uow: UnitOfWork, issuer: str, identifier: Mapping[str, Any]) -> Iterator[Subject]:
    aliases = identifier.get("identifiers")
    if not isinstance(aliases, list) or len(aliases) > MOST_ALIASES:
        raise Invalid(f"A subject with aliases has a list of {MOST_ALIASES} identifiers at most.")
    for each in aliases:
        if isinstance(each, Mapping) and each.get("format") == "aliases":
            raise Invalid("An alias is an identifier of another format than aliases (RFC 9493 section 3.2.8).")
        yield from _found(uow, issuer, each)


def _text(identifier: Mapping[str, Any], name: str) -> str:
    found = identifier.get(name)
    if not isinstance(found, str) or not found:
        raise Invalid(f"A subject of the format '{identifier['format'][:50]}' has a text '{name}'.")
    return found


_FORMATS: Mapping[str, _Named] = {
    "email": _by_address,
    "iss_sub": _by_issuer,
    "scim": _by_resource,
    "complex": _by_member,
    "aliases": _by_alias,
}
