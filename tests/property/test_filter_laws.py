"""The laws of logic hold for filters in both databases, whatever they are about (docs/security.md, D5)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from scim_server.protocol.normalising import search_copy
from tests.examples import long_run
from tests.property.test_filters import DOCUMENT_ONLY, THING, WITH_COLUMNS, databases, documents, filters, found, store

__all__ = ["databases"]


LAWS = (
    ("({0}) or not ({0})", "({1}) or not ({1})"),
    ("({0}) and not ({0})", "({1}) and not ({1})"),
    ("not (({0}) or ({1}))", "not ({0}) and not ({1})"),
    ("not (({0}) and ({1}))", "not ({0}) or not ({1})"),
    ("({0}) or ({1})", "({1}) OR ({0})"),
    ("({0}) AND ({1})", "({1}) and ({0})"),
    ("(({0}))", "NOT (not ({0}))"),
    ("({0}) or ({0}) and ({1})", "({0}) and (({0}) or ({1}))"),
)
"""Pairs of filters that find the same, whatever the two in their places are."""


@long_run
@given(
    bodies=st.lists(documents, min_size=1, max_size=6),
    one=filters,
    other=filters,
    law=st.sampled_from(LAWS),
    columns=st.sampled_from([DOCUMENT_ONLY, WITH_COLUMNS]),
)
def test_the_laws_of_logic_hold_for_filters(
    databases: list[Connection], bodies: list[dict[str, Any]], one: str, other: str, law: tuple[str, str], columns: Any
) -> None:
    """Excluded middle and contradiction, De Morgan, brackets, double negation, absorption, the case of operators."""
    searches = [search_copy(body, THING) for body in bodies]
    for connection in databases:
        store(connection, searches)
        left, right = (found(connection, side.format(one, other), columns) for side in law)
        assert left == right
        if law is LAWS[0]:
            assert left == set(range(len(searches)))
        elif law is LAWS[1]:
            assert left == set()
