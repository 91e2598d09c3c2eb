"""What the operator does above the tenants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from sqlalchemy import Connection as Session
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from scim_server.domain.cells import HOME
from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import Instant
from scim_server.domain.mails import Mail
from scim_server.domain.products import Catalogue, Product
from scim_server.domain.tenants import ApiToken, Connection, Tenant
from scim_server.domain.visits import Visit
from scim_server.services.credentials import TENANT_ID_LENGTH, new_tenant_id
from scim_server.services.keyed_requests import KeptAnswer, KeptRequest, Keyed
from scim_server.services.log_entries import LogEntry
from scim_server.services.tenant_healths import SoughtTenants, TenantHealth
from scim_server.services.token_entries import SoughtTokens, TokenEntry, TokenUse
from scim_server.store import (
    access_tokens,
    api_tokens,
    async_requests,
    connections,
    cursors,
    erasures,
    event_logs,
    figures,
    imports,
    invitations,
    keyed_requests,
    leases,
    log_partitions,
    mails,
    people,
    products,
    provisioning_logs,
    receipts,
    relays,
    rows,
    seat_uses,
    streams,
    tenant_healths,
    token_lists,
    token_uses,
    trails,
    trusted_issuers,
    visits,
    welcomes,
)
from scim_server.store.identifiers import new_id
from scim_server.store.operator_webhooks import OperatorWebhooks
from scim_server.store.scopes import Scope, taken
from scim_server.store.seals import SEALED
from scim_server.store.short_ways import ShortWay
from scim_server.store.signing_keys import SigningKeys
from scim_server.store.tables import domains, pending_adds, seats, tenants
from scim_server.store.vaults import Vault
from scim_server.telemetry.metrics import Figure

_DUE_REMOVALS = select(seats.c.tenant_id).where(seats.c.due <= bindparam("now"))
_WITH_DOMAIN = select(domains.c.tenant_id).where(domains.c.name == bindparam("name"), domains.c.verified.is_not(None))
_PENDING_ADDS = select(pending_adds.c.tenant_id)


@dataclass(frozen=True, slots=True)
class Operator:
    """One transaction above the tenants."""

    connection: Session
    now: Instant
    vault: Vault
    cell: str = HOME

    def new_id(self) -> str:
        return new_id()

    def new_tenant_id(self) -> str:
        return new_tenant_id()

    def tenants(self) -> list[Tenant]:
        found = self.connection.execute(select(tenants).order_by(tenants.c.slug)).mappings()
        return self._here([rows.tenant_of(row) for row in found])

    def _here(self, found: list[Tenant]) -> list[Tenant]:
        """Those of them who live in this cell: of others it may have a copy."""
        return [tenant for tenant in found if tenant.cell == self.cell]

    def tenant(self, slug: str) -> Tenant | None:
        row = self.connection.execute(select(tenants).filter_by(slug=slug)).mappings().first()
        return None if row is None else rows.tenant_of(row)

    def healths(self, sought: SoughtTenants, after: str, most: int) -> list[TenantHealth]:
        return tenant_healths.healths(self.connection, self.cell, sought, after, most)

    def tenants_with_due_removals(self) -> list[Tenant]:
        statement = select(tenants).where(tenants.c.id.in_(_DUE_REMOVALS)).order_by(tenants.c.slug)
        found = self.connection.execute(statement, {"now": self.now}).mappings()
        return self._here([rows.tenant_of(row) for row in found])

    def tenants_with_due_receipts(self) -> list[Tenant]:
        return self._here(receipts.tenants_with_due(self.connection, self.now))

    def tenants_with_lapsed_imports(self) -> list[Tenant]:
        return self._here(imports.tenants_with_lapsed_imports(self.connection, self.now))

    def tenants_with_domain(self, name: str) -> list[Tenant]:
        statement = select(tenants).where(tenants.c.id.in_(_WITH_DOMAIN)).order_by(tenants.c.slug)
        return self._here(
            [rows.tenant_of(row) for row in self.connection.execute(statement, {"name": name}).mappings()]
        )

    def tenants_with_pending_adds(self) -> list[Tenant]:
        statement = select(tenants).where(tenants.c.id.in_(_PENDING_ADDS)).order_by(tenants.c.slug)
        return self._here([rows.tenant_of(row) for row in self.connection.execute(statement).mappings()])

    def add_tenant(self, tenant: Tenant) -> None:
        row = {
            "id": tenant.id,
            "slug": tenant.slug,
            "name": tenant.name,
            "profile": tenant.profile,
            "created": tenant.created,
            "switched": dict(tenant.switched),
            "settings": dict(tenant.settings.chosen),
        }
        try:
            self.connection.execute(insert(tenants).values(row))
        except IntegrityError as error:
            raise taken(error, "slug", f"There is a tenant '{tenant.slug}' already.") from error

    def record(self, tenant: Tenant, change: Change, cause: Cause) -> None:
        scope = Scope(cast(ShortWay, self.connection), tenant.id, self.connection.dialect.name == "sqlite", self.vault)
        trails.Trail(scope).add([change], self.now, cause)

    def catalogue(self) -> Catalogue:
        return products.catalogue(self.connection)

    def add_product(self, product: Product) -> None:
        products.add(self.connection, product)

    def token_entries(self, sought: SoughtTokens) -> list[TokenEntry]:
        return token_lists.token_entries(self.connection, sought, self.now, self.cell)

    def trusting(self, issuer: str, subject: str | None) -> list[trusted_issuers.Trust]:
        found = trusted_issuers.trusting(self.connection, issuer, subject)
        return [trust for trust in found if trust[0].cell == self.cell]

    def api_token(self, token_id: str) -> ApiToken | None:
        return api_tokens.operators_token(self.connection, token_id)

    def add_api_token(self, token: ApiToken) -> None:
        api_tokens.add_operators_token(self.connection, token)

    def revoke_api_token(self, token_id: str) -> bool:
        return api_tokens.revoke_operators_token(self.connection, token_id, self.now)

    def tenant_of_token(self, token_id: str) -> Tenant | None:
        return api_tokens.tenant_of_token(self.connection, token_id[:TENANT_ID_LENGTH], token_id)

    @property
    def signing_keys(self) -> SigningKeys:
        return SigningKeys(self.connection, self.vault)

    @property
    def webhooks(self) -> OperatorWebhooks:
        return OperatorWebhooks(self.connection, self.vault, self.cell, self.now)

    def revoke_access_tokens(self) -> None:
        access_tokens.revoke_all(self.connection, self.now)

    def forget_grants(self, before: Instant) -> int:
        return access_tokens.forget_expired(self.connection, before)

    def add_visit(self, visit: Visit) -> None:
        visits.add(self.connection, visit)

    def begin_visit(self, link: Visit, visit: Visit) -> bool:
        return visits.begin(self.connection, link, visit)

    def end_visit(self, visit: Visit) -> None:
        visits.end(self.connection, visit)

    def forget_visits(self) -> int:
        return visits.forget(self.connection, self.now)

    def note_token_uses(self, uses: Sequence[TokenUse]) -> None:
        token_uses.note_token_uses(self.connection, uses)

    def take_request(self, asked: Keyed, until: Instant) -> KeptRequest | None:
        return keyed_requests.take(self.connection, self.vault, asked, self.now, until)

    def retake_request(self, asked: Keyed, kept: KeptRequest, until: Instant) -> bool:
        return keyed_requests.retake(self.connection, asked, kept, until)

    def keep_answer(self, asked: Keyed, answer: KeptAnswer | None) -> None:
        keyed_requests.keep(self.connection, self.vault, asked, answer)

    def forget_requests(self, before: Instant) -> int:
        return keyed_requests.forget(self.connection, before)

    def blank_answers(self, tenant_id: str, texts: Collection[str]) -> int:
        return erasures.blank_answers(self.connection, self.vault, tenant_id, texts)

    def sealed_columns(self) -> Sequence[str]:
        return list(SEALED) if self.vault.has_key else []

    def reseal(self, column: str, after: Sequence[str] | None, most: int) -> tuple[int, Sequence[str] | None]:
        return SEALED[column].reseal(self.connection, self.vault, after, most)

    def note_seat_uses(self) -> int:
        return seat_uses.note(self.connection, self.now)

    def unsealed_tenants(self) -> list[Tenant]:
        return self._here(trails.unsealed_tenants(self.connection))

    def tenants_with_new_events(self) -> list[str]:
        return relays.waiting_tenants(self.connection, self.cell)

    def place_events(self, tenant_ids: Sequence[str], most: int) -> int | None:
        return relays.place(self.connection, tenant_ids, self.now, most)

    def due_webhooks(self, most: int) -> list[tuple[Tenant, str]]:
        return cursors.due(self.connection, self.now, self.cell, most)

    def unsettled_connections(self) -> list[tuple[Tenant, Connection]]:
        return connections.unsettled(self.connection, self.cell)

    def stream_owners(self) -> list[tuple[Tenant, str]]:
        return streams.owners(self.connection, self.cell)

    def due_async_requests(self, most: int, of_tenant: int) -> list[tuple[Tenant, str]]:
        return async_requests.due(self.connection, self.now, self.cell, most, of_tenant)

    def last_positions(self, tenant_ids: Collection[str]) -> dict[str, int]:
        return event_logs.last_positions(self.connection, tenant_ids)

    def forget_events(self, tenant: Tenant, before: str, most: int) -> int:
        return relays.forget(self.connection, tenant.id, before, most)

    def tenants_with_due_invitations(self) -> list[Tenant]:
        return self._here(invitations.tenants_with_due(self.connection, self.now))

    def address_owner(self, address: str) -> Tenant | None:
        return people.address_owner(self.connection, address)

    def due_mails(self, most: int) -> list[Mail]:
        return mails.due_mails(self.connection, self.vault, self.now, most, self.cell)

    def try_mail(self, mail: Mail) -> bool:
        return mails.try_mail(self.connection, mail, self.now)

    def mail_sent(self, mail: Mail) -> None:
        mails.settle_mail(self.connection, mail, self.now)

    def forget_mails(self, before: Instant) -> int:
        return mails.forget_mails(self.connection, before)

    def figures(self, tenants_told: int) -> list[Figure]:
        return figures.figures(self.connection, self.now, self.cell, tenants_told)

    def forget_welcomes(self) -> int:
        return welcomes.forget_gone(self.connection)

    def log_entry(self, request_id: str) -> tuple[Tenant, LogEntry] | None:
        entry = provisioning_logs.find_entry(self.connection, request_id)
        if entry is None:
            return None
        row = self.connection.execute(select(tenants).filter_by(id=entry.tenant_id)).mappings().one()
        return (rows.tenant_of(row), entry) if row["cell"] == self.cell else None

    def add_log_entries(self, entries: Sequence[LogEntry]) -> None:
        provisioning_logs.add_entries(self.connection, entries)

    def rotate_log(self, before: str, lasting: timedelta) -> bool:
        if self.connection.dialect.name == "sqlite" or not log_partitions.extend(self.connection, self.now, lasting):
            return False
        log_partitions.drop(self.connection, before)
        return True

    def remove_log_entries(self, before: str, most: int) -> int:
        return provisioning_logs.remove_entries(self.connection, before, most)

    def lease_chore(self, name: str, until: Instant, *, early: bool) -> bool:
        return leases.take(self.connection, name, self.now, until, early=early)

    def chore_leases(self) -> dict[str, Instant]:
        return leases.all_leases(self.connection)

    def commit(self) -> None:
        self.connection.commit()
