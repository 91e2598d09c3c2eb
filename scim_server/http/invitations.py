"""`/invitations/{token}`: a plain page on which an invited person accepts or declines.

The token is the credential, so there is no session that another site could ride on; looking changes nothing, as mail
scanners look at every link, and only a POST answers. The page runs no script and tells no other site where it is.
"""

import base64
import hashlib
from collections.abc import Sequence

from flask import Blueprint, Response, g, make_response, render_template, request
from markupsafe import Markup

from scim_server.domain.errors import LastSuperAdmin, Missing, Taken, Unavailable
from scim_server.domain.events import Cause
from scim_server.domain.invitations import InvitationEnded
from scim_server.http.errors import RETRY_AFTER, refusal_of
from scim_server.http.invitation_texts import ANSWERS, PAGES, Moment
from scim_server.services import accepting, answering
from scim_server.services.answering import Sighting
from scim_server.services.inviting import PATH
from scim_server.services.ports import Units

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:3rem 1rem;color:#1b1b1f;background:#fff}"
    "main{max-width:36rem;margin:auto}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:1rem 1rem 0 0;border:1px solid #1b4f9c;border-radius:.3rem;"
    "background:#1b4f9c;color:#fff}"
    "button+button{background:#fff;color:#1b4f9c}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}
LARGEST_ANSWER = 1000
"""Bytes of a form with one button in it."""


def invitations_blueprint(units: Units) -> Blueprint:
    """The page of an invitation, by its token."""
    blueprint = Blueprint("invitations", __name__, template_folder="templates", url_prefix=f"/{PATH}")

    @blueprint.before_request
    def limit() -> None:
        request.max_content_length = LARGEST_ANSWER

    @blueprint.get("/<token>")
    def show(token: str) -> Response:
        return _page("open", 200, answering.look(units, token), asks=True)

    @blueprint.post("/<token>")
    def answer(token: str) -> Response:
        given = request.form.get("answer")
        if given == "accept":
            accepted = accepting.accept(units, _cause("accepted"), token)
            return _page("done_accepted", 200, accepted.sighting)
        if given == "decline":
            return _page("done_declined", 200, answering.decline(units, _cause("declined"), token))
        return _page("open", 400, answering.look(units, token), asks=True)

    @blueprint.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        return _failure(units, error)

    return blueprint


def _failure(units: Units, error: Exception) -> Response:
    if isinstance(error, InvitationEnded):
        return _page(error.state.value, 410, tenant_name=error.tenant_name)
    if isinstance(error, Missing):
        return _page("unknown", 404)
    if isinstance(error, Taken):
        return _page("taken", 409, _sighting(units))
    if isinstance(error, LastSuperAdmin):
        return _page("needed", 403, _sighting(units))
    response = _page("trouble", refusal_of(error, g.request_id).status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _sighting(units: Units) -> Sighting:
    return answering.look(units, str((request.view_args or {})["token"]))


def _cause(what: str) -> Cause:
    return Cause("invited", g.request_id, f"invitation {what}")


def _language() -> str:
    """The first language the reader prefers that the page speaks, whatever the country; English otherwise."""
    preferred = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((language for language in preferred if language in PAGES), "en")


def _page(
    moment: Moment, status: int, sighting: Sighting | None = None, *, asks: bool = False, tenant_name: str = ""
) -> Response:
    language = _language()
    words = PAGES[language][moment]
    known = {
        "tenant": sighting.tenant.name if sighting else tenant_name,
        "address": sighting.invitation.address if sighting else "",
        "day": sighting.invitation.expires[:10] if sighting else "",
    }
    products: Sequence[str] = sighting.products if sighting and asks else ()
    content = render_template(
        "invitation.html",
        language=language,
        title=words.title.format(**known),
        sentences=[sentence.format(**known) for sentence in words.sentences],
        products=products,
        answers=ANSWERS[language] if asks else {},
        style=Markup(STYLE),  # noqa: S704 our own text
    )
    response = make_response(content, status, HEADERS)
    response.content_language.add(language)
    return response
