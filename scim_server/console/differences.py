"""What an entry of the audit trail says of its object before and after, fact by fact, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext, ngettext

from scim_server.console.doers import doer
from scim_server.console.words import WORDS, word
from scim_server.services.audit_entries import AuditEntry

ALWAYS = frozenset({"version", "modified"})
"""What says no more than that something was changed."""
PROFILE = "profile"
"""The attributes of a person or a group that the business does not look at, by their own names."""
SCHEMAS = (PROFILE, "schemas")
"""Follows from the other attributes."""
KINDS = {"state": "seat", "policy": "policy"}
"""Facts whose values are codes, and the words for them."""
MOST = 20
"""Elements of a list that are written out."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is otherwise; of a list `before` has what went, `after` what came."""

    name: str
    before: str
    after: str


def differences(entry: AuditEntry, names: Mapping[str, str]) -> list[Difference]:
    """All that differs; ids that have a name in `names` are called by it."""
    before, after = entry.before or {}, entry.after or {}
    facts = (fact for fact in dict.fromkeys((*before, *after)) if fact not in ALWAYS)
    return [each for fact in facts for each in _between((fact,), before.get(fact), after.get(fact), names)]


def _between(path: Sequence[str], before: Any, after: Any, names: Mapping[str, str]) -> Iterator[Difference]:
    if before == after or tuple(path) == SCHEMAS:
        return
    if _are(Mapping, before, after):
        was, now = before or {}, after or {}
        for key in dict.fromkeys((*was, *now)):
            yield from _between((*path, key), was.get(key), now.get(key), names)
        return
    if _are(list, before, after):
        was, now = before or [], after or []
        before, after = [each for each in was if each not in now], [each for each in now if each not in was]
    told = Difference(_label(path), _text(path[-1], before, names), _text(path[-1], after, names))
    if told.before or told.after:
        yield told


def _are(kind: type, *sides: Any) -> bool:
    """Whether there is such a thing on one side, and nothing else on the other."""
    return any(isinstance(side, kind) for side in sides) and all(isinstance(side, kind | None) for side in sides)


def _label(path: Sequence[str]) -> str:
    first, *rest = path
    return ".".join(rest if rest and first == PROFILE else [word("fact", first), *rest])


def _text(fact: str, value: Any, names: Mapping[str, str]) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(gettext("yes") if value else gettext("no"))
        case list():
            return _listed(fact, value, names)
        case Mapping():
            parts = ((key, _text(key, each, names)) for key, each in value.items())
            return ", ".join(f"{word('fact', key)}: {text}" for key, text in parts if text)
        case str() if _INSTANT.fullmatch(value):
            return f"{format_datetime(datetime.fromisoformat(value), 'short')} UTC"
        case str() if KINDS.get(fact) in WORDS:
            return word(KINDS[fact], value)
        case str():
            return names.get(value) or _actor(str(value), names)
    return str(value)


def _actor(text: str, names: Mapping[str, str]) -> str:
    """A connection or the like as the trail has it, by its name; any other text as it is."""
    name = names.get(text.partition(":")[2])
    return text if name is None else doer(text, name)


def _listed(fact: str, elements: Sequence[Any], names: Mapping[str, str]) -> str:
    told = "; ".join(_text(fact, each, names) for each in elements[:MOST])
    left = len(elements) - MOST
    return told if left <= 0 else f"{told} {ngettext('and %(num)s more', 'and %(num)s more', left)}"
