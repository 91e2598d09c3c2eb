"""A world to test in: one installation over one database, set up the way an operator would, used over HTTP."""

import json
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scim_server.app import Installation, create_app, install
from scim_server.app.watches import Watch
from scim_server.config import Settings
from scim_server.domain.events import Cause
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.services import auditing, connecting, people, reconciling, ruling, subscribing, tenancy
from scim_server.services.audit_entries import AuditEntry, SoughtEntries
from scim_server.services.chores import named, run_now
from scim_server.store.databases import reaching_all
from scim_server.store.tables import installation_secrets, metadata, provisioning_log
from scim_server.store.walls import OPERATOR
from tests.events import faults_of

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEATS = "urn:scim-server:schemas:extension:seats:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
CAUSE = Cause("test", "test", "test")


def settings(database_url: str, **changes: Any) -> Settings:
    """Settings as by default, over that database."""
    defaults: dict[str, Any] = {
        "database_url": database_url,
        "public_url": "https://seats.example.com",
        "secret_key": None,
        "log_level": "error",
        "log_format": "json",
        "email_scope": "global",
        "max_body_bytes": 10_000_000,
        "bulk_max_operations": 1000,
        "patch_max_operations": 1000,
        "patch_max_members": 10_000,
        "workers": None,
        "threads": None,
        "worker": "on",
        "database_pool": 5,
        "events_bind": None,
        "schemas_dir": None,
        "credential_cache": 0,
        "cursor_timeout": 3600,
        "rate_limit": None,
        "tenant_rate_limit": None,
        "log_retention_days": 30,
        "event_retention_days": 30,
        "smtp_url": None,
        "import_max_bytes": 64_000_000,
        "trusted_proxies": (),
        "allowed_hosts": (),
        "certificate_header": "Client-Cert",
        "max_header_bytes": 32_768,
        "egress_networks": (),
        "dns_servers": (),
        "search_seconds": 5,
        "search_max_rows": 1_000_000,
        "cell_urls": (),
        "replica_urls": (),
        "oidc_issuer": None,
        "oidc_client_id": None,
        "oidc_client_secret": None,
        "oidc_operators": (),
        "metrics_bind": None,
        "metrics_token": None,
        "metrics_dir": None,
        "metrics_tenants": 0,
    }
    return Settings(**{**defaults, **changes})


def altered(text: str) -> str:
    """The same but for its last character: what somebody might guess."""
    return text[:-1] + ("y" if text.endswith("x") else "x")


