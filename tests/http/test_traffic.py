"""What provisioning clients really send, played against the application: every exchange is as the file states."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest
from scim_conformance.replay import Exchange, available, load, replay

from scim_server.app import create_app
from scim_server.dialects import HABITS
from scim_server.domain.tenants import IDPS, Tenant
from tests import worlds
from tests.worlds import Connection, World

DEMO = ["demo/okta", "demo/entra"]
LIFECYCLES = [name for name in available() if name not in DEMO]

RELIED_ON: Mapping[str, set[str]] = {
    "keyword-case": {"polis/ssoready-operations"},
    "extra-keys": {"entra/postman-groups", "postman/garbage"},
    "op-case": {"demo/entra", "entra/default-lifecycle", "entra/group-push-default"},
    "null-path": {"authentik/lifecycle"},
    "empty-operations": {"entra/aadoptscim062020-lifecycle"},
    "missing-schemas": {"polis/jackson-fixtures", "polis/ssoready-operations"},
    "unknown-schemas": {"demo/entra", "entra/group-push-default", "onelogin/lifecycle"},
    "parameter-case": {"postman/garbage"},
    "projection-filter": {"postman/users"},
    "dot-after-urn": {"postman/inbound"},
    "short-names": {"entra/aadoptscim062020-lifecycle", "entra/default-lifecycle"},
    "read-only-members": {"authentik/lifecycle"},
    "dotted-keys": {"entra-validator/browser", "entra/aadoptscim062020-lifecycle"},
    "bare-words": {"authentik/lifecycle", "ping/pingfederate-lifecycle", "postman/garbage"},
    "boolean-literals": {"entra/aadoptscim062020-lifecycle", "entra/default-lifecycle"},
    "trailing-sub-attribute": {"entra/default-lifecycle"},
    "boolean-text": {"demo/entra", "entra/default-lifecycle", "keycloak/mitodl-plug-in", "postman/garbage"},
    "bare-manager": {"entra-validator/null-update", "entra/default-lifecycle", "scimgateway/lookups"},
    "single-element": {"onelogin/lifecycle", "scim-patch/member-fixtures"},
    "empty-text": {"entra-validator/null-update", "entra/default-lifecycle"},
    "bare-element": {"entra/postman-groups", "postman/garbage"},
    "json-assignment": {"entra/default-lifecycle", "scimgateway/lookups"},
    "display-alias": {"entra/default-lifecycle"},
    "unknown-attributes": {"onelogin/lifecycle", "postman/garbage"},
    "remove-by-value": {"authentik/group-push", "aws/ssosync", "entra/group-push-default"},
    "null-clears": {"entra-validator/null-update"},
    "missing-element": {"entra-validator/browser"},
    "element-type": {"polis/jackson-fixtures"},
}
"""Each habit, and files that cannot be played without it (some, not all)."""


@contextmanager
def speaking(world: World, connection: Connection, *switched_off: str) -> Iterator[httpx.Client]:
    """The connection over httpx, to an application that leaves some habits alone."""
    app = create_app(world.installation, switched_off=frozenset(switched_off), in_background=False)
    with httpx.Client(
        transport=httpx.WSGITransport(app=app),
        base_url=f"https://seats.example.com/scim/{connection.slug}/v2",
        headers={"Authorization": f"Bearer {connection.token}"},
    ) as http:
        yield http


def idp_of(name: str) -> str:
    """What an operator would say that the client of this file is."""
    client = name.partition("/")[0]
    return client if client in IDPS else "generic"


def differences(exchanges: list[Exchange]) -> list[tuple[str, tuple[str, ...]]]:
    """The steps that went otherwise than stated, with what differed."""
    return [(exchange.step.title, exchange.mismatches) for exchange in exchanges if not exchange.ok]


def stock(world: World, tenant: Tenant) -> None:
    """What the demo stories assume to have been bought, and their rules."""
    for product, seats in (("meeting", 5), ("webinar", 2), ("training", 1)):
        world.buy(tenant, product, seats)
    world.rule(tenant, "Sales", "meeting", "webinar")
    world.rule(tenant, "Trainers", "training")


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_exchange_of_a_lifecycle_is_as_stated(world: World, acme: Tenant, name: str) -> None:
    """Twice, as what the first run leaves behind must be in no later run's way."""
    stock(world, acme)
    connection = world.accept(world.connect(acme, idp=idp_of(name)), accepts_raw=True)
    with speaking(world, connection) as http:
        assert differences(replay(load(name), http)) == []
        assert differences(replay(load(name), http)) == []


@pytest.mark.parametrize("order", [DEMO, DEMO[::-1]], ids=["okta-first", "entra-first"])
def test_the_demo_stories_seat_people_as_stated_and_are_played_once(
    world: World, acme: Tenant, okta: Connection, order: list[str]
) -> None:
    stock(world, acme)
    misseated = []

    def count_seats(exchange: Exchange) -> None:
        for product, stated in exchange.step.seats.items():
            counted = dict(zip(("assigned", "waiting", "free"), world.seats(acme, product), strict=True))
            if counted != stated:
                misseated.append((exchange.step.title, product, counted, stated))

    with speaking(world, okta) as http:
        for name in order:
            assert differences(replay(load(name), http, on_exchange=count_seats)) == []
        assert misseated == []
        seats = {product: world.seats(acme, product) for product in ("meeting", "webinar", "training")}
        for name in order:
            again = replay(load(name), http)
            assert [exchange.step.title for exchange in again if not exchange.skipped] == []
            assert differences(again) == []
    assert {product: world.seats(acme, product) for product in seats} == seats


def test_the_one_whom_the_demo_leaves_waiting_is_promoted_when_a_seat_is_bought(
    world: World, acme: Tenant, okta: Connection
) -> None:
    stock(world, acme)
    with speaking(world, okta) as http:
        replay(load("demo/entra"), http)
    assert world.held_by(acme, "gia.costa@entra.example.org") == {"training": "waiting"}
    world.buy(acme, "training", 2)
    assert world.held_by(acme, "gia.costa@entra.example.org") == {"training": "assigned"}


def test_every_habit_has_a_file_that_relies_on_it() -> None:
    assert list(RELIED_ON) == [habit.name for habit in HABITS]
    assert all(RELIED_ON.values())


@pytest.mark.parametrize("habit", RELIED_ON)
def test_without_a_habit_the_files_that_rely_on_it_fail(sqlite_databases: Callable[[], str], habit: str) -> None:
    """Dialects end above the store, so one database tells."""
    world = worlds.build(sqlite_databases())
    world.sell("meeting", "webinar:meeting", "training:meeting")
    failing = set()
    for number, name in enumerate(RELIED_ON[habit]):
        tenant = world.tenant(f"tenant-{number}")
        with speaking(world, world.connect(tenant), habit) as http:
            if differences(replay(load(name), http)):
                failing.add(name)
    world.installation.database.dispose()
    assert failing == RELIED_ON[habit]
