"""Reads the part of PromQL that rules and dashboards use, as strictly as promtool: what is not known is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

AGGREGATIONS = frozenset({"sum", "min", "max", "avg", "count", "topk", "bottomk"})
OVER_RANGES = frozenset({"rate", "increase", "irate", "delta", "max_over_time", "avg_over_time"})
FUNCTIONS = frozenset({"histogram_quantile", "time", "clamp_min", "clamp_max", "absent", "abs", *OVER_RANGES})
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "unless": 2,
    **dict.fromkeys(("==", "!=", "<=", ">=", "<", ">"), 3),
    "+": 4,
    "-": 4,
    **dict.fromkeys(("*", "/", "%"), 5),
}
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<duration>\[[0-9]+[smhdw]\])|(?P<number>[0-9]+(?:\.[0-9]+)?)"""
    r"""|(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>=~|!~|==|!=|<=|>=|[-+*/%<>=(){},]))"""
)
MATCHERS = frozenset({"=", "!=", "=~", "!~"})


class BadQuery(Exception):
    """What was read cannot be understood."""


@dataclass(frozen=True)
class Selector:
    """One use of a metric: matchers by label, the labels that what is around it keeps, and the call it stands in."""

    metric: str
    matchers: dict[str, str]
    kept: frozenset[str]
    within: str | None
    is_range: bool


@dataclass
class Query:
    """The query, token by token."""

    text: str
    selectors: list[Selector] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tokens = list(self._read())
        self._place = 0
        self._expression(0, frozenset(), None)
        if self._place != len(self._tokens):
            raise BadQuery(f"{self.text!r} goes on with {self._peek()!r}")

    def _read(self) -> Iterator[tuple[str, str]]:
        place = 0
        while self.text[place:].strip():
            found = TOKEN.match(self.text, place)
            if found is None:
                raise BadQuery(f"{self.text[place:]!r} begins with nothing known")
            kind = str(found.lastgroup)
            yield kind, found[kind]
            place = found.end()

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._place][0] if self._place < len(self._tokens) else ""

    def _next(self, *wanted: str) -> str:
        token = self._peek()
        if not token or (wanted and token not in wanted):
            raise BadQuery(f"{self.text!r} has {token!r} for one of {wanted}")
        self._place += 1
        return token

    def _expression(self, least: int, kept: frozenset[str], within: str | None) -> None:
        self._operand(kept, within)
        while PRECEDENCE.get(self._peek(), -1) >= max(least, 0):
            operator = self._next()
            self._expression(PRECEDENCE[operator] + 1, kept, within)

    def _operand(self, kept: frozenset[str], within: str | None) -> None:
        if self._peek() == "(":
            self._next("(")
            self._expression(0, kept, within)
            self._next(")")
        elif self._kind() == "number":
            self._next()
        elif self._peek() in AGGREGATIONS:
            self._aggregation(kept)
        elif self._kind() == "word":
            self._word(kept, within)
        else:
            raise BadQuery(f"{self.text!r} has no operand at {self._peek()!r}")

    def _aggregation(self, kept: frozenset[str]) -> None:
        name = self._next()
        labels = self._labels() if self._peek() == "by" else kept if name in {"topk", "bottomk"} else frozenset()
        self._next("(")
        if name in {"topk", "bottomk"}:
            self._operand(kept, None)
            self._next(",")
        self._expression(0, kept | labels, name)
        self._next(")")

    def _labels(self) -> frozenset[str]:
        self._next("by")
        self._next("(")
        found = [self._next()]
        while self._next(",", ")") == ",":
            found.append(self._next())
        return frozenset(found)

    def _word(self, kept: frozenset[str], within: str | None) -> None:
        name = self._next()
        if self._peek() == "(":
            self._call(name, kept)
            return
        matchers = self._matchers() if self._peek() == "{" else {}
        is_range = self._kind() == "duration"
        if is_range:
            self._next()
        self.selectors.append(Selector(name, matchers, kept, within, is_range))

    def _call(self, name: str, kept: frozenset[str]) -> None:
        if name not in FUNCTIONS:
            raise BadQuery(f"{self.text!r} calls {name}, which is no function that is known")
        self._next("(")
        while self._peek() != ")":
            self._expression(0, kept, name)
            if self._peek() != ")":
                self._next(",")
        self._next(")")

    def _matchers(self) -> dict[str, str]:
        self._next("{")
        found = {}
        while self._peek() != "}":
            label, operator = self._next(), self._next(*MATCHERS)
            if self._kind() != "string":
                raise BadQuery(f"{self.text!r} compares {label} to what is no string")
            found[label] = self._next()[1:-1]
            if operator in {"=~", "!~"}:
                re.compile(found[label])
            if self._peek() != "}":
                self._next(",")
        self._next("}")
        return found
