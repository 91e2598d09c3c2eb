"""Style sheets and scripts, served from here with their licences beside them; browsers keep them until they change."""

import hashlib
from functools import cache
from importlib.resources import files

from flask import url_for

STATIC = "/static"
A_YEAR = 31_536_000


@cache
def asset(name: str) -> str:
    """The address of a file, which changes with it."""
    content = (files("scim_server.console") / "static" / name).read_bytes()
    return url_for("console.static", filename=name, v=hashlib.sha256(content).hexdigest()[:12])
