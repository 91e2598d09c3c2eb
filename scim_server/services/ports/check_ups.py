"""A client's own requests, sent to this server for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from scim_server.domain.tenants import Connection, Tenant


@dataclass(frozen=True, slots=True)
class Played:
    """One request of a check-up and what came of it. `does` is a word for what the client does with it.

    `wrong` says what about the answer is not as the client takes it: `status`, `total` (a list has more or fewer
    resources than it must), `content`, or `skipped` where it was not sent, as it needs what an earlier one did not get;
    None where all is well. `status` is None where it was not sent. `scim_type` and `detail` are of an error.
    """

    does: str
    method: str
    path: str
    status: int | None
    milliseconds: int
    wrong: str | None = None
    scim_type: str | None = None
    detail: str | None = None


class CheckUps(Protocol):
    """Plays the requests that a client of that kind sends when its connection is tested, in its dialect.

    They are answered as the client's own would be, by the same rules, writes included, in a transaction that is taken
    back: nothing of it stays, and nobody hears of it.
    """

    def play(self, tenant: Tenant, connection: Connection, scopes: Collection[str], domain: str) -> Sequence[Played]:
        """`scopes` are what the client's token is good for; in `domain` lies the address of the person it makes."""
        ...
