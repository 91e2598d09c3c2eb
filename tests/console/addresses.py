"""The address of every page of the table of pages, with what an estate has in its places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from urllib.parse import quote

from scim_server.console.sections import Page
from scim_server.console.views import PAGES
from scim_server.domain.access import OPERATOR_SCOPES
from scim_server.services.addresses import CONSOLE_PATH
from tests.console.estates import Estate

PLACE = re.compile("<(.+?)>")
SHOWN = [page for page in PAGES if page.method == "GET"]
SENT = [page for page in PAGES if page.method == "POST"]
ASKED: Mapping[str, Sequence[str]] = {
    "look_at_chosen": ("deed=suspend&user={user}", "deed=give&product={product}&user={user}"),
    "look_at_transfer": ("", "mode=seat&receiver={boss}&product=scarce-0"),
    "release_held": ("id={held}",),
    "keep_held": ("id={held}",),
    "create_rule": ("", "look=now&audience=group&group=Nobody&product={product}"),
}
"""What forms ask a page, where it has nothing, or less, to say without."""


def addresses(page: Page, estate: Estate) -> Iterator[str]:
    """Where the page is found, once for each thing that it can be about and each question."""
    for places in _filled(page, estate.places):
        path = CONSOLE_PATH + _path(page, places)
        known = {name: quote(texts[0]) for name, texts in estate.places.items()} | {"boss": quote(estate.boss)}
        for question in ASKED.get(page.name, ("",)):
            yield f"{path}?{question.format(**known)}" if question else path


def _path(page: Page, places: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: quote(places[found[1]], safe=""), page.path)


def _filled(page: Page, places: Mapping[str, Sequence[str]]) -> Iterator[Mapping[str, str]]:
    names = PLACE.findall(page.path)
    for chosen in product(*(_choices(name, page, places) for name in names)):
        yield dict(zip(names, chosen, strict=True))


def _choices(name: str, page: Page, places: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """What may stand in a place of that name: on this page, or on any."""
    here = (texts for part, texts in places.items() if f"<{name}>" in part and part in page.path)
    return next(here, None) or places[name]


def is_operators(page: Page) -> bool:
    """Whether only the operator can see it."""
    return page.permission in OPERATOR_SCOPES
