"""A world with a standby, and who of the two answered."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event

from scim_server.domain.cells import HOME
from scim_server.store.replicas import Replica, replicas_of
from tests.databases import Standby
from tests.worlds import Connection, World

_DIRECTORY = re.compile(r"FROM (users|groups|members|seats|resource_counts)\b")


@dataclass
class Asked:
    """The statements that each database was sent."""

    primary: list[str] = field(default_factory=list)
    replica: list[str] = field(default_factory=list)

    @property
    def by_replica(self) -> bool:
        """Whether the replica answered, and the primary was asked for nothing of it."""
        return bool(self.replica) and not any(map(_DIRECTORY.search, self.primary))


@dataclass
class Following:
    """A world, its standby, and the addresses of the databases at home and in the cell west."""

    world: World
    standby: Standby
    urls: tuple[str, str]

    def replica(self, cell: str = HOME) -> Replica:
        replicas = self.world.installation.cells.databases[cell].replicas
        assert replicas is not None
        (only,) = replicas.all
        return only

    def catch_up(self) -> None:
        """Seal what is to be sealed, and wait until the standby has it."""
        self.world.installation.log.flush()
        self.world.installation.sealer.flush()
        self.standby.catch_up(self.urls[0])

    @contextmanager
    def followed_by(self, *urls: str) -> Iterator[Sequence[Replica]]:
        """The database at home has other replicas meanwhile, or none."""
        home = self.world.installation.database
        kept, others = home.replicas, replicas_of(urls, 1, home.vault, home.limits)
        home.replicas = others if urls else None
        try:
            yield others.all
        finally:
            others.dispose()
            home.replicas = kept

    @contextmanager
    def asked(self, cell: str = HOME) -> Iterator[Asked]:
        """Who is asked what meanwhile."""
        asked = Asked()
        sides = (
            (self.world.installation.cells.databases[cell].engine, asked.primary),
            (self.replica(cell).database.engine, asked.replica),
        )
        listening = [(engine, _noting(statements)) for engine, statements in sides]
        for engine, note in listening:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            for engine, note in listening:
                event.remove(engine, "before_cursor_execute", note)


def _noting(statements: list[str]) -> object:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    return note


def names(client: Connection) -> list[str]:
    """Whoever a list shows."""
    answer = client.get("/Users?attributes=userName")
    assert answer.status_code == 200, answer.text
    return sorted(each["userName"] for each in answer.json["Resources"])
