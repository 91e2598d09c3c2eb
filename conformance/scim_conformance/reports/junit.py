"""A run as JUnit XML: a suite per section, a case per check."""

import re
import xml.etree.ElementTree as ET

from scim_conformance.reports.consoles import described
from scim_conformance.running import Outcome, Report, Result
from scim_conformance.sections import name_of

_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def junit_xml(report: Report) -> str:
    """The document. Warnings are no failures; they are told in the case's output."""
    root = ET.Element("testsuites", name="scim-conformance", time=f"{report.seconds:.3f}")
    for section in report.sections:
        results = [result for result in report.results if result.check.section == section]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=name_of(section),
            tests=str(len(results)),
            failures=str(report.count(Outcome.FAILED, section)),
            skipped=str(report.count(Outcome.SKIPPED, section)),
            errors="0",
            time=f"{sum(result.milliseconds for result in results) / 1000:.3f}",
        )
        for result in results:
            _add_case(suite, result)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_case(suite: ET.Element, result: Result) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=result.check.section,
        name=result.check.id,
        time=f"{result.milliseconds / 1000:.3f}",
    )
    if result.outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", message=_clean(result.message))
    elif result.outcome is not Outcome.PASSED:
        text = _clean("\n".join([result.check.requirement, result.message, "", *described(result.exchanges)]))
        if result.outcome is Outcome.FAILED:
            ET.SubElement(case, "failure", message=_clean(result.message), type=result.check.level).text = text
        else:
            ET.SubElement(case, "system-out").text = f"warning: {text}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
