"""docs/dialects.md, written from the catalogue."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scim_server.dialects.habits import EVERYWHERE, Habit
from scim_server.dialects.quirks import ENTRIES, QUIRKS, Entry, answers

_OPENING = """\
# Client dialects

Written by `scim-server dialects page`; a test keeps it true.

The server speaks RFC 7643 and RFC 7644. What a client writes otherwise is a declared habit: a rewriting of the
request into the RFC's shape, which is named in the provisioning log when it fires. `scim-server dialects list` lists
the habits, `scim-server tenant set SLUG dialect.NAME=off` switches one for a tenant, `tenant show` tells how they
stand.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_OPENING, *_rows(), "", "## The entries", *(line for entry in ENTRIES for line in _entry(entry))])


def on_in(entry: Entry) -> str:
    """Where an entry is served: the profiles it is on in, `always`, or its switch."""
    if not isinstance(entry, Habit):
        return entry.served()
    return ", ".join(profile for profile in ("tolerant", "rfc", "interop", "ipsie") if profile in entry.profiles)


def pretty(sample: Mapping[str, Any]) -> str:
    """A sample as indented JSON."""
    return json.dumps(sample, indent=2, ensure_ascii=False)


def _rows() -> Iterator[str]:
    yield "## What clients do, and what answers it\n"
    yield "| # | Clients send, or rely on | Answered by |"
    yield "|---|---|---|"
    for number, (quirk, _) in QUIRKS.items():
        yield f"| {number} | {quirk} | {'; '.join(answers(number))} |"


def _entry(entry: Entry) -> Iterator[str]:
    where = "everywhere" if isinstance(entry, Habit) and entry.profiles == EVERYWHERE else on_in(entry)
    yield f"\n### {entry.name}\n"
    yield f"{entry.summary[0].upper()}{entry.summary[1:]}.\n"
    yield f"Clients: {', '.join(entry.clients)}. On: {where}. [Source]({entry.source})\n"
    if entry.before != entry.after:
        yield f"```json\n{pretty(entry.before)}\n```\n"
        yield f"becomes\n\n```json\n{pretty(entry.after)}\n```"
