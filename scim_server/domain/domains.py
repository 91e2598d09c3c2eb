"""Domains that a tenant says are its own: names as DNS has them, proofs, and which of them an address lies in."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_NAME = 253
_AT = re.compile("[@\uff20\ufe6b]")
"""The sign, and what other software may take for it."""
_PARTS_OF_WORDS = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})
"""Categories of what may stand in a label beside the hyphen (RFC 5892 section 2.1)."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of a tenant, under its ASCII name. `proof` is what its owner publishes.

    `verified` is when the proof was found first, `checked` when it was found last.
    """

    name: str
    proof: str
    created: Instant
    verified: Instant | None = None
    checked: Instant | None = None

    @property
    def state(self) -> str:
        return "pending" if self.verified is None else "verified"

    @property
    def text(self) -> str:
        """What is published: the whole text of a TXT record, or a line of a file."""
        return f"scim-server-domain={self.proof}"

    @property
    def record(self) -> str:
        """The name of the TXT record."""
        return f"_scim-server.{self.name}"

    @property
    def file(self) -> str:
        """Where the file is, for whoever cannot change the domain's DNS (RFC 8615)."""
        return f"https://{self.name}/.well-known/scim-server-domain.txt"


def check_domain(text: str) -> str:
    """The name in ASCII form; raises Invalid where nobody can own such a domain."""
    name = ascii_name(text)
    if name is None or "." not in name or name.rpartition(".")[2].isdigit():
        raise Invalid(
            f"'{text[:100]}' is no domain: write a name such as example.com, one in another script as it is written "
            "there or in its xn-- form."
        )
    return name


def ascii_name(text: str) -> str | None:
    """A name in lower case, without a final dot, each label in its ASCII form (RFC 5890); None where it is no name.

    Strict: what one version of IDNA maps to another name than the next one, such as ß, has no form but the xn-- one.
    """
    labels = [_ascii_label(label) for label in text.removesuffix(".").split(".")]
    name = ".".join(label or "" for label in labels)
    return None if None in labels or len(name) > _LONGEST_NAME else name


def _ascii_label(label: str) -> str | None:
    if not label.isascii():
        lowered = unicodedata.normalize("NFC", label.lower())
        stable = unicodedata.normalize("NFKC", lowered).casefold() == lowered
        if not stable or any(each != "-" and unicodedata.category(each) not in _PARTS_OF_WORDS for each in lowered):
            return None
        label = lowered if lowered.isascii() else f"xn--{lowered.encode('punycode').decode('ascii')}"
    lowered = label.lower()
    return lowered if _LABEL.fullmatch(lowered) else None


def has_domain(text: str) -> bool:
    """Whether a text could be taken for an address."""
    return _AT.search(text) is not None


def lies_in(address: str, domains: Collection[str]) -> bool:
    """Whether whatever could be taken for the domain of an address is one of those; a text without one lies anywhere.

    Of several @ the part behind each counts, as mail servers do not agree about which of them divides.
    """
    _, *behind = _AT.split(address)
    return all(ascii_name(part) in domains for part in behind)
