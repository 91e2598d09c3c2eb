"""English that is left on a page in another language."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from scim_server.console.details import PLACE
from tests import translations
from tests.walls.secrets import MARK

FILLED = re.compile(r"%\(\w+\)s|%\(\w+\)d|%%|" + re.escape(PLACE))
LETTERS = re.compile(r"[A-Za-z]{3,}")
WORD = re.compile(r"(?<!\S)[(“\"]?([A-Za-z’']{2,})[)”\"]?[.,:;!?]?(?!\S)")
"""What stands by itself, so no code, id or address."""
NAMES = frozenset({
    "externalId", "oid", "sub", "OAuth", "SCIM", "HTTP", "URL", "CSV", "JSON", "Okta", "Entra", "Microsoft", "OneLogin",
    "JumpCloud", "Google", "PingOne", "PingFederate",
})  # fmt: skip
"""What is called the same in every language."""


def english_left(said: Iterable[str], language: str = "fr") -> Iterator[str]:
    """Those of the texts that are English ones of the catalogue, whatever is filled into them."""
    english, own = _texts(language)
    yield from (text for text in said if english.fullmatch(text) and not own.fullmatch(text))


def same_words(english: Iterable[str], said: Iterable[str]) -> Iterator[str]:
    """Those of the texts that stand on the English page as well and are sentences that no visitor wrote."""
    known = set(english)
    for text in said:
        words = [word for word in WORD.findall(text) if word not in NAMES]
        if text in known and len(words) > 1 and MARK not in text.casefold():
            yield text


@cache
def _texts(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What meets the English texts that are said in other words in the language, and what meets those words."""
    english, own = set[str](), set[str]()
    for message in translations.written(language):
        for said, instead in zip(_forms(message.id), _forms(message.string), strict=True):
            if said != instead and LETTERS.search(FILLED.sub("", said)):
                english.add(said)
            own.add(instead)
    return _any_of(english), _any_of(own)


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(".+".join(map(re.escape, FILLED.split(text))) for text in texts if text), re.DOTALL)
