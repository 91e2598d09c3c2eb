"""RFC 7644 section 7.5.2: personal data that should not stand in an address, where proxies and logs keep it."""

from collections.abc import Iterator

from scim_server.protocol.errors import Sensitive
from scim_server.protocol.filters import And, Comparison, Filter, Not, Or, ValuePath
from scim_server.protocol.paths import AttributePath

PERSONAL = frozenset(
    {
        *("userName", "name", "displayName", "nickName", "profileUrl", "emails", "phoneNumbers", "ims", "photos"),
        *("addresses", "x509Certificates", "employeeNumber", "manager.displayName"),
    }
)
"""What names, reaches or locates a person, among the attributes of a User. Ids and `externalId` do not."""


def refuse_personal(filter: Filter) -> None:  # noqa: A002 - the protocol's own word
    """Raises Sensitive where a filter over Users, found in an address, compares personal data with a value."""
    for path in _compared(filter):
        names = path.keys[1:] if path.urn else path.keys
        if names[0] in PERSONAL or ".".join(names) in PERSONAL:
            raise Sensitive(
                f"This tenant takes no filter on '{path}' in an address, as personal data would stand in it. "
                "Send the query as a SearchRequest to /.search."
            )


def _compared(node: Filter) -> Iterator[AttributePath]:
    match node:
        case Comparison(path):
            yield path
        case Not(inner) | ValuePath(_, inner):
            yield from _compared(inner)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _compared(term)
