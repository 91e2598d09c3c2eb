"""How far a tenant's audit trail was verified: one row, of the verification that runs or ran last."""

from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, delete, select, update

from scim_server.services.audit_entries import Verification
from scim_server.store.scopes import Scope
from scim_server.store.tables import audit_verifications

_ROW = audit_verifications.c
_MINE = _ROW.tenant_id == bindparam("tenant")
_NAMES = ("begun", "upto", "hash", "sequence", "signed", "checkpoints", "finished", "fault")
_LAST = select(*(_ROW[name] for name in _NAMES)).where(_MINE)
_FORGET = delete(audit_verifications).where(_MINE)
_MOVE = (
    update(audit_verifications)
    .where(_MINE, _ROW.begun == bindparam("since"), _ROW.sequence == bindparam("from_sequence"))
    .values({name: bindparam(f"new_{name}") for name in _NAMES})
)


@dataclass(frozen=True, slots=True)
class Verifications:
    """The verification of one tenant's trail."""

    scope: Scope

    def last(self) -> Verification | None:
        row = self.scope.row(_LAST)
        return None if row is None else Verification(**row)

    def begin(self, begun: Verification) -> None:
        self.scope.run(_FORGET)
        self.scope.insert(audit_verifications, asdict(begun))

    def move(self, before: Verification, after: Verification) -> None:
        new = {f"new_{name}": value for name, value in asdict(after).items()}
        self.scope.run(_MOVE, since=before.begun, from_sequence=before.sequence, **new)
