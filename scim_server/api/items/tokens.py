"""Tokens, as they are shown."""

from scim_server.api.fields import Moment, Text, Texts
from scim_server.api.shapes import Item


class ApiTokenItem(Item):
    """A token of the admin API, without its secret."""

    id = Text()
    name = Text()
    scopes = Texts(get=lambda token: sorted(token.scopes), about="What it permits.")
    created = Moment()
    expires = Moment()
    revoked = Moment(allow_none=True)


class NewApiTokenItem(Item):
    """A token of the admin API that was just issued, with its secret."""

    id = Text(attribute="token.id")
    name = Text(attribute="token.name")
    scopes = Texts(get=lambda new: sorted(new.token.scopes))
    created = Moment(attribute="token.created")
    expires = Moment(attribute="token.expires")
    revoked = Moment(attribute="token.revoked", allow_none=True)
    text = Text(
        data_key="token",
        allow_none=True,
        about="What the caller sends as a bearer token. It is shown once: null where the request was sent again.",
    )
