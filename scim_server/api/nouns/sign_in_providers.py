"""/tenants/{tenant}/sign-in-provider: whom a tenant's people sign in to the console with."""

from scim_server.api.answers import Answered
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Text
from scim_server.api.items.sign_in_providers import SignInProviderItem
from scim_server.api.shapes import Body
from scim_server.domain.sign_in_providers import LONGEST_TEXT, PersonClaim
from scim_server.services import federating

sign_in_providers = Noun(
    "sign-in-provider", "The identity provider that a tenant's people sign in to the console with: one at most."
)
ONE = f"{TENANT}/sign-in-provider"


class NewProvider(Body):
    """A provider, as this server is registered there."""

    issuer = Text(required=True, most=LONGEST_TEXT, about="https://HOST[/PATH], just as its metadata have it.")
    client_id = Text(required=True, most=LONGEST_TEXT, about="What the provider calls this server.")
    client_secret = Text(most=LONGEST_TEXT, about="May be left out while issuer and client id stay the same.")
    claim = Choice(
        [each.value for each in PersonClaim],
        load_default=PersonClaim.EMAIL.value,
        about="By which claim people are found: a verified address, the user name, or the externalId.",
    )


@sign_in_providers.get(ONE, "tenant.write", shows=SignInProviderItem)
def show_sign_in_provider(call: Call) -> Answered:
    """Show the provider that the tenant's people sign in with."""
    return federating.provider(call.units, call.tenant)


@sign_in_providers.put(ONE, "tenant.write", shows=SignInProviderItem, body=NewProvider)
def set_sign_in_provider(call: Call) -> Answered:
    """Have the tenant's people sign in with a provider, which can be everybody: it takes all permissions of a super
    admin."""
    given = dict(call.body)
    issuer, client_id, claim = given["issuer"], given["client_id"], given["claim"]
    return federating.set_provider(
        call.units, call.tenant, call.cause, issuer, client_id, given.get("client_secret"), claim
    )


@sign_in_providers.delete(ONE, "tenant.write")
def remove_sign_in_provider(call: Call) -> Answered:
    """Let nobody sign in with the provider any more. Who is signed in stays so."""
    federating.remove_provider(call.units, call.tenant, call.cause)
