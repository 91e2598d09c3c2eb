"""RFC 7644 section 3.4.2.2: the filter tree, and its reader."""

from dataclasses import dataclass
from typing import Any

from scim2_filter_parser import ast

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.grammar import SyntaxFault, parse
from scim_server.protocol.literals import Constant, read
from scim_server.protocol.normalising import comparable
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.schemas import ResourceType


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator literal`, the operator in lower case, the literal in comparable form (see `normalising`).

    `value` is never None: `eq null` is read as not present, `ne null` as present.
    """

    path: AttributePath
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Present:
    """`path pr`."""

    path: AttributePath


@dataclass(frozen=True, slots=True)
class ValuePath:
    """`path[filter]`: one and the same element satisfies `filter`, whose paths lie under `path`.

    Under a simple multi-valued attribute a path equal to `path` stands for the element itself.
    """

    path: AttributePath
    filter: "Filter"


@dataclass(frozen=True, slots=True)
class Not:
    term: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """Two terms or more, none of them an And."""

    terms: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Two terms or more, none of them an Or."""

    terms: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Never:
    """Holds for no resource."""


Filter = Comparison | Present | ValuePath | Not | And | Or | Never

EQUALITY = frozenset({"eq", "ne"})
_ORDER = frozenset({"gt", "ge", "lt", "le"})
_PARTS = frozenset({"co", "sw", "ew"})

OPERATORS_OF_TYPE = {
    "string": EQUALITY | _ORDER | _PARTS,
    "reference": EQUALITY | _ORDER | _PARTS,
    "binary": EQUALITY | _PARTS,
    "boolean": EQUALITY,
    "integer": EQUALITY | _ORDER,
    "decimal": EQUALITY | _ORDER,
    "dateTime": EQUALITY | _ORDER,
}
"""RFC 7644 table 3, and corner cases C-63 and C-64."""


def parse_filter(text: str, resource_type: ResourceType) -> Filter:
    """The tree of a filter over resources of `resource_type`. Raises InvalidFilter, and nothing else."""
    return Reader(resource_type).read(syntax_of(text))


def syntax_of(text: str) -> Any:
    """The syntax tree of a filter, for a Reader. Raises InvalidFilter."""
    try:
        return parse(text, start="filter")
    except SyntaxFault as fault:
        raise InvalidFilter(f"The filter cannot be read: {fault}.") from fault


class Reader:
    """Turns syntax trees of `grammar` into filters: names resolved, literals typed and normalised.

    `within` is the attribute whose elements a value filter tests; names are its sub-attributes then.
    """

    def __init__(self, resource_type: ResourceType, within: AttributePath | None = None) -> None:
        self._resource_type = resource_type
        self._within = within

    def read(self, node: Any) -> Filter:
        """The filter that a `filter` node stands for. Raises InvalidFilter."""
        if isinstance(node, ast.Filter):
            if node.namespace is not None:
                return self.term(node)
            return _negation(self.read(node.expr)) if node.negated else self.read(node.expr)
        if isinstance(node, ast.LogExpr):
            operator = node.op.lower()
            return _chain(And if operator == "and" else Or, [self.read(term) for term in _terms(node, operator)])
        return self.term(node)

    def term(self, node: Any) -> Filter:
        """One test: a value path or an expression. Raises InvalidFilter."""
        return self._value_path(node) if isinstance(node, ast.Filter) else self._expression(node)

    def compare(self, name: str, operator: str, constant: Constant) -> Filter:
        """`name operator constant`, checked against the attribute's type. Raises InvalidFilter."""
        return self._compare(self._resolve(name), operator, constant)

    def _compare(self, path: AttributePath, operator: str, constant: Constant) -> Filter:
        if constant.value is None:
            if operator not in EQUALITY:
                raise InvalidFilter(f"'{operator}' does not go with null; only eq and ne do.")
            return Not(Present(path)) if operator == "eq" else Present(path)
        path = _with_value(path)
        leaf = path.leaf
        if operator not in OPERATORS_OF_TYPE.get(leaf.type, ()):
            raise InvalidFilter(f"'{operator}' does not go with '{path}', which is of type {leaf.type}.")
        return Comparison(path, operator, _typed(path, constant))

    def _expression(self, node: Any) -> Filter:
        """`attrExp = (attrPath SP "pr") / (attrPath SP compareOp SP compValue)`."""
        name = node.attr_path.attr_name
        if isinstance(name, ast.Filter):
            raise InvalidFilter(
                f"Nothing may follow the bracket of '{name.namespace.attr_name}[...]' in a filter; put the test inside."
            )
        return self._test(self._resolve(name), node)

    def _test(self, path: AttributePath, node: Any) -> Filter:
        operator = node.value.lower()
        if operator == "pr":
            return Present(path)
        return self._compare(path, operator, node.comp_value.value)

    def _value_path(self, bracket: Any) -> Filter:
        """`attrPath "[" valFilter "]"`."""
        path = self._resolve(bracket.namespace.attr_name)
        attribute = path.leaf
        if path.sub is not None or not (attribute.is_complex or attribute.multi_valued):
            raise InvalidFilter(f"'{path}' has no elements, so it takes no brackets.")
        return ValuePath(path, Reader(self._resource_type, within=path).read(bracket.expr))

    def _named(self, name: str) -> AttributePath:
        """The attribute of a resource that `name` names. Raises UnknownAttribute."""
        return resolve(name, self._resource_type)

    def _resolve(self, name: str) -> AttributePath:
        try:
            path = self._named(name) if self._within is None else _under(self._within, name)
            leaf = path.leaf
        except UnknownAttribute as unknown:
            raise InvalidFilter(f"{unknown}; see /Schemas for the names.") from unknown
        if "never" in (leaf.returned, path.attribute and path.attribute.returned):
            raise InvalidFilter(f"'{path}' is never returned and cannot be searched.")
        return path


def _terms(node: Any, operator: str) -> list[Any]:
    """The operands of a chain of one operator, in order. Iterative: a chain is as deep as it is long."""
    terms: list[Any] = []
    pending = [node]
    while pending:
        current = pending.pop()
        while isinstance(current, ast.Filter) and not current.negated and current.namespace is None:
            current = current.expr
        if isinstance(current, ast.LogExpr) and current.op.lower() == operator:
            pending += (current.expr2, current.expr1)
        else:
            terms.append(current)
    return terms


def _chain(joined: type[And] | type[Or], terms: list[Filter]) -> Filter:
    """One node of its kind: a term that is a chain of the same kind (`not (not (a and b))`) is taken apart."""
    flat: list[Filter] = []
    for term in terms:
        flat += term.terms if isinstance(term, joined) else (term,)
    return joined(tuple(flat))


def _negation(term: Filter) -> Filter:
    return term.term if isinstance(term, Not) else Not(term)


def _under(within: AttributePath, name: str) -> AttributePath:
    attribute = within.leaf
    if not attribute.is_complex and name.lower() == "value":
        return within
    sub = attribute.sub(name)
    if sub is None:
        raise UnknownAttribute(f"'{name}' is not a sub-attribute of '{within}'")
    return AttributePath(within.urn, within.attribute, sub)


def _with_value(path: AttributePath) -> AttributePath:
    """A complex attribute alone means its `value` (RFC 7644 figure 2: `emails co "example.com"`)."""
    if not path.leaf.is_complex:
        return path
    value = path.leaf.sub("value")
    if value is None or path.sub is not None:
        raise InvalidFilter(f"'{path}' is complex: name a sub-attribute, for example '{_example(path)}'.")
    return AttributePath(path.urn, path.attribute, value)


def _example(path: AttributePath) -> str:
    subs = path.leaf.sub_attributes
    return f"{path}.{subs[0].name}" if subs else str(path)


def _typed(path: AttributePath, constant: Constant) -> Any:
    """The constant as a comparable value of the attribute. Raises InvalidFilter where the types differ."""
    leaf = path.leaf
    try:
        return comparable(leaf, read(constant, leaf.type))
    except ValueError as unfit:
        raise InvalidFilter(f"'{path}' is of type {leaf.type}: {unfit}.") from unfit
