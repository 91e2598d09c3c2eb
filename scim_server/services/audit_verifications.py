"""A tenant's audit trail verified step by step, so that nobody waits for all of it: each step follows a stretch.

What is not sealed yet is not looked at; a server that runs seals it within seconds.
"""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scim_server.domain.events import Cause
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_chains import Broken, Verifier
from scim_server.services.audit_entries import Chain, Checkpoint, Verification
from scim_server.services.auditing import outside, stretch
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

STRETCH = 2_000
"""Entries that one step follows: some tenths of a second."""
VERIFYING = Cause("system", "", "verify the audit trail")


@dataclass(frozen=True, slots=True)
class Standing:
    """The end of the chain with the checkpoint that signs it, whether entries wait to be sealed, and the verification
    that runs or ran last; None where there is none."""

    chain: Chain
    checkpoint: Checkpoint | None
    is_waiting: bool
    verification: Verification | None


def standing(units: Units, tenant: Tenant) -> Standing:
    """How things stand with the chain."""
    with units.read(tenant) as uow:
        chain = uow.trail.chain()
        signed = uow.trail.checkpoints(chain.sequence - 1, chain.sequence)
        return Standing(chain, next(iter(signed), None), bool(uow.trail.unsealed(1)), uow.verifications.last())


@retried
def begin(units: Units, tenant: Tenant) -> Verification:
    """Begin anew, with the chain as long as it is now."""
    with units.write(tenant, VERIFYING) as uow:
        start = Chain.begun(tenant.id)
        begun = Verification(uow.now, uow.trail.chain().sequence, start.hash)
        uow.verifications.begin(begun)
        uow.commit()
        return begun


def go_on(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> Verification | None:
    """Follow the next stretch; answers how far that is, None where none was begun.

    Where somebody else took the same step it is the same whoever writes it down.
    """
    with units.read(tenant) as uow:
        before = uow.verifications.last()
        if before is None or before.finished is not None:
            return before
        after = _followed(uow, before, key)
    _keep(units, tenant, before, after)
    return after


def _followed(uow: UnitOfWork, before: Verification, key: Ed25519PrivateKey) -> Verification:
    upto = min(before.sequence + STRETCH, before.upto)
    verifier = Verifier(
        key.public_key(), uow.tenant.id, before.hash, before.sequence, before.signed, before.checkpoints
    )
    try:
        stray = outside(uow) if before.sequence == 0 else None
        if stray is not None:
            raise Broken(stray)
        for number, line in enumerate(stretch(uow, before.sequence, upto), 1):
            verifier.follow(number, line)
        if verifier.sequence != upto:
            raise Broken(f"The chain ends after entry {verifier.sequence}, but {before.upto} were sealed.")
        if upto == before.upto:
            verifier.end()
    except Broken as broken:
        return replace(before, finished=uow.now, fault=str(broken))
    return replace(
        before,
        sequence=verifier.sequence,
        hash=verifier.hash,
        signed=verifier.signed,
        checkpoints=verifier.checkpoints,
        finished=uow.now if upto == before.upto else None,
    )


@retried
def _keep(units: Units, tenant: Tenant, before: Verification, after: Verification) -> None:
    with units.write(tenant, VERIFYING) as uow:
        uow.verifications.move(before, after)
        uow.commit()
