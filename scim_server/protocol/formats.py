"""RFC 7643 section 4.1: the formats of a User's values, checked where a tenant wants it.

The RFC recommends them, and clients send what their directories hold, so nothing is checked by default.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from scim_server.protocol.errors import InvalidValue

_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA "
    "GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP "
    "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS "
    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS "
    "RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW "
    "TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
"""ISO 3166-1 alpha-2, in upper case as section 4.1.2 wants it."""
COUNTRIES = frozenset(_COUNTRIES.split())

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LANGUAGES = re.compile(r"\s*(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)(\s*;\s*q=[01](\.[0-9]{0,3})?)?\s*")
_MAILBOX = re.compile(r'(?:[^\s@"<>(),:;\\\[\]]{1,64}|"[^"\\\r\n]{1,62}")@[^\s@]{1,255}')


def check_formats(document: Mapping[str, Any]) -> None:
    """Refuses, with InvalidValue, a User whose values do not have the formats of RFC 7643 section 4.1."""
    for path, value, (fits, wanted) in _formatted(document):
        if not fits(str(value)):
            raise InvalidValue(f"{path}: '{str(value)[:80]}' is not {wanted}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


Format = tuple[Callable[[str], bool], str]

_SINGLE: Mapping[str, Format] = {
    "timezone": (lambda text: text in _zones(), "a time zone of the IANA database, such as Europe/Oslo"),
    "locale": (lambda text: bool(_LANGUAGE.fullmatch(text)), "a language tag (RFC 5646), such as en-US"),
    "preferredLanguage": (
        lambda text: all(map(_LANGUAGES.fullmatch, text.split(","))),
        "a list of languages as in Accept-Language, such as en-US",
    ),
}
_ELEMENTS: Mapping[tuple[str, str], Format] = {
    ("addresses", "country"): (COUNTRIES.__contains__, "a country of ISO 3166-1 alpha-2, such as NO"),
    ("emails", "value"): (lambda text: bool(_MAILBOX.fullmatch(text)), "an e-mail address (RFC 5321)"),
}


def _formatted(document: Mapping[str, Any]) -> Iterator[tuple[str, Any, Format]]:
    for name, form in _SINGLE.items():
        if name in document:
            yield name, document[name], form
    for (name, sub), form in _ELEMENTS.items():
        for element in document.get(name, ()):
            if sub in element:
                yield f"{name}.{sub}", element[sub], form
