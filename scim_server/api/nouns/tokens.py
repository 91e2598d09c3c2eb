"""/tenants/{tenant}/api-tokens: what opens the admin API."""

from dataclasses import dataclass
from datetime import timedelta

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Number, Text, Texts
from scim_server.api.items.tokens import ApiTokenItem, NewApiTokenItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.tenants import ApiToken
from scim_server.services import api_tokens, tenancy

tokens = Noun("tokens", "What connections, people and programs prove themselves with.")
USUAL_DAYS, MOST_DAYS = 365, 3650


class NewApiToken(Body):
    """A token to be issued."""

    name = Text(required=True, most=api_tokens.LONGEST_NAME, about="What it is for.")
    scopes = Texts(required=True, about="What it permits: no more than the token that issues it.")
    days = Number(1, MOST_DAYS, load_default=USUAL_DAYS, about="Its life.")


class TokensQuery(PageQuery):
    """A part of the list of tokens."""

    after = Cursor(str, str)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its text, which nobody can see again."""

    token: ApiToken
    text: str


@tokens.get(f"{TENANT}/api-tokens", "tokens.write", shows=ApiTokenItem, lists=True, query=TokensQuery)
def list_api_tokens(call: Call) -> Answered:
    """List the tenant's tokens of the admin API, oldest first."""
    found = api_tokens.tokens(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda token: (token.created, token.id))


@tokens.post(f"{TENANT}/api-tokens", "tokens.write", shows=NewApiTokenItem, body=NewApiToken, status=201, hides="token")
def issue_api_token(call: Call) -> Answered:
    """Issue a token of the admin API. Its secret is shown this once; it permits no more than the caller's token."""
    name, scopes, days = call.body["name"], call.body["scopes"], call.body["days"]
    new = api_tokens.issue_token(
        call.units, call.tenant, call.cause, name, scopes, timedelta(days=days), within=call.bearer.scopes
    )
    return Made(NewToken(*new), f"/tenants/{call.tenant.slug}/api-tokens/{new[0].id}")


@tokens.delete(f"{TENANT}/tokens/{{token}}", "tokens.write")
def revoke_token(call: Call) -> Answered:
    """End a token at once: of a connection, a person or the admin API."""
    tenancy.revoke_token(call.units, call.cause, call.path["token"], call.tenant)
