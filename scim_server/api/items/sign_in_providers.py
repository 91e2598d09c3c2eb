"""Sign-in providers of tenants as they are shown."""

from scim_server.api.fields import Moment, Text
from scim_server.api.shapes import Item


class SignInProviderItem(Item):
    """The identity provider that a tenant's people sign in to the console with. The client secret is never shown."""

    issuer = Text(about="As its metadata have it.")
    client_id = Text(about="What the provider calls this server.")
    claim = Text(get=lambda provider: provider.claim.value, about="By which claim people are found.")
    created = Moment(about="When it was set.")
