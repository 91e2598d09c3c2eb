"""What all pages share: they run no script, load nothing, are kept nowhere, and speak the reader's language."""

import base64
import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from flask import Response, make_response, render_template, request
from markupsafe import Markup

STYLE = (
    ":root{color-scheme:light dark;--text:#1b1b1f;--soft:#5a5a66;--ground:#fff;--line:#c9c9d2;--accent:#1b4f9c;"
    "--on:#fff;--bad:#a4201b}"
    "@media(prefers-color-scheme:dark){:root{--text:#ececf1;--soft:#a9a9b6;--ground:#16161a;--line:#45454f;"
    "--accent:#8fb8f5;--on:#10131a;--bad:#ff9c94}}"
    "body{font:1rem/1.5 system-ui,sans-serif;margin:3rem 1rem;color:var(--text);background:var(--ground);"
    "overflow-wrap:break-word}"
    "main{max-width:36rem;margin:auto}"
    "h1{font-size:1.6rem;line-height:1.25}"
    "dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.3rem 1rem;margin:1.5rem 0}"
    "dt{color:var(--soft)}dd{margin:0;min-width:0}dd ul{margin:0;padding-left:1.1rem}"
    "@media(max-width:32rem){body{margin:1.5rem 1rem}dl{display:block}dd{margin-bottom:.7rem}}"
    "label{display:block;margin-top:1.5rem;font-weight:600}"
    "input{box-sizing:border-box;width:100%;font:inherit;padding:.55rem .7rem;border:1px solid var(--line);"
    "border-radius:.3rem;background:var(--ground);color:var(--text)}"
    "small{display:block;color:var(--soft);margin-top:.3rem}"
    "[role=alert]{border-left:.25rem solid var(--bad);padding-left:.8rem;color:var(--bad)}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:1rem 1rem 0 0;border:1px solid var(--accent);border-radius:.3rem;"
    "background:var(--accent);color:var(--on)}"
    "button+button{background:var(--ground);color:var(--accent)}"
    "a{color:var(--accent)}"
    ":focus-visible{outline:.2rem solid var(--accent);outline-offset:.15rem}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}


def language_among(spoken: Collection[str]) -> str:
    """The first language the reader prefers that the page speaks, whatever the country; English otherwise."""
    preferred = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((language for language in preferred if language in spoken), "en")


def page_response(template: str, status: int, language: str, **content: Any) -> Response:
    """A page in that language."""
    text = render_template(template, language=language, style=Markup(STYLE), **content)  # noqa: S704 our own text
    response = make_response(text, status, HEADERS)
    response.content_language.add(language)
    return response
