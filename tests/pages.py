"""A browser without scripts: it shows a page of the server and sends the form that is on it."""

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def fields(page: str) -> dict[str, str]:
    """What the form on a page sends without anybody filling it in."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


def submit(client: FlaskClient, path: str, **typed: str) -> TestResponse:
    """Open the page at `path`, fill in its form and send it there."""
    return client.post(path, data={**fields(client.get(path).text), **typed})
