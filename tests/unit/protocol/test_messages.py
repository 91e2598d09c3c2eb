"""Queries, list answers and errors: RFC 7644 sections 3.4.2 and 3.12."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.messages import MAX_COUNT, Query, error_body, list_response, parse_query, read_search

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def test_a_query_without_parameters_has_the_defaults() -> None:
    assert parse_query({}) == Query()
    assert parse_query({"attributes": " , ", "sortBy": "", "count": " ", "aadOptscim062020": ""}) == Query()


def test_parameters_are_read_as_the_rfc_spells_them() -> None:
    """Blanks and empty items in lists are tolerated (R-7644-3.4.2.5-10)."""
    query = parse_query(
        {
            "filter": 'userName eq "A"',
            "startIndex": "3",
            "count": "7",
            "attributes": "userName, ,emails ",
            "sortBy": "userName",
            "sortOrder": "Descending",
        }
    )
    assert query == Query('userName eq "A"', 3, 7, ("userName", "emails"), (), "userName", "descending")
    assert parse_query({"startindex": "3"}) == Query()


@pytest.mark.parametrize(
    ("text", "start", "count"),
    [
        ("0", 1, 0),
        ("-5", 1, 0),
        ("1", 1, 1),
        ("201", 201, MAX_COUNT),
        ("999999999999999", 999999999999999, MAX_COUNT),
    ],
)
def test_integers_are_brought_into_their_range(text: str, start: int, count: int) -> None:
    """C-87, C-88, quirks 30 and 31."""
    query = parse_query({"startIndex": text, "count": text})
    assert (query.start_index, query.count) == (start, count)


@pytest.mark.parametrize("text", ["x", "1.0", "1e3", "٣", "0x1", "9" * 5000, "1 2"])
def test_what_is_no_integer_is_refused(text: str) -> None:
    """The refusal names the parameter."""
    for name in ("startIndex", "count"):
        with pytest.raises(InvalidValue, match=name):
            parse_query({name: text})


def test_what_contradicts_itself_is_refused() -> None:
    """C-99, also where no resource is found that could be projected."""
    with pytest.raises(InvalidValue, match="exclude each other"):
        parse_query({"attributes": "a", "excludedAttributes": "b"})
    with pytest.raises(InvalidValue, match="sortOrder"):
        parse_query({"sortOrder": "upwards"})


@pytest.mark.covers("R-7644-3.4.2.2-11")
@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_filter_is_no_filter(text: str) -> None:
    with pytest.raises(InvalidFilter, match="leave it out"):
        parse_query({"filter": text})
    with pytest.raises(InvalidFilter, match="leave it out"):
        read_search({"filter": text})


@given(st.dictionaries(st.sampled_from(["startIndex", "count", "filter", "sortOrder", "x"]), st.text()))
def test_whatever_comes_is_a_query_or_refused(args: dict[str, str]) -> None:
    try:
        query = parse_query(args)
    except (InvalidValue, InvalidFilter):
        return
    assert query.start_index >= 1
    assert 0 <= query.count <= MAX_COUNT


def test_a_list_response_counts_what_it_holds() -> None:
    """C-91: itemsPerPage is the number returned, whatever was asked for."""
    assert list_response([{"id": "1"}], 5, 3) == {
        "schemas": [LIST_RESPONSE],
        "totalResults": 5,
        "startIndex": 3,
        "itemsPerPage": 1,
        "Resources": [{"id": "1"}],
    }


def test_a_list_response_without_resources_has_an_empty_list() -> None:
    """C-89, C-90; Okta and Entra read `Resources` of an empty answer."""
    assert list_response([], 0)["Resources"] == []
    assert list_response([], 5)["Resources"] == []


def test_an_error_has_its_status_as_text() -> None:
    """RFC 7644 section 3.12, quirk 65."""
    assert error_body(409, "uniqueness", "taken") == {
        "schemas": [ERROR],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "taken",
    }
    assert error_body(404, None, "gone") == {"schemas": [ERROR], "status": "404", "detail": "gone"}
