"""Reports are well formed whatever a server answers, complete, and show exchanges of what did not pass."""

import json
import re
import xml.etree.ElementTree as ET

import pytest
from scim_conformance.checks import Level
from scim_conformance.clients import Exchange
from scim_conformance.reports.consoles import Console, print_summary
from scim_conformance.reports.junit import junit_xml
from scim_conformance.reports.pages import html_page
from scim_conformance.reports.records import json_document
from scim_conformance.running import Outcome, Report, Result

from .conftest import made

ODD = "<script>alert('&')</script> \x00\x1b \ud800 ]]>"


@pytest.fixture
def report() -> Report:
    exchange = Exchange("POST", "/Users?x=<y>", {"accept": "*/*"}, '{"a": "<b>"}', 400, {"Content-Type": "x"}, ODD, 1.5)
    broken = Exchange("GET", "/Users", {}, "", None, {}, "no answer")
    results = [
        Result(made(print, id="a.passed"), Outcome.PASSED, "", (exchange,)),
        Result(made(print, id="a.failed", covers=("C-01",)), Outcome.FAILED, ODD, (broken, exchange), 12.0),
        Result(made(print, id="b.warned", section="7644-3.6", level=Level.SHOULD), Outcome.WARNED, "hm", (exchange,)),
        Result(made(print, id="b.skipped", section="7644-3.6"), Outcome.SKIPPED, "no <bulk>"),
    ]
    return Report("https://scim.example/v2", results=results, left_behind=["/Users/1: <403>"], seconds=2.5)


def test_junit_has_a_suite_per_section_and_a_case_per_check(report: Report) -> None:
    root = ET.fromstring(junit_xml(report).encode())
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["RFC 7644 section 3.3, Creating", "RFC 7644 section 3.6, Deleting"]
    creating, deleting = suites.values()
    assert (creating.get("tests"), creating.get("failures"), creating.get("skipped")) == ("2", "1", "0")
    assert (deleting.get("tests"), deleting.get("failures"), deleting.get("skipped")) == ("2", "0", "1")
    failure = creating.find("testcase[@name='a.failed']/failure")
    assert failure is not None
    assert "<script>" in failure.get("message", "")
    assert "POST /Users?x=<y>" in (failure.text or "")
    assert deleting.find("testcase[@name='b.skipped']/skipped").get("message") == "no <bulk>"
    assert deleting.find("testcase[@name='b.warned']/failure") is None
    assert "warning" in deleting.find("testcase[@name='b.warned']/system-out").text


def test_json_has_totals_sections_and_checks(report: Report) -> None:
    document = json.loads(json_document(report))
    assert document["totals"] == {"passed": 1, "failed": 1, "warned": 1, "skipped": 1}
    assert document["sections"]["7644-3.6"] == {
        "title": "Deleting",
        "passed": 0,
        "failed": 0,
        "warned": 1,
        "skipped": 1,
    }
    assert document["left_behind"] == ["/Users/1: <403>"]
    passed, failed, *_ = document["checks"]
    assert passed["exchanges"] == []
    assert [exchange["status"] for exchange in failed["exchanges"]] == [None, 400]
    assert (failed["id"], failed["level"], failed["covers"]) == ("a.failed", "must", ["C-01"])
    assert failed["message"] == ODD


def test_html_is_escaped_and_needs_nothing_else(report: Report) -> None:
    page = html_page(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert re.findall(r'(?:src|href)="(?!#)', page) == []
    assert "url(" not in page
    assert "@import" not in page
    assert page.count("<details") == 2
    for text in ("a.failed", "b.skipped", "no &lt;bulk&gt;", "/Users/1: &lt;403&gt;", "POST /Users?x=&lt;y&gt;"):
        assert text in page


def test_the_console_groups_by_section_and_shows_the_last_exchange_of_a_failure(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console()
    for result in report.results:
        console.show(result)
    print_summary(report)
    out = capsys.readouterr().out
    assert out.count("RFC 7644 section 3.3, Creating") == 1
    assert re.search(r"FAIL a\.failed +must +A thing is so\.\n +<script>.*\n +\| POST /Users\?x=<y>", out)
    assert "| -> 400 in" in out
    assert "no answer" not in out
    assert r"\x00\x1b \xd800 ]]>" in out
    assert "\x1b" not in out
    assert re.search(r"skip b\.skipped .*\n +skipped: no <bulk>", out)
    assert re.search(r"^7644-3\.6 +0 +0 +1 +1  Deleting$", out, re.MULTILINE)
    assert re.search(r"^total +1 +1 +1 +1$", out, re.MULTILINE)
    assert "left behind: /Users/1: <403>" in out
