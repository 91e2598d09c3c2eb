"""A run as JSON, for programs."""

import json
from dataclasses import asdict
from typing import Any

from scim_conformance.running import Outcome, Report, Result
from scim_conformance.sections import SECTIONS


def json_document(report: Report) -> str:
    """Everything: totals, sections, and each check with the exchanges of those that did not pass."""
    document = {
        "url": report.url,
        "strict": report.strict,
        "interrupted": report.interrupted,
        "seconds": round(report.seconds, 3),
        "totals": _totals(report, None),
        "sections": {section: {"title": SECTIONS[section], **_totals(report, section)} for section in report.sections},
        "checks": [_record(result) for result in report.results],
        "left_behind": report.left_behind,
    }
    return json.dumps(document, indent=1) + "\n"


def _totals(report: Report, section: str | None) -> dict[str, int]:
    return {outcome.value: report.count(outcome, section) for outcome in Outcome}


def _record(result: Result) -> dict[str, Any]:
    wrong = result.outcome in (Outcome.FAILED, Outcome.WARNED)
    return {
        "id": result.check.id,
        "section": result.check.section,
        "level": result.check.level,
        "requirement": result.check.requirement,
        "covers": list(result.check.covers),
        "outcome": result.outcome,
        "message": result.message,
        "milliseconds": round(result.milliseconds, 1),
        "exchanges": [asdict(exchange) for exchange in result.exchanges] if wrong else [],
    }
