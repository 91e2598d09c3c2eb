"""Habits in filters and PATCH paths, put right token by token.

A cheap look at the text comes first: a filter as the RFC writes it is not read twice.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from scim_server.dialects.habits import QUERIES, TOLERANT, Habit, Message
from scim_server.dialects.rewriting import Operation, named, rewrite_operations, with_body, with_member
from scim_server.dialects.samples import patch
from scim_server.protocol.grammar import MAX_LENGTH, Lexer, SyntaxFault, Token
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute, ResourceType

Edit = tuple[int, int, str]
"""From where to where in the text, and what stands there instead."""
Edits = Callable[[Sequence[Token], str, ResourceType], Iterator[Edit]]
"""What is to be changed in a text, in its order."""

_UNQUOTED = re.compile(r'\s(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s+[^\s"]', re.IGNORECASE)
_BOOLEAN_TEXT = re.compile(r'"(?:true|false)"', re.IGNORECASE)
_TRAILING = re.compile(r"\]\.")
_CONSTANTS = {"true", "false", "null"}
_LITERALS = {"COMP_VALUE", "NUMBER"}
_TEXTS = {"string", "reference", "binary", "dateTime"}


def rewrite_filters(message: Message, edits: Edits, symptom: re.Pattern[str], *, paths: bool = True) -> Message:
    """`message` with its filter or the paths of its operations edited, where they show the symptom."""

    def of_operation(operation: Operation, kind: ResourceType) -> Any:
        path = operation.get("path")
        if not isinstance(path, str) or "[" not in path:
            return operation
        return with_member(operation, "path", edited(path, kind, edits, symptom))

    if message.verb not in QUERIES:
        return rewrite_operations(message, of_operation) if paths else message
    text = message.body.get("filter") if isinstance(message.body, Mapping) else None
    if not isinstance(text, str):
        return message
    return with_body(message, with_member(message.body, "filter", edited(text, message.resource_type, edits, symptom)))


def edited(text: str, kind: ResourceType, edits: Edits, symptom: re.Pattern[str]) -> str:
    """The text with its edits; the same one where it has none or breaks the grammar."""
    tokens = _tokens(text) if len(text) <= MAX_LENGTH and symptom.search(text) else None
    if not tokens:
        return text
    pieces, end = [], 0
    for start, stop, new in edits(tokens, text, kind):
        pieces += [text[end:start], new]
        end = stop
    return "".join([*pieces, text[end:]]) if pieces else text


@lru_cache(maxsize=16)
def _tokens(text: str) -> tuple[Token, ...] | None:
    """Kept for a moment, as several habits look at the same text."""
    try:
        return tuple(Lexer(text, bare_words=True))
    except SyntaxFault:
        return None


def literals(tokens: Sequence[Token], kind: ResourceType) -> Iterator[tuple[Attribute, Token]]:
    """Every literal, with the simple attribute it is compared with; those of unknown ones are left out."""
    within: AttributePath | None = None
    behind: AttributePath | None = None
    name = ""
    for token in tokens:
        if token.type in {"ATTRNAME", "SUBATTR"}:
            name = token.value
        elif token.type == "LBRACKET":
            within = named(name, kind)
        elif token.type == "RBRACKET":
            within, behind = None, within
        elif token.type in {"AND", "OR"}:
            behind = None
        elif token.type in _LITERALS:
            attribute = _compared(name, within or behind, kind)
            if attribute is not None:
                yield attribute, token


def _compared(name: str, within: AttributePath | None, kind: ResourceType) -> Attribute | None:
    if within is None:
        found = named(name, kind)
        leaf = None if found is None or found.attribute is None else found.leaf
    elif within.attribute is None:
        return None
    else:
        leaf = within.leaf.sub(name) if within.leaf.is_complex else within.leaf
    return leaf.sub("value") if leaf is not None and leaf.is_complex else leaf


def _words(tokens: Sequence[Token], text: str, kind: ResourceType) -> Iterator[Edit]:
    """A word is a text where texts are compared; True and Null are what they mean."""
    for attribute, token in literals(tokens, kind):
        word = text[token.index : token.end]
        lowered = word.lower()
        if token.value.bare and (lowered == "null" or (lowered in _CONSTANTS and attribute.type == "boolean")):
            yield token.index, token.end, lowered
        elif attribute.type in _TEXTS and not word.startswith('"') and word != "null":
            yield token.index, token.end, json.dumps(word, ensure_ascii=False)


def _booleans(tokens: Sequence[Token], text: str, kind: ResourceType) -> Iterator[Edit]:
    for attribute, token in literals(tokens, kind):
        word = text[token.index : token.end].lower()
        if attribute.type == "boolean" and word in {'"true"', '"false"'}:
            yield token.index, token.end, word[1:-1]


def _inside(tokens: Sequence[Token], text: str, _kind: ResourceType) -> Iterator[Edit]:
    """`emails[type eq "work"].value eq "x"` asks for one element with both."""
    opening = 0
    for place, token in enumerate(tokens):
        if token.type == "LBRACKET":
            opening = place
        elif token.type == "SUBATTR" and place + 1 < len(tokens):
            last = tokens[place + 1] if tokens[place + 1].type == "PR" else tokens[min(place + 2, len(tokens) - 1)]
            either = any(inner.type == "OR" for inner in tokens[opening:place])
            if either:
                yield tokens[opening].end, tokens[opening].end, "("
            closing = tokens[place - 1].index
            test = f"{token.value} {text[tokens[place + 1].index : last.end]}"
            yield closing, last.end, f"{')' if either else ''} and {test}]"


HABITS = (
    Habit(
        name="bare-words",
        summary="words without quotes in filters, True and Null with capital letters among them",
        clients=("entra", "ping", "authentik"),
        quirks=(27,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups",
        profiles=TOLERANT,
        verb="query",
        resource_type="User",
        before={"filter": "userName eq anna"},
        after={"filter": 'userName eq "anna"'},
        rewrite=partial(rewrite_filters, edits=_words, symptom=_UNQUOTED),
    ),
    Habit(
        name="boolean-literals",
        summary='"True" and "False" as texts where a filter or path compares a boolean',
        clients=("entra",),
        quirks=(8,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "add", "path": 'roles[primary eq "True"].value', "value": "admin"}),
        after=patch({"op": "add", "path": "roles[primary eq true].value", "value": "admin"}),
        rewrite=partial(rewrite_filters, edits=_booleans, symptom=_BOOLEAN_TEXT),
    ),
    Habit(
        name="trailing-sub-attribute",
        summary="a sub-attribute behind the bracket of a filter, as in a PATCH path",
        clients=("entra",),
        quirks=(23,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups",
        profiles=TOLERANT,
        verb="query",
        resource_type="User",
        before={"filter": 'emails[type eq "work"].value eq "a@x.test"'},
        after={"filter": 'emails[type eq "work" and value eq "a@x.test"]'},
        rewrite=partial(rewrite_filters, edits=_inside, symptom=_TRAILING, paths=False),
    ),
)
