"""Whether texts and columns name somebody who is erased."""

import json
from collections.abc import Collection
from typing import Any
from urllib.parse import quote

from sqlalchemy import Column, ColumnElement, Text, cast, false, func, or_

from scim_server.services.ports import Traces

BLANK = "erased"
"""What stands where a text was that says why something was refused."""


def names(texts: Collection[str], *told: str) -> bool:
    """Whether any of what was told has one of the texts in it, whatever the case of its letters."""
    lowered = [each.lower() for each in told]
    return any(form.lower() in each for text in texts for form in _forms(text) for each in lowered)


def names_in(traces: Traces, column: Column[Any]) -> ColumnElement[bool]:
    """The same of a column. Databases lower other letters than Python: a text is sought as it is as well."""
    told = cast(column, Text)
    lowered = func.lower(told)
    forms = sorted({form for text in traces.texts for form in _forms(text)})
    return or_(
        false(),
        *(told.contains(form, autoescape=True) for form in forms),
        *(lowered.contains(form.lower(), autoescape=True) for form in forms),
    )


def _forms(text: str) -> set[str]:
    """A text as it stands by itself, in JSON with letters written out or not, and in an address."""
    return {text, *(json.dumps(text, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)), quote(text)}
