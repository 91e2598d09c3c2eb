"""Sealing anew, with the first key of SCIM_SECRET_KEY, what is sealed with another one or lies in clear."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.services.ports import Units
from scim_server.services.retrying import retried

BATCH = 500
"""Rows in one transaction, so that nobody waits long for another."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many texts were sealed anew."""

    count: int


def reseal(units: Units) -> Resealed:
    """Seal anew whatever is not sealed with the first key, in batches: it may be broken off and run again, and run
    while others serve.

    Raises Invalid where there is no key, WrongKey where none of the keys opens what is stored.
    """
    with units.overview() as operator:
        columns = operator.sealed_columns()
    if not columns:
        raise Invalid("SCIM_SECRET_KEY is not set: there is no key to seal with.")
    count = sum(_reseal_column(part, column) for part in units.parts() for column in columns)
    units.scrub()
    return Resealed(count)


def _reseal_column(units: Units, column: str) -> int:
    count, last = _reseal_rows(units, column, None)
    while last is not None:
        more, last = _reseal_rows(units, column, last)
        count += more
    return count


@retried
def _reseal_rows(units: Units, column: str, after: Sequence[str] | None) -> tuple[int, Sequence[str] | None]:
    with units.operator() as operator:
        done = operator.reseal(column, after, BATCH)
        operator.commit()
        return done
