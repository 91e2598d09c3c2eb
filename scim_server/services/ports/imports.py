"""Lists of people brought in from files."""

from collections.abc import Collection, Sequence
from typing import Protocol

from scim_server.domain.imports import Import, ImportRow, Verdict


class Imports(Protocol):
    """The imports of one tenant, and their rows."""

    def all(self) -> list[Import]:
        """Every import, oldest first."""
        ...

    def before(self, import_id: str | None, most: int) -> list[Import]:
        """The imports that are older than that one, or the latest, newest first."""
        ...

    def get(self, import_id: str) -> Import | None: ...

    def lock(self, import_id: str) -> Import | None:
        """The import, locked for this transaction: nobody else carries rows of it out meanwhile."""
        ...

    def add(self, new: Import) -> None: ...

    def save(self, changed: Import) -> None: ...

    def remove(self, import_ids: Collection[str]) -> None:
        """Take them out with all their rows."""
        ...

    def add_rows(self, import_id: str, rows: Sequence[ImportRow]) -> None: ...

    def weigh_rows(self) -> None:
        """Let the database see how many rows there are by now: it plans by that, and many came at once."""
        ...

    def rows_after(self, import_id: str, number: int, most: int, verdicts: Collection[Verdict] = ()) -> list[ImportRow]:
        """The next rows, so many at most; of those verdicts alone, if any are given."""
        ...

    def first_lines(self, import_id: str, rows: Collection[ImportRow]) -> dict[int, int]:
        """Of those rows, the ones whose address an earlier row has: by number the line of the first that does."""
        ...

    def save_verdicts(self, import_id: str, rows: Sequence[ImportRow]) -> None:
        """Save what becomes of those rows."""
        ...
