"""Whose addresses a tenant takes: any while it has no verified domain, else those in its verified domains alone.

Nobody loses an address by it: who is here with one in another domain keeps it until it is changed.
"""

from collections.abc import Collection, Iterable, Iterator

from scim_server.domain.directory import User
from scim_server.domain.domains import has_domain, lies_in
from scim_server.domain.errors import ForeignDomain
from scim_server.services.ports import UnitOfWork


def check_newcomers(uow: UnitOfWork, users: Iterable[User]) -> None:
    """Raises ForeignDomain for the first address that lies elsewhere. Whoever writes holds the guard."""
    domains = uow.domains.verified()
    for user in users:
        foreign = foreign_address(user, domains)
        if foreign is not None:
            raise ForeignDomain(*foreign, sorted(domains))


def check_change(uow: UnitOfWork, before: User, after: User) -> None:
    """The same for somebody who changes, where that brings an address or makes another one count."""
    known, wanted = ({address for _, address in _addresses(user)} for user in (before, after))
    if wanted - known or after.address != before.address:
        check_newcomers(uow, [after])


def check_address(uow: UnitOfWork, address: str, place: str) -> None:
    """The same for an address alone; `place` is where it stands."""
    domains = uow.domains.verified()
    if domains and not lies_in(address, domains):
        raise ForeignDomain(place, address, sorted(domains))


def foreign_address(user: User, domains: Collection[str]) -> tuple[str, str] | None:
    """The first address of a person that lies in none of those domains, after the attribute it stands in."""
    if not domains:
        return None
    return next((each for each in _addresses(user) if not lies_in(each[1], domains)), None)


def _addresses(user: User) -> Iterator[tuple[str, str]]:
    """What the person can be reached by, or be known by, with the attribute that says so.

    A name in disguise is none: who is renamed before a deletion must not be kept by it.
    """
    texts = [
        ("userName", user.true_name or user.user_name),
        *(("emails", str(email.get("value", ""))) for email in user.emails),
    ]
    return ((place, text) for place, text in texts if has_domain(text))
