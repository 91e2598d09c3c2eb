"""Products, what they cover and in which order they are looked at."""

import pytest

from scim_server.domain.errors import Invalid
from scim_server.domain.products import Catalogue, Product, check_code


def catalogue(**includes: str) -> Catalogue:
    return Catalogue({code: Product(code, code, frozenset(text.split())) for code, text in includes.items()})


SOLD = catalogue(meeting="", phone="", webinar="meeting", training="meeting", suite="webinar phone")


def test_a_bundle_covers_what_its_bundles_cover() -> None:
    assert SOLD.covers("suite") == {"webinar", "phone", "meeting"}
    assert SOLD.covered_by("meeting") == {"webinar", "training", "suite"}
    assert SOLD.covers("meeting") == SOLD.covered_by("suite") == SOLD.covers("unknown") == frozenset()


def test_products_tied_by_bundles_are_locked_together_in_code_order() -> None:
    assert SOLD.related(["training"]) == ["meeting", "phone", "suite", "training", "webinar"]
    assert catalogue(a="", b="").related(["b"]) == ["b"]


def test_a_bundle_comes_before_everything_it_covers() -> None:
    order = SOLD.bundles_first(SOLD.products)
    for code in order:
        assert all(order.index(code) < order.index(covered) for covered in SOLD.covers(code))


def test_a_product_is_found_in_any_letter_case() -> None:
    assert SOLD.find("WebInar") == "webinar"
    assert SOLD.find("web inar") is None


@pytest.mark.parametrize("code", ["a", "meeting", "zoom.one-2_x", "0", "a" * 64])
def test_a_code_of_lower_case_letters_digits_and_separators_is_taken(code: str) -> None:
    assert check_code(code) == code


@pytest.mark.parametrize("code", ["", "Meeting", "-a", "a-", "a b", "a" * 65, "é", "a\n"])
def test_any_other_code_is_refused_with_what_would_do(code: str) -> None:
    with pytest.raises(Invalid, match="lower-case letters"):
        check_code(code)
