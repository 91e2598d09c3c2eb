"""Faults of filters (RFC 7644 section 3.4.2.2) as they are read."""

import re
from types import SimpleNamespace
from typing import Any

from sly.yacc import ParserMeta

from scim_server.protocol import filters, grammar, matching, paths
from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import And, Comparison, Present, Reader, ValuePath
from scim_server.protocol.paths import AttributePath, resolve
from scim_server.protocol.schemas import ResourceType
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import replace_function, wrap_method

area = Area("filters")


def _ranked(patch: Patch, *precedence: tuple[str, ...]) -> None:
    """Let the parsers of filters and paths have another precedence."""

    class Ranked(ParserMeta):
        def __new__(cls, name: str, bases: Any, namespace: Any) -> Any:
            namespace.update(precedence=(*precedence, ("right", "NOT")))
            return super().__new__(cls, name, bases, namespace)

    patch.setattr(grammar, "ParserMeta", Ranked)
    patch.setattr(grammar, "_FilterParser", grammar._parser("filter"))
    patch.setattr(grammar, "_PathParser", grammar._parser("attr_path"))


@area.fault("one-level", "`and` and `or` bind alike, from left to right.", "filter.and-before-or")
def one_level(patch: Patch) -> None:
    _ranked(patch, ("left", "OR", "AND"))


@area.fault(
    "or-first",
    "`or` binds stronger than `and`.",
    "filter.and-before-or filter.and-before-or-last filter.and-before-or-both filter.value-path-precedence "
    "patch-path.element-precedence",
)
def or_first(patch: Patch) -> None:
    _ranked(patch, ("left", "AND"), ("left", "OR"))


@area.fault(
    "case-counts",
    "Literals are compared in the letter case they are written in, whatever caseExact says.",
    "filter.eq-ignores-case filter.sw-ignores-case filter.co-ignores-case filter.ew-ignores-case",
)
def case_counts(patch: Patch) -> None:
    original = filters.comparable
    patch.setattr(filters, "comparable", lambda leaf, value: value if leaf.type == "string" else original(leaf, value))


@area.fault(
    "text-dates",
    "A dateTime is compared as the text that the client wrote.",
    "filter.instant-offset filter.instant-order",
)
def text_dates(patch: Patch) -> None:
    original = filters.comparable
    patch.setattr(
        filters, "comparable", lambda leaf, value: value if leaf.type == "dateTime" else original(leaf, value)
    )


@area.fault(
    "unknown-empty",
    "A filter on an unknown attribute is answered with an empty list.",
    "bad-filter.unknown bad-filter.unknown-pr bad-filter.unknown-part bad-filter.unknown-urn bad-filter.unknown-in-or "
    "bad-filter.unknown-negated",
)
def unknown_empty(patch: Patch) -> None:
    def resolved(original: Any, reader: Any, name: str) -> AttributePath:
        try:
            path: AttributePath = original(reader, name)
        except InvalidFilter:
            return resolve("id", reader._resource_type)
        return path

    wrap_method(patch, Reader, "_resolve", resolved)


@area.fault(
    "word-dropped",
    "A filter that cannot be read is ignored: all resources come.",
    "bad-filter.missing-operand bad-filter.unknown-operator bad-filter.open-quote search.bad-filter",
)
def word_dropped(patch: Patch) -> None:
    def parsed(original: Any, text: str, **named: Any) -> Any:
        try:
            return original(text, **named)
        except grammar.SyntaxFault:
            return original("id pr", **named)

    wrap_method(patch, filters, "parse", parsed)


@area.fault(
    "words-in-texts",
    "The words `and` and `or` inside a quoted text are taken for operators.",
    "filter.database-words filter.parenthesis-in-text",
)
def words_in_texts(patch: Patch) -> None:
    split = re.compile(r'"([^"]*?) (and|or) ([^"]*?)"')
    inside = re.compile(r'"([^" ]+)\) or \(([^"]+)"')

    def parsed(original: Any, text: str, **named: Any) -> Any:
        return original(inside.sub(r'"\1") or ("\2"', split.sub(r'"\1" \2 "\3"', text)), **named)

    wrap_method(patch, filters, "parse", parsed)


