"""New ids: UUIDv7, sortable by time of making (RFC 9562 section 5.7)."""

import uuid_utils


def new_id() -> str:
    """A fresh id in canonical lower-case form."""
    return str(uuid_utils.uuid7())


def can_be_id(text: str) -> bool:
    """Whether the database can be asked for that id at all: no text in it holds NUL."""
    return "\0" not in text
