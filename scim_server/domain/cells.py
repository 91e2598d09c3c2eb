"""Cells: databases that tenants live in, each whole with everything that is the tenant's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from scim_server.domain.instants import Instant

HOME = "home"
"""The cell of SCIM_DATABASE_URL, which knows where every tenant lives and keeps what no tenant owns."""
KEPT = timedelta(minutes=1)
"""How long the copy that a moved tenant leaves behind is kept for whoever is still reading it."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a tenant lives and since when; None where it never moved. Of two that differ the later one is right."""

    cell: str
    since: Instant | None = None


@dataclass(frozen=True, slots=True)
class TableCheck:
    """One table of a tenant as two cells have it: how many rows, and a digest of what is in all of them."""

    table: str
    rows: int
    digest: str
    rows_there: int
    digest_there: str

    @property
    def same(self) -> bool:
        """Whether both have the same rows."""
        return (self.rows, self.digest) == (self.rows_there, self.digest_there)


@dataclass(frozen=True, slots=True)
class CellState:
    """A cell as it is found: how many tenants live there, none where it cannot be reached, and its revision."""

    name: str
    database: str
    reachable: bool
    revision: str | None = None
    current: bool = False
    tenants: int | None = None


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """A replica of a cell as it is found, `seconds` behind, none where that is not known.

    And how often the process that tells has been answered by it, found it behind what a list had to show, or failed to
    ask it.
    """

    cell: str
    database: str
    reachable: bool
    seconds: int | None
    answered: int
    behind: int
    failed: int


@dataclass(frozen=True, slots=True)
class Move:
    """What came of a move: where from and where to, and each table as it was compared before the tenant went over.

    `rounds` is how often what had changed meanwhile was brought after, `milliseconds` for how long those who wrote for
    the tenant waited, `entries` how many of its audit trail were verified there.
    Without tables nothing was copied: the tenant lived there already.
    """

    tenant: str
    source: str
    target: str
    tables: Sequence[TableCheck] = ()
    rounds: int = 0
    milliseconds: int = 0
    entries: int = 0

    @property
    def rows(self) -> int:
        """How many rows went over."""
        return sum(each.rows for each in self.tables)
