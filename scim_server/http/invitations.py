"""`/invitations/{token}`: a plain page on which an invited person accepts or declines.

The token is the credential; looking changes nothing, as mail scanners look at every link, and only a POST from the page
itself answers. The page runs no script and tells no other site where it is.
"""

from collections.abc import Sequence

from flask import Blueprint, Response, g, request

from scim_server.domain.errors import LastSuperAdmin, Missing, Taken, Unavailable
from scim_server.domain.events import Cause
from scim_server.domain.invitations import InvitationEnded
from scim_server.http.errors import RETRY_AFTER, refusal_of
from scim_server.http.forms import ForeignForm, protect_forms
from scim_server.http.invitation_texts import ANSWERS, PAGES, Moment
from scim_server.http.pages import language_among, page_response
from scim_server.services import accepting, answering
from scim_server.services.answering import Sighting
from scim_server.services.inviting import PATH
from scim_server.services.ports import Units

LARGEST_ANSWER = 1000
"""Bytes of a form with one button and a token in it."""


def invitations_blueprint(units: Units) -> Blueprint:
    """The page of an invitation, by its token."""
    blueprint = Blueprint("invitations", __name__, template_folder="templates", url_prefix=f"/{PATH}")

    @blueprint.before_request
    def limit() -> None:
        request.max_content_length = LARGEST_ANSWER

    protect_forms(blueprint)

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
        try:
            return _failure(units, error)
        except (InvitationEnded, Missing, Unavailable) as another:  # as it is looked at once more, it is gone
            return _failure(units, another)

    return blueprint


def _failure(units: Units, error: Exception) -> Response:
    if isinstance(error, InvitationEnded):
        return _page(error.state.value, 410, tenant_name=error.tenant_name)
    if isinstance(error, Missing):
        return _page("unknown", 404)
    if isinstance(error, ForeignForm):
        return _page("stale", 403)
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


def _page(
    moment: Moment, status: int, sighting: Sighting | None = None, *, asks: bool = False, tenant_name: str = ""
) -> Response:
    language = language_among(PAGES)
    words = PAGES[language][moment]
    known = {
        "tenant": sighting.tenant.name if sighting else tenant_name,
        "address": sighting.invitation.address if sighting else "",
        "day": sighting.invitation.expires[:10] if sighting else "",
    }
    products: Sequence[str] = sighting.products if sighting and asks else ()
    return page_response(
        "invitation.html",
        status,
        language,
        title=words.title.format(**known),
        sentences=[sentence.format(**known) for sentence in words.sentences],
        products=products,
        answers=ANSWERS[language] if asks else {},
    )
