"""Tokens of the admin API: listed, issued, revoked."""

from datetime import timedelta

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.pasting import typed_days
from scim_server.console.views.settings import PAGES, settings
from scim_server.domain.access import PERMISSIONS
from scim_server.domain.errors import Missing
from scim_server.services import api_tokens, tokens
from scim_server.services.addresses import api_address
from scim_server.services.csv_rows import csv_lines
from scim_server.services.token_entries import LIVE, SoughtTokens, TokenEntry, TokenKind

PERMISSION = "tokens.write"
TOKENS = f"{PAGES}/tokens"
COLUMNS = ("id", "name", "state", "scopes", "created", "expires", "last_used")
USUAL_DAYS = 365


@settings.get(TOKENS, PERMISSION)
def list_api_tokens(call: Call) -> str:
    """Every token of the admin API for this tenant, oldest first."""
    return render("settings/tokens.html", found=_tokens(call), live=LIVE)


@settings.get(f"{TOKENS}/export", PERMISSION)
def export_api_tokens(call: Call) -> Response:
    """The same as a file."""
    rows = (
        [each.id, each.name, each.state, " ".join(each.scopes), each.created, each.expires, each.last_used]
        for each in _tokens(call)
    )
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-api-tokens.csv")


@settings.get(f"{TOKENS}/new", PERMISSION)
def create_api_token(call: Call) -> str:
    """The form: a name, a life, and what it permits, which is no more than the visitor may do."""
    mine = [code for code in PERMISSIONS if call.may(code)]
    return render("settings/new_token.html", permissions=mine, days=USUAL_DAYS)


@settings.post(f"{TOKENS}/new", PERMISSION)
def issue_api_token(call: Call) -> str:
    """Issue it; its text is shown this once."""
    name, scopes = call.form.get("name", "").strip(), call.form.getlist("scope")
    life = timedelta(days=typed_days(call.form, "days"))
    token, text = api_tokens.issue_token(call.units, call.tenant, call.cause, name, scopes, life)
    return render("settings/issued_token.html", shown=token, text=text, address=api_address(call.service.public_url))


@settings.get(f"{TOKENS}/<token>/revoke", PERMISSION)
def end_api_token(call: Call) -> str:
    """What it means to end it."""
    return render("settings/end_token.html", shown=_token(call), back=call.url("list_api_tokens"))


@settings.post(f"{TOKENS}/<token>/revoke", PERMISSION)
def revoke_api_token(call: Call) -> Response:
    """End it."""
    tokens.revoke_token(call.units, call.cause, _token(call).id, call.tenant)
    return go(call.url("list_api_tokens"), gettext("The token opens nothing any more."))


def _tokens(call: Call) -> list[TokenEntry]:
    return tokens.tokens(call.units, SoughtTokens((TokenKind.API,), call.tenant.id))


def _token(call: Call) -> TokenEntry:
    """The live token that the address names. Raises Missing."""
    found = next((each for each in _tokens(call) if each.id == call.path["token"] and each.state == LIVE), None)
    if found is None:
        raise Missing(gettext("There is no such live token."))
    return found
