"""Who is in the directory, who was, and what is known of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.particulars import PendingAdd
from scim_server.domain.tenants import ApiToken, PersonToken
from scim_server.domain.tombstones import Tombstone
from scim_server.services.sought_people import SoughtPeople


class Users(Protocol):
    def get(self, user_id: str) -> User | None:
        """The user, locked for this transaction."""
        ...

    def expect_lock(self, user_ids: Collection[str]) -> None:
        """Have those whom `lock` is asked for next locked with whatever is asked before, and what the ledger knows of
        them read under that lock. Whoever locks others besides locks them after these, in whatever order."""
        ...

    def lock(self, user_ids: Iterable[str]) -> dict[str, bool]:
        """Lock those that exist, by id, and say of each whether the person may hold seats."""
        ...

    def add(self, *new: User) -> None:
        """Raises Taken where a user name is in use."""
        ...

    def save(self, *changed: User) -> None:
        """Raises Taken where a user name is in use."""
        ...

    def remove(self, user: User) -> list[str]:
        """Take the user out, with the tokens they have and when they were seen; answers the ids of the tokens."""
        ...

    def ids(self) -> list[str]:
        """The id of every user of the tenant."""
        ...

    def some(self, user_ids: Collection[str]) -> list[User]:
        """Those users, not locked."""
        ...

    def all(self) -> Iterator[User]:
        """Every user of the tenant by id, not locked."""
        ...

    def page(self, sought: SoughtPeople, after: str, most: int) -> list[User]:
        """The next users who are sought, by id, so many at most, not locked; the first ones after an empty text."""
        ...

    def ids_after(self, user_id: str, most: int) -> list[str]:
        """The ids of the next users by id, so many at most; the first ones after an empty text."""
        ...

    def sign_out(self, user_id: str) -> None:
        """End the user's visits of the console."""
        ...

    def returning_to_roles(self, origin: str) -> list[User]:
        """Those of that origin who are suspended and whose document may name roles, which then are theirs again; not
        locked."""
        ...

    def misfiled(self) -> list[User]:
        """Those whose columns or e-mails beside the document do not say what it says."""
        ...

    def mark_plain(self) -> int:
        """Mark anew which documents answers show as they stand, which a change of the schemas undoes; answers of how
        many. Nothing else of anybody changes. They must be locked."""
        ...

    def named(self, user_name: str) -> User | None:
        """The user of that name, letter case and form ignored, not locked."""
        ...

    def with_external_id(self, text: str) -> User | None:
        """The user of that externalId; None where there is none, or several."""
        ...

    def called(self, text: str) -> User | None:
        """The user of that name, letter case and form ignored, or else of that id; not locked."""
        ...

    def name_key(self, user_name: str) -> str | None:
        """The user name as it is compared; None for one that nobody can have."""
        ...

    def can_be_named(self, user_name: str) -> bool:
        """Whether anybody could have that user name."""
        ...

    def identified(self, texts: Collection[str]) -> dict[str, str]:
        """Of those texts, the ones that are the name or else the id of a user, with that user's id; not locked."""
        ...


