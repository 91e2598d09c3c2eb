"""What every answer carries so that browsers and caches do nothing with it but show it (OWASP ASVS 5.0, chapter 3)."""

from collections.abc import Mapping

from flask import Flask, Response

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
    """Give each answer of the application its headers."""
    always = {**ALWAYS, **(OVER_TLS if public_url.startswith("https:") else {})}

    @app.after_request
    def cover(response: Response) -> Response:
        response.headers.update(always)
        for name, value in UNLESS_SAID.items():
            response.headers.setdefault(name, value)
        return response
