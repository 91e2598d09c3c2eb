"""Which checks to run: by section, by check id, by requirement."""

from collections.abc import Sequence

from scim_conformance.checks import Check
from scim_conformance.sections import is_within


class NothingSelectedError(LookupError):
    """A word of the selection names no check."""


def select(checks: Sequence[Check], words: Sequence[str]) -> list[Check]:
    """The checks that any of the words names, in their own order; all of them if there is no word.

    A word is a section (`7644-3.4` takes what is inside it), a check's id or the part of it before a dot
    (`filter.eq`, `filter`), or a requirement (`R-7644-3.3-02`, `C-51`). Letter case does not matter.

    :raises NothingSelectedError: for a word that names nothing.
    """
    for word in words:
        if not any(_names(word, check) for check in checks):
            raise NothingSelectedError(f"{word!r} is no section, check or requirement; see 'list checks'")
    return [check for check in checks if not words or any(_names(word, check) for word in words)]


def _names(word: str, check: Check) -> bool:
    wanted = word.lower()
    return (
        is_within(check.section, wanted)
        or check.id == wanted
        or check.id.startswith(f"{wanted}.")
        or wanted in (identifier.lower() for identifier in check.covers)
    )
