"""Tokens of every kind, as they are shown."""

from scim_server.api.fields import Moment, Text, Texts
from scim_server.api.shapes import Item


class TokenItem(Item):
    """A token without its secret."""

    id = Text()
    kind = Text(about="Whose it is: of a connection, a person, the admin API (`api`) or the operator.")
    tenant = Text(allow_none=True, about="The slug of its tenant; null for the operator's.")
    connection = Text(allow_none=True, about="The name of the connection that it is for.")
    user = Text(allow_none=True, about="The user name of the person whose it is.")
    name = Text(allow_none=True, about="What a token of the admin API is for.")
    scopes = Texts(about="What a token of a connection or of the admin API permits.")
    state = Text(about="live, revoked, expired, or suspended like its person.")
    created = Moment()
    expires = Moment()
    revoked = Moment(allow_none=True)
    last_used = Moment(allow_none=True, about="To the minute; null where it never was.")
    warning = Text(allow_none=True, about="Of a live one that expires within 30 days, 7 days or a day.")


class NewTokenItem(TokenItem):
    """A token that was just issued, with its secret."""

    text = Text(
        data_key="token",
        allow_none=True,
        about="What the caller sends as a bearer token. It is shown once: null where the request was sent again.",
    )
    base_address = Text(about="Where it is sent.")


class RotatedTokenItem(NewTokenItem):
    """A token that was issued in place of another."""

    replaces = Text(allow_none=True, about="The id of the token in use until now; null where none was live.")
    change_over_until = Moment(allow_none=True, about="When that one stops to open anything.")
    ended = Texts(about="The ids of other tokens that were live, and open nothing any more.")
