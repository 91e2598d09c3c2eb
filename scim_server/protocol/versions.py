"""RFC 7644 section 3.14: resource versions as weak entity tags, and the conditions on them.

entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
"""

import re

from scim_server.protocol.errors import PreconditionFailed

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
ANY = "*"


def entity_tag(version: int) -> str:
    """The entity tag of a version, for example `W/"3"`."""
    return f'W/"{version}"'


def is_among(version: int, header: str) -> bool:
    """Whether `header` (If-Match or If-None-Match) names the version, compared weakly (corner case C-112)."""
    return header.strip() == ANY or str(version) in _TAG.findall(header)


def check_unchanged(version: int, if_match: str | None, if_none_match: str | None) -> None:
    """Raises PreconditionFailed where the resource is not the one the client expects to change."""
    if if_match is not None and not is_among(version, if_match):
        raise PreconditionFailed(
            f"If-Match names {if_match}, but the resource is at {entity_tag(version)}. Read it again and decide anew."
        )
    if if_none_match is not None and is_among(version, if_none_match):
        raise PreconditionFailed(
            f"If-None-Match names {if_none_match}, and the resource is at {entity_tag(version)}: nothing was changed."
        )
