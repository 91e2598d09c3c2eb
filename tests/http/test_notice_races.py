"""Notices of people who are being changed at that moment: whoever gets a seat that became free is locked for nothing.

PostgreSQL alone: SQLite admits one writer at a time.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from scim_server.config import SmtpServer
from tests import databases
from tests.worlds import CAUSE, World

PATIENCE = 20.0
"""Seconds after which a transaction that should not wait is given up."""


@pytest.fixture
def database_url(postgresql_databases: databases.Fresh) -> Iterator[str]:
    url = postgresql_databases()
    yield url
    databases.drop(url)


def test_a_promotion_waits_for_nobody(build_world: Callable[..., World]) -> None:
    world = build_world(smtp_url=SmtpServer("127.0.0.1", 9, "none"))
    world.sell("meeting")
    acme = world.tenant("acme")
    world.decide("acme", welcome_mails="yes")
    ana = world.connect(acme).create_user("ana@x.test", entitlements=["meeting"])["id"]
    acme = world.decide("acme", change_mails="yes")
    with ThreadPoolExecutor(1) as pool, world.units.write(acme, CAUSE) as uow:
        uow.users.lock([ana])
        pool.submit(world.buy, acme, "meeting", 1).result(PATIENCE)
    assert [row["recipient"] for row in world.rows("mails")] == ["ana@x.test"]
    assert [row["user_id"] for row in world.rows("welcomes")] == [ana]
