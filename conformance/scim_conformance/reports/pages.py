"""A run as one HTML page that needs nothing else: no script, no font, no picture."""

from html import escape

from scim_conformance.reports.consoles import described
from scim_conformance.running import Outcome, Report, Result
from scim_conformance.sections import SECTIONS, name_of

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
table { border-collapse: collapse; width: 100% } th, td { padding: .25rem .6rem; text-align: left; vertical-align: top }
tr + tr { border-top: 1px solid #d8dde3 } .number { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: #176f2c } .failed { color: #b3261e; font-weight: 600 }
.warned { color: #8a5a00 } .skipped { color: #6b7280 }
pre { background: #f4f6f8; padding: .8rem; overflow: auto; white-space: pre-wrap; word-break: break-word }
code { font-size: .92em } h2 { margin-top: 2.5rem } small { color: #6b7280 }
@media (prefers-color-scheme: dark) { body { background: #14171a; color: #e4e7ea } pre { background: #1f2429 } }
"""


def html_page(report: Report) -> str:
    """The page: totals, a table of sections, each check, the exchanges of those that did not pass."""
    sections = "".join(_section(report, section) for section in report.sections)
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>SCIM conformance of {escape(report.url)}</title>'
        f"<style>{_STYLE}</style></head><body>"
        f"<h1>SCIM conformance</h1><p><code>{escape(report.url)}</code>, {len(report.results)} checks in "
        f"{report.seconds:.1f} s{', strict' if report.strict else ''}"
        f"{', <strong>interrupted</strong>' if report.interrupted else ''}</p>"
        f"{_overview(report)}{_left_behind(report)}{sections}</body></html>\n"
    )


def _overview(report: Report) -> str:
    heads = "".join(f'<th class="number">{outcome}</th>' for outcome in Outcome)
    rows = "".join(
        f'<tr><td><a href="#{section}">{section}</a></td><td>{escape(SECTIONS[section])}</td>'
        f"{_counts(report, section)}</tr>"
        for section in report.sections
    )
    total = f"<tr><th>total</th><td></td>{_counts(report, None)}</tr>"
    return f"<table><tr><th>section</th><th>title</th>{heads}</tr>{rows}{total}</table>"


def _counts(report: Report, section: str | None) -> str:
    numbers = ((outcome, report.count(outcome, section)) for outcome in Outcome)
    return "".join(f'<td class="number{f" {outcome}" if number else ""}">{number}</td>' for outcome, number in numbers)


def _left_behind(report: Report) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in report.left_behind)
    return f"<h2>Left behind</h2><ul>{items}</ul>" if items else ""


def _section(report: Report, section: str) -> str:
    rows = "".join(_row(result) for result in report.results if result.check.section == section)
    return f'<h2 id="{section}">{escape(name_of(section))}</h2><table>{rows}</table>'


def _row(result: Result) -> str:
    covers = f"<br><small>{escape(', '.join(result.check.covers))}</small>" if result.check.covers else ""
    why = f"<br>{escape(result.message)}" if result.message else ""
    return (
        f'<tr><td class="{result.outcome}">{result.outcome}</td><td><code>{escape(result.check.id)}</code>{covers}</td>'
        f"<td>{result.check.level}</td><td>{escape(result.check.requirement)}{why}{_exchanges(result)}</td></tr>"
    )


def _exchanges(result: Result) -> str:
    if result.outcome not in (Outcome.FAILED, Outcome.WARNED) or not result.exchanges:
        return ""
    text = escape("\n".join(described(result.exchanges)))
    opened = " open" if result.outcome is Outcome.FAILED else ""
    return f"<details{opened}><summary>{len(result.exchanges)} exchanges</summary><pre>{text}</pre></details>"
