"""Forms that only a page of this server can have sent: each has a token that is also in the browser's session.

A blueprint whose forms are protected says so once. Those that go by bearer tokens need none: no browser adds such a
token to what another site sends.
"""

import hmac
from collections.abc import Callable
from secrets import token_urlsafe

from flask import Blueprint, request, session

TOKEN = "form_token"  # noqa: S105 a name
_BYTES = 32


class ForeignForm(Exception):
    """The form was not sent from a page that this browser was shown within the life of its session."""

    detail = "The form does not come from a page of this server, or from one that was opened too long ago."


def protect_forms(blueprint: Blueprint) -> None:
    """Refuse each POST to the blueprint without its browser's token, and give its templates `form_token()`.

    A page without a form begins no session.
    """

    @blueprint.before_request
    def check() -> None:
        if request.method == "POST" and not _is_own(request.form.get(TOKEN, "")):
            raise ForeignForm

    @blueprint.context_processor
    def tell() -> dict[str, Callable[[], str]]:
        return {TOKEN: _token}


def _is_own(given: str) -> bool:
    known = session.get(TOKEN)
    return known is not None and hmac.compare_digest(given.encode(), str(known).encode())


def _token() -> str:
    if TOKEN not in session:
        session[TOKEN] = token_urlsafe(_BYTES)
    return str(session[TOKEN])
