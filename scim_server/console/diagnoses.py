"""What the connection doctor found out, in the language of the page."""

import re
from collections.abc import Mapping

from flask_babel import gettext
from markupsafe import Markup, escape

from scim_server.console.formats import moment, number
from scim_server.services.findings import KINDS, Finding

_PLACE = re.compile(r"%\((\w+)\)s")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def said(finding: Finding) -> Markup:
    """What the finding says."""
    return _filled(gettext(KINDS[finding.code].says), finding.facts)


def cure(finding: Finding) -> Markup:
    """What to do about it; empty where nothing is to be done."""
    text = KINDS[finding.code].cure
    return _filled(gettext(text), finding.facts) if text else Markup()


def _filled(text: str, facts: Mapping[str, str | int]) -> Markup:
    """The sentence with its facts, each as the language writes it."""
    pieces = _PLACE.split(text)
    return Markup("").join(_written(facts[piece]) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def _written(fact: str | int) -> Markup:
    if isinstance(fact, int):
        return escape(number(fact))
    return escape(moment(fact) if _MOMENT.match(fact) else fact)
