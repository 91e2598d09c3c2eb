"""What the use cases need from the outside, declared by them and implemented by `store`.

Every repository belongs to one unit of work and so to one tenant (or, for `Operator`, to the operator alone).
Nothing here commits but `UnitOfWork.commit`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.access import Grant, Role, Roles
from scim_server.domain.directory import Group, User
from scim_server.domain.events import Cause, Change, Event
from scim_server.domain.instants import Instant
from scim_server.domain.invitations import Invitation
from scim_server.domain.mails import Mail
from scim_server.domain.particulars import PendingAdd
from scim_server.domain.products import Catalogue, Product
from scim_server.domain.resources import Resource
from scim_server.domain.rules import Rule, Template
from scim_server.domain.seats import Claim, Exclusion, Policy, Reservation, Seat, SeatState, Subscription
from scim_server.domain.sessions import Session
from scim_server.domain.tenants import Connection, PersonToken, Tenant, Token
from scim_server.domain.tombstones import Tombstone
from scim_server.services.audit_entries import AuditEntry, Chain, Checkpoint, SealedEntry, SoughtEntries
from scim_server.services.log_entries import LogEntry, Sought


@dataclass(frozen=True, slots=True)
class Issue:
    """A named problem an admin can act on. At most one is open per code, user, group, product and subject."""

    id: str
    code: str
    subject: str
    opened: Instant
    user_id: str | None = None
    product: str | None = None
    connection_id: str | None = None
    group_id: str | None = None
    closed: Instant | None = None


class Users(Protocol):
    def get(self, user_id: str) -> User | None:
        """The user, locked for this transaction."""
        ...

    def lock(self, user_ids: Iterable[str]) -> dict[str, bool]:
        """Lock those that exist, by id, and say of each whether the person may hold seats."""
        ...

    def add(self, user: User) -> None:
        """Raises Taken where the user name is in use."""
        ...

    def save(self, user: User) -> None:
        """Raises Taken where the user name is in use."""
        ...

    def remove(self, user: User) -> None:
        """Take the user out, with the tokens they have and when they were seen."""
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

    def ids_after(self, user_id: str, most: int) -> list[str]:
        """The ids of the next users by id, so many at most; the first ones after an empty text."""
        ...

    def misfiled(self) -> list[User]:
        """Those whose columns or e-mails beside the document do not say what it says."""
        ...

    def named(self, user_name: str) -> User | None:
        """The user of that name, letter case and form ignored, not locked."""
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

    def named(self, user_name: str) -> list[Tombstone]:
        """Those of that user name, letter case and form ignored."""
        ...

    def all(self) -> list[Tombstone]: ...

    def predecessor(self, user: User, since: Instant) -> Tombstone | None:
        """The id of the person deleted after `since` whom `user` continues, and nobody else does.

        They have the same origin, and the same externalId or the same address with no other externalId.
        """
        ...

    def continued_by(self, user_ids: Collection[str]) -> dict[str, list[str]]:
        """Of those users who continue deleted ones, the ids of these."""
        ...

    def succeed(self, user_id: str, successor: str) -> bool:
        """Let `successor` continue a deleted person, and whomever that one continued: their sessions pass over.

        Answers whether the person was still to be continued.
        """
        ...

    def remove(self, tombstone: Tombstone) -> bool:
        """Take it out; answers whether it was there, and nobody else had come after the person."""
        ...

    def forget(self, until: Instant) -> int:
        """Remove the tombstones of whoever was deleted at or before that moment; answers how many."""
        ...


class Sightings(Protocol):
    def of(self, user_ids: Collection[str]) -> dict[str, Instant]:
        """When those users were last seen, of those who ever were."""
        ...

    def meant(self, texts: Collection[str]) -> dict[str, str]:
        """The user that each text means, by id or by user name; they cannot be deleted meanwhile."""
        ...

    def report(self, seen: Mapping[str, Instant]) -> None:
        """Note when users were seen. What is known never goes back."""
        ...


class PendingAdds(Protocol):
    def put(self, pending: PendingAdd) -> None:
        """Keep it, in place of one with the same address."""
        ...

    def all(self) -> list[PendingAdd]:
        """Those kept, oldest first."""
        ...

    def remove(self, add_id: str) -> bool:
        """Whether it was still there."""
        ...


class Groups(Protocol):
    def get(self, group_id: str) -> Group | None:
        """The group, locked for this transaction."""
        ...

    def any_nested(self) -> bool:
        """Whether any group of the tenant is a member of another one."""
        ...

    def lock_below(self, group_ids: Iterable[str]) -> frozenset[str]:
        """Lock the groups and all groups nested in them, so that nobody joins or leaves meanwhile.

        Answers the ids of those that exist.
        """
        ...

    def named(self, display_name: str) -> Group | None:
        """The oldest group of that name, letter case ignored."""
        ...

    def names(self, group_ids: Collection[str]) -> dict[str, str]:
        """The display names of those that exist, by id."""
        ...

    def add(self, group: Group) -> None:
        """Raises Taken where the group's name is to be unique and is in use."""
        ...

    def save(self, group: Group) -> None:
        """Raises Taken where the group's name is to be unique and is in use."""
        ...

    def remove(self, group_id: str) -> None:
        """Take the group out; it must have no members and be a member of nothing."""
        ...


