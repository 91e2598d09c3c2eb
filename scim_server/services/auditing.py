"""The audit trail: sealed into a chain behind the writers, verified, exported, read (invariant 10)."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scim_server.domain.errors import Missing
from scim_server.domain.events import Cause
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant
from scim_server.services.audit_chains import FORMAT, Broken, Verified, canonical, signed_text, verify
from scim_server.services.audit_entries import AuditEntry, Chain, Checkpoint, SoughtEntries, Verification
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.retrying import retried

BATCH = 500
"""Entries sealed in one transaction, and read at once: an embedded database has one writer at a time."""
SEALING = Cause("system", "", "seal the audit trail")
Line = Mapping[str, Any]
"""A line of an export as JSON."""
_PURPOSE = b"scim-server audit signing 1"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found: whether the chain is whole, else its `fault`.

    `unsealed` is how many entries were in no chain yet when it began; they are now.
    """

    entries: int
    checkpoints: int
    hash: str | None
    unsealed: int
    fault: str | None = None


def signing_key(secret: str) -> Ed25519PrivateKey:
    """The key that signs checkpoints, derived from a secret of the installation."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """What a verifier needs to know of the key: 32 bytes in base64."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


def seal(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> int:
    """Seal every entry that is not, each batch in a transaction of its own; answers how many.

    Safe from several processes at once. An entry's place in the chain is given here: ids are made before their
    transaction ends, so one that ends late may bring an id lower than others that are sealed already.
    """
    sealed = 0
    while batch := _seal_batch(units, tenant, key):
        sealed += batch
    return sealed


@retried
def _seal_batch(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> int:
    with units.write(tenant, SEALING) as uow:
        chain = uow.trail.lock_chain()
        entries = uow.trail.unsealed(BATCH)
        if not entries:
            return 0
        places = []
        for entry in entries:
            chain = chain.sealed(entry)
            places.append((entry.id, chain))
        signature = key.sign(signed_text(tenant.id, chain.sequence, chain.hash, uow.now))
        uow.trail.seal(places, Checkpoint(chain.sequence, chain.hash, uow.now, b64encode(signature).decode()))
        uow.commit()
        return len(entries)


def check(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> Finding:
    """Seal what is not sealed, then go through the whole chain as anybody can who has an export.

    Nothing is sealed behind a chain whose end is not where it was: that would hide how it was. What was found is
    written down, as that of a verification step by step is.
    """
    begun = units.now()
    with units.read(tenant) as uow:
        stray = outside(uow)
    if stray is not None:
        found = Finding(0, 0, None, 0, stray)
    else:
        unsealed = seal(units, tenant, key)
        found = replace(verify_sealed(units, tenant, key), unsealed=unsealed)
    _note(units, tenant, begun, found)
    return found


@retried
def _note(units: Units, tenant: Tenant, begun: Instant, found: Finding) -> None:
    with units.write(tenant, SEALING) as uow:
        chain = uow.trail.chain()
        reached = (found.entries, found.entries, found.checkpoints)
        noted = Verification(begun, chain.sequence, found.hash or chain.hash, *reached, uow.now, found.fault)
        uow.verifications.begin(noted)
        uow.commit()


def verify_sealed(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> Finding:
    """The same without sealing anything: what is not in the chain is not looked at."""
    with units.read(tenant) as uow:
        stray = outside(uow)
        if stray is not None:
            return Finding(0, 0, None, 0, stray)
        chain = uow.trail.chain()
        try:
            found = verify(_lines(uow, chain, public_key(key)), public_key(key))
            _check_end(found, chain)
        except Broken as broken:
            return Finding(0, 0, None, 0, str(broken))
    return Finding(found.entries, found.checkpoints, found.hash, 0)


def outside(uow: UnitOfWork) -> str | None:
    """What is wrong where an entry or a checkpoint has a place that is not in the chain."""
    places = uow.trail.places()  # read before the end of the chain, which only ever moves on
    chain = uow.trail.chain()
    first, last = places or (1, chain.sequence)
    if first >= 1 and last <= chain.sequence:
        return None
    stray = last if last > chain.sequence else first
    return f"The chain ends after entry {chain.sequence}, but something stands in place {stray}."


def _check_end(found: Verified, chain: Chain) -> None:
    if (found.entries, found.hash) != (chain.sequence, chain.hash):
        raise Broken(f"The chain ends after entry {found.entries}, but {chain.sequence} were sealed.")


def export(units: Units, tenant: Tenant, key: Ed25519PrivateKey) -> Iterator[bytes]:
    """The sealed trail, line by line, as `audit_chains.verify` reads it; seals first. Holds a batch in memory."""
    seal(units, tenant, key)
    with units.browse(tenant) as uow:
        yield from _lines(uow, uow.trail.chain(), public_key(key))


def entries(units: Units, tenant: Tenant, sought: SoughtEntries) -> list[AuditEntry]:
    """Some entries of a tenant, sealed or not, newest first."""
    with units.browse(tenant) as uow:
        return uow.trail.find(sought)


def entry(units: Units, tenant: Tenant, entry_id: str) -> AuditEntry:
    """One entry. Raises Missing."""
    found = entries(units, tenant, SoughtEntries(1, entry_id=entry_id))
    if not found:
        raise Missing(f"The audit trail of '{tenant.slug}' has no entry '{entry_id}'.")
    return found[0]


def _lines(uow: UnitOfWork, chain: Chain, signed_by: str) -> Iterator[bytes]:
    tenant = uow.tenant
    header = {"format": FORMAT, "tenant": tenant.id, "slug": tenant.slug, "at": uow.now, "publicKey": signed_by}
    yield canonical({"kind": "header", **header}) + b"\n"
    for line in stretch(uow, 0, chain.sequence):
        yield canonical(line) + b"\n"


def stretch(uow: UnitOfWork, above: int, upto: int) -> Iterator[Line]:
    """The lines of an export for the entries in those places of the chain. Holds a batch in memory."""
    while above < upto:
        end = min(above + BATCH, upto)
        checkpoints = {each.sequence: each for each in uow.trail.checkpoints(above, end)}
        for entry in uow.trail.sealed(above, end):
            yield {"kind": "entry", "sequence": entry.sequence, "hash": entry.hash, "entry": entry.chained()}
            if entry.sequence in checkpoints:
                yield _signed(checkpoints.pop(entry.sequence))
        yield from map(_signed, checkpoints.values())  # of entries that are gone: a verifier must see them
        above = end


def _signed(each: Checkpoint) -> Line:
    members = {"sequence": each.sequence, "hash": each.hash, "at": each.at, "signature": each.signature}
    return {"kind": "checkpoint", **members}
