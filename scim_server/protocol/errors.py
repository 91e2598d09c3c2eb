"""RFC 7644 section 3.12: every refusal of the protocol as a class named by its scimType.

A class knows its keyword and nothing of HTTP; `http/errors.py` holds the one table of status codes.
"""


class ScimError(Exception):
    """A request refused. `detail` is for a person: what was wrong, where, and what to do."""

    scim_type: str | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidFilter(ScimError):
    """The filter syntax is wrong, or attribute and operator do not go together."""

    scim_type = "invalidFilter"


class InvalidPath(ScimError):
    """The `path` of a PATCH operation is malformed or names an unknown attribute."""

    scim_type = "invalidPath"


class InvalidSyntax(ScimError):
    """The body is not JSON, or not the message that belongs here."""

    scim_type = "invalidSyntax"


class InvalidValue(ScimError):
    """A required value is missing, or a value does not fit its attribute."""

    scim_type = "invalidValue"


class Mutability(ScimError):
    """The change is not compatible with the attribute's mutability."""

    scim_type = "mutability"


class NoTarget(ScimError):
    """The `path` of a PATCH operation matched nothing that could be changed."""

    scim_type = "noTarget"


class TooMany(ScimError):
    """The filter would yield, or cost, more than the server is willing to give."""

    scim_type = "tooMany"


class Uniqueness(ScimError):
    """A value that must be unique is taken. Always answered 409 (corner case C-45)."""

    scim_type = "uniqueness"


class InvalidCursor(ScimError):
    """RFC 9865 section 2.1: the cursor was not made by this server for this client and this query."""

    scim_type = "invalidCursor"


class ExpiredCursor(ScimError):
    """RFC 9865 section 2.1: the cursor is good, its time is over."""

    scim_type = "expiredCursor"


class InvalidCount(ScimError):
    """RFC 9865 section 2.1: the count is no integer, or not that of the walk's first page."""

    scim_type = "invalidCount"


class NotFound(ScimError):
    """No such resource, endpoint or tenant, as far as this credential can see."""


class Forbidden(ScimError):
    """The credential is good, the action is not allowed, or a seat limit refuses it."""


class Sensitive(Forbidden):
    """RFC 7644 section 7.5.2: personal data stands in an address; /.search takes it in a body."""

    scim_type = "sensitive"


class PreconditionFailed(ScimError):
    """RFC 7644 section 3.14: If-Match or If-None-Match does not hold."""


class Conflict(ScimError):
    """RFC 7644 section 3.7.1: an operation of a bulk needs another one that failed."""


class PreconditionRequired(ScimError):
    """RFC 6585 section 3: the tenant wants every change to name the version it is meant for."""


class TooLarge(ScimError):
    """RFC 7644 section 3.12: the request exceeds a stated limit; the limit is in the detail."""
