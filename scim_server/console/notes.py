"""What the provisioning log notes of a request, and what is wrong with an audit trail: written in English where it is
found, shown in the reader's language."""

import re
from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

NOTES: Mapping[str, LazyString] = {
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
    r"carried out (\d+\.\d) s after it was accepted \(respond-async\)": lazy_gettext(
        "The client did not wait: it was carried out %(first)s s after it was accepted."
    ),
    r"a rename before deletion: address and display name stay": lazy_gettext(
        "The client renames people before it deletes them: address and display name stay."
    ),
}
FAULTS: Mapping[str, LazyString] = {
    r"The chain ends after entry (\d+), but (\d+) were sealed\.": lazy_gettext(
        "The chain ends after entry %(first)s, but %(second)s were sealed."
    ),
    r"The chain ends after entry (\d+), but something stands in place (-?\d+)\.": lazy_gettext(
        "The chain ends after entry %(first)s, but something stands in place %(second)s."
    ),
    r"No checkpoint signs what comes after entry (\d+)\.": lazy_gettext(
        "No checkpoint signs what comes after entry %(first)s."
    ),
    r"Entry (\d+) is missing: .*": lazy_gettext("Entry %(first)s is missing."),
    r"Entry (\d+) is not what was sealed there\.": lazy_gettext("Entry %(first)s is not what was sealed there."),
    r"A checkpoint signs entry (\d+), but stands after entry (\d+)\.": lazy_gettext(
        "A checkpoint signs entry %(first)s, but stands after entry %(second)s."
    ),
    r"The checkpoint after entry (\d+) signs other entries than these\.": lazy_gettext(
        "The checkpoint after entry %(first)s signs other entries than these."
    ),
    r"The signature of the checkpoint after entry (\d+) is not of this key\.": lazy_gettext(
        "The signature of the checkpoint after entry %(first)s is not of this key."
    ),
}
"""Each sentence as a pattern, with its numbers."""


def note(text: str) -> str:
    """A note of the log in words; one that is not known stays as it is."""
    return _told(NOTES, text)


def fault(text: str) -> str:
    """What is wrong with a trail, likewise."""
    return _told(FAULTS, text)


def _told(sentences: Mapping[str, LazyString], text: str) -> str:
    for pattern, words in sentences.items():
        found = re.fullmatch(pattern, text)
        if found is not None:
            return str(words) % dict(zip(("first", "second"), found.groups(), strict=False))
    return text
