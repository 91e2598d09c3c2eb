"""RFC 7644 section 3.14: resource versions as weak entity tags, and the conditions on them.

entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
"""

import re
from dataclasses import dataclass

from scim_server.protocol.errors import PreconditionFailed, PreconditionRequired

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
ANY = "*"


def entity_tag(version: int) -> str:
    """The entity tag of a version, for example `W/"3"`."""
    return f'W/"{version}"'


def is_among(version: int, header: str) -> bool:
    """Whether `header` (If-Match or If-None-Match) names the version, compared weakly (corner case C-112)."""
    return header.strip() == ANY or str(version) in _TAG.findall(header)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The If-Match and If-None-Match headers of a request; `required` says that a change needs the former."""

    if_match: str | None = None
    if_none_match: str | None = None
    required: bool = False

    def check(self, version: int) -> None:
        """Raises PreconditionFailed where the resource is not the one the client expects to change.

        Raises PreconditionRequired where the client expects nothing, and has to.
        """
        held = entity_tag(version)
        if self.required and self.if_match is None:
            raise PreconditionRequired(f"If-Match is missing: name the version you change; the resource is at {held}.")
        if self.if_match is not None and not is_among(version, self.if_match):
            raise PreconditionFailed(
                f"If-Match names {self.if_match}, but the resource is at {held}. Read it again and decide anew."
            )
        if self.if_none_match is not None and is_among(version, self.if_none_match):
            raise PreconditionFailed(
                f"If-None-Match names {self.if_none_match}, and the resource is at {held}: nothing was changed."
            )
