"""What a page says when something cannot be done, and with which status."""

from collections.abc import Mapping

from flask import Response as FlaskResponse
from flask import g, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, render
from scim_server.console.assets import STATIC
from scim_server.console.calls import Call
from scim_server.console.details import translated
from scim_server.console.preferences import language
from scim_server.domain import errors
from scim_server.services.addresses import CONSOLE_PATH

STATUS: Mapping[type[Exception], int] = {
    errors.Missing: 404,
    errors.Gone: 410,
    errors.Taken: 409,
    errors.LaterChanges: 409,
    errors.Forbidden: 403,
    errors.SeatLimit: 403,
    errors.RoleAboveMax: 403,
    errors.LastSuperAdmin: 403,
    errors.Refusal: 400,
    errors.Unavailable: 503,
}
"""Looked up along the class's ancestors, nearest first."""


def refusal_of(error: errors.Refusal) -> tuple[int, str]:
    """The status and the sentence of a refusal."""
    return _status(error), translated(error.detail, language())


def remedy_of(call: Call, error: errors.Refusal) -> tuple[str, str] | None:
    """What the visitor can do next, and the address of the page where; None where the sentence says it all."""
    if isinstance(error, errors.OwnedElsewhere) and call.visitor.care is None and call.may("people.write"):
        return gettext("Invite the owner of the address"), call.url("invite_person", address=error.address)
    return None


def trouble(error: Exception) -> Response:
    """The page for whatever went wrong where there is no form to show it on."""
    title, sentence = _told(error)
    status = error.code or 500 if isinstance(error, HTTPException) else _status(error)
    if status >= 500:
        g.failures.append(error)
    if status == 503 or request.path.startswith(f"{CONSOLE_PATH}{STATIC}/"):
        # A page has forms, which need a session, and its key out of the database.
        response: Response = FlaskResponse(f"{title}\n\n{sentence}\n", status, mimetype="text/plain")
    else:
        response = answered(render("trouble.html", title=title, sentence=sentence), status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _status(error: Exception) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _told(error: Exception) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return gettext("This form is out of date"), gettext(
            "The page was opened too long ago, or in another browser. Open it again and fill it in once more."
        )
    if isinstance(error, errors.Missing):
        return gettext("Not found"), refusal_of(error)[1]
    if isinstance(error, errors.Refusal):
        return gettext("This is not possible"), refusal_of(error)[1]
    if isinstance(error, errors.Unavailable):
        return gettext("Please try again in a moment"), gettext(
            "The server cannot reach its database just now. Nothing was changed by opening this page."
        )
    if isinstance(error, HTTPException):
        return (
            (error.name, gettext("There is nothing at this address."))
            if error.code == 404
            else (
                error.name,
                error.description or error.name,
            )
        )
    return gettext("Something went wrong"), gettext(
        "The server failed, and changed nothing. Quote request id %(id)s to its operator.", id=g.request_id
    )
