"""New ids: UUIDv7, sortable by time of making (RFC 9562 section 5.7)."""

import uuid_utils


def new_id() -> str:
    """A fresh id in canonical lower-case form."""
    return str(uuid_utils.uuid7())
