"""RFC 7644 section 7.8 and RFC 8264 section 12.5: user names that look like another one.

A word that mixes writing systems (a Cyrillic letter among Latin ones) is the common trick. Words are judged one by
one: `иванов@example.com` is a name like any other.
"""

import re
import unicodedata
from functools import lru_cache

_WORDS = re.compile(r"[^\W\d_]+")
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})
"""What East Asian words are written in side by side."""
EAST_ASIAN = "EAST ASIAN"
COMMON = frozenset({"FEMININE", "MASCULINE", "MICRO", "MODIFIER", "FULLWIDTH", "HALFWIDTH"})
"""First words of the names of letters that belong to no script of their own."""


def mixes_scripts(text: str) -> bool:
    """Whether a word of `text` has letters of more than one script."""
    return not text.isascii() and any(len(_scripts(word)) > 1 for word in _WORDS.findall(text))


def _scripts(word: str) -> set[str]:
    return {script for letter in word if (script := _script(letter)) is not None}


@lru_cache(maxsize=1024)
def _script(letter: str) -> str | None:
    """The script of a letter, which is how its Unicode name begins."""
    first = unicodedata.name(letter, "").partition(" ")[0]
    if first in COMMON or not unicodedata.category(letter).startswith("L"):
        return None
    return EAST_ASIAN if first in _TOGETHER else first
