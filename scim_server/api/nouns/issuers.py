"""/tenants/{tenant}/issuers: foreign issuers whose tokens stand for connections."""

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Text, TextMap, Texts
from scim_server.api.items.issuers import IssuerItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.tenants import SCIM_SCOPES
from scim_server.services import trusting
from scim_server.services.trusting import Terms

issuers = Noun("issuers", "Foreign issuers whose tokens stand for connections. `{issuer}` is an id or a name.")
ALL, ONE = f"{TENANT}/issuers", f"{TENANT}/issuers/{{issuer}}"
SCOPES = sorted(SCIM_SCOPES)


class NewIssuer(Body):
    """An issuer to be trusted. A subject, or a claim that only some have, is needed."""

    connection = Text(required=True, about="The name or id of the connection that its tokens stand for.")
    name = Text(required=True)
    issuer = Text(required=True, about="An address, just as its tokens have it in `iss`.")
    audience = Text(required=True, about="What `aud` must have in it.")
    subject = Text(about="What `sub` must be.")
    claims = TextMap(Text(), most=trusting.MOST_CLAIMS, load_default=dict, about="What else must be in a token.")
    jwks_uri = Text(about="Where its keys are, if its metadata do not say.")
    scopes = Texts(Choice(SCOPES), load_default=lambda: list(SCOPES), about="What its tokens are good for.")
    client = Text(about="The client whose assertions its tokens are, at the token endpoint.")


class NewEntra(Body):
    """A directory of Microsoft Entra's to be trusted, whose provisioning sends its own tokens."""

    connection = Text(required=True, about="The name or id of the connection that its tokens stand for.")
    directory = Text(required=True, about="The id of the directory, as the portal shows it.")
    name = Text(load_default="entra")


@issuers.get(ALL, "connections.write", shows=IssuerItem, lists=True, query=PageQuery)
def list_issuers(call: Call) -> Answered:
    """List the issuers that the tenant's connections trust, by name."""
    found = trusting.issuers(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda trust: trust.issuer.name)


@issuers.post(ALL, "connections.write", shows=IssuerItem, body=NewIssuer, status=201)
def trust_issuer(call: Call) -> Answered:
    """Trust an issuer: its tokens stand for a connection, which may grant no role that permits more than the caller's
    token."""
    terms = dict(call.body)
    connection, name, client = terms.pop("connection"), terms.pop("name"), terms.pop("client", None)
    return _trusted(call, connection, name, Terms(**{**terms, "scopes": frozenset(terms["scopes"])}), client)


@issuers.post(f"{ALL}/entra", "connections.write", shows=IssuerItem, body=NewEntra, status=201)
def trust_entra(call: Call) -> Answered:
    """Trust what Entra's provisioning sends where its secret token is left empty, from one directory."""
    return _trusted(call, call.body["connection"], call.body["name"], trusting.entra_terms(call.body["directory"]))


@issuers.get(ONE, "connections.write", shows=IssuerItem)
def show_issuer(call: Call) -> Answered:
    """Show a trusted issuer."""
    return trusting.issuer(call.units, call.tenant, call.path["issuer"])


@issuers.delete(ONE, "connections.write")
def distrust_issuer(call: Call) -> Answered:
    """Take no token of an issuer any more, from the next request on."""
    trusting.distrust_issuer(call.units, call.tenant, call.cause, call.path["issuer"])


def _trusted(call: Call, connection: str, name: str, terms: Terms, client: str | None = None) -> Made:
    new = trusting.trust_issuer(call.units, call.tenant, call.cause, connection, name, terms, client)
    return Made(new, f"/tenants/{call.tenant.slug}/issuers/{new.issuer.id}")
