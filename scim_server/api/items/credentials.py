"""Credentials of every kind, as they are shown."""

from scim_server.api.fields import Moment, Text, Texts
from scim_server.api.shapes import Item


class CredentialItem(Item):
    """A live credential without anything secret."""

    id = Text()
    kind = Text(
        about="That of a token (connection, person, api), or client_secret, access_token, grant (what an admin "
        "consented to), client (which proves itself by keys of its own or by a token of a trusted issuer) or issuer."
    )
    owner = Text(about="Whose it is: the name of a connection, a person, a program or a client.")
    connection = Text(allow_none=True, about="The name of the connection that it acts as.")
    scopes = Texts(about="The most that it permits.")
    created = Moment()
    expires = Moment(allow_none=True, about="null where it lasts until it is ended.")
    last_used = Moment(allow_none=True, about="To the minute; null where it never was, or nobody notes it.")
    ended_by = Text(about="The command that ends it.")
