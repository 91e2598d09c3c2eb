"""What the console answers: pages, parts of pages that scripts ask for, and the way to the next page."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, make_response, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from scim_server.console.addresses import address
from scim_server.console.assets import A_YEAR, STATIC, asset
from scim_server.console.calls import Call
from scim_server.console.cares import is_for
from scim_server.console.languages import LANGUAGES
from scim_server.console.preferences import THEMES, language, theme
from scim_server.console.sections import Section
from scim_server.console.words import codes, word
from scim_server.services.addresses import CONSOLE_PATH

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Cookie, Accept-Language",
}
PART = "HX-Request"
"""Sent by htmx, which wants the part of a page that changes."""


def hand_out(call: Call) -> None:
    """Let templates know of the call."""
    g.call = call


def render(template: str, **content: Any) -> str:
    """A page, or a part of one."""
    return render_template(f"console/{template}", **content)


def known_everywhere(sections: Sequence[Section]) -> dict[str, Any]:
    """What every template knows: the call, if there is one, the addresses of pages and files, and the languages."""
    call: Call | None = g.get("call")
    return {
        "call": call,
        "sections": [each for each in sections if call is not None and _is_open(each, call)],
        "url": address if call is None else call.url,
        "opens": partial(_opens, sections, call),
        "asset": asset,
        "language": language(),
        "languages": LANGUAGES,
        "theme": theme(),
        "themes": THEMES,
        "word": word,
        "codes": codes,
        "token": _token,
    }


def _token() -> Markup:
    """What every form has in it."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _is_open(section: Section, call: Call) -> bool:
    return section.opens is not None and call.owner is not None and _opens([section], call, section.opens)


def _opens(sections: Sequence[Section], call: Call | None, name: str) -> bool:
    """Whether whoever calls may see the page of that name, so that no link leads to a refusal."""
    shown = (page for section in sections for page in section if page.name == name)
    return call is not None and any(call.may(page.permission) and is_for(call, page) for page in shown)


def wants_part() -> bool:
    """Whether a script asks, for the part of the page that changes."""
    return PART in request.headers


def go(address: str, said: str | None = None, *, undo: Call | None = None) -> Response:
    """On to another page, which says what was done, with the way to take back what the call changed."""
    if said is not None:
        flash(said, "" if undo is None else undo.request_id)
    return redirected(address)


def file_of(lines: Iterable[bytes], name: str, media_type: str = "text/csv") -> Response:
    """A file to keep, sent while it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return FlaskResponse(lines, headers=headers, content_type=f"{media_type}; charset=utf-8")


def redirected(address: str) -> Response:
    """To an address by GET. Scripts learn it from a header: following it they would show a page within a page."""
    if wants_part():
        return FlaskResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def answered(content: str | Response, status: int = 200) -> Response:
    """The answer with a page, or as it is."""
    return make_response(content, status) if isinstance(content, str) else content


def confine(response: FlaskResponse) -> FlaskResponse:
    """Hold the browser to what the page is made of, and have it keep nothing but the files that belong to it."""
    if request.path.startswith(f"{CONSOLE_PATH}{STATIC}/"):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return response
    response.headers.update(HEADERS)
    response.content_language.add(language())
    return response
