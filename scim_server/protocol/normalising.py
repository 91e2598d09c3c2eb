"""The one comparable form of every value (RFC 7643 section 2.3, RFC 7644 sections 3.4.2.2 and 5).

What is stored for searching and what a filter compares with go through the same functions, so a database only
ever compares bytes and agrees with the evaluator in `matching`.
"""

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from precis_i18n import get_profile

from scim_server.protocol.schemas import Attribute, ResourceType

_USERNAME = get_profile("UsernameCaseMapped")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)

LONGEST_USERNAME = 512
"""Characters. Nobody has a longer user name (design section 5), so a longer text is spared PRECIS."""


IDEOGRAPHIC_STOP = "\u3002"


def fold(text: str) -> str:
    """`text` for comparing without regard to case: full Unicode case folding between normalisations (NFC)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@lru_cache(maxsize=4096)
def username_key(text: str) -> str:
    """The key under which a user name is unique (RFC 8265 UsernameCaseMapped).

    Raises ValueError where PRECIS refuses the name.
    """
    try:
        return fold(str(_USERNAME.enforce(text)))
    except UnicodeError as refused:
        raise ValueError("not a user name under PRECIS UsernameCaseMapped (RFC 8265)") from refused


def address_key(text: str) -> str:
    """The key under which an e-mail address has one owner: spellings that reach one mailbox are one address.

    Compatibility forms, letter case, outer blanks, `mailto:`, a final dot and the two spellings of an
    international domain make no difference. The address itself is kept and sent back as it was written.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    mailbox, at, domain = plain.strip().removeprefix("mailto:").rpartition("@")
    domain = domain.replace(IDEOGRAPHIC_STOP, ".").rstrip(".")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return mailbox + at + domain


def instant(text: str) -> str:
    """An xsd:dateTime as fixed-width UTC text (`2026-11-22T01:02:03.000000Z`); no zone is read as UTC.

    A fraction is cut at microseconds. Raises ValueError where the text is no date with time.
    """
    if _DATE_TIME.fullmatch(text) is None:
        raise ValueError("a dateTime needs a date and a time, for example 2026-11-22T01:02:03Z")
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return instant_text(moment)


def instant_text(moment: datetime) -> str:
    """An aware datetime as fixed-width UTC text.

    Raises ValueError where it lies outside the years 1 to 9999 of UTC.
    """
    try:
        shifted = moment.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError("a dateTime must lie in the years 1 to 9999 of UTC") from beyond
    return shifted.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def comparable(attribute: Attribute, value: Any) -> Any:
    """One simple value of `attribute` in comparable form. Raises ValueError where the value does not fit."""
    if isinstance(value, str):
        if attribute.type == "dateTime":
            return instant(value)
        if attribute.comparison == "username":
            return _username_or_folded(value)
        return value if attribute.comparison == "exact" else fold(value)
    if isinstance(value, Decimal):
        return float(value)
    return value


def _username_or_folded(value: str) -> str:
    """A name that PRECIS refuses is nobody's; folded, it still compares the same way everywhere."""
    if len(value) > LONGEST_USERNAME:
        return fold(value)
    try:
        return username_key(value)
    except ValueError:
        return fold(value)


def search_copy(document: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """`document` with every value in comparable form, same shape and keys."""
    copy: dict[str, Any] = {}
    for urn, attribute in resource_type.attributes():
        holder = document.get(urn) if urn else document
        if not isinstance(holder, Mapping) or attribute.name not in holder:
            continue
        target = copy.setdefault(urn, {}) if urn else copy
        target[attribute.name] = normalised(attribute, holder[attribute.name])
    return copy


def normalised(attribute: Attribute, value: Any) -> Any:
    """A whole value of `attribute`, list and sub-attributes included, in comparable form."""
    if isinstance(value, list):
        return [normalised(attribute, element) for element in value]
    if isinstance(value, Mapping):
        known = ((attribute.sub(name), inner) for name, inner in value.items())
        return {sub.name: normalised(sub, inner) for sub, inner in known if sub is not None}
    return comparable(attribute, value)
