"""Languages of texts: tags of RFC 5646 in lower case, and which text suits whom."""

import re
from collections.abc import Iterable, Iterator

TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""A language tag by its shape."""
_WEIGHTED = re.compile(r"\s*([A-Za-z0-9_-]+)(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


def tag(text: str) -> str:
    """One spelling for all: `pt_BR` and `pt-BR` are `pt-br`."""
    return text.strip().replace("_", "-").lower()


def read_by(text: object) -> list[str]:
    """The tags of a text in the form of the header Accept-Language, the best first; of anything else none.

    That is what RFC 7643 section 4.1.1 makes of preferredLanguage; a single tag, as of locale, is such a text.
    """
    if not isinstance(text, str):
        return []
    parts = [found for part in text.split(",") if (found := _WEIGHTED.fullmatch(part))]
    best_first = sorted(parts, key=lambda found: -float(found[2] or 1))
    return [tag(found[1]) for found in best_first if TAG.fullmatch(tag(found[1]))]


def widening(tags: Iterable[str]) -> Iterator[str]:
    """Each tag, and after it what it is a kind of: `pt-br`, `pt`."""
    for each in tags:
        parts = each.split("-")
        yield from ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
