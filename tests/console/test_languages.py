"""Every text of the console in every language."""

import pytest

from tests import translations


@pytest.mark.parametrize("language", translations.TRANSLATED)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    assert list(translations.missing(language)) == []
