"""What provisioning clients are known to do that a server has to have an answer for, by number.

A row says itself what the answer is where no declared habit and no switch gives it: then it is what the RFC says.
"""

from collections.abc import Mapping
from types import MappingProxyType

from scim_server.dialects.catalogue import HABITS
from scim_server.dialects.courtesies import ALWAYS, COURTESIES, Courtesy
from scim_server.dialects.habits import Habit

Entry = Habit | Courtesy

ENTRIES: tuple[Entry, ...] = (*HABITS, *COURTESIES)
"""Everything that `scim-server dialects list` shows."""

QUIRKS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        1: ("`Add`, `Replace`, `Remove`", ""),
        2: ("`active` as text", ""),
        3: ("path-less replace with dotted keys", ""),
        4: ("path-less replace with fully qualified keys", "names as in RFC 7644 section 3.10, the longest URN first"),
        5: ("replace inside an element that is not there", ""),
        6: ("several adds inside one such element", "all land in one element"),
        7: ("the manager as text, object or array, with or without its URN", "answered as an object, or not at all"),
        8: ('`roles[primary eq "True"].value`', "an element made from a filter takes the filter's values"),
        9: ("a role value that is JSON text", ""),
        10: ("`displayName` for `display`", ""),
        11: ("the whole list of roles replaced", "RFC 7644 section 3.5.2.3: the list is replaced"),
        12: ("remove of members with a list of values", ""),
        13: ("remove of members by a filter in the path", "RFC 7644 section 3.5.2.2: those that match go"),
        14: ("remove of members without a value", "RFC 7644 section 3.5.2.2: the group is emptied"),
        15: ("remove with an empty list", ""),
        16: ("replace with `members: []`", "RFC 7644 section 3.5.2.3: the group is emptied"),
        17: ("replace of another attribute alone", "RFC 7644 section 3.5.2.3: members stay"),
        18: ("replace with an empty text or null", ""),
        19: ("`excludedAttributes=members`", "RFC 7644 section 3.9: members are not even loaded"),
        20: ("`userName eq` in any letter case", "RFC 7643 section 4.1.1: case is ignored, by an index"),
        21: ("`externalId eq`", "RFC 7643 section 3.1: exact, by an index, unique only under `external_id_unique`"),
        22: ("`displayName eq` on groups", "RFC 7643 section 4.2: case is ignored, by an index"),
        23: ('`emails[type eq "work"].value eq` in a filter', ""),
        24: ("`emails eq`, `emails.value eq`", "RFC 7644 section 3.4.2.2: the attribute alone means its value"),
        25: ("`id eq ... and manager eq ...`", ""),
        26: ("`members eq` with an id", "the attribute alone means its value, by an index"),
        27: ("literals without quotes", ""),
        28: ("`Eq`, `DisplayName`, `username`", "RFC 7644 section 3.4.2.2: case of operators and names is ignored"),
        29: ("`sw`, `co`, `gt`, parentheses", "RFC 7644 section 3.4.2.2: the full grammar"),
        30: ("`startIndex` 0 or below", "RFC 7644 section 3.4.2.4: read as 1"),
        31: ("`count` 0, below or huge", "RFC 7644 section 3.4.2.4: counters alone, or the largest page"),
        32: ("`startIndex` in the answer", "RFC 7644 section 3.4.2: as it was asked"),
        33: ("counters as text", "RFC 7644 section 3.4.2: numbers"),
        34: ("Content-Type of many kinds", ""),
        35: ("wants `application/json` back", ""),
        36: ("trailing and double slashes", ""),
        37: ("dangling `?` and `&`, `+` for a blank", ""),
        38: ("unknown query parameters", ""),
        39: ("query parameters in other letter case", ""),
        40: ("unknown or mistyped schema URNs", ""),
        41: ("extension attributes without their URN in `schemas`", "taken; `schemas` is answered from the data"),
        42: ("unknown attributes", "in a PATCH path or a filter they are refused in every profile"),
        43: ("capitalised attribute names", "RFC 7643 section 2.1: case is ignored"),
        44: ("what the server sets, in bodies", "in a POST or PUT RFC 7644 sections 3.3 and 3.5.1 ignore it"),
        45: ("`id` and `name` in a PATCH", ""),
        46: ("PATCH without `schemas`, `operations` in lower case", ""),
        47: ("`path: null`, `value: null`", "RFC 7643 section 2.5: a value of null is none"),
        48: ("no operations", ""),
        49: ("members as text, as one object, or `{}`", "an element without a value names nobody"),
        50: ("unknown member ids", ""),
        51: ("adding a member, removing a stranger", "RFC 7644 section 3.5.2: nothing changes, and that is no error"),
        52: ("a PUT with thousands of members", "the difference is written, in one transaction"),
        53: ("a PATCH with hundreds of operations", "they are added up, in one transaction"),
        54: ("pushes in pieces", "RFC 7644 section 3.5.2: each adds to what is there"),
        55: ("parallel PATCHes of one group", "the group's row is locked"),
        56: ("a second create", "RFC 7644 section 3.3: 409 uniqueness, suspended people and letter case included"),
        57: ("a group name given twice", ""),
        58: ("a second delete", "RFC 7644 section 3.6: 404"),
        59: ("DELETE or `active` false", "RFC 7644 section 3.6: DELETE hides at once, `active` false hides nothing"),
        60: ("timestamps", "RFC 7643 section 2.3.5: UTC, with Z"),
        61: (
            "a stale `meta.version` in a body",
            "RFC 7644 section 3.14: weak ETags; `meta` in a body is ignored",
        ),
        62: ("order of `schemas`", "the core URN first, then the extensions that have data"),
        63: ("addresses behind a proxy", "RFC 7643 section 3.1: made from the configured public address"),
        64: ("letter case of `meta`", "RFC 7643 section 2.1: as the schema spells it"),
        65: ("errors of every kind as SCIM Errors", "RFC 7644 section 3.12: the 401 too, `status` as text"),
        66: ("a token without Bearer, or with bearer", ""),
        67: ("emails as one object", ""),
        68: ("emails without type or primary, two of a type", "RFC 7643 section 2.4: kept as sent"),
        69: ("relative `$ref`", "RFC 7643 section 2.4: ignored, answered as an absolute address"),
        70: ("two path-less replaces of one complex attribute", "RFC 7644 section 3.5.2.3: they are merged"),
        71: ("a look-up right after a write", "read from where it was written"),
        72: ("values compared after a write", "RFC 7643 section 2.3: answered as they were sent"),
        73: ("a strictly read ServiceProviderConfig", "RFC 7643 section 5: complete"),
        74: ("/Schemas without nulls, with canonicalValues", "RFC 7643 section 7: what is absent is left out"),
        75: ("404 taken as a call to create again", "RFC 7644 section 3.12: 404 for what is gone, 5xx for trouble"),
        76: ("PATCH answered with 200 or 204", ""),
        77: ("an element replaced by one without its type", ""),
    }
)
"""Number to what clients do, and what the RFC or the server answers beside the declared entries, if anything."""


def answers(number: int) -> list[str]:
    """What serves a row: habits by name, switches, the RFC."""
    declared = [_named(entry) for entry in ENTRIES if number in entry.quirks]
    _, always = QUIRKS[number]
    return [*declared, *([always] if always else [])]


def _named(entry: Entry) -> str:
    if isinstance(entry, Habit):
        return f"habit `{entry.name}`"
    return f"`{entry.name}`" if entry.rule == ALWAYS else entry.served("`")
