"""Refusals in the language of the page: use cases say them in English, with names and numbers in them.

The catalogue of a language has each sentence of the code as a pattern, `{}` where something is filled in, under the
context `detail`; its translation has `{0}`, `{1}` in the same places. A sentence that no pattern meets stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scim_server.console.languages import ENGLISH, messages

CONTEXT = "detail"
PLACE = "{}"
_FILLED = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class _Detail:
    pattern: re.Pattern[str]
    translation: str

    def fill(self, found: re.Match[str], language: str) -> str:
        """The translation, with what was filled in; a sentence within the sentence is translated as well."""
        filled = [translated(each, language) for each in found.groups()]
        return _FILLED.sub(lambda place: filled[int(place[1])], self.translation)


def translated(detail: str, language: str) -> str:
    """The sentence in that language."""
    matches = ((known, known.pattern.fullmatch(detail)) for known in _details(language))
    return next((known.fill(found, language) for known, found in matches if found is not None), detail)


@cache
def _details(language: str) -> tuple[_Detail, ...]:
    """Those that say most by themselves come first: of several that are met the first is meant."""
    return () if language == ENGLISH else tuple(sorted(_read(language), key=lambda each: -len(each.pattern.pattern)))


def _read(language: str) -> Iterator[_Detail]:
    for message in messages(language):
        if message.context == CONTEXT and isinstance(message.id, str) and message.string:
            parts = [re.escape(part) for part in message.id.split(PLACE)]
            yield _Detail(re.compile("(.*?)".join(parts), re.DOTALL), str(message.string))
