"""The identity provider that a tenant's people sign in to the console with."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import go, render
from scim_server.console.calls import Call
from scim_server.console.views.settings import PAGES, PERMISSION, settings
from scim_server.domain.errors import Missing
from scim_server.domain.sign_in_providers import PersonClaim, SignInProvider
from scim_server.services import federating
from scim_server.services.addresses import callback_address

SIGN_IN = f"{PAGES}/sign-in"


@settings.get(SIGN_IN, PERMISSION)
def show_provider(call: Call) -> str:
    """The form with the provider there is, if there is one."""
    callback = callback_address(call.service.public_url)
    return render("settings/sign_in.html", shown=_provider(call), claims=list(PersonClaim), callback=callback)


@settings.post(SIGN_IN, PERMISSION)
def save_provider(call: Call) -> Response:
    """Have people sign in with it. A secret left empty stays."""
    issuer, client_id, secret = (call.form.get(name, "").strip() for name in ("issuer", "client_id", "secret"))
    claim = call.form.get("claim", "")
    federating.set_provider(call.units, call.tenant, call.cause, issuer, client_id, secret or None, claim)
    return go(call.url("show_provider"), gettext("People sign in with this provider now."))


@settings.get(f"{SIGN_IN}/remove", PERMISSION)
def drop_provider(call: Call) -> str:
    """What it means to remove it."""
    shown = federating.provider(call.units, call.tenant)
    return render("settings/remove_provider.html", shown=shown, back=call.url("show_provider"))


@settings.post(f"{SIGN_IN}/remove", PERMISSION)
def remove_provider(call: Call) -> Response:
    """Remove it."""
    federating.remove_provider(call.units, call.tenant, call.cause)
    return go(call.url("show_provider"), gettext("Nobody signs in with a provider any more."))


def _provider(call: Call) -> SignInProvider | None:
    try:
        return federating.provider(call.units, call.tenant)
    except Missing:
        return None