@area.fault(
    "raw-escapes",
    "Escapes in a quoted text are not decoded.",
    "filter.escaped-quote filter.escaped-character filter.backslash",
)
def raw_escapes(patch: Patch) -> None:
    patch.setattr(grammar, "json", SimpleNamespace(loads=lambda quoted: quoted[1:-1]))


@area.fault("null-present", "`eq null` finds who has a value, not who has none.", "filter.eq-null")
def null_present(patch: Patch) -> None:
    def compared(original: Any, reader: Any, path: AttributePath, operator: str, constant: Any) -> Any:
        if constant.value is None:
            return Present(path)
        return original(reader, path, operator, constant)

    wrap_method(patch, Reader, "_compare", compared)


@area.fault(
    "boolean-order",
    "Booleans can be ordered and searched for parts.",
    "bad-filter.boolean-gt bad-filter.boolean-le",
)
def boolean_order(patch: Patch) -> None:
    patch.setitem(filters.OPERATORS_OF_TYPE, "boolean", filters.OPERATORS_OF_TYPE["string"])


@area.fault(
    "boolean-texts",
    "A literal of another type than the attribute is compared as text, and finds nobody.",
    "bad-filter.boolean-word bad-filter.boolean-number bad-filter.date-word bad-filter.date-number "
    "bad-filter.date-impossible",
)
def boolean_texts(patch: Patch) -> None:
    def typed(original: Any, path: AttributePath, constant: Any) -> Any:
        try:
            return original(path, constant)
        except InvalidFilter:
            return False if path.leaf.type == "boolean" else str(constant.text)

    wrap_method(patch, filters, "_typed", typed)


@area.fault(
    "names-exact",
    "Attribute names must be written as the schema has them.",
    "filter.name-in-capitals attribute.any-case sort.name-in-capitals project.attributes-capitals patch-path.capitals",
)
def names_exact(patch: Patch) -> None:
    def found(kind: Any, name: str) -> Any:
        return next((each for each in (*kind.common, *kind.schema.attributes) if each.name == name), None)

    patch.setattr(ResourceType, "attribute", found)


@area.fault(
    "no-urns",
    "A filter does not understand attribute names with the URN of their schema.",
    "filter.qualified filter.qualified-in-capitals filter.qualified-part filter.extension",
)
def no_urns(patch: Patch) -> None:
    patch.setattr(filters, "resolve", lambda text, kind: resolve(text.partition(":")[0], kind))


@area.fault(
    "urn-dot",
    "The dot in a URN's version is taken for the one before a sub-attribute.",
    "filter.qualified-part patch-path.qualified-part",
)
def urn_dot(patch: Patch) -> None:
    def resolved(text: str, kind: ResourceType) -> AttributePath:
        if text.lower().startswith("urn:") and text.rpartition(":")[2].count("."):
            raise paths.UnknownAttribute(f"'{text}' is not an attribute of {kind.name}")
        return resolve(text, kind)

    replace_function(patch, resolve, resolved)


@area.fault(
    "one-element-always",
    "Terms on one list joined by `and` must hold for the same element, brackets or not.",
    "filter.different-elements",
)
def one_element_always(patch: Patch) -> None:
    def read(original: Any, reader: Any, node: Any) -> Any:
        found = original(reader, node)
        return found if reader._within is not None or not isinstance(found, And) else _gathered(found)

    wrap_method(patch, Reader, "read", read)


def _gathered(node: And) -> And:
    lists = [each for each in node.terms if isinstance(each, Comparison) and each.path.attribute.multi_valued]
    if len(lists) < 2:
        return node
    path = AttributePath(lists[0].path.urn, lists[0].path.attribute)
    return And((*(each for each in node.terms if each not in lists), ValuePath(path, And(tuple(lists)))))


@area.fault(
    "primary-unset",
    "An element without `primary` is neither primary nor not.",
    "filter.primary-missing",
    databases=("sqlite", "postgresql"),
)
def primary_unset(patch: Patch) -> None:
    replace_function(patch, matching.is_primary, lambda path: False)
