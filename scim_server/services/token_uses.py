"""When tokens were last used: noted in the process as they are, written together, once a minute for each at most.

A note costs a request nothing but a look into a dictionary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from scim_server.domain.instants import Instant, later
from scim_server.services.credentials import Credential, Prefix
from scim_server.services.ports import Units
from scim_server.services.retrying import retried
from scim_server.services.token_entries import TokenUse

PRECISION = timedelta(minutes=1)
"""How much a token's last use may be later than what is written."""

Key = tuple[Prefix, str, str]
"""Whose a token is, the id of its tenant, and its own."""


@dataclass(slots=True)
class TokenUses:
    """Uses that wait to be written, and until when those that were written are good enough."""

    _waiting: dict[Key, Instant] = field(default_factory=dict)
    _good_until: dict[Key, Instant] = field(default_factory=dict)

    def note(self, credential: Credential, now: Instant) -> bool:
        """Note that a token is used; answers whether there is something to write."""
        key = credential.prefix, credential.tenant_id, credential.token_id
        if now < self._good_until.get(key, ""):
            return False
        self._waiting[key] = now
        return True

    def write(self, units: Units) -> None:
        """Write what waits, which goes on waiting where the store raises anything."""
        taken = dict(self._waiting)
        if not taken:
            return
        _write(units, [TokenUse(*key, at) for key, at in taken.items()])
        latest = max(taken.values())
        fresh = {key: until for key, until in self._good_until.items() if until > latest}
        self._good_until = fresh | {key: later(at, PRECISION) for key, at in taken.items()}
        for key in taken:
            self._waiting.pop(key, None)


@retried
def _write(units: Units, uses: Sequence[TokenUse]) -> None:
    """The operator's are used above all tenants; each of the others is noted where its tenant lives."""
    operators = [use for use in uses if use.prefix is Prefix.OPERATOR]
    if operators:
        _note(units, operators)
    for tenants in units.together({use.tenant_id for use in uses if use.prefix is not Prefix.OPERATOR}):
        _note(units, [use for use in uses if use.tenant_id in tenants], *tenants)


def _note(units: Units, uses: Sequence[TokenUse], *tenant_ids: str) -> None:
    with units.operator(*tenant_ids) as operator:
        operator.note_token_uses(uses)
        operator.commit()
