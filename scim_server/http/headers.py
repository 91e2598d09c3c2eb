"""What every answer carries so that browsers and caches do nothing with it but show it (OWASP ASVS 5.0, chapter 3)."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNLESS_SAID: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""For whatever says nothing else of itself: pages have a policy that lets their own files in, files can be kept, and
the consent page is opened in a window by whom it goes back to."""
OVER_TLS: Mapping[str, str] = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
"""RFC 6797: for two years, where the public address is https."""


def cover_answers(app: Flask, public_url: str) -> None:
    """Give each answer of the application its headers, as it leaves: Flask's own headers take ten times as long."""
    inner = app.wsgi_app
    always = {**ALWAYS, **(OVER_TLS if public_url.startswith("https:") else {})}
    replaced = {name.lower() for name in always}
    unless_said = [(name.lower(), (name, value)) for name, value in UNLESS_SAID.items()]

    def serve(environ: Any, start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            kept = [each for each in headers if each[0].lower() not in replaced] if said & replaced else headers
            added = [header for name, header in unless_said if name not in said]
            return start_response(status, [*kept, *always.items(), *added], *rest)

        return inner(environ, start)

    app.wsgi_app = serve  # type: ignore[method-assign]