class Tombstones(Protocol):
    """Who was deleted; the newest first."""

    def add(self, tombstone: Tombstone) -> None: ...

    def called(self, text: str) -> list[Tombstone]:
        """Those of that user name, letter case and form ignored, or else of that id."""
        ...

    def all(self) -> list[Tombstone]: ...

    def some(self, user_ids: Collection[str]) -> list[Tombstone]:
        """Those of these people."""
        ...

    def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """The user names that those people had, by id; of who is forgotten there is none."""
        ...

    def page(self, after: tuple[Instant, str] | None, limit: int) -> list[Tombstone]:
        """Those behind the one deleted at that moment, of that id; so many at most."""
        ...

    def predecessor(self, user: User, since: Instant) -> Tombstone | None:
        """The id of the person deleted after `since` whom `user` continues, and nobody else does.

        They have the same origin, and the same externalId or the same address with no other externalId.
        """
        ...

    def of_addresses(self, addresses: Collection[str], since: Instant) -> dict[str, Tombstone]:
        """The newest of those who were deleted after `since` and had one of the addresses, by the address as given."""
        ...

    def continued_by(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """Of those users who continue deleted ones, the ids of these."""
        ...

    def succeed(self, user_id: str, successor: str) -> list[str]:
        """Let `successor` continue a deleted person, and whomever that one continued: their sessions pass over.

        Answers the ids of all of these; nobody where the person was not to be continued any more.
        """
        ...

    def remove(self, tombstone: Tombstone) -> bool:
        """Take it out; answers whether it was there, and nobody else had come after the person."""
        ...

    def forget(self, until: Instant) -> dict[str, Instant]:
        """Remove the tombstones of whoever was deleted at or before that moment; answers whose, and when that was."""
        ...


class Sightings(Protocol):
    def of(self, user_ids: Collection[str]) -> dict[str, Instant]:
        """When those users were last seen, of those who ever were."""
        ...

    def any(self) -> bool:
        """Whether anybody was ever seen."""
        ...

    def meant(self, texts: Collection[str]) -> dict[str, str]:
        """The user that each text means, by id or by user name; they cannot be deleted meanwhile."""
        ...

    def report(self, seen: Mapping[str, Instant]) -> None:
        """Note when users were seen. What is known never goes back."""
        ...


class PendingAdds(Protocol):
    def put(self, pending: PendingAdd) -> bool:
        """Keep it, in place of one with the same address; False where somebody else has just put one there."""
        ...

    def all(self) -> list[PendingAdd]:
        """Those kept, oldest first."""
        ...

    def remove(self, add_id: str) -> bool:
        """Whether it was still there."""
        ...


class Addresses(Protocol):
    def take(self, wanted: Mapping[str, str]) -> dict[str, str | None]:
        """Make users, by id, owners of their addresses where nobody is; no two of them may have the same.

        Answers the id of the owner of each one's address; None where another tenant owns it.
        """
        ...

    def owners_of(self, addresses: Collection[str]) -> dict[str, str | None]:
        """Of those addresses, the ones that somebody owns: by the address as given the owner's id, None where another
        tenant owns it; not locked."""
        ...

    def owner(self, address: str) -> str | None:
        """The id of the user of this tenant who owns the address, not locked."""
        ...

    def leave(self, address: str, user_id: str) -> bool:
        """End the ownership; answers whether the user had it. `pass_on` is to follow, unless somebody of another
        tenant takes the address in this very transaction."""
        ...

    def pass_on(self, address: str, user_id: str) -> str | None:
        """Let the next user of the tenant with that address own what `user_id` has left; answers who that is.

        Where there is nobody the address is free, and the issues of whoever was refused it are closed.
        """
        ...

    def owned_elsewhere(self, address: str) -> bool:
        """Whether another tenant owns the address; if so, it stays that way until this transaction ends."""
        ...

    def owners(self) -> dict[str, str]:
        """The addresses that the tenant's users own, as they are compared, and whose each is."""
        ...

    def key(self, address: str) -> str:
        """The address as it is compared."""
        ...

    def same(self, first: str | None, second: str | None) -> bool:
        """Whether the two are one address, letter case ignored."""
        ...


class ApiTokens(Protocol):
    """The tokens of the admin API that are one tenant's."""

    def all(self) -> list[ApiToken]:
        """Every token, oldest first."""
        ...

    def add(self, token: ApiToken) -> None: ...

    def revoke(self, token_id: str, now: Instant) -> bool:
        """Whether the token was live until now."""
        ...


class PersonTokens(Protocol):
    def add(self, token: PersonToken) -> None: ...

    def revoke(self, token_id: str, now: Instant) -> bool:
        """Whether the token was live until now."""
        ...

    def revoke_all_of(self, user_id: str, now: Instant) -> list[str]:
        """Revoke every token of the user; answers the ids of those that were not revoked yet."""
        ...
