"""/tenants/{tenant}/tokens and /operator/tokens: what connections, people and programs prove themselves with."""

from datetime import timedelta

from scim_server.api.answers import Answered, Made, Page, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Number, Text, Texts
from scim_server.api.items.tokens import NewTokenItem, TokenItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.tenants import ApiToken
from scim_server.services import api_tokens, person_tokens
from scim_server.services import tokens as issuing
from scim_server.services.addresses import api_address, base_address
from scim_server.services.token_entries import OF_TENANTS, IssuedToken, SoughtTokens, TokenEntry, TokenKind

tokens = Noun("tokens", "What connections, people and programs prove themselves with.")
PERSON = f"{TENANT}/users/{{user}}/tokens"
OPERATOR = "/operator/tokens"
USUAL_DAYS, MOST_DAYS = 365, 3650


class Life(Body):
    """How long a token is to live."""

    days = Number(1, MOST_DAYS, load_default=USUAL_DAYS, about="Its life.")


class NewApiToken(Life):
    """A token of the admin API to be issued."""

    name = Text(required=True, most=api_tokens.LONGEST_NAME, about="What it is for.")
    scopes = Texts(required=True, about="What it permits: no more than the token that issues it.")


class TokensQuery(PageQuery):
    """A part of a list of tokens."""

    after = Cursor(str, str)


class KindQuery(TokensQuery):
    """A part of the list of a tenant's tokens."""

    kind = Choice(OF_TENANTS, about="Only those of that kind.")


def sought(call: Call, *kinds: TokenKind) -> SoughtTokens:
    """The tokens that a list is asked for; the tenant's, where the address names one."""
    tenant_id = call.owner.id if call.owner else None
    return SoughtTokens(kinds, tenant_id, after=call.after, most=call.limit + 1)


@tokens.get(f"{TENANT}/tokens", "tokens.write", shows=TokenItem, lists=True, query=KindQuery)
def list_tokens(call: Call) -> Answered:
    """List the tokens of a tenant, of whatever kind, oldest first."""
    kind = call.query.get("kind")
    return _page(call, *([TokenKind(kind)] if kind else OF_TENANTS))


@tokens.delete(f"{TENANT}/tokens/{{token}}", "tokens.write")
def revoke_token(call: Call) -> Answered:
    """End a token at once: of a connection, a person or the admin API."""
    issuing.revoke_token(call.units, call.cause, call.path["token"], call.tenant)


@tokens.get(f"{TENANT}/api-tokens", "tokens.write", shows=TokenItem, lists=True, query=TokensQuery)
def list_api_tokens(call: Call) -> Answered:
    """List the tenant's tokens of the admin API, oldest first."""
    return _page(call, TokenKind.API)


@tokens.post(f"{TENANT}/api-tokens", "tokens.write", shows=NewTokenItem, body=NewApiToken, status=201, hides="token")
def issue_api_token(call: Call) -> Answered:
    """Issue a token of the admin API. Its secret is shown this once; it permits no more than the caller's token."""
    name, scopes, life = call.body["name"], call.body["scopes"], timedelta(days=call.body["days"])
    token, text = api_tokens.issue_token(call.units, call.tenant, call.cause, name, scopes, life)
    new = _issued(call, TokenKind.API, token, text)
    return Made(new, f"/tenants/{call.tenant.slug}/tokens/{new.id}")


@tokens.get(PERSON, "tokens.write", shows=TokenItem, lists=True, query=TokensQuery)
def list_person_tokens(call: Call) -> Answered:
    """List the tokens of a person, oldest first."""
    found = issuing.tokens_of_person(call.units, call.tenant, call.path["user"], sought(call))
    return page_of(found, call.limit, lambda token: token.key)


@tokens.post(PERSON, "operations.write", shows=NewTokenItem, body=Life, status=201, hides="token")
def issue_person_token(call: Call) -> Answered:
    """Issue a token to a person, who sees and changes themselves with it.

    The operator's alone: it opens the person's recordings, which no admin of the tenant may see. Its secret is shown
    this once.
    """
    life = timedelta(days=call.body["days"])
    token, text = person_tokens.issue_token(call.units, call.tenant, call.cause, call.path["user"], life)
    address = base_address(call.service.public_url, call.tenant.slug)
    new = issuing.issued(call.units, TokenKind.PERSON, token.id, text, address)
    return Made(new, f"/tenants/{call.tenant.slug}/tokens/{new.id}")


@tokens.get(OPERATOR, "operations.write", shows=TokenItem, lists=True, query=TokensQuery)
def list_operator_tokens(call: Call) -> Answered:
    """List the operator's own tokens, oldest first."""
    return _page(call, TokenKind.OPERATOR)


@tokens.post(OPERATOR, "operations.write", shows=NewTokenItem, body=NewApiToken, status=201, hides="token")
def issue_operator_token(call: Call) -> Answered:
    """Issue a token of the operator's. Its secret is shown this once; it permits no more than the caller's token."""
    name, scopes, life = call.body["name"], call.body["scopes"], timedelta(days=call.body["days"])
    token, text = api_tokens.issue_operators_token(call.units, name, scopes, life, within=call.bearer.scopes)
    new = _issued(call, TokenKind.OPERATOR, token, text)
    return Made(new, f"{OPERATOR}/{new.id}")


@tokens.delete(f"{OPERATOR}/{{token}}", "operations.write")
def revoke_operator_token(call: Call) -> Answered:
    """End a token of the operator's at once."""
    issuing.revoke_operators_token(call.units, call.cause, call.path["token"])


def _issued(call: Call, kind: TokenKind, token: ApiToken, text: str) -> IssuedToken:
    """What is shown of a token of the admin API that was just issued."""
    return issuing.issued(call.units, kind, token.id, text, api_address(call.service.public_url))


def _page(call: Call, *kinds: TokenKind) -> Page:
    found: list[TokenEntry] = issuing.tokens(call.units, sought(call, *kinds))
    return page_of(found, call.limit, lambda token: token.key)
