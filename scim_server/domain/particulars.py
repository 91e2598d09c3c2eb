"""Who a person is, as an admin writes it down by hand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from scim_server.domain.directory import ADDRESS, User
from scim_server.domain.employments import CORE, Employment
from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.languages import TAG
from scim_server.domain.names import consistent

BY_HAND = "admin"
"""The origin of whom an admin added."""
LONGEST = 512
LONGEST_NAME = 250
"""Characters of a first or last name; both make up a display name, which is indexed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of people says of somebody besides: the products are then claimed by import, the names may lack."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Ids of groups."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be added by hand, or because a list names them: the address is the user name as well.

    The add of a `quiet` one sends no notice, whenever it is carried out. Raises Invalid for what nobody is called.
    """

    address: str
    first: str
    last: str
    products: tuple[str, ...] = ()
    role: str | None = None
    quiet: bool = False
    language: str | None = None
    listed: Listed | None = None

    def __post_init__(self) -> None:
        _check_address(self.address)
        if self.listed is None:
            _check_text("first name", self.first, LONGEST_NAME)
            _check_text("last name", self.last, LONGEST_NAME)
        _check_language(self.language)

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Read back what `facts` wrote."""
        listed = facts.get("listed")
        return cls(
            **{
                **facts,
                "products": tuple(facts["products"]),
                "listed": Listed(**{**listed, "roles": tuple(listed["roles"]), "groups": tuple(listed["groups"])})
                if listed
                else None,
            }
        )

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return {name: value for name, value in asdict(self).items() if name != "listed" or value is not None} | {
            "products": list(self.products)
        }

    def user(self) -> User:
        """The person to be."""
        bare = User(
            id="",
            user_name=self.address,
            origin=BY_HAND,
            display_name=" ".join(part for part in (self.first, self.last) if part)[:LONGEST] or None,
            emails=({"value": self.address, "type": "work", "primary": True},),
            profile={"schemas": [CORE]},
        )
        return Edit(first=self.first, last=self.last, language=self.language).of(bare)


@dataclass(frozen=True, slots=True)
class PendingAdd:
    """Somebody who is added as soon as nobody outside the tenant has their address."""

    id: str
    newcomer: Newcomer
    created: Instant


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to change of a person: None leaves as it is, an empty text takes away what need not be there."""

    first: str | None = None
    last: str | None = None
    address: str | None = None
    user_name: str | None = None
    display_name: str | None = None
    language: str | None = None
    employment: Employment = field(default_factory=Employment)

    def __post_init__(self) -> None:
        if self.address is not None:
            _check_address(self.address)
        if self.user_name is not None:
            _check_text("user name", self.user_name)
        for what, text, most in (
            ("first name", self.first, LONGEST_NAME),
            ("last name", self.last, LONGEST_NAME),
            ("display name", self.display_name, LONGEST),
        ):
            if text:
                _check_text(what, text, most)
        _check_language(self.language)

    def of(self, user: User) -> User:
        """`user` as they should be."""
        name = self._name(user)
        employed = self.employment.of(user.profile)
        profile = {key: value for key, value in employed.items() if key not in {"name", "preferredLanguage"}}
        language = user.profile.get("preferredLanguage") if self.language is None else self.language
        return replace(
            user,
            user_name=self.user_name or user.user_name,
            display_name=self._display_name(user, name),
            emails=user.emails if self.address is None else _with_address(user, self.address),
            profile=profile | ({"name": name} if name else {}) | ({"preferredLanguage": language} if language else {}),
        )

    def _name(self, user: User) -> dict[str, Any]:
        before: dict[str, Any] = user.profile.get("name", {})
        parts = {"givenName": self.first, "familyName": self.last}
        changed = before | {part: text for part, text in parts.items() if text is not None}
        return consistent(before, {part: text for part, text in changed.items() if text or part not in parts})

    def _display_name(self, user: User, name: Mapping[str, Any]) -> str | None:
        """One that was made of the names follows them."""
        if self.display_name is not None:
            return self.display_name or None
        made = _full_name(user.profile.get("name", {}))
        return _full_name(name) or user.display_name if user.display_name == made else user.display_name


def _full_name(name: Mapping[str, Any]) -> str:
    return " ".join(name[part] for part in ("givenName", "familyName") if name.get(part))[:LONGEST]


def _with_address(user: User, address: str) -> tuple[dict[str, Any], ...]:
    """The e-mails with that address in place of the chosen one."""
    chosen = user.chosen_email
    if chosen is None:
        return (*user.emails, {"value": address, "type": "work", "primary": True})
    return tuple({**email, "value": address} if email is chosen else email for email in user.emails)


def _check_address(text: str) -> None:
    _check_text("address", text)
    if not ADDRESS.fullmatch(text):
        raise Invalid(f"'{text}' is no e-mail address: write NAME@DOMAIN, for example ana@example.com.")


def _check_language(text: str | None) -> None:
    if text and not TAG.fullmatch(text):
        raise Invalid(f"'{text}' is no language: write a tag like en, de or pt-BR.")


def _check_text(what: str, text: str, most: int = LONGEST) -> None:
    if not text.strip() or text != text.strip() or not text.isprintable() or len(text) > most:
        raise Invalid(
            f"'{text[:LONGEST]}' cannot be a {what}: write 1 to {most} printable characters, no blanks around them."
        )
