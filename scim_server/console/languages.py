"""The languages of the console, and the texts in them.

Catalogues are kept as people edit them (`translations/*.po`) and are read when a page first needs them.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask.sansio.app import App
from flask_babel import Babel, Domain, get_locale

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "fr": "Français"}
"""Each with its name in itself."""


class _Catalogues(Domain):  # type: ignore[misc]
    """The texts of the language that the request is answered in."""

    def get_translations(self) -> NullTranslations:
        return catalogue(str(get_locale() or ENGLISH))


class _Babel(Babel):  # type: ignore[misc]
    domain_instance = _Catalogues()


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts in a language; English ones are those of the code."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, messages(language))
    compiled.seek(0)
    return Translations(compiled)


def messages(language: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with (files("scim_server.console") / "translations" / f"{language}.po").open("rb") as written:
        return read_po(written, locale=language)


def speak_languages(app: App, selector: Callable[[], str]) -> None:
    """Give templates and views their texts, dates and numbers in the language that the selector finds of each
    request."""
    _Babel(app, locale_selector=selector)
