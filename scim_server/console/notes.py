"""What the provisioning log notes of a request beside what came: written in English, shown in the reader's language."""

import re
from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

SAID: Mapping[str, LazyString] = {
    r"path cut: it has (\d+) characters, (\d+) are kept": lazy_gettext(
        "The address is not whole: it had %(first)s characters, %(second)s are kept."
    ),
    r"body cut: it has (\d+) bytes, (\d+) are kept": lazy_gettext(
        "The body is not whole: it had %(first)s bytes, %(second)s characters are kept."
    ),
    r"body not kept: (\d+) bytes that were not read as JSON": lazy_gettext(
        "The body is not kept: %(first)s bytes that were not read as JSON."
    ),
    r"changes left out: (\d+), which the audit trail has": lazy_gettext(
        "%(first)s more changes are in the audit trail alone."
    ),
    r"skipped unknown members: (\d+)": lazy_gettext("%(first)s members were passed over that are not known here."),
    r"a rename before deletion: address and display name stay": lazy_gettext(
        "The client renames people before it deletes them: address and display name stay."
    ),
}
"""Each note as a pattern, with its numbers."""


def note(text: str) -> str:
    """The note in words; one that is not known stays as it is."""
    for pattern, words in SAID.items():
        found = re.fullmatch(pattern, text)
        if found is not None:
            return str(words) % dict(zip(("first", "second"), found.groups(), strict=False))
    return text
