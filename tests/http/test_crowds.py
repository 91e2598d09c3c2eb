"""Many processes at once over one database: never oversold, no seat leaked, free counts exact (design section 6)."""

import pytest

from scim_server.store.walls import OPERATOR
from tests.crowds.runs import CLIENTS, run
from tests.crowds.watches import look
from tests.worlds import build

OPERATIONS = CLIENTS * 38


def test_a_crowd_in_several_processes_leaves_everything_in_order(database_url: str) -> None:
    """16 clients join, leave, transfer, suspend, return, buy and decide while somebody looks at every seat."""
    world = build(database_url)
    report = run(world, database_url, OPERATIONS)
    world.installation.database.dispose()
    assert report.wrong == []
    assert report.unexpected == {}
    assert report.answers.total() == OPERATIONS
    assert report.looks > 10


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        ("UPDATE subscriptions SET assigned = 1", "leaked: 1 seats of meeting counted as assigned and 0 as waiting"),
        ("UPDATE seats SET state = 'waiting'", "leaked: 2 seats of meeting counted as assigned and 0 as waiting"),
        ("UPDATE subscriptions SET seats = 1, assigned = 1", "oversold: 2 seats of meeting taken"),
    ],
)
def test_who_watches_sees_what_is_wrong(database_url: str, damage: str, seen: str) -> None:
    """A watch that saw nothing would prove nothing."""
    world = build(database_url)
    world.sell("meeting")
    tenant = world.tenant()
    world.buy(tenant, "meeting", 3)
    client = world.connect(tenant)
    for name in ("ana", "bob"):
        client.create_user(name, entitlements=["meeting"])
    database = world.installation.database
    assert look(database) == []
    with database.write(OPERATOR) as connection:
        connection.exec_driver_sql(damage)
        connection.commit()
    assert any(each.startswith(seen) for each in look(database))
    database.dispose()
