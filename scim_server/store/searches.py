"""What a search may cost: how long it may take, and how much it may read where no index narrows it.

A filter that no index serves reads every resource of its type. Where there are too many of them it is refused before it
begins; what takes too long in spite of that is given up, so that no worker hangs on it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy.exc import DBAPIError

from scim_server.domain.errors import TooMany
from scim_server.protocol.filters import And, Comparison, Filter, Never, Or, ValuePath
from scim_server.store.columns import Columns
from scim_server.store.scopes import Scope

SHORTEST = 3
"""Characters of a part of a text that an index over trigrams can look up."""

_CANCELED = "57014"
"""SQLSTATE of a statement that was canceled because of its timeout."""
_NARROW = "such as userName, externalId or emails.value eq, or displayName sw"


@contextmanager
def limited(scope: Scope) -> Iterator[None]:
    """Gives up what is read in the block when its time is over. Raises TooMany then."""
    scope.connection.deadline = monotonic() + scope.limits.seconds
    try:
        yield
    except DBAPIError as error:
        if not _was_given_up(error):
            raise
        raise TooMany(
            f"The search took longer than {scope.limits.seconds} seconds and was given up. Narrow it by a term "
            f"that an index serves, {_NARROW}."
        ) from error
    finally:
        scope.connection.deadline = None


def _was_given_up(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    return getattr(error.orig, "sqlstate", None) == _CANCELED


def check_size(scope: Scope, resources: int) -> None:
    """Raises TooMany where so many are not to be read one by one."""
    if resources > scope.limits.rows:
        raise TooMany(
            f"No index serves this filter, so it would read all {resources:,} resources of the tenant; at most "
            f"{scope.limits.rows:,} may be read. Add a term with `and` that an index serves, {_NARROW}; or list the "
            "resources without a filter, page by page."
        )


def is_narrowed(node: Filter, columns: Columns, *, by_parts: bool) -> bool:
    """Whether an index leads to the resources that satisfy `node`; `by_parts` where there are indexes over trigrams.

    `eq` on what lies in the document counts as such everywhere: it is what clients match people by.
    """
    match node:
        case Never():
            return True
        case And(terms):
            return any(is_narrowed(term, columns, by_parts=by_parts) for term in terms)
        case Or(terms):
            return all(is_narrowed(term, columns, by_parts=by_parts) for term in terms)
        case ValuePath(_, inner):
            return is_narrowed(inner, columns, by_parts=by_parts)
        case Comparison(path):
            table = columns.table(path, node)
            if table is not None:
                name = path.leaf.name.lower()
                return _leads(node, in_order=name in table.in_order, in_parts=by_parts and name in table.in_parts)
            in_document = path.keys not in columns.simple and not columns.lacks(path)
            is_looked_up = path.keys in columns.in_order or (in_document and node.operator == "eq")
            return _leads(node, in_order=is_looked_up, in_parts=by_parts and path.keys in columns.in_parts)
    return False


def _leads(term: Comparison, *, in_order: bool, in_parts: bool) -> bool:
    """Whether an index of those kinds leads to what satisfies the term."""
    if term.operator in {"co", "ew"}:
        return in_parts and len(term.value) >= SHORTEST
    return in_order and (term.operator == "eq" or (term.operator != "ne" and bool(term.value)))
