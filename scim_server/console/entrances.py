"""How a visit begins and ends: the sign-in page, the link that is good once, the identity provider, and the way out."""

from dataclasses import dataclass

from flask import request, session
from flask_babel import gettext
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from scim_server.console.addresses import address
from scim_server.console.answers import answered, redirected, render
from scim_server.console.calls import ConsoleService
from scim_server.console.federations import Federation, sign_in_page
from scim_server.console.preferences import keep_preferences
from scim_server.console.refusals import refusal_of
from scim_server.domain.errors import Gone
from scim_server.services import visiting
from scim_server.services.visiting import Visitor

VISIT = "visit"
"""Where a browser's session has the secret of the visit."""
NEXT = "next"
"""Where whoever signs in wanted to go."""


def visitor_of(service: ConsoleService) -> Visitor | None:
    """Who visits with this browser."""
    secret = session.get(VISIT)
    return None if secret is None else visiting.visitor(service.units, str(secret))


def turn_away() -> Response:
    """To the sign-in page, and back to this one behind it."""
    session.pop(VISIT, None)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirected(address("sign_in", next=back))


@dataclass(frozen=True, slots=True)
class Entrance:
    """The pages that anybody may see."""

    service: ConsoleService
    guard: CSRFProtect
    federation: Federation

    def home(self) -> Response:
        """To where the visitor's work is."""
        visitor = visitor_of(self.service)
        return redirected(address("sign_in") if visitor is None else _home(visitor))

    def sign_in(self) -> Response:
        """How to get in."""
        if NEXT in request.args:
            session[NEXT] = _within(request.args[NEXT])
        return answered(sign_in_page(self.service))

    def set_out(self) -> Response:
        """To the identity provider of an organisation."""
        return self.federation.set_out()

    def come_back(self) -> Response:
        """From an identity provider, with its answer."""
        secret = self.federation.come_back()
        if isinstance(secret, Response):
            return secret
        begin_visit(secret)
        return self.home()

    def enter(self, link: str) -> Response:
        """The page that a link leads to. Looking at it uses the link up for nobody."""
        del link
        return answered(render("enter.html"))

    def entered(self, link: str) -> Response:
        """Follow the link."""
        self.guard.protect()
        try:
            secret = visiting.begin(self.service.units, link)
        except Gone as error:
            status, sentence = refusal_of(error)
            return answered(render("trouble.html", title=gettext("This link is over"), sentence=sentence), status)
        begin_visit(secret)
        return self.home()

    def sign_out(self) -> Response:
        """End the visit."""
        self.guard.protect()
        visitor = visitor_of(self.service)
        if visitor is not None:
            visiting.end(self.service.units, visitor.visit)
        session.clear()
        return redirected(address("sign_in"))

    def prefer(self) -> Response:
        """Keep a preference of the browser's."""
        self.guard.protect()
        response = redirected(_within(request.form.get("back", "")))
        keep_preferences(response)
        return response


def begin_visit(secret: str) -> None:
    """Give this browser the visit, and nothing of what it had before."""
    wanted = session.get(NEXT)
    session.clear()
    session.update({VISIT: secret} if wanted is None else {VISIT: secret, NEXT: wanted})
    session.permanent = True


def _home(visitor: Visitor) -> str:
    wanted = session.pop(NEXT, None)
    if wanted is not None:
        return _within(str(wanted))
    if visitor.tenant is None:
        return address("list_tenants")
    if visitor.care is not None:
        return address("list_people", tenant=visitor.tenant.slug)
    return address("show_overview", tenant=visitor.tenant.slug)


def _within(wanted: str) -> str:
    """An address of the console; its front page for any other."""
    home = address("home")
    inside = wanted == home or wanted.startswith((f"{home}/", f"{home}?"))
    return wanted if inside and "\\" not in wanted and "//" not in wanted else home
