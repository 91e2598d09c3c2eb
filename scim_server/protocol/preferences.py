"""RFC 7240: what a client prefers of how its request is carried out and answered.

Prefer     = "Prefer" ":" 1#preference
preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )
"""

import re
from collections.abc import Iterable, Mapping

RESPOND_ASYNC = "respond-async"
WAIT = "wait"
_PREFERENCE = re.compile(
    r"""(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})(?:[ \t]*=[ \t]*(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s,;"]*)))?"""
)
_SECONDS = re.compile(r"[0-9]{1,9}")


def preferences(headers: Iterable[str]) -> Mapping[str, str]:
    """The preferences in Prefer header fields, by name in lower case; of one that is named twice the first counts
    (section 2). Parameters of a preference are passed over: none that is known here has any."""
    found: dict[str, str] = {}
    for header in headers:
        for preference in _parts(header):
            if (read := _PREFERENCE.match(preference)) is not None:
                found.setdefault(read["name"].lower(), read["quoted"] or read["word"] or "")
    return found


def seconds_to_wait(found: Mapping[str, str]) -> int | None:
    """How long the client would wait for the outcome (section 4.3); None where it does not say so."""
    text = found.get(WAIT, "")
    return int(text) if _SECONDS.fullmatch(text) else None


def _parts(header: str) -> list[str]:
    """What stands between commas that are in no quotes."""
    return [part.strip() for part in re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+', header)]