class Members(Protocol):
    def kinds(self, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that name a user ("User") or a group ("Group") of the tenant."""
        ...

    def of(self, group_id: str) -> dict[str, str]:
        """The members of the group, id to kind."""
        ...

    def present(self, group_id: str, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that are members of the group, id to kind."""
        ...

    def add(self, group_id: str, kinds: Mapping[str, str]) -> None:
        """Make them members; none of them may be one already."""
        ...

    def remove(self, group_id: str, ids: Collection[str]) -> None:
        """End those memberships."""
        ...

    def gone(self) -> list[tuple[str, str]]:
        """The members that are neither a user nor a group, with their groups: group id and member id."""
        ...

    def groups_of(self, member_id: str) -> list[str]:
        """The groups that the user or group is a direct member of, by id."""
        ...

    def users_below(self, group_ids: Collection[str]) -> list[str]:
        """Every user in the groups or in groups nested in them, by id."""
        ...


class Resources(Protocol):
    """Resources of types that nothing but a schema describes."""

    def get(self, kind: str, resource_id: str) -> Resource | None:
        """The resource of that type, locked for this transaction."""
        ...

    def add(self, resource: Resource) -> None:
        """Raises Taken where a value that must be unique is in use."""
        ...

    def save(self, resource: Resource) -> None:
        """Raises Taken where a value that must be unique is in use."""
        ...

    def remove(self, resource: Resource) -> None:
        """Take the resource out and free its unique values."""
        ...

    def types(self, ids: Collection[str]) -> dict[str, str]:
        """Of `ids`, those that name a resource of the tenant, with the name of its type, users and groups included."""
        ...


class Addresses(Protocol):
    def take(self, address: str, user_id: str) -> str | None:
        """Make the user owner of the address if nobody is.

        Answers the owner's id; None where another tenant owns it.
        """
        ...

    def give_up(self, address: str, user_id: str) -> str | None:
        """End the ownership, if the user has it; answers the next user of the tenant with that address.

        Where there is none the address is free, and the issues of whoever was refused it are closed.
        """
        ...

    def owner(self, address: str) -> str | None:
        """The id of the user of this tenant who owns the address, not locked."""
        ...

    def leave(self, address: str, user_id: str) -> bool:
        """End the ownership for somebody of another tenant, who takes the address in this very transaction.

        Nobody of this tenant inherits it. Answers whether the user was the owner.
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


class Products(Protocol):
    def catalogue(self) -> Catalogue: ...


class Ledger(Protocol):
    """Claims, seats and subscriptions. Only `entitling`, `settling` and `subscribing` write it."""

    def claims(self, user_ids: Collection[str]) -> list[Claim]: ...

    def add_claims(self, claims: Sequence[Claim]) -> None: ...

    def drop_claims(self, claims: Sequence[Claim]) -> None: ...

    def restart_claims(self, user_ids: Collection[str], now: Instant) -> None:
        """Give every claim of those users the claim time `now`."""
        ...

    def lock(self, products: Sequence[str], needed: Collection[str]) -> dict[str, Subscription]:
        """Lock those subscriptions of `products` that exist, by product; one of `needed` is made with no seats."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions by product, not locked."""
        ...

    def save_terms(self, product: str, seats: int, policy: Policy, overage: int) -> None:
        """Set what was bought; the subscription must be locked."""
        ...

    def count(self, product: str, assigned: int, waiting: int) -> None:
        """Add to the counters, never beyond what was bought (invariant 1)."""
        ...

    def recount(self, product: str, assigned: int, waiting: int) -> None:
        """Set the counters to what was counted; the subscription must be locked."""
        ...

    def seats(self, user_ids: Collection[str], products: Collection[str] | None = None) -> list[Seat]: ...

    def queue(self, subscription: Subscription) -> list[Seat]:
        """The waiting seats that its room could go to, by rank, claim time and id."""
        ...

    def waiting(self, product: str) -> list[Seat]:
        """Every waiting seat, in the same order."""
        ...

    def held_seats(self) -> list[Seat]:
        """Every held seat, the first due first."""
        ...

    def holders(self, product: str, limit: int) -> list[str]:
        """User names of people with a seat that counts."""
        ...

    def held(self, product: str) -> int:
        """How many seats are held."""
        ...

    def add_seats(self, seats: Sequence[Seat]) -> None: ...

    def set_state(self, product: str, user_ids: Collection[str], state: SeatState, now: Instant) -> None:
        """Bring the seats of those users to `state`, since `now`."""
        ...

    def hold_seats(self, held: Sequence[Seat]) -> None:
        """Bring those assigned seats to `held`."""
        ...

    def move_seats(self, moved: Sequence[Seat]) -> None:
        """Give those seats their new places in the queue, and the terms that go with them."""
        ...

    def drop_seats(self, seats: Sequence[Seat]) -> None: ...

    def guarded_releases(self, product: str, since: Instant) -> int:
        """How many seats of the product guarded changes have released after `since`."""
        ...

    def note_guarded_releases(self, new_id: str, product: str, now: Instant, count: int, window: Instant) -> None:
        """Note that a guarded change released so many, and forget those up to `window`."""
        ...

    def exclusions(self, user_ids: Collection[str]) -> list[Exclusion]: ...

    def add_exclusions(self, new: Collection[Exclusion]) -> None:
        """Add those that are not there."""
        ...

    def drop_exclusions(self, gone: Collection[Exclusion]) -> None: ...

    def reservations(self, invitation_id: str | None = None) -> list[Reservation]:
        """Seats kept for one invitation, or for all."""
        ...

    def add_reservations(self, new: Sequence[Reservation]) -> None: ...

    def drop_reservations(self, invitation_id: str) -> None: ...


class Rules(Protocol):
    def all(self) -> list[Rule]:
        """Every rule by priority."""
        ...

    def add(self, rule: Rule) -> None: ...

    def save(self, rule: Rule) -> None:
        """Save all of the rule but its priority's place among the others: that must be free."""
        ...

    def reorder(self, rule_ids: Sequence[str]) -> None:
        """Give all rules of the tenant the priorities from 1 on, in that order."""
        ...

    def remove(self, rule_id: str) -> None: ...

    def matches(self, user_ids: Collection[str]) -> list[tuple[str, str]]:
        """Which of those users meet which rules by being in a group, enabled or not: user id and rule id."""
        ...

    def bind(self, group_name: str, group_id: str) -> list[Rule]:
        """Bind the rules that wait for a group of that name; answers them."""
        ...

    def rename(self, group_id: str, group_name: str) -> None:
        """Show the rules of a group under its new name."""
        ...

    def unbind(self, group_id: str) -> list[Rule]:
        """Leave the rules of a deleted group without one; answers them."""
        ...


class AttributeCondition(Protocol):
    """What the conditions of rules mean: filters over people, in the words of the tenant's schemas."""

    def check(self, text: str) -> None:
        """Raises Invalid where `text` is no condition, or looks at what the server works out itself."""
        ...

    def meeting(self, conditions: Mapping[str, str], user_ids: Collection[str] | None = None) -> list[tuple[str, str]]:
        """Who of those users, or of the whole tenant, meets which of the conditions by rule id: user id and rule id.

        One statement, however many people and (up to a hundred short ones) conditions.
        """
        ...


class Templates(Protocol):
    """Named sets of settings that the application reads, by product and name."""

    def all(self) -> list[Template]:
        """Every template by product and name."""
        ...

    def put(self, template: Template) -> None:
        """Write the template, over an earlier one of its product and name."""
        ...

    def remove(self, product: str, name: str) -> None: ...


class RoleRegister(Protocol):
    def all(self, *, kept: bool = False) -> Roles:
        """Every role of the tenant. Those that are `kept` stay until this transaction ends."""
        ...

    def add(self, role: Role) -> None:
        """Raises Taken where the code is in use."""
        ...

    def lock(self, code: str) -> bool:
        """Whether the tenant has a role of its own under that code, which nobody then can grant meanwhile."""
        ...

    def remove(self, code: str) -> None:
        """Take a role of the tenant's own out; nobody may have it."""
        ...


class Grants(Protocol):
    """Who has which role. Only `services/granting.py` writes it; the people must be locked."""

    def of(self, user_ids: Collection[str]) -> list[Grant]: ...

    def with_role(self, role: str) -> list[Grant]:
        """The grants of that role, by user and source."""
        ...

    def people(self) -> dict[str, int]:
        """How many people have each role that anybody has."""
        ...

    def lock(self, role: str) -> None:
        """Lock the grants of that role, in the order of their users: after the people, before subscriptions."""
        ...

    def add(self, new: Sequence[Grant]) -> None: ...

    def drop(self, ended: Sequence[Grant]) -> None: ...


class Issues(Protocol):
    def open(self, *new: Issue) -> None:
        """Open those that are not open."""
        ...

    def close(
        self,
        code: str,
        *,
        user_ids: Collection[str] = (),
        product: str | None = None,
        subjects: Collection[str] = (),
    ) -> None:
        """Close the open issues of that code that match everything given."""
        ...

    def close_all_of(self, user_id: str) -> None:
        """Close every open issue of a person who is gone."""
        ...

    def close_these(self, settled: Collection[Issue]) -> None:
        """Close just those, however many."""
        ...

    def close_all_of_group(self, group_id: str) -> None:
        """Close every open issue of a group that is gone."""
        ...

    def of(self, user_ids: Collection[str]) -> list[Issue]:
        """The open issues of those users, oldest first."""
        ...

    def of_group(self, group_id: str) -> list[Issue]:
        """The open issues of a group, oldest first."""
        ...

    def find(self, *, closed: bool, code: str | None = None, user_id: str | None = None) -> list[Issue]:
        """The open issues of the tenant, and the closed ones if wanted, that meet every condition, oldest first."""
        ...

    def of_gone(self) -> list[Issue]:
        """The open issues of people who are not there."""
        ...

    def of_products(self, codes: Collection[str]) -> list[Issue]:
        """The open issues of those codes that are about a product and nobody, oldest first."""
        ...


class Connections(Protocol):
    def all(self) -> list[Connection]: ...

    def named(self, name: str) -> Connection | None: ...

    def add(self, connection: Connection) -> None:
        """Raises Taken where the name is in use."""
        ...

    def mark_wrote_entitlements(self, connection_id: str) -> None: ...

    def add_token(self, token: Token) -> None: ...

    def revoke_token(self, token_id: str, now: Instant) -> bool:
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


class Sessions(Protocol):
    """Meetings, webinars, trainings and recordings.

    Nobody but its organiser sees a recording, whatever their role (invariant 12): what answers sessions takes the id
    of the user who looks, None for the operator and the system, or leaves recordings out.
    """

    def visible(self, viewer: str | None, organiser: str | None = None) -> list[Session]:
        """All sessions that the viewer may see, or those of one organiser, by start."""
        ...

    def visible_among(self, viewer: str | None, session_ids: Collection[str]) -> list[Session]:
        """Of those sessions, the ones that the viewer may see."""
        ...

    def upcoming(self, organiser: str, now: Instant) -> list[Session]:
        """Meetings, webinars and trainings of the organiser that start after `now`, by start."""
        ...

    def differing(self, wanted: Sequence[Session]) -> list[Session]:
        """Of those sessions, the ones that are not stored just so."""
        ...

    def taking_recordings(self, wanted: Collection[Session]) -> set[str]:
        """Ids of those that would make of a stored recording another one's, or another kind of session."""
        ...

    def save(self, *wanted: Session) -> None:
        """Store them, new or in place of those with their ids."""
        ...

    def remove(self, session_ids: Collection[str]) -> None:
        """Take those out, recordings excepted."""
        ...

    def seal_recordings(self, organiser: str) -> None:
        """Take the organiser off all their recordings, so that nobody sees them any more."""
        ...


class Invitations(Protocol):
    """The invitations of one tenant. Whoever writes one holds the tenant's guard, exclusively."""

    def all(self) -> list[Invitation]:
        """Every invitation, oldest first."""
        ...

    def get(self, invitation_id: str) -> Invitation | None: ...

    def open_for(self, address: str) -> Invitation | None:
        """The one that is open for the address, letter case ignored, whether or not its time is up."""
        ...

    def due(self) -> list[Invitation]:
        """Those that are open although their time is up."""
        ...

    def add(self, invitation: Invitation) -> None: ...

    def save(self, invitation: Invitation) -> None: ...


class Mails(Protocol):
    """The outbox of mails: they are sent after this transaction, if it is committed."""

    def post(self, mail: Mail) -> None:
        """Put a mail in the outbox."""
        ...

    def recall(self, about: str) -> None:
        """Take back what was not sent yet about that."""
        ...


class ProvisioningLog(Protocol):
    def find(self, sought: Sought) -> list[LogEntry]:
        """The newest entries that meet every condition, oldest first."""
        ...


class Trail(Protocol):
    """The audit trail and its chain. Entries come into it by `UnitOfWork.record`."""

    def chain(self) -> Chain:
        """The end of the chain."""
        ...

    def lock_chain(self) -> Chain:
        """The end of the chain, which nobody else moves before this transaction ends."""
        ...

    def places(self) -> tuple[int, int] | None:
        """The first and the last place that any entry or checkpoint has; None where none has one."""
        ...

    def unsealed(self, limit: int) -> list[SealedEntry]:
        """So many entries at most that have no place in the chain yet, by id."""
        ...

    def seal(self, places: Sequence[tuple[str, Chain]], checkpoint: Checkpoint) -> None:
        """Give entries (by id) their places, and sign for the last; the chain must be locked."""
        ...

    def sealed(self, above: int, upto: int) -> list[SealedEntry]:
        """The entries in those places of the chain, in order."""
        ...

    def checkpoints(self, above: int, upto: int) -> list[Checkpoint]:
        """The checkpoints in those places of the chain, in order."""
        ...

    def find(self, sought: SoughtEntries) -> list[AuditEntry]:
        """The newest entries that meet every condition, newest first, decrypted where there is a key."""
        ...


class RequestLog(Protocol):
    """What is known so far of the request that a transaction belongs to."""

    def note(self, text: str) -> None:
        """Say in the log what was left out or passed over."""
        ...

    def answering(self, resource_id: str, *, shown: bool) -> None:
        """Say which resource is answered, and whether the answer has a body."""
        ...

    def entry(self, changes: Sequence[Change]) -> LogEntry | None:
        """The entry to write with a commit that makes those changes; None where it is written otherwise."""
        ...

    def committed(self, changes: Sequence[Change]) -> None:
        """Say that those changes, and the entry, are there to stay."""
        ...


class UnitOfWork(Protocol):
    """One transaction of one tenant. Leaving the block without `commit` rolls everything back."""

    @property
    def tenant(self) -> Tenant: ...

    @property
    def now(self) -> Instant: ...

    @property
    def cause(self) -> Cause: ...

    @property
    def users(self) -> Users: ...

    @property
    def tombstones(self) -> Tombstones: ...

    @property
    def sightings(self) -> Sightings: ...

    @property
    def pending_adds(self) -> PendingAdds: ...

    @property
    def groups(self) -> Groups: ...

    @property
    def members(self) -> Members: ...

    @property
    def resources(self) -> Resources: ...

    @property
    def addresses(self) -> Addresses: ...

    @property
    def products(self) -> Products: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def rules(self) -> Rules: ...

    @property
    def conditions(self) -> AttributeCondition: ...

    @property
    def templates(self) -> Templates: ...

    @property
    def roles(self) -> RoleRegister: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def issues(self) -> Issues: ...

    @property
    def connections(self) -> Connections: ...

    @property
    def person_tokens(self) -> PersonTokens: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def mails(self) -> Mails: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def log(self) -> ProvisioningLog: ...

    @property
    def trail(self) -> Trail: ...

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        ...

    def save_tenant(self, tenant: Tenant) -> None:
        """Save the name and the terms of this tenant. Raises Taken where what is stored forbids a switch."""
        ...

    def guard(self, *, exclusive: bool) -> bool:
        """Take the tenant's admin guard, before any other lock; `provisioning.enter_groups` says who takes it how.

        Answers whether any of the tenant's rules looks at attributes of people; no such rule can come meanwhile.
        Taken again, it costs nothing.
        """
        ...

    def record(self, change: Change) -> None:
        """Note a change for the audit trail; several of one object become one entry."""
        ...

    def publish(self, event: Event) -> None:
        """Note an event for the outbox."""
        ...

    def commit(self, request: RequestLog | None = None) -> None:
        """Make it so, with the log entry of the request that asked for it."""
        ...


class Crossing(Protocol):
    """One transaction of two tenants, the one thing that reaches across the wall between them, by consent alone.

    It holds the guards of both, exclusively, taken in the order of their ids. `here` takes in, `there` lets go.
    """

    @property
    def here(self) -> UnitOfWork: ...

    @property
    def there(self) -> UnitOfWork: ...

    def move_sessions(self, leaver_id: str, newcomer_id: str) -> dict[str, str]:
        """Make the newcomer here organiser of every session and recording of the leaver there.

        Answers their ids there, and those they have here. Co-organisers stay behind: they are people of the other
        tenant.
        """
        ...

    def commit(self) -> None:
        """Make it so in both tenants."""
        ...


class Operator(Protocol):
    """One transaction of the operator, who stands above the tenants."""

    @property
    def now(self) -> Instant: ...

    def new_id(self) -> str: ...

    def new_tenant_id(self) -> str: ...

    def tenants(self) -> list[Tenant]: ...

    def tenant(self, slug: str) -> Tenant | None: ...

    def tenants_with_due_removals(self) -> list[Tenant]:
        """The tenants that hold a seat whose time has run out, by slug."""
        ...

    def tenants_with_pending_adds(self) -> list[Tenant]:
        """The tenants where an add waits for an address, by slug."""
        ...

    def add_tenant(self, tenant: Tenant) -> None:
        """Raises Taken where the slug is in use."""
        ...

    def catalogue(self) -> Catalogue: ...

    def add_product(self, product: Product) -> None:
        """Raises Taken where the code is in use."""
        ...

    def tokens(self) -> list[tuple[Tenant, Connection, Token]]: ...

    def bearer(self, tenant_id: str, token_id: str) -> tuple[Tenant, Connection, Token] | None:
        """The token of that public id with its connection and tenant; whether it opens anything is not checked."""
        ...

    def person_tokens(self) -> list[tuple[Tenant, User, PersonToken]]: ...

    def person(self, tenant_id: str, token_id: str) -> tuple[Tenant, User, PersonToken] | None:
        """The person's token of that public id; whether it opens anything is not checked."""
        ...

    def unsealed_tenants(self) -> list[Tenant]:
        """The tenants whose audit trails have entries that are not sealed."""
        ...

    def invitation(self, tenant_id: str, digest: str) -> tuple[Tenant, Invitation] | None:
        """The invitation whose link has that digest, with the tenant that invites."""
        ...

    def tenants_with_due_invitations(self) -> list[Tenant]:
        """Those with invitations that are open although their time is up."""
        ...

    def address_owner(self, address: str) -> Tenant | None:
        """The tenant that owns the address, where addresses are unique across tenants."""
        ...

    def due_mails(self, most: int) -> list[Mail]:
        """Mails of all tenants whose turn has come, so many at most."""
        ...

    def try_mail(self, mail: Mail) -> bool:
        """Note an attempt to send the mail; False where somebody else makes it, or it was recalled."""
        ...

    def mail_sent(self, mail: Mail) -> None:
        """Note that the mail was sent, and forget its body."""
        ...

    def log_entry(self, request_id: str) -> tuple[Tenant, LogEntry] | None:
        """The log entry of a request, whichever tenant's."""
        ...

    def add_log_entries(self, entries: Sequence[LogEntry]) -> None:
        """Add entries of any tenants; those that are there already stay as they are."""
        ...

    def remove_log_entries(self, before: str, most: int) -> int:
        """Remove the oldest entries with ids below `before`, so many at most; answers how many."""
        ...

    def lease_chore(self, name: str, until: Instant, *, early: bool) -> bool:
        """Take the chore until that moment, unless somebody has it; `early` takes it from whoever has it."""
        ...

    def chore_leases(self) -> dict[str, Instant]:
        """Until when each chore is somebody's, by name; one that nobody ever ran has none."""
        ...

    def commit(self) -> None: ...


class Units(Protocol):
    """Opens transactions. A write that loses against another is begun again by `services.retrying.retried`."""

    def write(self, tenant: Tenant, cause: Cause) -> AbstractContextManager[UnitOfWork]: ...

    def write_both(self, here: Tenant, there: Tenant, cause: Cause) -> AbstractContextManager[Crossing]: ...

    def read(self, tenant: Tenant) -> AbstractContextManager[UnitOfWork]: ...

    def operator(self) -> AbstractContextManager[Operator]: ...

    def overview(self) -> AbstractContextManager[Operator]:
        """The operator's view, to read only."""
        ...
