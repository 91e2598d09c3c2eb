"""A filter has one meaning: in memory, on SQLite and on PostgreSQL, through columns and through the search copy."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    create_engine,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from scim_server.protocol.cursors import Position
from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.filters import parse_filter
from scim_server.protocol.matching import element_matches, matches
from scim_server.protocol.normalising import search_copy
from scim_server.protocol.paths import AttributePath, resolve
from scim_server.protocol.registry import COMMON_URN, build
from scim_server.store.filtering import Columns, ElementTable, condition
from scim_server.store.keysets import Order, order_of, position_of
from scim_server.store.sorting import order_by
from tests.databases import Fresh, drop
from tests.examples import long_run

EXTENSION = "urn:example:schemas:it's%20:2.0:Thing"

LEAVES: list[dict[str, Any]] = [
    {"name": "folded", "type": "string"},
    {"name": "exact", "type": "string", "caseExact": True},
    {"name": "flag", "type": "boolean"},
    {"name": "whole", "type": "integer"},
    {"name": "decimal", "type": "decimal"},
    {"name": "moment", "type": "dateTime"},
    {"name": "data", "type": "binary"},
    {"name": "link", "type": "reference"},
]
SUBS = [
    {"name": "value", "type": "string"},
    {"name": "type", "type": "string"},
    {"name": "primary", "type": "boolean"},
    {"name": "number", "type": "decimal"},
    {"name": "tags", "type": "string", "multiValued": True},
]
ATTRIBUTES = [
    *LEAVES,
    {"name": "userName", "type": "string", "uniqueness": "server"},
    {"name": "words", "type": "string", "multiValued": True},
    {"name": "flags", "type": "boolean", "multiValued": True},
    {"name": "numbers", "type": "integer", "multiValued": True},
    {"name": "single", "type": "complex", "subAttributes": [*LEAVES, SUBS[-1]]},
    {"name": "emails", "type": "complex", "multiValued": True, "subAttributes": SUBS},
    {"name": "parts", "type": "complex", "multiValued": True, "subAttributes": SUBS},
]
THING = build(
    schemas=[
        {"id": COMMON_URN, "name": "Common", "attributes": []},
        {"id": "urn:example:Thing", "name": "Thing", "attributes": ATTRIBUTES},
        {"id": EXTENSION, "name": "Extra", "attributes": [{"name": "extra"}, *ATTRIBUTES[-2:]]},
    ],
    messages=[],
    resource_types=[
        {
            "name": "Thing",
            "endpoint": "/Things",
            "schema": "urn:example:Thing",
            "schemaExtensions": [{"schema": EXTENSION, "required": False}],
        }
    ],
).resource_type("Thing")

metadata = MetaData()
BYTES = Text().with_variant(Text(collation="C"), "postgresql")
things = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("folded", BYTES),
    Column("flag", Boolean),
    Column("search", JSON().with_variant(JSONB(), "postgresql")),
)
thing_emails = Table(
    "thing_emails",
    metadata,
    Column("thing_id", Integer),
    Column("position", Integer),
    Column("value", BYTES),
    Column("type", BYTES),
)
thing_parts = Table(
    "thing_parts",
    metadata,
    Column("thing_id", Integer),
    *(Column(sub["name"], Boolean if sub["type"] == "boolean" else BYTES) for sub in SUBS[:3]),
)

DOCUMENT_ONLY = Columns(search=things.c.search)
WITH_COLUMNS = Columns(
    search=things.c.search,
    simple={("folded",): things.c.folded, ("flag",): things.c.flag},
    elements={
        ("emails",): ElementTable(
            thing_emails,
            thing_emails.c.thing_id == things.c.id,
            thing_emails.c.thing_id,
            things.c.id,
            {"value": thing_emails.c.value, "type": thing_emails.c.type},
            in_document=True,
        )
    },
)
PARTS_APART = Columns(
    search=things.c.search,
    elements={
        ("parts",): ElementTable(
            thing_parts,
            thing_parts.c.thing_id == things.c.id,
            thing_parts.c.thing_id,
            things.c.id,
            {column.name: column for column in thing_parts.c if column.name != "thing_id"},
        )
    },
    computed=frozenset({("parts",), ("single", "link")}),
)

TEXTS = [
    *("", "a", "A", "b", "ab", "AB", "aba", "a_", "%", "a%b", "\\", "a\\b", "'", '"', "work", "Work", "*", "a b"),
    *(
        "é",
        "É",
        "e\u0301",
        "ß",
        "ss",
        "SS",
        "ﬀ",
        "İ",
        "i\u0307",
        "Σ",
        "ς",
        "Ａ",
        "😀",
        "\ud7ff",
        "\ue000",
        "\U0010ffff",
    ),
]
texts = st.sampled_from(TEXTS) | st.lists(st.sampled_from(TEXTS), max_size=3).map("".join)
MOMENTS = [
    *("2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00"),
    *("2026-01-01T00:00:00.5Z", "2025-12-31T23:59:59.999999Z", "0099-06-01T12:00:00-05:00", "9999-12-31T23:59:59Z"),
]
whole_numbers = st.integers(-3, 3) | st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1])
decimals = whole_numbers | st.sampled_from([0.1, 0.5, -1.5, 1e22, 1e-7, 2.0, 0.30000000000000004, 1e300])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": texts,
    "reference": texts,
    "binary": texts,
    "boolean": st.booleans(),
    "integer": whole_numbers,
    "decimal": decimals,
    "dateTime": st.sampled_from(MOMENTS),
}
OPERATORS = {
    "string": ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    "reference": ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
    "binary": ["eq", "ne", "co", "sw", "ew"],
    "boolean": ["eq", "ne"],
    "integer": ["eq", "ne", "gt", "ge", "lt", "le"],
    "decimal": ["eq", "ne", "gt", "ge", "lt", "le"],
    "dateTime": ["eq", "ne", "gt", "ge", "lt", "le"],
}


def objects_of(definitions: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {definition["name"]: values_of(definition) for definition in definitions}
    return st.fixed_dictionaries({}, optional=optional)


def values_of(definition: dict[str, Any]) -> st.SearchStrategy[Any]:
    subs = definition.get("subAttributes")
    one = objects_of(subs) if subs else VALUES[definition["type"]]
    return st.lists(one, max_size=3) if definition.get("multiValued") else one


documents = st.builds(
    lambda core, extra: {**core, EXTENSION: extra} if extra is not None else core,
    objects_of(ATTRIBUTES),
    st.none() | objects_of([{"name": "extra", "type": "string"}, *ATTRIBUTES[-2:]]),
)


def comparisons(name: str, definition: dict[str, Any]) -> st.SearchStrategy[str]:
    kind = definition["type"]
    compared = st.builds(
        lambda operator, value: f"{name} {operator} {json.dumps(value)}",
        st.sampled_from(OPERATORS[kind]),
        VALUES[kind],
    )
    return compared | st.sampled_from([f"{name} pr", f"{name} eq null", f"{name} ne null"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner.map("not ({})".format),
        inner.map("({})".format),
        st.lists(inner, min_size=2, max_size=3).map(" and ".join),
        st.lists(inner, min_size=2, max_size=3).map(" or ".join),
    )


def joined(terms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(terms, grown, max_leaves=5)


def terms_of(definition: dict[str, Any], prefix: str = "") -> list[st.SearchStrategy[str]]:
    name = prefix + definition["name"]
    subs = definition.get("subAttributes")
    if not subs:
        plain = [comparisons(name, definition)]
        bracketed = comparisons("value", definition)
    else:
        plain = [st.just(f"{name} pr"), *(comparisons(f"{name}.{sub['name']}", sub) for sub in subs)]
        plain += [comparisons(name, sub) for sub in subs if sub["name"] == "value"]
        bracketed = st.one_of(*(comparisons(sub["name"], sub) for sub in subs))
    if subs or definition.get("multiValued"):
        plain.append(joined(bracketed).map(f"{name}[{{}}]".format))
    return plain


EXTENDED = [{"name": "extra", "type": "string"}, *ATTRIBUTES[-2:]]
TERMS = [
    *(term for definition in ATTRIBUTES for term in terms_of(definition)),
    *(term for definition in EXTENDED for term in terms_of(definition, f"{EXTENSION}:")),
]

filters = joined(st.one_of(*TERMS))


@pytest.fixture(scope="module")
def databases(postgresql_databases: Fresh) -> Iterator[list[Connection]]:
    """A connection to a database of each kind that holds the tables of this file."""
    url = postgresql_databases()
    engines = [create_engine("sqlite://"), create_engine(url)]
    with engines[0].connect() as one, engines[1].connect() as other:
        for connection in (one, other):
            metadata.create_all(connection)
            connection.commit()
        yield [one, other]
    for engine in engines:
        engine.dispose()
    drop(url)


def store(connection: Connection, searches: list[dict[str, Any]]) -> None:
    """Nothing is ever committed: what an earlier example stored goes with its transaction, whatever became of that."""
    connection.rollback()
    rows = _rows(searches)
    emails = [
        {"thing_id": number, "value": element["value"], "type": element.get("type")}
        for number, search in enumerate(searches)
        for element in search.get("emails", [])
        if element.get("value")
    ]
    parts = [
        {"thing_id": number, **{name: element.get(name) for name in ("value", "type", "primary")}}
        for number, search in enumerate(searches)
        for element in search.get("parts", [])
    ]
    for table, values in ((things, rows), (thing_emails, emails), (thing_parts, parts)):
        if values:
            connection.execute(insert(table), values)


def _rows(searches: list[dict[str, Any]], first: int = 0) -> list[dict[str, Any]]:
    return [
        {"id": number, "folded": search.get("folded"), "flag": search.get("flag"), "search": search}
        for number, search in enumerate(searches, first)
    ]


def found(connection: Connection, text: str, columns: Columns) -> set[int]:
    tree = parse_filter(text, THING)
    return set(connection.execute(select(things.c.id).where(condition(tree, THING, columns))).scalars())


@pytest.mark.covers(
    "R-7644-3.4.2.2-01", "R-7644-3.4.2.2-02", "R-7644-3.4.2.2-07", "R-7644-3.4.2.2-17", "R-7644-3.4.2.2-26"
)
@long_run
@given(bodies=st.lists(documents, min_size=1, max_size=6), texts=st.lists(filters, min_size=1, max_size=6))
def test_every_evaluator_finds_the_same_resources(
    databases: list[Connection], bodies: list[dict[str, Any]], texts: list[str]
) -> None:
    agree(databases, bodies, texts, DOCUMENT_ONLY, WITH_COLUMNS)


def agree(databases: list[Connection], bodies: list[dict[str, Any]], texts: list[str], *ways: Columns) -> None:
    """Whatever way a database takes, it finds what is found in memory."""
    searches = [search_copy(body, THING) for body in bodies]
    for connection in databases:
        store(connection, searches)
    for text in texts:
        tree = parse_filter(text, THING)
        expected = {number for number, search in enumerate(searches) if matches(tree, search)}
        for connection in databases:
            for columns in ways:
                assert found(connection, text, columns) == expected, (text, connection.dialect.name, columns)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('exact co "%"', ["100%"]),
        ('exact co "_"', ["a_b", "a_"]),
        ('exact sw "a_"', ["a_b", "a_"]),
        ('exact ew "_"', ["a_"]),
        ('exact ew "%"', ["100%"]),
        ('exact co "\\\\"', ["a\\b"]),
        ('exact ew "\\\\b"', ["a\\b"]),
        ('exact sw "A"', ["AB"]),
        ('exact co "B"', ["AB"]),
        ('exact ew "b"', ["a_b", "a\\b", "acb", "b"]),
        ('exact gt "a"', ["a_b", "a_", "a\\b", "acb", "b", "é", "\ud7ffx"]),
        ('exact lt "B"', ["AB", "100%"]),
        ('exact sw "\ud7ff"', ["\ud7ffx"]),
        ('exact ne "b"', ["AB", "100%", "a_b", "a_", "a\\b", "acb", "é", "\ud7ffx"]),
        ('not (exact gt "B")', ["AB", "100%"]),
    ],
)
def test_texts_are_compared_byte_by_byte_and_wildcards_mean_nothing(
    databases: list[Connection], text: str, values: list[str]
) -> None:
    stored = ["a_b", "a_", "a\\b", "acb", "AB", "100%", "b", "é", "\ud7ffx"]
    for connection in databases:
        store(connection, [{"exact": value} for value in stored])
        assert {stored[number] for number in found(connection, text, DOCUMENT_ONLY)} == set(values)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("emails.primary eq false", {0, 2}),
        ("emails[primary eq false]", {0, 2}),
        ("emails[primary ne true]", {0, 2}),
        ("emails[primary ne false]", {1}),
        ('emails.type eq "a"', {0, 2}),
        ('emails[type eq "a"]', {0, 2}),
        ('emails[type eq "a" and not (value pr)]', {0, 2}),
        ('emails[type eq "a" and value lt "b"]', {2}),
        ('emails.value eq ""', {2}),
        ('emails[type eq "a" or value eq "v"]', {0, 1, 2}),
        ('emails.value ne "v"', {0, 2, 3}),
        ('emails[value eq "v" and type ne "a"]', {1}),
        ("emails pr", {0, 1, 2}),
    ],
)
def test_elements_without_a_value_are_found_though_their_table_lacks_them(
    databases: list[Connection], text: str, numbers: set[int]
) -> None:
    elements: list[list[dict[str, Any]]] = [
        [{"type": "a"}],
        [{"value": "v", "primary": True}],
        [{"type": "a", "value": ""}],
        [],
    ]
    for connection in databases:
        store(connection, [{"emails": each} for each in elements])
        for columns in (DOCUMENT_ONLY, WITH_COLUMNS):
            assert found(connection, text, columns) == numbers


apart_terms = st.one_of(
    *(comparisons(f"parts.{sub['name']}", sub) for sub in SUBS[:3]),
    joined(st.one_of(*(comparisons(sub["name"], sub) for sub in SUBS[:3]))).map("parts[{}]".format),
)


@long_run
@given(
    bodies=st.lists(
        st.fixed_dictionaries({}, optional={"parts": st.lists(objects_of(SUBS[:3]), max_size=3)}), max_size=6
    ),
    texts=st.lists(joined(apart_terms), min_size=1, max_size=6),
)
def test_elements_kept_in_a_table_alone_are_found_like_those_in_a_document(
    databases: list[Connection], bodies: list[dict[str, Any]], texts: list[str]
) -> None:
    agree(databases, bodies, texts, PARTS_APART)


@long_run
@given(
    elements=st.lists(objects_of(SUBS), min_size=1, max_size=4),
    text=joined(st.one_of(*(comparisons(sub["name"], sub) for sub in SUBS))),
)
def test_a_value_path_holds_where_one_raw_element_satisfies_its_filter(
    elements: list[dict[str, Any]], text: str
) -> None:
    tree = parse_filter(f"parts[{text}]", THING)
    path = resolve("parts", THING)
    expected = any(element_matches(tree.filter, path.leaf, element) for element in elements)
    assert matches(tree, search_copy({"parts": elements}, THING)) is expected


SORTABLE = ["folded", "exact", "flag", "whole", "moment", "words", "numbers", "single.folded", "single.tags", "emails"]


def sort_value(path: AttributePath, search: dict[str, Any]) -> Any:
    value = search.get(path.attribute.name)
    if path.attribute.multi_valued and value:
        chosen = next((each for each in value if isinstance(each, dict) and each.get("primary")), value[0])
        return chosen.get("value") if isinstance(chosen, dict) else chosen
    if path.sub is not None:
        value = (value or {}).get(path.sub.name)
        return value[0] if isinstance(value, list) and value else (value or None) if path.sub.multi_valued else value
    return value if value != [] else None


@long_run
@given(bodies=st.lists(documents, min_size=2, max_size=8), name=st.sampled_from(SORTABLE), ascending=st.booleans())
def test_sorting_puts_missing_values_last_ascending_and_first_descending(
    databases: list[Connection], bodies: list[dict[str, Any]], name: str, ascending: bool
) -> None:
    searches = [search_copy(body, THING) for body in bodies]
    path = resolve(name, THING)
    values = {number: sort_value(path, search) for number, search in enumerate(searches)}
    present = sorted((number for number in values if values[number] is not None), key=lambda each: values[each])
    missing = [number for number in values if values[number] is None]
    ordered = [values[number] for number in (present if ascending else present[::-1])]
    expected = [*ordered, *(None for _ in missing)] if ascending else [*(None for _ in missing), *ordered]
    for connection in databases:
        store(connection, searches)
        for columns in (DOCUMENT_ONLY, WITH_COLUMNS):
            rows = connection.execute(select(things.c.id).order_by(*order_by(path, ascending, columns)))
            assert [values[number] for number in rows.scalars()] == expected


KEYED = [*SORTABLE, "decimal", "single.decimal", "data", "link", "flags", "parts.number", f"{EXTENSION}:extra"]
AS_TEXT = cast(things.c.id, Text()).label("id")


def walked(connection: Connection, order: Order, start: Position | None) -> list[str]:
    """The ids on the pages of a walk, two to a page."""
    ids: list[str] = []
    while True:
        page = select(AS_TEXT, order.shown()).order_by(*order.terms()).limit(2)
        rows = connection.execute(page if start is None else page.where(order.beyond(start))).mappings().all()
        if not rows:
            return ids
        ids += [row["id"] for row in rows]
        start = position_of(rows[-1], backward=not order.forward)


@pytest.mark.covers("R-9865-2.2-01", "R-9865-2-12")
@long_run
@given(
    bodies=st.lists(documents, min_size=1, max_size=9),
    name=st.none() | st.sampled_from(KEYED),
    ascending=st.booleans(),
    gone=st.integers(0, 8),
)
def test_a_walk_by_keyset_is_the_sorted_list_from_any_place_in_both_directions(
    databases: list[Connection], bodies: list[dict[str, Any]], name: str | None, ascending: bool, gone: int
) -> None:
    """Also beyond a place whose resource is gone."""
    path = None if name is None else resolve(name, THING)
    for connection in databases:
        store(connection, [search_copy(body, THING) for body in bodies])
        for columns in (DOCUMENT_ONLY, WITH_COLUMNS):
            order = order_of(
                path, path, replace(columns, simple={**columns.simple, ("id",): AS_TEXT.element}), ascending
            )
            rows = connection.execute(select(AS_TEXT, order.shown()).order_by(*order.terms())).mappings().all()
            listed = [row["id"] for row in rows]
            assert walked(connection, order, None) == listed
            backward = replace(order, forward=False)
            assert walked(connection, backward, None) == listed[::-1]
            at = gone % len(rows)
            connection.execute(things.delete().where(things.c.id == int(listed[at])))
            assert walked(connection, order, position_of(rows[at], backward=False)) == listed[at + 1 :]
            assert walked(connection, backward, position_of(rows[at], backward=True)) == listed[:at][::-1]
            connection.execute(insert(things), _rows([search_copy(bodies[int(listed[at])], THING)], int(listed[at])))


def nested(depth: int, innermost: str) -> str:
    """`depth` groups inside each other, the inner one always last."""
    text = innermost
    for level in range(depth):
        kept = 'not (folded eq "x"' if level % 3 == 0 else "(exact pr"
        text = f"{kept} {'and' if level % 2 else 'or'} {text})"
    return text


def doubled(depth: int) -> str:
    """A full binary tree of `depth` levels."""
    if depth == 0:
        return "folded pr"
    half = doubled(depth - 1)
    return f"({half} {'and' if depth % 2 else 'or'} {half})"


@pytest.mark.parametrize(
    "text",
    [
        nested(50, "folded pr"),
        nested(41, doubled(8)),
        nested(48, 'emails[type eq "a" or (type eq "b" and value pr)]'),
        doubled(9),
        " or ".join(["folded pr"] * 1_000),
        " and ".join([f'(exact eq "{number}" or emails.value ne "x")' for number in range(300)]),
    ],
    ids=["deep", "deep and wide", "deep with brackets", "tree", "long", "long and mixed"],
)
def test_the_largest_filters_allowed_run_on_both_databases(databases: list[Connection], text: str) -> None:
    searches = [{"folded": "x", "exact": "1", "emails": [{"type": "a", "value": "v"}]}, {}]
    tree = parse_filter(text, THING)
    expected = {number for number, search in enumerate(searches) if matches(tree, search)}
    for connection in databases:
        store(connection, searches)
        assert found(connection, text, DOCUMENT_ONLY) == expected


@pytest.mark.parametrize(
    "text",
    ["parts.number gt 1", 'parts.tags eq "x"', "parts[number pr]", 'single.link eq "x"', 'single[not (link eq "x")]'],
)
def test_what_neither_document_nor_table_holds_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidFilter, match=r"parts|single\.link"):
        condition(parse_filter(text, THING), THING, PARTS_APART)


def test_texts_below_the_search_copy_ask_for_bytes_whatever_the_database_sorts_by() -> None:
    tree = parse_filter('exact gt "a" and single.exact lt "b" and emails[type ge "c"] and words le "d"', THING)
    sql = str(select(things.c.id).where(condition(tree, THING, DOCUMENT_ONLY)).compile(dialect=postgresql.dialect()))
    assert sql.count('COLLATE "C"') == 4


def test_filters_that_differ_in_values_alone_share_one_compiled_statement() -> None:
    shape = 'emails[type eq "{0}" and value sw "{0}"] or folded co "{0}" or single.decimal gt 1'
    trees = [parse_filter(shape.format(value), THING) for value in ("a", "b%")]
    first, second = (select(things).where(condition(tree, THING, DOCUMENT_ONLY)) for tree in trees)
    assert first._generate_cache_key().key == second._generate_cache_key().key


def test_presence_of_a_complex_value_does_without_the_part_that_is_made_on_reading() -> None:
    sql = str(condition(parse_filter("single pr", THING), THING, PARTS_APART).compile(dialect=sqlite.dialect()))
    assert "folded" in sql
    assert "link" not in sql


@pytest.mark.parametrize("name", ["single", "single.link", "parts", EXTENSION])
def test_what_has_no_order_is_refused(name: str) -> None:
    with pytest.raises(InvalidValue):
        order_by(resolve(name, THING), True, PARTS_APART)
