"""How much one search may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` it may take, and `rows` that it may read where no index narrows it."""

    seconds: int = 5
    rows: int = 1_000_000


LIMITS = Limits()
