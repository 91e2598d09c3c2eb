"""What is sealed at rest: by which key, at which place, and what is kept in clear."""

from collections.abc import Callable

import pytest

from scim_server.domain.errors import WrongKey
from scim_server.store.vaults import Vault

OLD, NEW = "old-key-of-32-characters-at-least", "new-key-of-32-characters-at-least"
PLACE = "mails.body tenant mail"
TEXTS = ["", "secret", "v1.2 is out", "v0.9 was before", "v1.", "é\n\0", "x" * 100_000]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_sealed_opens_at_its_place_alone(text: str) -> None:
    vault = Vault([OLD])
    sealed = vault.seal(text, PLACE)
    assert vault.open(sealed, PLACE) == text
    assert len(text) < 4 or text not in sealed
    assert vault.seal(text, PLACE) != sealed
    with pytest.raises(WrongKey, match=r"^mails\.body tenant other was changed since it was sealed, or belongs"):
        vault.open(sealed, "mails.body tenant other")


@pytest.mark.parametrize("text", TEXTS)
def test_without_a_key_texts_lie_in_clear_and_open_under_any_key_later(text: str) -> None:
    stored = Vault().seal(text, PLACE)
    assert text in stored
    for vault in (Vault(), Vault([OLD])):
        assert vault.open(stored, PLACE) == text
    assert Vault().is_fresh(stored)
    assert not Vault([OLD]).is_fresh(stored)


def test_the_first_key_seals_and_all_open() -> None:
    before, both, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    sealed = before.seal("secret", PLACE)
    assert both.open(sealed, PLACE) == "secret"
    assert (before.is_fresh(sealed), both.is_fresh(sealed)) == (True, False)
    assert after.open(both.seal("secret", PLACE), PLACE) == "secret"


@pytest.mark.parametrize("vault", [Vault(), Vault([NEW])])
def test_without_its_key_nothing_opens(vault: Vault) -> None:
    with pytest.raises(WrongKey, match=r"^mails\.body tenant mail is sealed with a key that SCIM_SECRET_KEY does not"):
        vault.open(Vault([OLD]).seal("secret", PLACE), PLACE)


CHANGES = {
    "shorter": lambda text: text[:-8],
    "other": lambda text: text[:-6] + ("A" if text[-6] != "A" else "B") + text[-5:],
    "not base 64": lambda text: text[:-4] + "\u00e9===",
    "empty": lambda text: text[:12],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_changed_does_not_open(change: Callable[[str], str]) -> None:
    with pytest.raises(WrongKey, match="was changed since it was sealed"):
        Vault([OLD]).open(change(Vault([OLD]).seal("secret", PLACE)), PLACE)
