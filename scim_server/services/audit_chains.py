"""The chain of an audit trail, and its verifier: needs an export, the public key, and nothing else of this server.

    python -m scim_server.services.audit_chains EXPORT PUBLICKEY

An export is lines of canonical JSON: a header, then the entries in the order of the chain, each checkpoint behind
the entry it signs. An entry's hash is SHA-256 over the hash before it and the entry's canonical JSON; a checkpoint
is an Ed25519 signature over a hash and its place in the chain. docs/audit.md has all of it.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "scim-server audit 1"
MEMBERS = {
    "header": {"kind", "format", "tenant", "slug", "at", "publicKey"},
    "entry": {"kind", "sequence", "hash", "entry"},
    "checkpoint": {"kind", "sequence", "hash", "at", "signature"},
}
"""The members of each kind of line."""


class Broken(ValueError):
    """The export is not what was sealed; the message says where, and how that shows."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A chain that is whole: how many entries and checkpoints, and the end that the last checkpoint signs."""

    tenant: str
    entries: int
    checkpoints: int
    hash: str


def canonical(value: Any) -> bytes:
    """JSON with sorted members and no spaces, in UTF-8: one spelling for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def beginning(tenant_id: str) -> str:
    """The hash before a tenant's first entry."""
    return sha256(f"{FORMAT}\n{tenant_id}".encode()).hexdigest()


def link(before: str, entry: Mapping[str, Any]) -> str:
    """The hash of an entry that follows the hash `before`."""
    return sha256(bytes.fromhex(before) + canonical(entry)).hexdigest()


def signed_text(tenant_id: str, sequence: int, hash_: str, at: str) -> bytes:
    """What the signature of a checkpoint is over."""
    return f"{FORMAT}\n{tenant_id}\n{sequence}\n{hash_}\n{at}".encode()


def verify(lines: Iterable[bytes], public_key: str) -> Verified:
    """Go through an export of one tenant, line by line. Raises Broken at the first thing that is not as it was.

    `public_key` is what `scim-server audit key` prints: the 32 bytes of the key in base64.
    """
    key = _key(public_key)
    verifier: Verifier | None = None
    for number, text in enumerate(lines, 1):
        line = _read(number, text.removesuffix(b"\n"))
        if verifier is None:
            verifier = _begin(line, key)
        else:
            verifier.follow(number, line)
    if verifier is None:
        raise Broken("There is nothing in it, not even a header.")
    return verifier.end()


def _key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(b64decode(text.strip(), validate=True))
    except ValueError as error:
        raise Broken("The public key is none: it must be 32 bytes in base64.") from error


def _read(number: int, text: bytes) -> dict[str, Any]:
    try:
        line = json.loads(text)
        spelling = canonical(line)
    except (ValueError, RecursionError) as error:
        raise Broken(f"Line {number} is no JSON.") from error
    kind = line.get("kind") if isinstance(line, dict) else None
    if not isinstance(kind, str) or line.keys() != MEMBERS.get(kind) or spelling != text:
        raise Broken(f"Line {number} is not written as an export is.")
    return dict(line)


def _begin(header: Mapping[str, Any], key: Ed25519PublicKey) -> "Verifier":
    if header["kind"] != "header" or header["format"] != FORMAT or not isinstance(header["tenant"], str):
        raise Broken(f"Line 1 is no header of the format '{FORMAT}'.")
    return Verifier(key, header["tenant"], beginning(header["tenant"]))


@dataclass(slots=True)
class Verifier:
    """How far the chain has been followed, and how far it is signed. Lines are followed as parsed JSON."""

    key: Ed25519PublicKey
    tenant: str
    hash: str
    sequence: int = 0
    signed: int = 0
    checkpoints: int = 0

    def follow(self, number: int, line: Mapping[str, Any]) -> None:
        if line["kind"] == "entry":
            self._follow_entry(line)
        elif line["kind"] == "checkpoint":
            self._check(line)
        else:
            raise Broken(f"Line {number} is a second header.")

    def end(self) -> Verified:
        if self.sequence != self.signed:
            raise Broken(f"No checkpoint signs what comes after entry {self.signed}.")
        return Verified(self.tenant, self.sequence, self.checkpoints, self.hash)

    def _follow_entry(self, line: Mapping[str, Any]) -> None:
        due = self.sequence + 1
        if line["sequence"] != due:
            raise Broken(f"Entry {due} is missing: {line['sequence']} comes after {self.sequence}.")
        self.hash = link(self.hash, line["entry"])
        self.sequence = due
        if line["hash"] != self.hash:
            raise Broken(f"Entry {due} is not what was sealed there.")

    def _check(self, line: Mapping[str, Any]) -> None:
        place = line["sequence"]
        if isinstance(place, int) and place > self.sequence:
            raise Broken(f"Entry {self.sequence + 1} is missing: the checkpoint after entry {place} signs it.")
        if place != self.sequence:
            raise Broken(f"A checkpoint signs entry {place}, but stands after entry {self.sequence}.")
        if line["hash"] != self.hash:
            raise Broken(f"The checkpoint after entry {place} signs other entries than these.")
        try:
            signature = b64decode(line["signature"], validate=True)
            self.key.verify(signature, signed_text(self.tenant, place, self.hash, line["at"]))
        except (InvalidSignature, ValueError, TypeError) as error:
            raise Broken(f"The signature of the checkpoint after entry {place} is not of this key.") from error
        self.signed = place
        self.checkpoints += 1


def main(arguments: list[str]) -> int:
    """Verify the export in a file; answers the exit code: 0 whole, 1 broken, 2 misused."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m scim_server.services.audit_chains EXPORT PUBLICKEY\n")
        return 2
    try:
        with Path(arguments[0]).open("rb") as lines:
            found = verify(lines, arguments[1])
    except (Broken, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Whole: {found.entries} entries, {found.checkpoints} checkpoints, up to {found.hash}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
