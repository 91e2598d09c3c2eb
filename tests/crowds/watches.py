"""Looking at every subscription while others change it: one statement, so one moment, each time."""

from dataclasses import dataclass, field
from threading import Event

from scim_server.store.databases import Database
from scim_server.store.walls import OPERATOR

PAUSE = 0.01
"""Seconds between two looks."""
MOST = 20
"""Sights that are told; more say nothing new."""
_LOOK = """
SELECT product, seats + overage AS most, assigned, waiting,
 (SELECT count(*) FROM seats WHERE seats.tenant_id = owner.tenant_id AND seats.product = owner.product
   AND seats.state IN ('assigned', 'held')) AS taken,
 (SELECT count(*) FROM seats WHERE seats.tenant_id = owner.tenant_id AND seats.product = owner.product
   AND seats.state = 'waiting') AS queued,
 (SELECT count(*) FROM reservations WHERE reservations.tenant_id = owner.tenant_id
   AND reservations.product = owner.product) AS reserved
FROM subscriptions AS owner ORDER BY tenant_id, product
"""


@dataclass
class Sights:
    """What was seen: how often somebody looked, and what was wrong then."""

    looks: int = 0
    wrong: list[str] = field(default_factory=list)


def look(database: Database) -> list[str]:
    """What is wrong with the subscriptions at this moment, a sentence each: oversold, or a seat leaked."""
    with database.read(OPERATOR) as connection:
        rows = connection.exec_driver_sql(_LOOK).mappings().all()
    wrong = []
    for row in rows:
        counted = row["taken"] + row["reserved"]
        if not 0 <= row["assigned"] <= row["most"] or counted > row["most"]:
            wrong.append(f"oversold: {counted} seats of {row['product']} taken or reserved, of {row['most']}")
        if (counted, row["queued"]) != (row["assigned"], row["waiting"]):
            wrong.append(
                f"leaked: {row['assigned']} seats of {row['product']} counted as assigned and {row['waiting']} as "
                f"waiting, there are {counted} and {row['queued']}"
            )
    return wrong


def watch(database_url: str, begun: Event, over: Event) -> Sights:
    """The body of a process of its own: look again and again until it is over."""
    database, sights = Database(database_url), Sights()
    while not over.wait(PAUSE):
        sights.wrong += look(database)[: MOST - len(sights.wrong)]
        sights.looks += 1
        begun.set()
    database.dispose()
    return sights
