"""Names of domains, and which of them an address lies in (security table, row A9)."""

import pytest

from scim_server.domain.domains import ascii_name, check_domain, lies_in
from scim_server.domain.errors import Invalid

NAMES = {
    "example.com": "example.com",
    "Example.COM": "example.com",
    "example.com.": "example.com",
    "bücher.example": "xn--bcher-kva.example",
    "BÜCHER.example": "xn--bcher-kva.example",
    "bu\u0308cher.example": "xn--bcher-kva.example",
    "xn--bcher-kva.example": "xn--bcher-kva.example",
    "XN--BCHER-KVA.Example": "xn--bcher-kva.example",
    "пример.example": "xn--e1afmkfd.example",
    "例え.テスト": "xn--r8jz45g.xn--zckzah",
    "a-b.c1.example": "a-b.c1.example",
    "exаmple.com": "xn--exmple-4nf.com",  # a Cyrillic letter: another domain
    "straße.example": None,  # strasse under IDNA 2003, a domain of its own since
    "ｅxample.com": None,
    "example。com": None,
    "exa\u200bmple.com": None,
    "exa\u00admple.com": None,
    "ex ample.com": None,
    "example.com ": None,
    "example..com": None,
    ".example.com": None,
    "example.com..": None,
    "-example.com": None,
    "example-.com": None,
    "exa_mple.com": None,
    "example.com:443": None,
    "[10.0.0.1]": None,
    "": None,
    ".": None,
    "ä" * 60 + ".example": None,
    "a" * 64 + ".example": None,
    ("a" * 60 + ".") * 4 + "example": "a" * 60 + ("." + "a" * 60) * 3 + ".example",
    ("a" * 60 + ".") * 4 + "example-more": None,
}


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_a_name_has_one_form(text: str, name: str | None) -> None:
    assert ascii_name(text) == name
    if name is not None:
        assert ascii_name(name) == name


@pytest.mark.parametrize("text", ["", "localhost", "com", "straße.example", "*.example.com", "a@example.com"])
def test_what_nobody_can_own_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="is no domain"):
        check_domain(text)


OWN = frozenset({"example.com", "xn--bcher-kva.example"})
ADDRESSES = {
    "ana@example.com": True,
    "ANA@Example.COM": True,
    "ana@example.com.": True,
    "ana@bücher.example": True,
    "ana@xn--bcher-kva.example": True,
    "ana": True,
    "": True,
    "ana@mail.example.com": False,
    "ana@example.com.evil.test": False,
    "ana@notexample.com": False,
    "ana@com": False,
    "ana@exаmple.com": False,
    "ana@straße.example": False,
    "ana@": False,
    "@example.com": True,
    "ana@evil.test@example.com": False,
    "ana@example.com@evil.test": False,
    '"ana@evil.test"@example.com': False,
    "ana@evil.test,ana@example.com": False,
    "Ana <ana@example.com>": False,
    "ana@example.com ": False,
    "ana@[127.0.0.1]": False,
    "ana\uff20evil.test": False,
    "ana\uff20example.com": True,
    "ana\ufe6bevil.test": False,
}


@pytest.mark.parametrize(("address", "inside"), ADDRESSES.items())
def test_an_address_lies_where_its_domain_is(address: str, inside: bool) -> None:
    assert lies_in(address, OWN) is inside
