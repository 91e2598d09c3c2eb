"""Problems that an admin can act on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.instants import Instant


@dataclass(frozen=True, slots=True)
class Issue:
    """A named problem an admin can act on. At most one is open per code, user, group, product and subject."""

    id: str
    code: str
    subject: str
    opened: Instant
    user_id: str | None = None
    product: str | None = None
    connection_id: str | None = None
    group_id: str | None = None
    closed: Instant | None = None


class Issues(Protocol):
    @property
    def turned(self) -> Sequence[Issue]:
        """Those that this transaction has opened or closed so far, in that order, each as it is since."""
        ...

    def open(self, *new: Issue) -> None:
        """Open those that are not open."""
        ...

    def close(
        self,
        code: str,
        *,
        user_ids: Collection[str] = (),
        product: str | None = None,
        subjects: Collection[str] = (),
    ) -> None:
        """Close the open issues of that code that match everything given."""
        ...

    def close_all_of(self, user_id: str) -> None:
        """Close every open issue of a person who is gone, but those that outlive people."""
        ...

    def close_these(self, settled: Collection[Issue]) -> None:
        """Close just those, however many."""
        ...

    def close_all_of_group(self, group_id: str) -> None:
        """Close every open issue of a group that is gone."""
        ...

    def of(self, user_ids: Collection[str]) -> list[Issue]:
        """The open issues of those users, oldest first."""
        ...

    def expect_of_group(self, group_id: str) -> None:
        """Have them read along with the next question."""
        ...

    def of_group(self, group_id: str) -> list[Issue]:
        """The open issues of a group, oldest first."""
        ...

    def get(self, issue_id: str) -> Issue | None: ...

    def find(
        self,
        *,
        closed: bool,
        code: str | None = None,
        user_id: str | None = None,
        after: tuple[Instant, str] = ("", ""),
        most: int | None = None,
    ) -> list[Issue]:
        """The open issues of the tenant, and the closed ones if wanted, that meet every condition, oldest first.

        Those that stand `after` an opening and an id, so many at most.
        """
        ...

    def of_gone(self) -> list[Issue]:
        """The open issues of people who are not there, but those that outlive people."""
        ...

    def of_products(self, codes: Collection[str]) -> list[Issue]:
        """The open issues of those codes that are about a product and nobody, oldest first."""
        ...
