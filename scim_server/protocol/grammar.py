"""RFC 7644 section 3.4.2.2, figure 1: from text to a syntax tree, for filters and PATCH paths (section 3.5.2).

The rules are those of scim2-filter-parser, under start symbols and precedence of our own: its table puts `and`
and `or` on one level, and it has no start symbol for a path. The tokens are ours: a word means what its place
says, so an attribute may be called `not`, and a literal is read as JSON reads it (RFC 8259).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isinf
from typing import Any, Literal, NoReturn

from scim2_filter_parser.parser import SCIMParser
from sly.yacc import ParserMeta

from scim_server.protocol.literals import Constant

MAX_LENGTH = 16_000
"""Characters of one filter or path."""
MAX_TERMS = 1_000
"""Attribute expressions in one filter or path."""
MAX_DEPTH = 50
"""Brackets and parentheses open at once."""

OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr")

_BLANKS = re.compile(r"[ \t\r\n]*")
_PATH = re.compile(r"[A-Za-z$][A-Za-z0-9_$:.%+~/'!*,;=@&?#-]*")  # a URN takes most characters (RFC 8141)
_SUB = re.compile(r"\.([A-Za-z$][A-Za-z0-9_$-]*)")
_WORD = re.compile(r'[^ \t\r\n()\[\]"]+')
_NOT = re.compile(r"[Nn][Oo][Tt](?=[ \t\r\n]*\()")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONSTANTS = {"true": True, "false": False, "null": None}

Expected = Literal["term", "operator", "value", "link"]


class SyntaxFault(ValueError):
    """The text breaks the grammar. `within` says that the fault lies in what stands between brackets."""

    def __init__(self, detail: str, *, within: bool = False) -> None:
        super().__init__(detail)
        self.within = within


@dataclass(slots=True)
class Token:
    """One token in the shape the parser asks for."""

    type: str
    value: Any
    index: int
    end: int
    lineno: int = 1


class Lexer:
    """The tokens of one text, once. Raises SyntaxFault; stops reading where a limit is passed.

    `bare_words` reads a value that JSON does not know as a word, for whoever puts such filters right.
    """

    def __init__(self, text: str, *, bare_words: bool = False) -> None:
        if len(text) > MAX_LENGTH:
            raise SyntaxFault(f"longer than {MAX_LENGTH:,} characters; ask in several requests")
        self._text = text
        self._bare_words = bare_words
        self._index = 0
        self._depth = 0
        self._in_brackets = False
        self._terms = 0
        self._expected: Expected = "term"
        self._steps = {
            "term": self._term,
            "operator": self._operator,
            "value": self._value,
            "link": self._link,
        }

    def __iter__(self) -> Iterator[Token]:
        while True:
            self._index = self._match(_BLANKS).end()
            if self._index == len(self._text):
                return
            token = self._steps[self._expected]()
            self._index = token.end
            yield token

    def _term(self) -> Token:
        """`*1"not" "(" FILTER ")"`, or the attrPath that a term begins with."""
        if self._text[self._index] == "(":
            return self._open("LPAREN")
        if found := _NOT.match(self._text, self._index):
            return self._token("NOT", found.group(), "term")
        found = _PATH.match(self._text, self._index)
        if found is None:
            raise self._fault(f"an attribute name is due, but {self._place()}")
        return self._token("ATTRNAME", found.group(), "operator")

    def _operator(self) -> Token:
        """`compareOp`, `pr`, or the bracket that opens a value filter."""
        if self._text[self._index] == "[":
            if self._in_brackets:
                raise self._fault("brackets inside brackets are not part of SCIM", within=False)
            self._in_brackets = True
            return self._open("LBRACKET")
        word = self._word()
        operator = word.lower()
        if operator not in OPERATORS:
            raise self._fault(f"'{_short(word)}' is not an operator; use one of {', '.join(OPERATORS)}")
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._fault(f"more than {MAX_TERMS:,} terms; ask in several requests")
        return self._token(operator.upper(), word, "link" if operator == "pr" else "value")

    def _value(self) -> Token:
        """`compValue`, JSON's rules; any other word only where the lexer is a lenient one."""
        if self._text[self._index] == '"':
            return self._quoted()
        word = self._word()
        if word in _CONSTANTS:
            return self._token("COMP_VALUE", word, "link", Constant(_CONSTANTS[word], word))
        if _NUMBER.fullmatch(word):
            return self._token("NUMBER", word, "link", Constant(self._number(word), word))
        if not self._bare_words or word.startswith("'"):
            raise self._fault(
                f"{_short(word)} is not a JSON value: put text in double quotes; true, false and null are lower case"
            )
        self._refuse_unstorable(word)
        return self._token("COMP_VALUE", word, "link", Constant(word, word, bare=True))

    def _link(self) -> Token:
        """What may follow a whole term: `and`, `or`, a closing bracket, `.sub` after a value filter."""
        character = self._text[self._index]
        if character in ")]":
            return self._close(character)
        if self._text[self._index - 1] == "]" and (found := _SUB.match(self._text, self._index)):
            return Token("SUBATTR", found.group(1), self._index, self._move(found.end(), "operator"))
        word = found.group() if (found := _WORD.match(self._text, self._index)) else ""
        if word.lower() not in {"and", "or"}:
            raise self._fault(f"'and' or 'or' is due, but {self._place()}")
        return self._token(word.upper(), word, "term")

    def _open(self, kind: str) -> Token:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault(f"nested deeper than {MAX_DEPTH} levels", within=False)
        return self._token(kind, self._text[self._index], "term")

    def _close(self, character: str) -> Token:
        self._depth -= 1
        if character == "]":
            self._in_brackets = False
        return self._token("RPAREN" if character == ")" else "RBRACKET", character, "link")

    def _quoted(self) -> Token:
        found = _TEXT.match(self._text, self._index)
        if found is None:
            raise self._fault('a text is not closed with ", or has an escape that JSON does not know')
        value = json.loads(found.group())
        self._refuse_unstorable(value)
        return self._token("COMP_VALUE", found.group(), "link", Constant(value, value))

    def _refuse_unstorable(self, value: str) -> None:
        if _UNSTORABLE.search(value):
            raise self._fault("a text holds NUL or half of a surrogate pair")

    def _fault(self, detail: str, *, within: bool | None = None) -> SyntaxFault:
        return SyntaxFault(detail, within=self._in_brackets if within is None else within)

    def _number(self, word: str) -> int | float:
        """An integer of 64 bits or a finite float: what both databases can hold."""
        whole = len(word) <= len("-9223372036854775808") and word.lstrip("-").isdigit()
        number = int(word) if whole else float(word)
        if isinf(number) or (isinstance(number, int) and not -(2**63) <= number < 2**63):
            raise self._fault(f"the number {_short(word)} is out of range")
        return number

    def _word(self) -> str:
        found = _WORD.match(self._text, self._index)
        if found is None:
            due = "a value" if self._expected == "value" else "an operator"
            raise self._fault(f"{due} is due, but {self._place()}")
        return found.group()

    def _token(self, kind: str, text: str, expected: Expected, value: Any = None) -> Token:
        start = self._index
        return Token(kind, text if value is None else value, start, self._move(start + len(text), expected))

    def _move(self, end: int, expected: Expected) -> int:
        self._expected = expected
        return end

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._index)
        assert found is not None
        return found

    def _place(self) -> str:
        return f"'{_short(self._text[self._index :])}' stands there (character {self._index + 1})"


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "..."


