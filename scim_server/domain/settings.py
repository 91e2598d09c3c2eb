"""What a tenant decides about its people and seats; each setting has a default and is kept as text where it differs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scim_server.domain.errors import Invalid
from scim_server.domain.languages import TAG

NOTHING = "none"
ON_REQUEST = "request"
LONGEST_URL = 500
_URL = re.compile(rf"https?://(?=.{{1,{LONGEST_URL}}}\Z)[A-Za-z0-9.\[\]:-]+(?:[/?#][!-;=?-~]*)?")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its default, what it may be in words, whether a text is one, and what it decides.

    `choices` are all that it can be, where those are few.
    """

    default: str
    wants: str
    accepts: Callable[[str], bool]
    decides: str
    choices: tuple[str, ...] = ()


def _number(default: int, least: int, most: int, unit: str, decides: str) -> Setting:
    def accepts(text: str) -> bool:
        return text.isascii() and text.isdigit() and least <= int(text) <= most

    return Setting(str(default), f"a whole number of {unit} from {least} to {most}", accepts, decides)


def _choice(decides: str, *choices: str) -> Setting:
    return Setting(choices[0], f"one of {', '.join(choices)}", lambda text: text in choices, decides, choices)


def _address(decides: str) -> Setting:
    def accepts(text: str) -> bool:
        return text == NOTHING or _URL.fullmatch(text) is not None

    return Setting(NOTHING, "an address beginning with https:// or http://, or none", accepts, decides)


SETTINGS: Mapping[str, Setting] = {
    "inactive_after": _choice(
        "After how many days without a sign-in a person counts as inactive.", NOTHING, "30", "60", "90"
    ),
    "retention_days": _number(30, 1, 3650, "days", "How long a deleted person can be restored or come back."),
    "guard_seats": _number(5, 0, 1_000_000, "seats", "Mass removals: so many seats of a product go at once."),
    "guard_percent": _number(20, 0, 100, "percent", "Mass removals: such a share of a product's seats goes at once."),
    "guard_minutes": _number(10, 1, 1440, "minutes", "Mass removals: how long removals are counted together."),
    "hold_hours": _number(24, 1, 720, "hours", "Mass removals: how long a seat is held before it goes."),
    "invitation_days": _number(7, 1, 90, "days", "How long an invitation can be answered."),
    "low_water": _number(10, 0, 100, "percent", "A product with fewer free seats than this share is low."),
    "leaver_sessions": _choice(
        "What becomes of the upcoming sessions of a deleted person.", "keep", "cancel", "manager", "heir"
    ),
    "leaver_heir": Setting(
        NOTHING, "a user name, or none", lambda text: 0 < len(text) <= 512, "Who gets them under leaver_sessions=heir."
    ),
    "receipts": _choice("Whether the application must acknowledge what it ended for whoever left.", "no", "yes"),
    "receipt_hours": _number(
        1, 1, 720, "hours", "After how long such a receipt is overdue; it is said again after twice that."
    ),
    "welcome_mails": _choice("Whether people are told by mail of their first product or role.", "no", "yes"),
    "change_mails": _choice(
        "Whether people are told by mail of later changes of their products and roles.", "no", "yes"
    ),
    "async_requests": _choice(
        "Whether SCIM clients may have requests answered before they are carried out.", NOTHING, ON_REQUEST
    ),
    "mail_language": Setting(
        "en",
        "a language tag such as en or pt-BR",
        lambda text: TAG.fullmatch(text) is not None,
        "The language of mails to people whose own is not known.",
    ),
    "app_url": _address("Where mails send people to use what they have."),
    "password_url": _address("Where people change their password at the identity provider; no password is kept here."),
    "billing_url": _address("Where the console sends whoever wants more seats; they are bought there, not here."),
}
"""Everything that can be set, by name."""


def check_setting(name: str, text: str) -> str:
    """`text`, if the setting can be that. Raises Invalid."""
    if not SETTINGS[name].accepts(text):
        raise Invalid(f"{name} cannot be '{text}': it wants {SETTINGS[name].wants}.")
    return text


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """The settings of one tenant; `chosen` are those that differ from the default, name and text, by name."""

    chosen: tuple[tuple[str, str], ...] = ()

    def text(self, name: str) -> str:
        """What the setting is."""
        return dict(self.chosen).get(name, SETTINGS[name].default)

    def number(self, name: str) -> int:
        """What a setting that is a number is."""
        return int(self.text(name))

    def on(self, name: str) -> bool:
        """What a setting that is yes or no is."""
        return self.text(name) == "yes"

    def address(self, name: str) -> str | None:
        """What a setting that is an address is; None where there is none."""
        text = self.text(name)
        return None if text == NOTHING else text

    @property
    def inactive_after(self) -> int | None:
        """Days without a sign-in after which a person is inactive; None where sign-ins do not matter."""
        text = self.text("inactive_after")
        return None if text == NOTHING else int(text)

    @property
    def takes_async_requests(self) -> bool:
        """Whether a request is carried out after its answer where the client wishes so."""
        return self.text("async_requests") == ON_REQUEST

    def set(self, changes: Mapping[str, str | None]) -> "TenantSettings":
        """The settings with those changed; None goes back to the default. Raises Invalid."""
        kept = dict(self.chosen)
        for name, text in changes.items():
            kept[name] = SETTINGS[name].default if text is None else check_setting(name, text)
        differing = {name: text for name, text in kept.items() if text != SETTINGS[name].default}
        return TenantSettings(tuple(sorted(differing.items())))
