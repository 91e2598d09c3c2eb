"""What a browser prefers: a language and a theme, kept in cookies of its own."""

from flask import request
from werkzeug.wrappers import Response

from scim_server.console.assets import A_YEAR
from scim_server.console.languages import ENGLISH, LANGUAGES

LANGUAGE, THEME = "language", "theme"
THEMES = ("auto", "light", "dark")
"""`auto` is whatever the system prefers."""


def language() -> str:
    """The visitor's choice, else the first language that the browser prefers and the console speaks."""
    preferred = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return _chosen(LANGUAGE, tuple(LANGUAGES)) or next((each for each in preferred if each in LANGUAGES), ENGLISH)


def theme() -> str:
    """The visitor's choice."""
    return _chosen(THEME, THEMES) or THEMES[0]


def keep_preferences(response: Response) -> None:
    """Have the browser keep what the form chose."""
    for name, known in ((LANGUAGE, tuple(LANGUAGES)), (THEME, THEMES)):
        chosen = request.form.get(name)
        if chosen in known:
            response.set_cookie(_cookie(name), chosen, A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax")


def _chosen(name: str, known: tuple[str, ...]) -> str | None:
    chosen = request.cookies.get(_cookie(name))
    return chosen if chosen in known else None


def _cookie(name: str) -> str:
    return f"scim-console-{name}"
