"""One request, carried out once, however often it is sent: what a key of the client's is for.

Only what was carried out is kept. A request that was refused changed nothing, and one that failed may be sent again.
"""

from datetime import timedelta

from scim_server.domain.errors import InProgress, KeyReused, Lost
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_entries import SoughtEntries
from scim_server.services.keyed_requests import KeptAnswer, KeptRequest, Keyed
from scim_server.services.ports import Units
from scim_server.services.retrying import retried

CHORE = "forget-requests"
KEPT_FOR = timedelta(hours=24)
PATIENCE = timedelta(minutes=5)
"""How long a request may take before somebody else may look what became of it."""


def begin(units: Units, tenant: Tenant | None, asked: Keyed) -> KeptAnswer | None:
    """Take the request, or answer what was answered to it before.

    Raises KeyReused where the key came with another request, InProgress while somebody is at it, Lost where it was
    carried out and nobody knows the answer.
    """
    kept = _take(units, asked)
    if kept is None:
        return None
    if kept.fingerprint != asked.fingerprint:
        raise KeyReused(asked.key)
    if kept.answer is not None:
        return kept.answer
    _retake(units, tenant, asked, kept)
    return None


def keep(units: Units, asked: Keyed, answer: KeptAnswer) -> None:
    """Keep the answer of a request that was carried out."""
    _keep(units, asked, answer)


def let_go(units: Units, asked: Keyed) -> None:
    """Let the request be sent again: nothing came of it."""
    _keep(units, asked, None)


def forget_old(units: Units) -> int:
    """The chore: forget requests that nobody will send again; answers how many."""
    with units.operator() as operator:
        forgotten = operator.forget_requests(later(operator.now, -KEPT_FOR))
        operator.commit()
        return forgotten


@retried
def _take(units: Units, asked: Keyed) -> KeptRequest | None:
    with units.operator() as operator:
        kept = operator.take_request(asked, later(operator.now, PATIENCE))
        operator.commit()
        return kept


@retried
def _keep(units: Units, asked: Keyed, answer: KeptAnswer | None) -> None:
    with units.operator() as operator:
        operator.keep_answer(asked, answer)
        operator.commit()


@retried
def _retake(units: Units, tenant: Tenant | None, asked: Keyed, kept: KeptRequest) -> None:
    """Whoever was at it has not answered: the audit trail says whether they carried it out."""
    with units.overview() as operator:
        if operator.now < kept.until:
            raise InProgress(asked.key)
    if tenant is not None:
        with units.read(tenant) as uow:
            if uow.trail.find(SoughtEntries(limit=1, request_id=kept.request_id)):
                raise Lost(kept.request_id)
    with units.operator() as operator:
        if not operator.retake_request(asked, kept, later(operator.now, PATIENCE)):
            raise InProgress(asked.key)
        operator.commit()
