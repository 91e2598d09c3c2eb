"""The console as a Flask blueprint: from the table of pages to routes, from a request to a call and back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from flask import Blueprint, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from scim_server.console.addresses import find
from scim_server.console.answers import answered, confine, hand_out, known_everywhere
from scim_server.console.assets import STATIC
from scim_server.console.calls import Call, ConsoleService
from scim_server.console.cares import admit
from scim_server.console.entrances import Entrance, turn_away, visitor_of
from scim_server.console.federations import Federation
from scim_server.console.formats import FILTERS
from scim_server.console.languages import speak_languages
from scim_server.console.preferences import language
from scim_server.console.refusals import refusal_of, remedy_of, trouble
from scim_server.console.sections import Page
from scim_server.console.views import PAGES, SECTIONS
from scim_server.domain.errors import Missing, Refusal
from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from scim_server.services.addresses import CONSOLE_PATH
from scim_server.services.import_files import too_large
from scim_server.services.visiting import Visitor

LARGEST_FORM = 1_000_000
"""Bytes of a form that brings no file."""


def console_blueprint(service: ConsoleService) -> Blueprint:
    """Everything under /console."""
    blueprint = Blueprint(
        "console",
        __name__,
        url_prefix=CONSOLE_PATH,
        template_folder="templates",
        static_folder="static",
        static_url_path=STATIC,
    )
    guard = CSRFProtect()

    @blueprint.record_once
    def prepare(state: BlueprintSetupState) -> None:
        state.app.config.update(
            WTF_CSRF_CHECK_DEFAULT=False,  # all others but pages go by tokens that no browser adds
            WTF_CSRF_TIME_LIMIT=None,  # a form is good as long as the visit
            WTF_CSRF_SSL_STRICT=False,  # pages send no referrer
        )
        guard.init_app(state.app)
        speak_languages(state.app, language)
        state.app.jinja_env.filters.update(FILTERS)

    @blueprint.before_request
    def receive() -> None:
        request.max_content_length = service.max_upload_bytes if _brings_file() else LARGEST_FORM
        current_app.config.setdefault("WTF_CSRF_SECRET_KEY", service.form_key())

    blueprint.context_processor(partial(known_everywhere, SECTIONS))
    blueprint.after_request(confine)
    blueprint.register_error_handler(Exception, trouble)
    entrance = Entrance(service, guard, Federation(service, guard))
    pages = {page.name: page for page in PAGES}
    shown = {page.path: page for page in PAGES if page.method == "GET"}

    def enter(rest: str = "") -> Response:
        """Flask knows one address for all pages: their table is worked out once, not with each application."""
        name, path, g.route = find(f"/{rest}", request.method)
        if name not in pages:
            view: Callable[..., Response] = getattr(entrance, name)
            return view(**path)
        return _serve(service, guard, pages[name], shown.get(pages[name].path), **path)

    for path in ("", "/", "/<path:rest>"):
        blueprint.add_url_rule(path, "enter", enter, methods=["GET", "POST"], provide_automatic_options=False)
    return blueprint


def _serve(service: ConsoleService, guard: CSRFProtect, page: Page, again: Page | None, **path: str) -> Response:
    """The page; where its form was refused, the form `again` with the reason."""
    visitor = visitor_of(service)
    if visitor is None:
        return turn_away()
    g.actor = visitor.actor
    brings_too_much = _brings_file() and (request.content_length or 0) > service.max_upload_bytes
    if page.method == "POST" and not brings_too_much:
        guard.protect()
    call = _call(service, page, visitor, path, unread=brings_too_much)
    call.demand(page.permission)
    admit(call, page)
    hand_out(call)
    try:
        if brings_too_much:
            raise too_large(service.max_upload_bytes)
        return answered(page.run(call))
    except Refusal as error:
        if page.method != "POST" or again is None or isinstance(error, Missing):
            raise
        status, sentence = refusal_of(error)
        refused = replace(call, page=again.name, refusal=sentence, remedy=remedy_of(call, error))
        hand_out(refused)
        return answered(again.run(refused), status)


def _brings_file() -> bool:
    return request.mimetype == "multipart/form-data"


def _call(service: ConsoleService, page: Page, visitor: Visitor, path: Mapping[str, str], *, unread: bool) -> Call:
    if any("\0" in value for value in path.values()):
        raise Missing("There is nothing of that name.")
    owner = _owner(service, visitor, path.get("tenant"))
    g.tenant = owner and owner.slug
    return Call(
        service,
        visitor,
        g.request_id,
        f"{page.method} {CONSOLE_PATH}{page.path}",
        page.name,
        page.section,
        path,
        owner,
        request.args,
        MultiDict() if unread else request.form,
        {} if unread else request.files,
    )


def _owner(service: ConsoleService, visitor: Visitor, slug: str | None) -> Tenant | None:
    """The tenant that the address names, as far as the visitor can see. Raises Missing."""
    if slug is None:
        return None
    if visitor.tenant is None:
        return tenancy.tenant(service.units, slug)
    if visitor.tenant.slug != slug:
        raise tenancy.no_tenant(slug)
    return visitor.tenant
