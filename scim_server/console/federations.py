"""Signing in with an identity provider: to it from the sign-in page, and back with its answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask import request, session
from flask_babel import gettext
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, render
from scim_server.console.calls import ConsoleService
from scim_server.domain.errors import Missing
from scim_server.domain.instants import later
from scim_server.domain.sign_in_providers import Door
from scim_server.services import federating, recognising, tenancy
from scim_server.services.ports import NotSignedIn, Question, SignInOver, Unreachable

ASKED = "asked"
"""Where a browser's session has what was asked of a provider, until it answers."""
PATIENCE = timedelta(minutes=10)
"""How long somebody may take at the provider."""
OPERATOR = "operator"
"""What the form says of whoever runs the server, in place of an organisation."""

_log = structlog.get_logger("scim_server.console")


@dataclass(frozen=True, slots=True)
class Federation:
    """The way over an identity provider. Only the browser that went there comes back."""

    service: ConsoleService
    guard: CSRFProtect

    def set_out(self) -> Response:
        """To the provider of the organisation that was typed."""
        self.guard.protect()
        typed = request.form.get("organisation", "").strip()[:320]
        door = self._door(typed)
        if door is None:
            refusal = gettext(
                "Nobody signs in under “%(typed)s”: check the spelling, or ask for a sign-in link.", typed=typed
            )
            return answered(sign_in_page(self.service, typed, refusal), 404)
        now = self.service.units.now()
        try:
            address, question = self.service.sign_ins.ask(door, typed if "@" in typed else None, now)
        except Unreachable as unreachable:
            return _away(door, unreachable)
        session[ASKED] = {
            "door": _name(door),
            "state": question.state,
            "nonce": question.nonce,
            "verifier": question.verifier,
            "until": later(now, PATIENCE),
        }
        # A redirect would have to pass the page's own form-action, and so would every one that the provider adds
        # behind it (CSP 3 section 6.4.1): a page leads on instead.
        return answered(render("going_on.html", address=address, issuer=door.provider.issuer))

    def come_back(self) -> Response | str:
        """The secret of a visit, for whoever the provider says has signed in; else the page that says why not."""
        asked = session.pop(ASKED, None)
        answer = {name: values[0] for name, values in request.args.to_dict(flat=False).items() if len(values) == 1}
        door = None if asked is None else self._door_asked(asked)
        if asked is None or door is None or self.service.units.now() >= asked["until"]:
            return _over()
        question = Question(asked["state"], asked["nonce"], asked["verifier"])
        try:
            claims = self.service.sign_ins.claims(door, question, answer, self.service.units.now())
        except SignInOver:
            return _over()
        except NotSignedIn as error:
            _log.warning("sign-in failed", issuer=door.provider.issuer, tenant=_slug(door), reason=str(error))
            return _unproved()
        except Unreachable as unreachable:
            return _away(door, unreachable)
        return self._recognised(door, claims) or _unknown()

    def _door(self, typed: str) -> Door | None:
        if request.form.get("as") == OPERATOR:
            return self.service.operators_door
        return federating.door(self.service.units, typed) if typed else None

    def _door_asked(self, asked: dict[str, Any]) -> Door | None:
        """The door that somebody went out by; None where it leads elsewhere by now."""
        slug = asked["door"][0]
        door = self.service.operators_door
        if slug is not None:
            try:
                door = federating.door_of(self.service.units, tenancy.tenant(self.service.units, slug))
            except Missing:
                door = None
        return door if door is not None and _name(door) == asked["door"] else None

    def _recognised(self, door: Door, claims: Any) -> str | None:
        units, provider = self.service.units, door.provider
        if door.tenant is None:
            return recognising.recognise_operator(units, provider, claims, self.service.operators)
        return recognising.recognise(units, door.tenant, provider, claims)


def sign_in_page(service: ConsoleService, typed: str = "", refusal: str | None = None) -> str:
    """How to get in."""
    by_provider = service.operators_door is not None
    return render("sign_in.html", typed=typed, refusal=refusal, operator=OPERATOR if by_provider else None)


def _name(door: Door) -> list[str | None]:
    """Which door it is, as a session keeps it."""
    return [_slug(door), door.provider.issuer, door.provider.client_id]


def _slug(door: Door) -> str | None:
    return None if door.tenant is None else door.tenant.slug


def _away(door: Door, error: Unreachable) -> Response:
    _log.warning("sign-in provider out of reach", issuer=door.provider.issuer, tenant=_slug(door), reason=str(error))
    sentence = gettext("It gives no answer that can be used. Try again in a minute, or ask for a sign-in link.")
    response = _page(gettext("Your identity provider is out of reach"), sentence, 503)
    response.headers["Retry-After"] = "30"
    return response


def _over() -> Response:
    sentence = gettext("It was begun in another browser, too long ago, or is finished already. Begin again.")
    return _page(gettext("This sign-in is over"), sentence, 400)


def _unproved() -> Response:
    sentence = gettext(
        "Your identity provider did not say in a way that can be trusted who you are. Begin again; if that does not "
        "help, ask an admin to look at the sign-in settings."
    )
    return _page(gettext("You are not signed in"), sentence, 403)


def _unknown() -> Response:
    """One answer for all of them: whether somebody is known here is nobody else's business."""
    sentence = gettext(
        "Whoever your identity provider says you are is unknown here, suspended, or has no role that opens the "
        "console: ask an admin of your organisation."
    )
    return _page(gettext("You cannot come in"), sentence, 403)


def _page(title: str, sentence: str, status: int) -> Response:
    return answered(render("trouble.html", title=title, sentence=sentence), status)
