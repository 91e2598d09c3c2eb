"""Transactions, and what one gives access to."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from scim_server.domain.events import Cause, Change, Event
from scim_server.domain.instants import Instant
from scim_server.domain.mails import Mail
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.products import Catalogue, Product
from scim_server.domain.seats import Move
from scim_server.domain.tenants import ApiToken, Connection, Tenant
from scim_server.domain.visits import Visit
from scim_server.services.keyed_requests import KeptAnswer, KeptRequest, Keyed
from scim_server.services.log_entries import LogEntry
from scim_server.services.ports.async_requests import AsyncRequests
from scim_server.services.ports.authorizations import (
    AccessTokens,
    OAuthClients,
    SigningKeys,
    UsedProofs,
)
from scim_server.services.ports.bearers import Bearers
from scim_server.services.ports.belongings import Belongings
from scim_server.services.ports.consents import ApprovalCodes, OAuthGrants, RefreshTokens
from scim_server.services.ports.directory import Groups, Members, Resources
from scim_server.services.ports.domains import Domains
from scim_server.services.ports.erasures import Erasures
from scim_server.services.ports.events import Events
from scim_server.services.ports.feeds import Feeds
from scim_server.services.ports.imports import Imports
from scim_server.services.ports.inventories import Inventory
from scim_server.services.ports.issues import Issues
from scim_server.services.ports.ledgers import Ledger, Products
from scim_server.services.ports.operator_webhooks import OperatorWebhooks
from scim_server.services.ports.outside import (
    Connections,
    Invitations,
    Mails,
    MailTemplates,
    Sessions,
    SignInProviders,
    TrustedIssuers,
    Welcomes,
)
from scim_server.services.ports.people import (
    Addresses,
    ApiTokens,
    PendingAdds,
    PersonTokens,
    Sightings,
    Tombstones,
    Users,
)
from scim_server.services.ports.receipts import Receipts
from scim_server.services.ports.records import ProvisioningLog, RequestLog, Trail, Verifications
from scim_server.services.ports.rulebooks import AttributeCondition, Grants, RoleRegister, Rules, Templates
from scim_server.services.ports.surveys import Surveys
from scim_server.services.ports.webhooks import Cursors, Deliveries, Streams, Webhooks
from scim_server.services.tenant_healths import SoughtTenants, TenantHealth
from scim_server.services.token_entries import SoughtTokens, TokenEntry, TokenUse
from scim_server.telemetry.metrics import Figure


class UnitOfWork(Protocol):
    """One transaction of one tenant. Leaving the block without `commit` rolls everything back."""

    @property
    def tenant(self) -> Tenant: ...

    @property
    def now(self) -> Instant: ...

    @property
    def cause(self) -> Cause: ...

    @property
    def changes(self) -> Mapping[tuple[str, str], Change]:
        """What was recorded so far, one change per object, by its type and id."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """What was published so far."""
        ...

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
    def belongings(self) -> Belongings: ...

    @property
    def trusted_issuers(self) -> TrustedIssuers: ...

    @property
    def sign_in_provider(self) -> SignInProviders: ...

    @property
    def api_tokens(self) -> ApiTokens: ...

    @property
    def person_tokens(self) -> PersonTokens: ...

    @property
    def oauth_clients(self) -> OAuthClients: ...

    @property
    def access_tokens(self) -> AccessTokens: ...

    @property
    def used_proofs(self) -> UsedProofs: ...

    @property
    def domains(self) -> Domains: ...

    @property
    def oauth_grants(self) -> OAuthGrants: ...

    @property
    def refresh_tokens(self) -> RefreshTokens: ...

    @property
    def approval_codes(self) -> ApprovalCodes: ...

    @property
    def invitations(self) -> Invitations: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def mails(self) -> Mails: ...

    @property
    def mail_templates(self) -> MailTemplates: ...

    @property
    def welcomes(self) -> Welcomes: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def imports(self) -> Imports: ...

    @property
    def surveys(self) -> Surveys: ...

    @property
    def placed_events(self) -> Events: ...

    @property
    def webhooks(self) -> Webhooks: ...

    @property
    def streams(self) -> Streams: ...

    @property
    def cursors(self) -> Cursors: ...

    @property
    def feeds(self) -> Feeds: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def async_requests(self) -> AsyncRequests: ...

    @property
    def log(self) -> ProvisioningLog: ...

    @property
    def trail(self) -> Trail: ...

    @property
    def verifications(self) -> Verifications: ...

    @property
    def inventory(self) -> Inventory: ...

    @property
    def erasures(self) -> Erasures: ...

    def new_id(self) -> str:
        """A fresh UUIDv7."""
        ...

    def save_tenant(self, tenant: Tenant) -> None:
        """Save the name and the terms of this tenant. Raises Taken where what is stored forbids a switch."""
        ...

    def tell_scim(self, form: str | None, told: Collection[str] = ()) -> None:
        """Have the tenant's events say what SCIM makes of each change (`Tenant.tells`). `told` are the URIs of the
        security events that its streams can have (`Tenant.told`).

        Under the guard, held exclusively: so every change that is committed later is told.
        """
        ...

    def guard(self, *, exclusive: bool) -> None:
        """Take the tenant's admin guard, before any other lock; `provisioning.enter_groups` says who takes it how.

        Taken again, it costs nothing.
        """
        ...

    @property
    def has_attribute_rules(self) -> bool:
        """Whether any of the tenant's rules looks at attributes of people; under the guard no such rule can come."""
        ...

    most_concerned: int | None
    """How many people a change may concern that is only tried out; None for a change that is made."""

    def concern(self, people: int) -> None:
        """Say how many people a change concerns before it reaches for them. Raises ConcernsTooMany."""
        ...

    def record(self, change: Change) -> None:
        """Note a change for the audit trail; several of one object become one entry."""
        ...

    def publish(self, event: Event) -> None:
        """Note an event for the outbox."""
        ...

    def publish_last(self, event: Event) -> None:
        """Note one that comes behind all others of the transaction."""
        ...

    def move_seat(self, move: Move, event: Event) -> None:
        """Take a seat or give it back, with the event that says so, as late as can be.

        Raises Contention, then or later, where the move does not hold any more.
        """
        ...

    def unload(self) -> None:
        """Write what was recorded and published so far, and forget it: for a transaction too large to keep it all.

        It must hold the guard exclusively: others lock what this writes in another order. An object that changes
        again has a second entry.
        """
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

        Answers the ids of the sessions there, and those they have here; of recordings nobody is told. Co-organisers
        stay behind: they are people of the other tenant.
        """
        ...

    def commit(self) -> None:
        """Make it so in both tenants."""
        ...


class Operator(Protocol):
    """One transaction of the operator, who stands above the tenants."""

    @property
    def now(self) -> Instant: ...

    @property
    def cell(self) -> str:
        """Where it looks."""
        ...

    def new_id(self) -> str: ...

    def new_tenant_id(self) -> str: ...

    def tenants(self) -> list[Tenant]:
        """Those who live in the cell."""
        ...

    def tenant(self, slug: str) -> Tenant | None:
        """What the cell knows of that tenant; home knows at least where it lives."""
        ...

    def healths(self, sought: SoughtTenants, after: str, most: int) -> list[TenantHealth]:
        """How the tenants are that live in the cell and are sought, by slug, those behind `after`, so many at most; by
        one statement."""
        ...

    def tenants_with_due_removals(self) -> list[Tenant]:
        """The tenants that hold a seat whose time has run out, by slug."""
        ...

    def tenants_with_due_receipts(self) -> list[Tenant]:
        """The tenants with leaver receipts that the clock has to look at, by slug."""
        ...

    def tenants_with_lapsed_imports(self) -> list[Tenant]:
        """The tenants with an import that is to run and that nobody is at work on, by slug."""
        ...

    def tenants_with_domain(self, name: str) -> list[Tenant]:
        """The tenants that have proved that the domain is theirs, by slug."""
        ...

    def tenants_with_pending_adds(self) -> list[Tenant]:
        """The tenants where an add waits for an address, by slug."""
        ...

    def add_tenant(self, tenant: Tenant) -> None:
        """Raises Taken where the slug is in use."""
        ...

    def record(self, tenant: Tenant, change: Change, cause: Cause) -> None:
        """Write a change into the audit trail of a tenant."""
        ...

    def catalogue(self) -> Catalogue: ...

    def add_product(self, product: Product) -> None:
        """Raises Taken where the code is in use."""
        ...

    def token_entries(self, sought: SoughtTokens) -> list[TokenEntry]:
        """Tokens of whatever kind, oldest first."""
        ...

    def trusting(self, issuer: str, subject: str | None) -> list[tuple[Tenant, Connection, TrustedIssuer]]:
        """Who trusts that issuer about that subject, or about anybody, over all tenants, with the connection that its
        tokens stand for."""
        ...

    def api_token(self, token_id: str) -> ApiToken | None:
        """The operator's token of that public id, for whoever manages tokens."""
        ...

    def add_api_token(self, token: ApiToken) -> None:
        """Add a token of the operator's."""
        ...

    def revoke_api_token(self, token_id: str) -> bool:
        """Whether the operator's token was live until now."""
        ...

    def tenant_of_token(self, token_id: str) -> Tenant | None:
        """The tenant that a token of any kind opens, of a connection, a person or the admin API."""
        ...

    @property
    def signing_keys(self) -> SigningKeys: ...

    @property
    def webhooks(self) -> OperatorWebhooks: ...

    def revoke_access_tokens(self) -> None:
        """Revoke every access token, whoever's and of whatever tenant."""
        ...

    def forget_grants(self, before: Instant) -> int:
        """Remove what the authorization server issued, or was shown, that had expired by then; answers how much."""
        ...

    def add_visit(self, visit: Visit) -> None:
        """Add a link to the console, or a visit that has begun."""
        ...

    def begin_visit(self, link: Visit, visit: Visit) -> bool:
        """Turn a link into a visit; False where somebody has followed it already."""
        ...

    def end_visit(self, visit: Visit) -> None: ...

    def forget_visits(self) -> int:
        """Remove visits and links that have expired; answers how many."""
        ...

    def note_token_uses(self, uses: Sequence[TokenUse]) -> None:
        """Write down when tokens of any tenants were used; what is known never goes back."""
        ...

    def take_request(self, asked: Keyed, until: Instant) -> KeptRequest | None:
        """Take a request with a key, until that moment; what is kept where somebody has taken it before."""
        ...

    def retake_request(self, asked: Keyed, kept: KeptRequest, until: Instant) -> bool:
        """Take one that was taken and not answered; False where somebody else did meanwhile."""
        ...

    def keep_answer(self, asked: Keyed, answer: KeptAnswer | None) -> None:
        """Keep what was answered to a request with a key; without an answer, forget that it was taken."""
        ...

    def forget_requests(self, before: Instant) -> int:
        """Forget the requests with keys that came before then; answers how many."""
        ...

    def blank_answers(self, tenant_id: str, texts: Collection[str]) -> int:
        """Blank what is kept of answers to requests of the tenant with a key that name one of the texts; answers how
        many."""
        ...

    def sealed_columns(self) -> Sequence[str]:
        """The columns of texts that are sealed, in the order to seal them anew; none where there is no key for it."""
        ...

    def reseal(self, column: str, after: Sequence[str] | None, most: int) -> tuple[int, Sequence[str] | None]:
        """Seal anew, with the first key, what is not sealed with it among so many rows behind that key of the last.

        Answers how many it were, and the key of the last row; None behind the last of all. Raises WrongKey.
        """
        ...

    def note_seat_uses(self) -> int:
        """Write down how the subscriptions of all tenants are used today; answers how many there are."""
        ...

    def unsealed_tenants(self) -> list[Tenant]:
        """The tenants whose audit trails have entries that are not sealed."""
        ...

    def tenants_with_new_events(self) -> list[str]:
        """The ids of the tenants with events that have no position yet."""
        ...

    def place_events(self, tenant_ids: Sequence[str], most: int) -> int | None:
        """Give positions to events of those tenants, so many of each at most; answers how many got one.

        None where somebody else is at it in this database.
        """
        ...

    def due_webhooks(self, most: int) -> list[tuple[Tenant, str]]:
        """Webhooks that are due and that nobody has, each with its tenant, those that wait longest first."""
        ...

    def unsettled_connections(self) -> list[tuple[Tenant, Connection]]:
        """Removed connections to which something may belong yet, with their tenants, the first removed first."""
        ...

    def stream_owners(self) -> list[tuple[Tenant, str]]:
        """The actors whose streams send, each with the tenant whose events it is told, once."""
        ...

    def due_async_requests(self, most: int, of_tenant: int) -> list[tuple[Tenant, str]]:
        """Who has sent asynchronous requests of which the first is due and nobody has it, each with its tenant: so many
        of each at most, the first of each before the second of any, those that wait longest first."""
        ...

    def last_positions(self, tenant_ids: Collection[str]) -> Mapping[str, int]:
        """The last position of each of those tenants that has events."""
        ...

    def forget_events(self, tenant: Tenant, before: str, most: int) -> int:
        """Remove the tenant's oldest events with positions and ids below `before`, so many at most; answers how
        many."""
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

    def forget_mails(self, before: Instant) -> int:
        """Remove the mails written before that moment that are sent or given up; answers how many."""
        ...

    def figures(self, tenants_told: int) -> list[Figure]:
        """What metrics say of the cell, with the seats of so many tenants, those with the most; by a fixed number of
        statements."""
        ...

    def forget_welcomes(self) -> int:
        """Remove the welcomes of people who are gone and cannot be restored any more; answers how many."""
        ...

    def log_entry(self, request_id: str) -> tuple[Tenant, LogEntry] | None:
        """The log entry of a request, whichever tenant's."""
        ...

    def add_log_entries(self, entries: Sequence[LogEntry]) -> None:
        """Add entries of any tenants; those that are there already stay as they are."""
        ...

    def rotate_log(self, before: str, lasting: timedelta) -> bool:
        """Drop the parts of the log that hold nothing but ids below `before`, and make those of the next days.

        Each lasts for so long. False where the log is in one piece. Raises Contention where somebody has it locked.
        """
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
    """Opens transactions. A write that loses against another is begun again by `services.retrying.retried`.

    Where there are several cells each transaction of a tenant goes where the tenant lives.
    """

    @property
    def cell(self) -> str:
        """Where those transactions go that are of no tenant."""
        ...

    def write(self, tenant: Tenant, cause: Cause) -> AbstractContextManager[UnitOfWork]: ...

    def write_both(self, here: Tenant, there: Tenant, cause: Cause) -> AbstractContextManager[Crossing]:
        """Raises Taken where they live in two cells."""
        ...

    def read(self, tenant: Tenant) -> AbstractContextManager[UnitOfWork]: ...

    def browse(self, tenant: Tenant) -> AbstractContextManager[UnitOfWork]:
        """To read a list or a report, which another database may answer that follows.

        It has every change in the tenant's audit trail; what no entry tells of may be a minute old.
        """
        ...

    def snapshot(self, tenant: Tenant) -> AbstractContextManager[UnitOfWork]:
        """To read as of one moment, however many statements it takes."""
        ...

    def now(self) -> Instant:
        """What a transaction that opens now takes as now."""
        ...

    def bearers(self, tenant_id: str) -> AbstractContextManager[Bearers]:
        """To look up who stands behind a credential, whose text says that it is of the tenant of that id."""
        ...

    def operator(self, *tenant_ids: str) -> AbstractContextManager[Operator]:
        """What concerns no tenant, or those tenants, which live together (`together`); raises Contention where they
        have just ceased to."""
        ...

    def overview(self, tenant_id: str | None = None) -> AbstractContextManager[Operator]:
        """The operator's view, to read only: where that tenant lives, or of what concerns no tenant."""
        ...

    def parts(self) -> "Sequence[Units]":
        """One for each cell, home first: the operator's view of what is there. Of a single database there is one."""
        ...

    def together(self, tenant_ids: Collection[str]) -> list[set[str]]:
        """The tenants by the cells where they live."""
        ...

    def scrub(self) -> None:
        """Let nothing that was overwritten stay in the database's files, as far as it does that by itself."""
        ...
