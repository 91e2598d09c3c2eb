"""Who a stream is about: whether a person was in its feed before an event, and is after it (RFC 9967 section 2.3)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """How somebody stands with a stream's feed around an event."""

    before: bool
    after: bool

    @property
    def enters(self) -> bool:
        return self.after and not self.before

    @property
    def leaves(self) -> bool:
        return self.before and not self.after


WITHIN = Scope(before=True, after=True)
"""Of everybody and everything in the feed of a stream without a filter."""
OUTSIDE = Scope(before=False, after=False)
