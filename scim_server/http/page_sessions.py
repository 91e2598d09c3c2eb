"""Sessions of browsers, in a signed cookie that pages alone read and set: SCIM and the admin API know none."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from hashlib import sha256

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from scim_server.domain.errors import Unavailable

NAME = "scim-session"
LIFE = timedelta(hours=1)
PAGES = re.compile(r"/invitations/[^/]*|/oauth/[^/]*/authorize|/console(?:/(?!static/).*)?")
"""Where pages are. A request to anywhere else has no session, whatever cookies it brings."""


class PageSessions(SecureCookieSessionInterface):
    """Flask's signed cookies with keys that are asked for when the first page is: `keys` answers the one that signs,
    then those that are good to verify with."""

    salt = "scim-server page session"
    digest_method = staticmethod(sha256)

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        self._serializer = cache(lambda: self._serializer_with(keys()))

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:
        del app
        return self._serializer()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None, which Flask takes for a session that cannot be written, outside of pages. Without a cookie there is
        nothing to verify, so no key is asked for."""
        if not PAGES.fullmatch(request.path):
            return None
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        try:
            return super().open_session(app, request)
        except Unavailable:
            return self.session_class()  # the page will find out, and say so

    def _serializer_with(self, keys: Sequence[str]) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            list(reversed(keys)),  # the last one signs
            salt=self.salt,
            serializer=self.serializer,
            signer_kwargs={"key_derivation": self.key_derivation, "digest_method": self.digest_method},
        )


def keep_sessions(app: Flask, public_url: str, keys: Callable[[], Sequence[str]]) -> None:
    """Give the pages of `app` their sessions. Over https the cookie is this very host's (`__Host-`) and never goes out
    in the clear."""
    is_secure = public_url.startswith("https:")
    app.session_interface = PageSessions(keys)
    app.permanent_session_lifetime = LIFE
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-{NAME}" if is_secure else NAME,
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
