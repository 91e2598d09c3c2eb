"""Entra's rename before deletion: a soft-deleted user is called 32 hexadecimal digits and the name they had.

The digits are the user's object id. They come together with, or just before, `active` false; a restore brings the
old name back, the deletion for good follows after 30 days. The name is the client's to write and is echoed; the
person's address and display name are not what changed.

A text is only ever told from the one it was before: there are people whose names begin with such digits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scim_server.domain.directory import User

_DIGITS = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_LENGTH = 32


def understood(before: User, wanted: User) -> User:
    """`wanted`, with what a rename before deletion does not mean taken back, and the true name remembered."""
    name = before.true_name or before.user_name
    if wanted.user_name == before.user_name:
        true_name = before.true_name
    else:
        true_name = name if _is_prefixed(name, wanted.user_name) else None
    return replace(
        wanted,
        true_name=true_name,
        display_name=_unspoilt(before.display_name, wanted.display_name),
        emails=_unspoilt_emails(before.emails, wanted.emails),
    )


def _unspoilt(before: str | None, wanted: str | None) -> str | None:
    if before is None or wanted is None:
        return wanted
    return before if _is_prefixed(before, wanted) else wanted


def _unspoilt_emails(
    before: Sequence[Mapping[str, Any]], wanted: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    addresses = [str(email["value"]) for email in before if email.get("value")]
    return tuple(_unspoilt_email(addresses, email) for email in wanted)


def _unspoilt_email(addresses: Sequence[str], email: dict[str, Any]) -> dict[str, Any]:
    value = str(email.get("value", ""))
    kept = next((address for address in addresses if _is_prefixed(address, value)), None)
    return email if kept is None else {**email, "value": kept}


def _is_prefixed(before: str, wanted: str) -> bool:
    return _DIGITS.match(wanted) is not None and wanted[_LENGTH:].casefold() == before.casefold() != ""
