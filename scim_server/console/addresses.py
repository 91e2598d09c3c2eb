"""Where pages are: from the name of a page to its address, and from an address to its page.

All of it is worked out once in a process, which takes a tenth of a second.
"""

import re
from functools import cache
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

from scim_server.services.addresses import CONSOLE_PATH

ENTRANCES = (
    ("GET", "/", "home"),
    ("GET", "/sign-in", "sign_in"),
    ("POST", "/sign-in", "set_out"),
    ("GET", "/callback", "come_back"),
    ("GET", "/enter/<link>", "enter"),
    ("POST", "/enter/<link>", "entered"),
    ("POST", "/sign-out", "sign_out"),
    ("POST", "/preferences", "prefer"),
)
"""The pages that anybody may see: method, address, and name."""
_PLACE = re.compile(r"<(\w+)>")


def address(page: str, **values: Any) -> str:
    """The address of the page of that name; what its path has no place for is asked in the query."""
    return CONSOLE_PATH + _adapter().build(page, values).rstrip("/")


def has_place(page: str, name: str) -> bool:
    """Whether the path of the page has a place of that name."""
    return _map().is_endpoint_expecting(page, name)


def find(path: str, method: str) -> tuple[str, dict[str, Any], str]:
    """The name of the page at a path below /console, what stands in its places, and the path with its places.

    Raises NotFound and MethodNotAllowed.
    """
    rule, values = _adapter().match(path, method, return_rule=True)
    return rule.endpoint, dict(values), CONSOLE_PATH + _PLACE.sub(r"{\1}", rule.rule).rstrip("/")


@cache
def _adapter() -> MapAdapter:
    return _map().bind("")


@cache
def _map() -> Map:
    # Imported here because pages know the addresses of each other.
    from scim_server.console.views import PAGES

    pages = [*ENTRANCES, *((page.method, page.path, page.name) for page in PAGES)]
    rules = [Rule(path, endpoint=name, methods=[method]) for method, path, name in pages]
    return Map(rules, strict_slashes=False, merge_slashes=False)