def _refuse(_parser: Any, token: Token | None) -> NoReturn:
    if token is None:
        raise SyntaxFault("the text ends too early: a term, value or closing bracket is missing")
    raise SyntaxFault(f"'{_short(str(token.value))}' does not belong at character {token.index + 1}")


def _parser(start: str) -> Any:
    """scim2-filter-parser's own rules under another start symbol, `not` binding before `and` before `or`."""
    namespace = ParserMeta.__prepare__("Parser", (SCIMParser,))
    for name, member in vars(SCIMParser).items():
        if callable(member) and hasattr(member, "rules"):
            # sly chains overloaded rules when a name is set again; these chains are complete already.
            dict.__setitem__(namespace, name, member)
    namespace.update(
        tokens=SCIMParser.tokens,
        start=start,
        precedence=(("left", "OR"), ("left", "AND"), ("right", "NOT")),
        error=_refuse,
        track_positions=False,
        __module__=__name__,
        __qualname__="Parser",
    )
    return ParserMeta("Parser", (SCIMParser,), namespace)


_FilterParser = _parser("filter")
_PathParser = _parser("attr_path")


def parse(text: str, *, start: Literal["filter", "path"]) -> Any:
    """The tree of scim2-filter-parser's `ast` for `text`: literals are Constants, attribute paths whole words.

    Raises SyntaxFault. Every token is read before the parser starts, so that no limit is found out too late; lexer
    and parser are made for this call, because a shared pair gives wrong trees under threads.
    """
    tokens = list(Lexer(text))
    parser = _FilterParser() if start == "filter" else _PathParser()
    return parser.parse(iter(tokens))
