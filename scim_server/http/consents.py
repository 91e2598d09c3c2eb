"""`/oauth/{slug}/authorize`: a page on which an admin of the tenant lets a client in, or does not.

There is nobody signed in: the admin proves who they are on the page itself, with a token of the admin API or with an
approval code. Looking changes nothing, and only a POST from the page itself decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request

from scim_server.domain.errors import Forbidden, Missing, Taken, Unavailable
from scim_server.domain.oauth_grants import IDLE_LIFE
from scim_server.domain.tenants import SCIM_WRITE, SLUG
from scim_server.http.attempts import Attempts, TooOften
from scim_server.http.consent_texts import TEXTS, Problem, Texts, Trouble
from scim_server.http.errors import RETRY_AFTER, refusal_of
from scim_server.http.forms import ForeignForm, protect_forms
from scim_server.http.pages import language_among, page_response
from scim_server.oauth.authorizations import Misdirected, Return, SentBack, authorization
from scim_server.oauth.presented import presented
from scim_server.oauth.servers import Server
from scim_server.oauth.token_requests import IssuerRequest
from scim_server.services import consenting
from scim_server.services.consenting import Disproved, Sighting, Wish

ALLOW, REFUSE = "allow", "refuse"
LARGEST_DECISION = 4000
"""Bytes of a form with a credential and two tokens in it."""
HEADERS: Mapping[str, str] = {"Cross-Origin-Opener-Policy": "unsafe-none"}
"""Identity providers open the page in a window that reports to the one behind it."""


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The page, of all issuers. `attempts` limits wrong proofs."""

    server: Server
    attempts: Attempts = field(default_factory=Attempts)

    def show(self, slug: str) -> Response:
        wish, back = self._asked(slug)
        return self._page(wish, back, 200)

    def decide(self, slug: str) -> Response:
        """Without a proof one can refuse, which changes nothing here; with one the refusal is remembered."""
        wish, back = self._asked(slug)
        decision, proof = request.form.get("decision"), request.form.get("proof", "").strip()
        if decision not in {ALLOW, REFUSE}:
            return self._page(wish, back, 400, "undecided")
        if decision == REFUSE and not proof:
            return _going_back(back, back.refused())
        return self._decided(wish, back, proof, allows=decision == ALLOW)

    def _decided(self, wish: Wish, back: Return, proof: str, *, allows: bool) -> Response:
        key = g.client or "", wish.client.id
        try:
            self.attempts.begin(*key)
            approver = consenting.prove(self.server.units, wish, proof)
            g.actor = approver.actor
            if not allows:
                consenting.refuse(self.server.units, approver, g.request_id, wish)
                address = back.refused()
            else:
                address = back.with_code(consenting.consent(self.server.units, approver, g.request_id, wish))
        except TooOften as error:
            response = self._page(wish, back, 429, "too_often")
            response.headers["Retry-After"] = error.retry_after
            return response
        except Disproved:
            return self._page(wish, back, 403, "disproved")
        except Forbidden:
            return self._page(wish, back, 403, "beyond")
        self.attempts.succeed(*key)
        return _going_back(back, address)

    def foreign(self, slug: str) -> Response:
        """The page again, for a form that did not come from it."""
        wish, back = self._asked(slug)
        return self._page(wish, back, 403, "stale")

    def _asked(self, slug: str) -> tuple[Wish, Return]:
        """What the address asks for, whatever the form has in it. Raises Misdirected, SentBack."""
        if not SLUG.fullmatch(slug):
            raise Misdirected(client_is_known=False)
        url = f"{self.server.public_url}{request.path}"
        shown = presented(request.headers, request.method, url, g.client)
        wish, back = authorization(self.server, IssuerRequest(slug, shown, request.args.to_dict(flat=False)))
        g.tenant = slug
        return wish, back

    def _page(self, wish: Wish, back: Return, status: int, problem: Problem | None = None) -> Response:
        sighting = consenting.look(self.server.units, wish)
        language = language_among(TEXTS)
        texts = TEXTS[language]
        known = {"client": wish.client.name, "tenant": wish.tenant.name}
        response = page_response(
            "consent.html",
            status,
            language,
            title=texts.title.format(**known),
            texts=texts,
            **known,
            connection=sighting.connection.name if sighting.connection else None,
            may=_permitted(texts, wish, sighting),
            seats=[
                texts.seat.format(product=each.product, free=each.free, seats=each.seats) for each in sighting.seats
            ],
            lasts=texts.lasts.format(days=IDLE_LIFE.days),
            host=urlsplit(back.redirect_uri).netloc,
            unproved=wish.challenge is None,
            proof_help=texts.proof_help.format(**known),
            problem=texts.problems[problem] if problem else None,
        )
        response.headers.update(HEADERS)
        return response


def consents_blueprint(server: Server) -> Blueprint:
    """The consent page of every issuer of `server`."""
    page = ConsentPage(server)
    blueprint = Blueprint("consents", __name__, template_folder="templates", url_prefix="/oauth/<slug>/authorize")

    @blueprint.before_request
    def limit() -> None:
        request.max_content_length = LARGEST_DECISION

    protect_forms(blueprint)
    blueprint.add_url_rule("", "show", page.show, methods=["GET"], provide_automatic_options=False)
    blueprint.add_url_rule("", "decide", page.decide, methods=["POST"], provide_automatic_options=False)

    @blueprint.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        try:
            return _failure(page, error)
        except Exception as another:  # what is asked for is looked at once more, and may be wrong too
            return _failure(page, another)

    return blueprint


def _failure(page: ConsentPage, error: Exception) -> Response:
    if isinstance(error, ForeignForm):
        return page.foreign(str((request.view_args or {})["slug"]))
    if isinstance(error, SentBack):
        return redirect(error.address, 303)  # type: ignore[return-value]
    if isinstance(error, Misdirected):
        return _trouble("unknown_address", 400) if error.client_is_known else _trouble("unknown_client", 404)
    if isinstance(error, Missing | Taken):  # the client went meanwhile
        return _trouble("unknown_client", 404)
    response = _trouble("trouble", refusal_of(error, g.request_id).status)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _permitted(texts: Texts, wish: Wish, sighting: Sighting) -> list[str]:
    """What the client could do, in words."""
    may = [texts.scopes.get(scope) or texts.other_scope.format(scope=scope) for scope in sorted(wish.scopes)]
    if sighting.connection is not None and SCIM_WRITE in wish.scopes:
        may.append(texts.grants.format(role=sighting.connection.max_role))
    return may


def _going_back(back: Return, address: str) -> Response:
    """A page that leads on by itself: a redirect from a form would have to pass the page's own `form-action`, and so
    would every redirect that the client adds behind it (CSP 3 section 6.4.1)."""
    language = language_among(TEXTS)
    texts = TEXTS[language]
    host = urlsplit(back.redirect_uri).netloc
    response = page_response(
        "going_back.html",
        200,
        language,
        title=texts.going_back.format(host=host),
        caption=texts.go_back.format(host=host),
        address=address,
    )
    response.headers.update(HEADERS)
    return response


def _trouble(trouble: Trouble, status: int) -> Response:
    language = language_among(TEXTS)
    title, sentence = TEXTS[language].troubles[trouble]
    return page_response("trouble.html", status, language, title=title, sentence=sentence)
