"""PATCH checks as data: a user, operations on it, and what must have become of it."""

from dataclasses import dataclass, field
from typing import Any

from scim_conformance.checks import Level
from scim_conformance.fixtures import USER, Probe, Resource
from scim_conformance.servers import ENTERPRISE
from scim_conformance.verdicts import CheckFailed, like, same

NULL = "{null}"
"""How a table writes JSON's null, which TOML does not have."""


@dataclass(frozen=True)
class Modification:
    """A row of `tables/patches.toml`.

    `start` are attributes of the user, `ops` the operations. `gives` is what the user must be like afterwards.
    With `same`, nothing may have changed, not even meta. `refused` are the scimTypes of which one must come
    with 400, with nothing changed. A row with `refused` and `gives` leaves the server the choice.
    """

    says: str
    covers: str
    ops: list[Resource]
    start: Resource = field(default_factory=dict)
    gives: Resource | None = None
    same: bool = False
    refused: str = ""
    needs: str = ""
    level: str = Level.MUST


def modify(row: Modification, scim: Probe) -> None:
    """Make the user, send the operations, compare."""
    start = _filled(row.start, scim)
    extended = {"schemas": [USER, ENTERPRISE]} if ENTERPRISE in start else {}
    made = scim.user(**extended, **start)
    before = scim.read(made)
    reply = scim.patch(made, *_filled(row.ops, scim))
    after = scim.read(made)
    if row.refused and reply.status >= 400:
        reply.refused(400, types=tuple(row.refused.split()))
        same(after, before, "the resource after the refusal")
        return
    if row.refused and row.gives is None:
        raise CheckFailed(f"status {reply.status} came, the operation must be refused with 400 {row.refused}")
    reply.expect(200, 204)
    if row.same:
        same(after, before, "the resource, which nothing should have changed")
    like(scim.written(after), _filled(row.gives, scim) if row.gives else {}, "user")
    if reply.status == 200:
        same(reply.resource, after, "answer to the PATCH, compared with reading")


def _filled(value: Any, scim: Probe) -> Any:
    """A value with its placeholders replaced, in names too: schema URNs, the run's own domain, null."""
    if isinstance(value, dict):
        return {_filled(name, scim): _filled(each, scim) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, scim) for each in value]
    if not isinstance(value, str):
        return value
    if value == NULL:
        return None
    return value.replace("{user}", USER).replace("{enterprise}", ENTERPRISE).replace("{x}", scim.domain)
