"""Every text of the console in every language, refusals of use cases included."""

import re

import pytest

from scim_server.console.details import translated
from scim_server.domain.tenants import Tenant
from tests import translations
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.worlds import World

DETAILS = sorted(set(translations.details()))


@pytest.mark.parametrize("language", translations.TRANSLATED)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    assert list(translations.missing(language)) == []


@pytest.mark.parametrize("language", translations.TRANSLATED)
def test_every_refusal_is_translated_with_what_is_filled_in(language: str) -> None:
    written = {message.id: str(message.string) for message in translations.written(language)}
    for detail in DETAILS:
        pieces = detail.split("{}")
        filled = "".join(f"{piece}x{place}" for place, piece in enumerate(pieces[:-1])) + pieces[-1]
        expected = re.sub(r"\{(\d+)\}", r"x\1", written[detail])
        assert translated(filled, language) == expected


def test_what_is_unknown_stays_as_it_is() -> None:
    assert translated("Nobody ever says this.", "fr") == "Nobody ever says this."
    assert translated("A tenant needs a name.", "en") == "A tenant needs a name."


def test_a_refusal_is_told_in_the_language_of_the_page(world: World, acme: Tenant, ana: Visitor) -> None:
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    page = french.get("/people/nobody@example.com")
    assert (page.status_code, "n’a pas d’utilisateur « nobody@example.com »" in text_of(page)) == (404, True)
    assert "There is no tenant 'nix'" in text_of(ana.get("/console/tenants/nix"))
