"""RFC 7643 section 2.3, RFC 7644 section 5: one comparable form for each value."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.normalising import (
    LONGEST_USERNAME,
    comparable,
    fold,
    instant,
    instant_text,
    search_copy,
    username_key,
)
from scim_server.protocol.registry import standard_registry
from scim_server.protocol.schemas import Attribute

USER = standard_registry().resource_type("User")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NAME = Attribute("userName", uniqueness="server")


@given(st.text())
def test_canonically_equal_texts_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_ascii_folds_to_lower_case(text: str) -> None:
    assert fold(text) == fold(text.upper()) == text.lower()


@pytest.mark.parametrize(
    ("one", "other"), [("Straße", "STRASSE"), ("ΣΑΣ", "σας"), ("É", "e\u0301"), ("ﬁ", "FI"), ("Å", "\u212b")]
)
def test_texts_that_differ_in_case_alone_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_dotless_i_is_another_letter() -> None:
    assert fold("I") != fold("ı")


@pytest.mark.parametrize(
    ("text", "key"), [("BJensen", "bjensen"), ("Ｂjensen", "bjensen"), ("e\u0301", "é"), ("ΣΑΣ", "σασ")]
)
def test_user_names_are_keyed_by_precis(text: str, key: str) -> None:
    assert username_key(text) == comparable(NAME, text) == key


@pytest.mark.parametrize("text", ["", "a b", "\u200d", "a\u0000"])
def test_what_precis_refuses_is_no_user_name_but_still_compares(text: str) -> None:
    with pytest.raises(ValueError, match="PRECIS"):
        username_key(text)
    assert comparable(NAME, text) == fold(text)


def test_a_text_too_long_for_a_user_name_is_folded_only() -> None:
    assert comparable(NAME, "Ａ" * (LONGEST_USERNAME + 1)) == fold("Ａ") * (LONGEST_USERNAME + 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T01:02:03Z", "2026-11-22T01:02:03.000000Z"),
        ("2026-11-22t01:02:03z", "2026-11-22T01:02:03.000000Z"),
        ("2026-11-22T01:02:03", "2026-11-22T01:02:03.000000Z"),
        ("2026-11-22T01:02:03.5+02:00", "2026-11-21T23:02:03.500000Z"),
        ("2026-11-22T01:02:03.1234567-00:30", "2026-11-22T01:32:03.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
    ],
)
def test_a_date_time_is_an_instant_of_fixed_width(text: str, expected: str) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "2026-11-22",
            "01:02:03",
            "2026-11-22 01:02:03Z",
            "20261122T010203Z",
            "2026-W47-7T01:02:03Z",
        ),
        *("2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T01:02Z"),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-11-22T01:02:03Zx", "２026-11-22T01:02:03Z"),
    ],
)
def test_what_is_no_date_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"dateTime|day|month|hour"):
        instant(text)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-720, 720))  # noqa: DTZ001
def test_the_text_of_an_instant_does_not_depend_on_its_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=UTC)
    text = instant_text(aware.astimezone(timezone(timedelta(minutes=minutes))))
    assert text == instant_text(aware) == instant(text)
    assert len(text) == len("2026-11-22T01:02:03.000000Z")


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2))
def test_instants_sort_as_text_as_they_do_in_time(moments: list[datetime]) -> None:
    assert sorted(map(instant_text, moments)) == [instant_text(moment) for moment in sorted(moments)]


def test_a_search_copy_has_the_shape_of_its_document_with_comparable_values() -> None:
    document = {
        "schemas": [ENTERPRISE],
        "userName": "BJensen",
        "externalId": "Ab",
        "active": True,
        "unknown": "x",
        "name": {"familyName": "JENSEN", "unknown": "x"},
        "emails": [{"value": "A@B", "type": "Work", "primary": True}],
        "photos": [{"value": "https://A"}],
        "meta": {"created": "2026-11-22T01:02:03+01:00"},
        ENTERPRISE: {"department": "HR", "manager": {"value": "Id", "displayName": "É"}},
    }
    assert search_copy(document, USER) == {
        "schemas": [ENTERPRISE],
        "userName": "bjensen",
        "externalId": "Ab",
        "active": True,
        "name": {"familyName": "jensen"},
        "emails": [{"value": "a@b", "type": "work", "primary": True}],
        "photos": [{"value": "https://A"}],
        "meta": {"created": "2026-11-22T00:02:03.000000Z"},
        ENTERPRISE: {"department": "hr", "manager": {"value": "Id", "displayName": "é"}},
    }
    assert document["userName"] == "BJensen"


def test_decimals_compare_as_floats() -> None:
    assert comparable(Attribute("ratio", type="decimal"), Decimal("1.50")) == 1.5