@dataclass
class Connection:
    """A provisioning client: sends requests with its token to its tenant's base address."""

    http: FlaskClient
    slug: str
    token: str
    name: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request. A body that is not text or bytes is sent as JSON."""
        sent = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            sent["Content-Type"] = "application/scim+json"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        return self.http.open(f"/scim/{self.slug}/v2{path}", method=method, data=data, headers=sent)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> TestResponse:
        """A PatchOp of those operations."""
        return self.send("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)}, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.send("DELETE", path, **headers)

    def create_user(self, user_name: str, **attributes: Any) -> dict[str, Any]:
        """A new user; `entitlements` may be given as product codes."""
        if attributes.get("entitlements") and isinstance(attributes["entitlements"][0], str):
            attributes["entitlements"] = [{"value": code} for code in attributes["entitlements"]]
        answer = self.post("/Users", {"schemas": [USER], "userName": user_name, **attributes})
        assert answer.status_code == 201, answer.text
        return answer.json

    def create_group(self, display_name: str, *member_ids: str, **attributes: Any) -> dict[str, Any]:
        """A new group with those members."""
        members = [{"value": member_id} for member_id in member_ids]
        answer = self.post(
            "/Groups", {"schemas": [GROUP], "displayName": display_name, "members": members, **attributes}
        )
        assert answer.status_code == 201, answer.text
        return answer.json

    def search(self, endpoint: str = "", **query: Any) -> TestResponse:
        """A SearchRequest."""
        return self.post(f"{endpoint}/.search", {"schemas": [SEARCH], **query})

    def find(self, endpoint: str, filter_: str) -> list[dict[str, Any]]:
        """The resources that match."""
        answer = self.http.get(
            f"/scim/{self.slug}/v2{endpoint}",
            query_string={"filter": filter_, "count": "200"},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json["Resources"]

    def member_ids(self, group_id: str) -> set[str]:
        """Who is in the group."""
        return {member["value"] for member in self.get(f"/Groups/{group_id}").json.get("members", [])}


@dataclass
class World:
    """One installation and what its operator can do with it."""

    installation: Installation
    ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        installed, clock = self.installation, self.installation.units.clock
        units = replace(installed.units, clock=lambda: clock() + self.ahead)
        watch = Watch(installed.settings, units, installed.cells)
        self.installation = replace(installed, units=units, watch=watch)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """For hypothesis, which would print everything there is in it."""
        printer.text("World()")

    @cached_property
    def app(self) -> Flask:
        """Made when it is first asked for: a test of the command line does not ask."""
        return create_app(self.installation, in_background=False)

    @property
    def units(self) -> Any:
        return self.installation.units

    def tenant(self, slug: str = "acme", profile: str = "tolerant") -> Tenant:
        return tenancy.create_tenant(self.units, CAUSE, slug, slug.title(), profile)

    def connect(
        self,
        tenant: Tenant,
        name: str = "okta",
        *,
        idp: str = "generic",
        manages_entitlements: str = "auto",
        max_role: str = "admin",
    ) -> Connection:
        """A new connection with a token of its own."""
        tenancy.create_connection(
            self.units,
            tenant,
            CAUSE,
            name,
            idp=idp,
            manages_entitlements=manages_entitlements,
            max_role=max_role,
        )
        _, token = tenancy.issue_token(self.units, tenant, CAUSE, name, timedelta(days=400))
        return Connection(self.app.test_client(), tenant.slug, token, name)

    def accept(self, client: Connection, **ways: bool) -> Connection:
        """The connection, which takes tokens in other ways than as bearer tokens from now on."""
        tenant = tenancy.tenant(self.units, client.slug)
        connecting.edit_connection(self.units, tenant, CAUSE, client.name, **ways)
        return client

    def same_client(self, connection: Connection) -> Connection:
        """The same connection through an HTTP client of its own, for another thread."""
        return Connection(self.app.test_client(), connection.slug, connection.token, connection.name)

    def advance(self, seconds: int) -> None:
        """Let this world's clock run ahead, for requests that are still to come."""
        self.ahead += timedelta(seconds=seconds)

    def switch(self, slug: str, name: str, position: str) -> None:
        """Set one protocol switch of a tenant."""
        tenancy.set_terms(
            self.units, tenancy.tenant(self.units, slug), CAUSE, name=None, profile=None, switches={name: position}
        )

    def decide(self, slug: str, **settings: str) -> Tenant:
        """Set some of a tenant's settings; answers the tenant as it is then."""
        return tenancy.set_terms(self.units, tenancy.tenant(self.units, slug), CAUSE, settings=settings)

    def sell(self, *codes: str) -> None:
        """Products; `webinar:meeting` is a webinar that includes meeting."""
        for code in codes:
            name, _, included = code.partition(":")
            tenancy.create_product(self.units, name, name.title(), included.split(",") if included else [])

    def buy(
        self, tenant: Tenant, product: str, seats: int, policy: str | None = None, overage: int | None = None
    ) -> subscribing.Seating:
        chosen = None if policy is None else Policy(policy)
        return subscribing.set_subscription(self.units, tenant, CAUSE, product, seats, chosen, overage)

    def rule(self, tenant: Tenant, group: str, *products: str) -> Rule:
        return ruling.create_rule(self.units, tenant, CAUSE, {"group": group, "products": products})

    def seats(self, tenant: Tenant, product: str) -> tuple[int, int, int]:
        """Assigned, waiting and free seats of a subscription."""
        seating = subscribing.subscription(self.units, tenant, product)
        return seating.assigned, seating.waiting, seating.free

    def held_by(self, tenant: Tenant, user_name: str) -> dict[str, str]:
        """The person's seats, product to state."""
        return {seat.product: seat.state.value for seat in self.person(tenant, user_name).seats}

    def person(self, tenant: Tenant, user_name: str) -> people.Portrait:
        return people.person(self.units, tenant, user_name)

    def standing(self, tenant: Tenant, user_name: str) -> tuple[str, str | None]:
        """The person's status and its reason, the tenant's settings as they are now."""
        portrait = self.person(tenancy.tenant(self.units, tenant.slug), user_name)
        return portrait.status.value, portrait.reason

    def roles_of(self, tenant: Tenant, user_name: str) -> list[tuple[str, str]]:
        """The person's grants: role and source."""
        return [(grant.role, grant.source) for grant in self.person(tenant, user_name).grants]

    def do_chore(self, name: str) -> int | None:
        """Run a chore by hand; answers how many things it dealt with, None where it failed."""
        (turn,) = run_now(self.units, named(self.installation.chores, [name]))
        return turn.done

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of a table by its key, for looking where no edge looks yet (outbox, tombstones)."""
        with self.installation.database.read(OPERATOR) as connection:
            return [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").mappings()]

    def trail(self, tenant: Tenant | None = None) -> list[AuditEntry]:
        """The audit trail of a tenant, or of all, as an admin reads it, oldest first."""
        owners = tenancy.tenants(self.units) if tenant is None else [tenant]
        sought = SoughtEntries(1_000_000)
        return [entry for owner in owners for entry in reversed(auditing.entries(self.units, owner, sought))]

    def check(self) -> None:
        """The ledger of every tenant must be in order (invariant 9), every event fit the catalogue, and the counts of
        resources be right."""
        tenants = tenancy.tenants(self.units)
        unfit = faults_of(self.rows("outbox"), {tenant.id: tenant for tenant in tenants})
        assert not unfit, unfit
        for tenant in tenants:
            wrong = reconciling.differences(self.units, tenant)
            assert not wrong, wrong
        counted: Counter[tuple[str, str]] = Counter()
        for row in self.rows("resource_counts"):
            counted[row["tenant_id"], row["type"]] += row["total"]
        kinds = {"users": "'User'", "groups": "'Group'", "resources": "type"}
        with self.installation.database.read(OPERATOR) as connection:
            for table, kind in kinds.items():
                found = connection.exec_driver_sql(f"SELECT tenant_id, {kind}, count(*) FROM {table} GROUP BY 1, 2")
                counted.subtract({(tenant_id, each): number for tenant_id, each, number in found})
        assert not any(counted.values()), counted


def build(database_url: str, **changes: Any) -> World:
    """A world over a migrated database."""
    return World(install(settings(database_url, **changes)))


def contents(world: World) -> dict[str, list[str]]:
    """Every row of every table, for comparing the store before and after a request.

    Apart from the provisioning log, and from secrets that the installation makes when it first needs them. The rows are
    as the driver gives them: no type of ours reads a value, so that what is stored is compared, and quickly.
    """
    tables = [table.name for table in metadata.sorted_tables if table not in {provisioning_log, installation_secrets}]
    with world.installation.database.read(OPERATOR) as connection:
        driver: Any = connection.connection.driver_connection
        in_one_go = driver.pipeline() if connection.dialect.name == "postgresql" else nullcontext()
        with in_one_go, reaching_all(connection):
            cursors = [driver.execute(f'SELECT * FROM "{name}"') for name in tables]
        return {name: sorted(map(repr, cursor.fetchall())) for name, cursor in zip(tables, cursors, strict=True)}
